package httpadapter_test

import (
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
)

// Imported accounts sign in over HTTP. What could never sign in is refused, so its mailbox
// is free for a sign-up, and is nobody's twice.
func TestS55_ImportedAccountsOverHTTP(t *testing.T) {
	t.Parallel()
	const password = "correct horse"
	hashes := map[string]string{ // of that password
		"npm@example.com": "$argon2id$v=19$m=1024,p=1,t=2$ZAhmuUNQdjRZwC5PBo1q5w$" +
			"xaxONwEcyFyRe9UXOtP5WquwwIhC4c7CzXwO7fiEf7k",
		"bcrypt@example.com":        "$2a$04$RVobcQBWvWwarDJ0gNoLJ.7YcYDVlH7HfeJQ8VQ5Qnf5Th.3u.3e6",
		"Upper@Example.com":         "$2a$04$RVobcQBWvWwarDJ0gNoLJ.7YcYDVlH7HfeJQ8VQ5Qnf5Th.3u.3e6",
		"newline@example.com":       "$2a$04$RVobcQBWvWwarDJ0gNoLJ.7YcYDVlH7HfeJQ8VQ5Qnf5Th.3u.3e6\n",
		"foreign@example.com":       "pbkdf2_sha256$600000$c2FsdA$aGFzaA==",
		"blank@example.com ":        "",
		"disabled-npm@example.com":  "$argon2i$v=19$m=1024,t=2,p=1$ZAhmuUNQdjRZwC5PBo1q5w$xaxONwEcyFyRe9UXOtP5Wg",
		`"quoted"@example.com`:      "",
		"expensive@example.com":     "$2a$15$RVobcQBWvWwarDJ0gNoLJ.7YcYDVlH7HfeJQ8VQ5Qnf5Th.3u.3e6",
		"no-password-yet@mail.test": "",
	}
	taken := map[string]bool{"npm@example.com": true, "bcrypt@example.com": true, "no-password-yet@mail.test": true}
	var batch []deskauth.Account
	for email, hash := range hashes {
		batch = append(batch, deskauth.Account{
			User:         deskauth.User{ID: "id of " + email, Kind: deskauth.KindUser, Email: email},
			PasswordHash: hash,
		})
	}
	store := memstore.New()
	result, err := store.ImportUsers(t.Context(), batch, nil)
	if err != nil || result.Created != len(taken) || len(result.Refused) != len(hashes)-len(taken) {
		t.Fatalf("got %d created, %d refused and the error %v, want %d and the others",
			result.Created, len(result.Refused), err, len(taken))
	}
	s := start(t, setup{users: store, auth: deskauth.Config{Limits: deskauth.Limits{SignupsPerClient: deskauth.NoLimit}}})
	for _, email := range []string{"npm@example.com", "NPM@example.com", "bcrypt@example.com"} {
		got := ask(s, "POST", "/signin", `{"email":"`+email+`","password":"`+password+`"}`, isJSON)
		if got.status != 200 {
			t.Errorf("the imported %s signs in: got %d %s, want 200", email, got.status, got.body)
		}
	}
	for email, status := range map[string]int{
		"npm@example.com": 403, "no-password-yet@mail.test": 403,
		"upper@example.com": 200, "newline@example.com": 200, "foreign@example.com": 200,
	} {
		body := `{"email":"` + email + `","password":"` + password + `","firstname":"A","lastname":"B"}`
		if got := ask(s, "POST", "/signup", body, isJSON); got.status != status {
			t.Errorf("a sign-up with the mailbox %s: got %d %s, want %d", email, got.status, got.body, status)
		}
	}
	again := `{"email":"UPPER@example.com","password":"` + password + `","firstname":"A","lastname":"B"}`
	if got := ask(s, "POST", "/signup", again, isJSON); got.status != 403 {
		t.Errorf("a second sign-up with one mailbox: got %d %s, want 403", got.status, got.body)
	}
}
