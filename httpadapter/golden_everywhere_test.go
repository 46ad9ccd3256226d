package httpadapter_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// everywhere are requests that each endpoint takes, where the token or code is good.
var everywhere = []struct{ who, endpoint, body string }{
	{"", "POST /signup", body("email", `"new@example.com"`)},
	{"", "POST /signin", body()},
	{"", "POST /signinAnonymously", asGuest},
	{"user", "POST /signinWithCustomToken", ""},
	{"user", "POST /signout", ""},
	{"", "PUT /requestresetpsw", `{"email":"ada@example.com"}`},
	{"", "GET /checkpswresetkey/$code", ""},
	{"", "PUT /resetpsw/$code", `{"password":"battery staple"}`},
	{"", "PUT /verifyemail/$id/$code", ""},
	{"", "PUT /changeemail/$code", ""},
	{"user", "GET /users", ""},
	{"user", "PUT /users", `{"firstname":"Augusta"}`},
	{"user", "DELETE /users", ""},
	{"user", "PUT /users/changepsw", `{"oldpsw":"` + adaPassword + `","newpsw":"battery staple"}`},
	{"user", "GET /users/resendverifyemail", ""},
	{"user", "PUT /users/changeemail", `{"email":"new@example.com"}`},
}

// codeMails are the requests for a mail whose code an endpoint takes.
var codeMails = map[string]struct{ who, endpoint, body string }{
	"/checkpswresetkey": {"", "PUT /requestresetpsw", `{"email":"ada@example.com"}`},
	"/resetpsw":         {"", "PUT /requestresetpsw", `{"email":"ada@example.com"}`},
	"/verifyemail":      {"user", "GET /users/resendverifyemail", ""},
	"/changeemail":      {"user", "PUT /users/changeemail", `{"email":"new@example.com"}`},
}

// prepare keeps the code that an endpoint takes, if it takes one, and the ID with it.
func (st mailStory) prepare(endpoint string) (takesCode bool) {
	st.t.Helper()
	_, path, _ := strings.Cut(endpoint, " ")
	path, _, takesCode = strings.Cut(path, "/$")
	if !takesCode {
		return false
	}
	mail := codeMails[path]
	st.as(mail.who, "a mail", mail.endpoint, mail.body)
	st.mails("code")
	id, err := st.s.auth.VerifyStateless(st.t.Context(), st.tokens["user"])
	if err != nil {
		st.t.Fatal(err)
	}
	st.tokens["id"] = id.UserID
	return true
}

// Bodies that no endpoint takes, where refusals.txt does not have them.
func TestGoldenBadBodies(t *testing.T) {
	t.Parallel()
	st := newMailStory(t, deskauth.Config{})
	st.tokens["code"], st.tokens["id"] = "x", "1"
	for _, e := range everywhere {
		if !strings.HasPrefix(e.endpoint, "PUT") || e.body == "" { // nothing of it is read
			continue
		}
		method, path, _ := strings.Cut(e.endpoint, " ")
		refuse := func(what, kind, body string) {
			q := request{method: method, path: path, body: body, header: []string{kind}}
			if e.who != "" {
				q.header = append(q.header, "Authorization: $"+e.who)
			}
			st.tell(e.endpoint+" "+what, q)
		}
		refuse("an array", isJSON, `[{}]`)
		refuse("over 64 KiB", isJSON, `{"a":"`+strings.Repeat("x", 65536-7)+`"}`)
		refuse("text/plain", "Content-Type: text/plain", `{}`)
	}
	st.end("badbodies.txt")
}

// Every endpoint when the request's deadline has passed.
func TestGoldenTimeouts(t *testing.T) {
	t.Parallel()
	st := newMailStory(t, deskauth.Config{})
	for _, e := range everywhere {
		st.prepare(e.endpoint)
		st.late(e.who, e.endpoint+" when it is too late", e.endpoint, e.body)
	}
	st.end("timeouts.txt")
}

