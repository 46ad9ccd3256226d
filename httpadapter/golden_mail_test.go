package httpadapter_test

import (
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

// A mailStory is a story whose mails the test reads. The codes in them are names in paths.
type mailStory struct {
	usersStory
	box *testkit.Mailbox
}

func newMailStory(t *testing.T, cfg deskauth.Config) mailStory {
	t.Helper()
	box := new(testkit.Mailbox)
	cfg.Mailer = box
	st := mailStory{newUsersStory(t, setup{auth: cfg}), box}
	box.Take() // that of the sign-up
	return st
}

// mails writes down which mails have gone out, and keeps the code of the last one.
func (st mailStory) mails(keep string) {
	st.t.Helper()
	for _, m := range st.box.Take() {
		code := ""
		if m.CodeText() != "" {
			st.tokens[keep] = m.CodeText()
			code = ", with $" + keep
		}
		st.text.WriteString("mail: " + string(m.Kind) + " to " + m.To + ", locale \"" + m.Locale + "\"" + code + "\n")
	}
	st.text.WriteString("\n")
}

func TestGoldenPasswordReset(t *testing.T) {
	t.Parallel()
	st := newMailStory(t, deskauth.Config{})
	ask := func(name, body string) { st.as("", name, "PUT /requestresetpsw", body); st.mails("code") }
	ask("nothing is there", `{}`)
	ask("no address", `{"email":"ada"}`)
	ask("a number", `{"email":1}`)
	ask("nobody has this address", `{"email":"nobody@example.com"}`)
	ask("an agent", `{"email":"Ada@example.com"}`)
	st.as("", "POST is not allowed", "POST /requestresetpsw", `{"email":"ada@example.com"}`)
	st.as("", "the code is looked at", "GET /checkpswresetkey/$code", "")
	st.as("", "another is not good", "GET /checkpswresetkey/${code}A", "")
	st.as("", "none", "GET /checkpswresetkey/", "")
	st.as("", "with a slash", "GET /checkpswresetkey/a/b", "")
	st.as("", "no slash", "GET /checkpswresetkey", "")
	st.as("", "only looked at", "POST /checkpswresetkey/$code", "")
	reset := func(name, code, body string) { st.as("", name, "PUT /resetpsw/"+code, body); st.mails("none") }
	reset("a short password", "$code", `{"password":"1234567"}`)
	reset("no password", "$code", `{}`)
	reset("a wrong code", "x", `{"password":"battery staple"}`)
	reset("a session token for a code", "eyJ", `{"password":"battery staple"}`)
	reset("the new password; identity fields count for nothing", "$code",
		`{"password":"battery staple","email":"other@example.com","_id":"1","emailverified":false}`)
	reset("once more", "$code", `{"password":"battery staple"}`)
	st.as("", "the link opened twice", "GET /checkpswresetkey/$code", "")
	st.as("user", "every session is over", "GET /users", "")
	st.as("", "the new password signs in", "POST /signin",
		body("password", `"battery staple"`, "firstname", "", "lastname", ""))
	st.end("resetpsw.txt")
}

func TestGoldenVerifyEmail(t *testing.T) {
	t.Parallel()
	st := newMailStory(t, deskauth.Config{})
	other := st.s.post("/signup", body("email", `"grace@example.com"`))
	st.box.Take()
	st.tokens["id"] = idOf(t, st.as("user", "who it is", "GET /users", ""))
	st.tokens["other"] = idOf(t, other)

	st.as("", "no token", "GET /users/resendverifyemail", "")
	st.as("guest", "a guest", "GET /users/resendverifyemail", "")
	st.tell("an agent who reads Italian", request{
		method: "GET", path: "/users/resendverifyemail",
		header: []string{"Authorization: $user", "Accept-Language: it-IT,it;q=0.9,en;q=0.5"},
	})
	st.mails("code")
	verify := func(name, path string) { st.as("", name, "PUT /verifyemail/"+path, `{}`) }
	verify("a wrong code", "$id/x")
	verify("no code", "$id/")
	verify("no ID", "$code")
	verify("another's", "$other/$code")
	st.as("user", "nothing has changed", "GET /users", "")
	st.tell("the code; a body of any kind is ignored", request{
		method: "PUT", path: "/verifyemail/$id/$code", body: "email=x", header: []string{"Content-Type: text/plain"},
	})
	st.as("user", "the session goes on", "GET /users", "")
	verify("once more", "$id/$code")
	verify("once more, for another", "$other/$code")
	st.as("user", "verified already", "GET /users/resendverifyemail", "")
	st.mails("none")
	st.as("", "GET is not allowed", "GET /verifyemail/$id/$code", "")
	st.end("verifyemail.txt")
}

func TestGoldenChangeEmail(t *testing.T) {
	t.Parallel()
	st := newMailStory(t, deskauth.Config{})
	st.s.post("/signup", body("email", `"grace@example.com"`))
	st.box.Take()
	ask := func(who, name, body string) { st.as(who, name, "PUT /users/changeemail", body); st.mails("code") }
	ask("", "no token", `{"email":"new@example.com"}`)
	ask("guest", "a guest", `{"email":"new@example.com"}`)
	ask("user", "nothing is there", `{}`)
	ask("user", "a wrong password", `{"email":"new@example.com","password":"incorrect horse"}`)
	ask("user", "an address that has an account", `{"email":"grace@example.com"}`)
	ask("user", "a new address, right after the sign-in", `{"email":"new@example.com"}`)
	st.s.clock.Advance(11 * time.Minute)
	ask("user", "eleven minutes after it", `{"email":"new@example.com"}`)
	ask("user", "with the password", `{"email":"new@example.com","password":"`+adaPassword+`"}`)
	st.as("", "a wrong code", "PUT /changeemail/x", "")
	st.as("user", "nothing has changed", "GET /users", "")
	st.tell("the code; a body of any kind is ignored", request{
		method: "PUT", path: "/changeemail/$code", body: `["other@example.com"]`, header: []string{isJSON},
	})
	st.mails("none")
	st.as("", "once more", "PUT /changeemail/$code", "")
	st.as("user", "every session is over", "GET /users", "")
	st.as("", "the new address signs in", "POST /signin",
		body("email", `"new@example.com"`, "firstname", "", "lastname", ""))
	st.end("changeemail.txt")
}

// Where nobody signs in without a verified address.
func TestGoldenRequireVerifiedEmail(t *testing.T) {
	t.Parallel()
	box := new(testkit.Mailbox)
	st := mailStory{usersStory{newStory(t, start(t, setup{
		auth: deskauth.Config{Mailer: box, RequireVerifiedEmail: true},
	}))}, box}
	signup := st.as("", "a sign-up; disableEmail counts for nothing", "POST /signup",
		strings.TrimSuffix(body(), "}")+`,"disableEmail":true}`)
	st.tokens["id"] = idOf(t, signup)
	st.mails("code")
	st.as("", "a sign-in", "POST /signin", body("firstname", "", "lastname", ""))
	st.mails("code")
	st.as("", "a wrong password", "POST /signin", body("password", `"incorrect horse"`, "firstname", "", "lastname", ""))
	st.mails("code")
	st.as("", "the code of the sign-in", "PUT /verifyemail/$id/$code", "")
	st.as("", "a sign-in then", "POST /signin", body("firstname", "", "lastname", ""))
	st.end("requireverified.txt")
}

// A client that has tried too many codes gets the one answer that the dashboard knows. One
// that asks for too many mails is told so, and who asks for too many to one address is not.
func TestGoldenMailLimits(t *testing.T) {
	t.Parallel()
	limits := testkit.NoLimits()
	limits.SigninsPerClient = deskauth.Rate{Attempts: 2, Per: time.Hour}
	limits.MailsPerClient = deskauth.Rate{Attempts: 3, Per: time.Hour}
	limits.MailsPerAddress = deskauth.Rate{Attempts: 1, Per: time.Hour}
	box := new(testkit.Mailbox)
	s := start(t, setup{auth: deskauth.Config{Mailer: box, Limits: limits}})
	st := mailStory{usersStory{newStory(t, s)}, box}
	st.as("", "a sign-up", "POST /signup", body())
	st.mails("code")
	for range 4 {
		st.as("", "a request", "PUT /requestresetpsw", `{"email":"ada@example.com"}`)
		st.mails("code")
	}
	s.clock.Advance(time.Hour)
	st.as("", "an hour later", "PUT /requestresetpsw", `{"email":"ada@example.com"}`)
	st.mails("code")
	for range 3 {
		st.as("", "a wrong code", "GET /checkpswresetkey/x", "")
	}
	st.as("", "the right one", "GET /checkpswresetkey/$code", "")
	st.as("", "the right one", "PUT /resetpsw/$code", `{"password":"battery staple"}`)
	st.end("maillimits.txt")
}

// Without a Mailer there are none of these routes.
func TestMailRoutesNeedAMailer(t *testing.T) {
	t.Parallel()
	st := newUsersStory(t, setup{})
	for _, path := range []string{
		"PUT /requestresetpsw", "GET /checkpswresetkey/x", "PUT /resetpsw/x", "PUT /verifyemail/1/x",
		"PUT /changeemail/x", "GET /users/resendverifyemail", "PUT /users/changeemail",
	} {
		if got := st.as("user", path, path, `{"email":"ada@example.com"}`); got.status != 404 {
			t.Errorf("%s: %d %s, want 404", path, got.status, got.body)
		}
	}
}

// idOf returns the `_id` of the account in an answer.
func idOf(t *testing.T, a answer) string {
	t.Helper()
	_, rest, _ := strings.Cut(a.body, `"_id":"`)
	id, _, ok := strings.Cut(rest, `"`)
	if !ok || id == "" {
		t.Fatalf("no _id in %s", a.body)
	}
	return id
}
