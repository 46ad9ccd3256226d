package httpadapter_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/httpadapter"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// withUsers mounts both handlers as a host does.
func (s *service) withUsers(cfg httpadapter.Config) http.Handler {
	mux := http.NewServeMux()
	users := http.StripPrefix("/users", httpadapter.NewUsers(s.auth, cfg))
	mux.Handle("/users", users)
	mux.Handle("/users/", users)
	mux.Handle("/", s.Handler)
	return mux
}

// A usersStory is a story of both handlers, in which people have sessions.
type usersStory struct{ *story }

func newUsersStory(t *testing.T, with setup) usersStory {
	t.Helper()
	s := start(t, with)
	s.Handler = s.withUsers(with.http)
	st := usersStory{newStory(t, s)}
	for kind, token := range s.tokens(t) {
		st.tokens[string(kind)] = token
	}
	st.tokens["phone"] = s.post("/signin", body()).token(t)
	return st
}

// as tells a request with a token. method and path are "PUT /users", and the body may be
// empty.
func (st usersStory) as(who, name, methodAndPath, body string) answer {
	st.t.Helper()
	method, path, _ := strings.Cut(methodAndPath, " ")
	q := request{method: method, path: path, body: body}
	if body != "" {
		q.header = []string{isJSON}
	}
	if who != "" {
		q.header = append(q.header, "Authorization: $"+who)
	}
	return st.tell(name, q)
}

func TestGoldenChangePassword(t *testing.T) {
	t.Parallel()
	st := newUsersStory(t, setup{})
	put := func(name, body string) { st.as("user", name, "PUT /users/changepsw", body) }
	passwords := func(current, next string) string { return `{"oldpsw":` + current + `,"newpsw":` + next + `}` }
	const right, next = `"` + adaPassword + `"`, `"battery staple"`

	put("nothing is there", `{}`)
	put("an empty body", "")
	put("both are empty", passwords(`""`, `""`))
	put("a short one", passwords(right, `"1234567"`))
	put("one of 4097 bytes", passwords(right, `"`+strings.Repeat("x", 4097)+`"`))
	for _, wrong := range wrongTypes {
		put(wrong.name+" for strings", passwords(wrong.value, wrong.value))
	}
	put("other cases are other names", `{"OldPsw":`+right+`,"NEWPSW":`+next+`}`)
	put("the current one is wrong", passwords(`"incorrect horse"`, next))
	put("a wrong one for itself tells nothing", passwords(`"incorrect horse"`, `"incorrect horse"`))
	put("the same", passwords(right, right))
	put("not JSON", `oldpsw=a`)
	st.as("user", "nothing has changed, so the other session goes on", "GET /users", "")
	st.as("phone", "that of the phone", "GET /users", "")

	put("the right one; identity fields count for nothing",
		`{"oldpsw":`+right+`,"newpsw":`+next+`,"_id":"1","email":"other@example.com","token":"JWT x","endAll":true}`)
	st.as("user", "this session goes on", "GET /users", "")
	st.as("user", "and comes back with its token", "POST /signinWithCustomToken", "")
	st.as("phone", "the other one is over", "GET /users", "")
	st.as("phone", "and does not come back", "POST /signinWithCustomToken", "")
	st.as("", "the old password", "POST /signin", body("firstname", "", "lastname", ""))
	st.as("", "the new password", "POST /signin", body("password", next, "firstname", "", "lastname", ""))
	put("once more", passwords(next, right))

	st.as("", "no token", "PUT /users/changepsw", passwords(right, next))
	st.as("guest", "a guest", "PUT /users/changepsw", passwords(right, next))
	st.as("userexternal", "an external user", "PUT /users/changepsw", passwords(right, next))
	for _, method := range []string{"GET", "HEAD", "POST", "DELETE", "OPTIONS"} {
		st.as("user", "by "+method, method+" /users/changepsw", "")
	}
	st.end("changepsw.txt")
}

