package main

import (
	"net/http"
	"strings"
	"testing"
)

const newPassword = "a longer and better one"

// TestS31_S48_OwnAccountOverEveryStore walks the life of an account over every store: two
// devices sign in, one changes the password, signs out, and deletes the account.
func TestS31_S48_OwnAccountOverEveryStore(t *testing.T) {
	t.Parallel()
	stores := map[string]func(*testing.T) kept{"memory": func(*testing.T) kept { return kept{flag: "memory"} }}
	for name, open := range keptStores {
		stores[name] = open
	}
	for name, open := range stores {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := start(t, "-store", open(t).flag, "-session-secret", sessionSecret, "-project", "demo="+projectSecret)
			if got := p.post("/signup", ada); got.status != http.StatusOK {
				t.Fatalf("sign up: %v", got)
			}
			laptop, phone := p.post("/signin", adaSignin).token(t), p.post("/signin", adaSignin).token(t)
			changePassword(t, p, laptop, phone)
			changeProfile(t, p, laptop)
			signOutAndDelete(t, p, laptop)
		})
	}
}

// own asks about the account of a token.
func (p *process) own(method, path, token, body string) answer {
	p.t.Helper()
	headers := []string{"Authorization: " + token, "Origin: https://dashboard.example"}
	if body != "" {
		headers = append(headers, "Content-Type: application/json")
	}
	return p.askURL(method, strings.TrimSuffix(p.base, "auth")+"users"+path, body, headers...)
}

// wantAnswer wants a status, a part of the body, and the headers that let a page of another
// origin see them.
func wantAnswer(t *testing.T, what string, got answer, status int, body string) {
	t.Helper()
	if got.status != status || !strings.Contains(got.body, body) {
		t.Errorf("%s: got %v, want %d with %s", what, got, status, body)
	}
	if got.header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("%s: a page of another origin does not see %v", what, got)
	}
}

// changePassword does so on the laptop, which goes on with its token. The phone is out.
func changePassword(t *testing.T, p *process, laptop, phone string) {
	t.Helper()
	passwords := `{"oldpsw":"correct horse battery","newpsw":"` + newPassword + `"}`
	for who, token := range map[string]string{"laptop": laptop, "phone": phone} {
		wantAnswer(t, who+" before", p.own("GET", "", token, ""), http.StatusOK, `"email":"ada@example.com"`)
	}
	wantAnswer(t, "a wrong password", p.own("PUT", "/changepsw", laptop, `{"oldpsw":"x","newpsw":"`+newPassword+`"}`),
		http.StatusUnauthorized, `{"success":false,"msg":"Current password is invalid.",`)
	wantAnswer(t, "the same password", p.own("PUT", "/changepsw", laptop,
		`{"oldpsw":"correct horse battery","newpsw":"correct horse battery"}`), http.StatusForbidden, `"message":`)
	wantAnswer(t, "the change", p.own("PUT", "/changepsw", laptop, passwords),
		http.StatusOK, `{"message":"Password change successful"}`)

	wantAnswer(t, "the laptop", p.own("GET", "", laptop, ""), http.StatusOK, `"email":"ada@example.com"`)
	if who, got := p.me(laptop); who["emailVerified"] != false || who["sessionID"] == "" {
		t.Errorf("/me of the laptop: got %v", got)
	}
	if again := p.ask("POST", "/signinWithCustomToken", "", "Authorization: "+laptop).token(t); again != laptop {
		t.Error("the laptop comes back and gets another token")
	}
	wantAnswer(t, "the phone", p.own("GET", "", phone, ""), http.StatusUnauthorized, `"msg":"Unauthorized."`)
	if _, got := p.me(phone); got.status != http.StatusUnauthorized {
		t.Errorf("S31 /me of the phone: got %v, want 401", got)
	}
	if got := p.post("/signin", adaSignin); got.status != http.StatusUnauthorized {
		t.Errorf("the old password: got %v, want 401", got)
	}
	p.post("/signin", strings.Replace(adaSignin, "correct horse battery", newPassword, 1)).token(t)
}

func changeProfile(t *testing.T, p *process, token string) {
	t.Helper()
	wantAnswer(t, "a new name", p.own("PUT", "", token, `{"firstname":"Augusta Ada","attributes":{"desk":7}}`),
		http.StatusOK, `"firstname":"Augusta Ada","lastname":"Lovelace"`)
	if who, got := p.me(token); who["firstName"] != "Augusta Ada" {
		t.Errorf("/me with a new name: got %v", got)
	}
	guestToken := p.post("/signinAnonymously", guest).token(t)
	for method, path := range map[string]string{"GET": "", "PUT": "/changepsw", "DELETE": ""} {
		body := ""
		if method == "PUT" {
			body = `{"oldpsw":"correct horse battery","newpsw":"` + newPassword + `"}`
		}
		wantAnswer(t, method+" by a guest", p.own(method, path, guestToken, body), http.StatusForbidden, `"msg":"Forbidden."`)
		wantAnswer(t, method+" by nobody", p.own(method, path, "", body), http.StatusUnauthorized, `"Unauthorized."`)
	}
}

func signOutAndDelete(t *testing.T, p *process, laptop string) {
	t.Helper()
	signOut := func(token string) answer {
		return p.ask("POST", "/signout", "", "Authorization: "+token, "Origin: https://dashboard.example")
	}
	tablet := p.post("/signin", strings.Replace(adaSignin, "correct horse battery", newPassword, 1)).token(t)
	for range 2 {
		wantAnswer(t, "sign out", signOut(laptop), http.StatusOK, `{"success":true}`)
	}
	if _, got := p.me(laptop); got.status != http.StatusUnauthorized {
		t.Errorf("S48 /me of the session that signed out: got %v, want 401", got)
	}
	wantAnswer(t, "the other session", p.own("GET", "", tablet, ""), http.StatusOK, `"firstname":"Augusta Ada"`)
	wantAnswer(t, "delete", p.own("DELETE", "", tablet, ""), http.StatusOK, `{"success":true}`)
	wantAnswer(t, "delete again", p.own("DELETE", "", tablet, ""), http.StatusUnauthorized, `"Unauthorized."`)
	wantAnswer(t, "sign out of a deleted account", signOut(tablet), http.StatusOK, `{"success":true}`)
	if got := p.post("/signup", ada); got.status != http.StatusOK {
		t.Errorf("the address of a deleted account: got %v, want it free", got)
	}
}

// TestUsersStandBesideThePrefix wants them where Tiledesk's clients look for them.
func TestUsersStandBesideThePrefix(t *testing.T) {
	t.Parallel()
	for prefix, want := range map[string]string{
		"": "/users", "/auth": "/users", "/v1/auth": "/v1/users", "/a/b/c": "/a/b/users", "/it's/auth": "/it's/users",
	} {
		if got := (options{prefix: prefix}).users(); got != want {
			t.Errorf("beside %q they are at %q, want %q", prefix, got, want)
		}
	}
	p := start(t, "-prefix", "/", "-project", "demo="+projectSecret)
	if got := p.ask("GET", "/users", ""); got.status != http.StatusUnauthorized {
		t.Errorf("/users without a prefix: got %v, want 401", got)
	}
}