// late is as, with a context that has ended.
func (st mailStory) late(who, name, endpoint, body string) {
	whole := st.s.Handler
	defer func() { st.s.Handler = whole }()
	st.s.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithCancel(r.Context())
		cancel()
		whole.ServeHTTP(w, r.WithContext(ctx))
	})
	st.as(who, name, endpoint, body)
}

// The endpoints of mail when the store fails. A code is looked at first.
func TestGoldenMailFailures(t *testing.T) {
	t.Parallel()
	host := &testkit.Host{Users: memstore.New(), Secrets: testkit.Secrets()}
	box := new(testkit.Mailbox)
	st := mailStory{newUsersStory(t, setup{users: host, secrets: host, auth: deskauth.Config{Mailer: box}}), box}
	box.Take()
	for _, e := range everywhere {
		isMail := strings.Contains(e.endpoint, "requestresetpsw") || strings.Contains(e.endpoint, "email")
		if !st.prepare(e.endpoint) && !isMail {
			continue
		}
		host.Break(testkit.Fault{Fail: func() error { return errStore }}, testkit.StoreMethods...)
		st.as(e.who, e.endpoint+" when the store fails", e.endpoint, e.body)
		host.Mend()
	}
	st.end("mailfailures.txt")
}

// What is left: limits of each endpoint, a full queue, and an address that was taken.
func TestGoldenTooMany(t *testing.T) {
	t.Parallel()
	limits := testkit.NoLimits()
	limits.ExternalsPerProject = deskauth.Rate{Attempts: 2, Per: time.Hour}
	limits.MailsPerClient = deskauth.Rate{Attempts: 2, Per: time.Hour}
	limits.SigninsPerClient = deskauth.Rate{Attempts: 2, Per: time.Hour}
	st := newMailStory(t, deskauth.Config{Limits: limits})
	for _, id := range []string{"2", "3"} {
		st.tell("a new external user", request{path: customPath, claims: `{"_id":"` + id + `",` + forProject + `}`})
	}
	for range 3 {
		st.as("user", "a mail", "GET /users/resendverifyemail", "")
		st.mails("code")
	}
	st.as("user", "one more, for another reason", "PUT /users/changeemail", `{"email":"new@example.com"}`)
	st.tokens["id"] = "1"
	st.as("", "a code; the sign-ins have used the limit up", "PUT /verifyemail/$id/x", "")
	st.end("toomany.txt")
}

func TestGoldenTakenMeanwhile(t *testing.T) {
	t.Parallel()
	st := newMailStory(t, deskauth.Config{})
	st.prepare("PUT /changeemail/$code")
	st.as("", "somebody else signs up", "POST /signup", body("email", `"new@example.com"`))
	st.as("", "the code", "PUT /changeemail/$code", "")
	st.end("takenmeanwhile.txt")
}

// A full queue, at the endpoints that hash and are not in failures.txt.
func TestGoldenFullQueue(t *testing.T) {
	t.Parallel()
	store := &testkit.CountingStore{UserStore: memstore.New()}
	box := new(testkit.Mailbox)
	st := mailStory{newUsersStory(t, setup{users: store, auth: deskauth.Config{
		Mailer: box, HashParallelism: 1, HashQueue: 1,
	}}), box}
	box.Take()
	st.prepare("PUT /resetpsw/$code")
	whole := st.s.Handler
	for _, e := range everywhere {
		withPassword := strings.Replace(e.body, `.com"}`, `.com","password":"`+adaPassword+`"}`, 1)
		switch name, _, _ := strings.Cut(e.endpoint, "/$"); name {
		case "PUT /resetpsw", "PUT /users/changepsw":
			withPassword = e.body
		case "PUT /users/changeemail":
		default:
			continue
		}
		st.s.Handler = whileFull(whole, store)
		st.as(e.who, e.endpoint+" when too many passwords are being hashed", e.endpoint, withPassword)
		st.s.Handler = whole
	}
	st.end("fullqueue.txt")
}