func TestGoldenProfile(t *testing.T) {
	t.Parallel()
	st := newUsersStory(t, setup{})
	st.s.clock.Advance(90 * time.Second)
	put := func(name, body string) { st.as("user", name, "PUT /users", body) }

	st.as("user", "the profile", "GET /users", "")
	st.as("user", "with a slash", "GET /users/", "")
	put("both names", `{"firstname":"Augusta Ada","lastname":" "}`)
	put("one name", `{"lastname":"King & <Lovelace>"}`)
	put("null is absent", `{"firstname":null,"lastname":null,"attributes":null}`)
	put("attributes", `{"attributes":{ "desk" : 7, "tags":["a"] }}`)
	put("nothing changes", `{"firstname":"Augusta Ada"}`)
	put("an empty object", `{}`)
	put("an empty body", "")
	put("what else there is counts for nothing", `{"_id":"1","id":"2","uid":"3","email":"other@example.com",`+
		`"password":"123456789","emailverified":true,"status":0,"role":"admin","disabled":true,"kind":"guest",`+
		`"Firstname":"Mallory","createdAt":"2000-01-01T00:00:00.000Z","__v":7}`)
	put("no attributes", `{"attributes":{}}`)
	st.as("user", "the profile again", "GET /users", "")

	put("empty names", `{"firstname":"","lastname":""}`)
	put("control characters", `{"firstname":"A\u0000","lastname":"L\n"}`)
	put("a name of 257 bytes", `{"firstname":"`+strings.Repeat("x", 257)+`"}`)
	put("attributes that are an array", `{"attributes":[]}`)
	put("attributes that are a string", `{"attributes":"x"}`)
	put("attributes that no database reads", `{"attributes":{"a":"\u0000"}}`)
	put("attributes over 8 KiB", `{"attributes":{"a":"`+strings.Repeat("x", 8<<10)+`"}}`)
	for _, wrong := range wrongTypes[:5] {
		put(wrong.name+" for strings", `{"firstname":`+wrong.value+`,"lastname":`+wrong.value+`}`)
	}
	put("not JSON", `firstname=a`)

	for _, who := range []string{"", "guest", "userexternal"} {
		st.as(who, "GET by "+who, "GET /users", "")
		st.as(who, "PUT by "+who, "PUT /users", `{"firstname":"Mallory"}`)
	}
	for _, method := range []string{"HEAD", "POST", "PATCH", "OPTIONS"} {
		st.as("user", "by "+method, method+" /users", "")
	}
	for _, path := range []string{"/users/x", "/users/changepsw/", "/users/5e259950a3f0c70017000001"} {
		st.as("user", "no such path", "GET "+path, "")
	}
	st.end("users.txt")
}

func TestGoldenDeleteAccount(t *testing.T) {
	t.Parallel()
	st := newUsersStory(t, setup{})
	for _, who := range []string{"", "guest", "userexternal"} {
		st.as(who, "by "+who, "DELETE /users", "")
	}
	st.s.clock.Advance(10*time.Minute + time.Second)
	st.as("user", "10 minutes and a second after the sign-in", "DELETE /users", "")
	st.tokens["fresh"] = st.s.post("/signin", body()).token(t)
	st.s.clock.Advance(10 * time.Minute)
	st.as("fresh", "10 minutes after the sign-in", "DELETE /users", "")
	st.as("fresh", "it is gone", "DELETE /users", "")
	st.as("user", "for the other session, too", "GET /users", "")
	st.as("", "and cannot sign in", "POST /signin", body())
	st.as("", "its address is free", "POST /signup", body())
	st.end("deleteaccount.txt")
}

func TestGoldenSignout(t *testing.T) {
	t.Parallel()
	st := newUsersStory(t, setup{})
	for _, who := range []string{"user", "guest", "userexternal"} {
		st.as(who, "a "+who+" signs out", "POST /signout", "")
		st.as(who, "a "+who+" that is over already", "POST /signout", "")
		st.as(who, "the "+who+" is out", "POST /signinWithCustomToken", "")
	}
	st.as("phone", "the other session goes on", "GET /users", "")
	st.as("phone", "a body counts for nothing", "POST /signout", `{"token":"JWT x","all":true}`)
	st.as("phone", "null", "POST /signout", "null")
	st.as("phone", "not JSON", "POST /signout", "x")
	st.as("", "no token", "POST /signout", "")
	st.tokens["forged"] = "JWT " + testkit.Forge(testkit.HS256, `{"_id":"1"}`, "x")
	st.as("forged", "one that never was ours", "POST /signout", "")
	st.tell("a custom token", request{path: "/signout", claims: fullClaims})
	st.tokens["late"] = st.s.post("/signin", body()).token(t)
	st.s.clock.Advance(25 * time.Hour)
	st.as("late", "one that has expired", "POST /signout", "")
	st.end("signout.txt")
}

// What is the host's fault, or too much at once, is told as elsewhere.
func TestGoldenUsersFailures(t *testing.T) {
	t.Parallel()
	passwords := `{"oldpsw":"` + adaPassword + `","newpsw":"battery staple"}`
	limited := newUsersStory(t, setup{auth: deskauth.Config{Limits: deskauth.Limits{
		SigninsPerAccountAndClient: deskauth.Rate{Attempts: 2, Per: 3 * time.Minute},
	}}})
	for range 2 {
		limited.as("user", "a wrong password counts as at /signin", "PUT /users/changepsw",
			`{"oldpsw":"incorrect horse","newpsw":"battery staple"}`)
	}
	limited.as("user", "the right one, over the limit", "PUT /users/changepsw", passwords)
	limited.as("", "as at /signin", "POST /signin", body())

	host := &testkit.Host{Users: memstore.New(), Secrets: testkit.Secrets()}
	st := newUsersStory(t, setup{users: host})
	host.Break(testkit.Fault{Fail: func() error { return errStore }}, testkit.StoreMethods...)
	for _, q := range [][2]string{
		{"GET /users", ""}, {"PUT /users", `{"firstname":"Ada"}`}, {"DELETE /users", ""},
		{"PUT /users/changepsw", passwords}, {"POST /signout", ""},
	} {
		st.as("user", q[0]+" when the store fails", q[0], q[1])
	}
	host.Mend()
	host.Break(testkit.Fault{Fail: func() error { return errStore }}, "UpdateUser", "DeleteUser")
	for _, q := range [][2]string{
		{"PUT /users", `{"firstname":"Augusta"}`}, {"DELETE /users", ""}, {"PUT /users/changepsw", passwords},
		{"POST /signout", ""},
	} {
		st.as("user", q[0]+" when the store cannot write", q[0], q[1])
	}
	host.Mend()
	st.as("user", "and when it can again", "GET /users", "")

	bare := newUsersStory(t, setup{users: struct{ deskauth.UserStore }{memstore.New()}})
	bare.as("user", "a store that cannot delete", "DELETE /users", "")
	echoing := newUsersStory(t, setup{auth: deskauth.Config{EchoCustomToken: true}})
	echoing.tell("a custom token that serves as a session", request{path: "/signout", claims: fullClaims})
	for _, more := range []usersStory{st, bare, echoing} {
		limited.text.WriteString(more.text.String())
	}
	limited.end("usersfailures.txt")
}

// NewUsers without an Auth says what is missing.
func TestNewUsersNeedsAnAuth(t *testing.T) {
	t.Parallel()
	defer func() {
		if text, _ := recover().(string); !strings.Contains(text, "NewUsers needs an Auth") {
			t.Errorf("panic %q, want one that says what is missing", text)
		}
	}()
	httpadapter.NewUsers(nil, httpadapter.Config{})
}
