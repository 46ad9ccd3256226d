package mounts_test

import (
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/deskauth/deskauth/deskauthtest"
	"github.com/gin-gonic/gin"
)

func TestMain(m *testing.M) {
	gin.SetMode(gin.TestMode) // or it prints its routes
	os.Exit(m.Run())
}

// A request is sent to each router. The answer starts with body.
type request struct {
	name, method, path string
	tokens             []string // one Authorization header each
	send               string

	status int
	header string // "Name: value"
	body   string
}

const (
	isJSON     = "Content-Type: application/json; charset=utf-8"
	challenge  = "WWW-Authenticate: Bearer"
	aToken     = `{"success":true,"token":"JWT ey`
	nothing    = `{"success":false,"msg":"Not found: there is no endpoint at `
	postOnly   = `{"success":false,"msg":"Method not allowed. Use POST.","code":"method_not_allowed"}`
	noToken    = `{"success":false,"msg":"Unauthorized.","code":"invalid_token"}`
	forbidden  = `{"success":false,"msg":"Forbidden.","code":"forbidden"}`
	done       = `{"success":true}`
	missing    = `{"errors":[{`
	badReset   = `{"success":false,"msg":"Invalid password reset key","code":"invalid_code"}`
	badChange  = `{"success":false,"msg":"Invalid email change key","code":"invalid_code"}`
	badVerify  = `{"success":false,"error":"Unable to verify email`
	newAgent   = `{"email":"grace@example.com","password":"a long password","firstname":"Grace","lastname":"Hopper"}`
	someSignin = `{"email":"ada@example.com","password":"` + deskauthtest.Password + `"}`
)

// requests are one of each kind of endpoint, and what must not get through.
func requests(kit *deskauthtest.Kit) []request {
	_, guest := kit.Guest("demo")
	_, ada := kit.User("ada@example.com")
	_, leaving := kit.User("leaving@example.com")
	asGuest, asAda := []string{guest}, []string{ada}
	none := []string(nil)
	return []request{
		{"sign-up", "POST", "/v1/auth/signup", none, newAgent, 200, isJSON, `{"success":true,"msg":"Successfully`},
		{"sign-in", "POST", "/v1/auth/signin", none, someSignin, 200, isJSON, aToken},
		{"a guest signs in", "POST", "/v1/auth/signinAnonymously", none, `{"id_project":"demo"}`, 200, isJSON, aToken},
		{"a session comes back", "POST", "/v1/auth/signinWithCustomToken", asGuest, "", 200, isJSON, aToken},
		{"with a query", "POST", "/v1/auth/signinWithCustomToken?a=/b", asGuest, "", 200, isJSON, aToken},
		{"fields are missing", "POST", "/v1/auth/signin", none, `{}`, 422, isJSON, missing},
		{"a mail", "PUT", "/v1/auth/requestresetpsw", none, `{"email":"ada@example.com"}`, 200, isJSON, done[:15]},
		{"a code", "GET", "/v1/auth/checkpswresetkey/code", none, "", 404, isJSON, badReset},
		{"a reset", "PUT", "/v1/auth/resetpsw/code", none, `{"password":"a long password"}`, 404, isJSON, badReset},
		{"a code of two parts", "PUT", "/v1/auth/verifyemail/1/code", none, "", 401, challenge, badVerify},
		{"a new address", "PUT", "/v1/auth/changeemail/code", none, "", 404, isJSON, badChange},
		{"a wrong method", "GET", "/v1/auth/signin", none, "", 405, "Allow: POST", postOnly},
		{"no such path", "POST", "/v1/auth/signin/twice", none, `{}`, 404, isJSON, nothing},
		{"the mount twice", "POST", "/v1/auth/v1/auth/signin", none, `{}`, 404, isJSON, nothing},
		{"the other mount", "GET", "/v1/auth/users", asAda, "", 404, isJSON, nothing},

		{"one's own account", "GET", "/v1/users", asAda, "", 200, isJSON, `{"_id":`},
		{"with a slash", "GET", "/v1/users/", asAda, "", 200, isJSON, `{"_id":`},
		{"a new profile", "PUT", "/v1/users", asAda, `{"firstname":"Augusta"}`, 200, isJSON, done[:15]},
		{"below the account", "PUT", "/v1/users/changepsw", asAda, `{}`, 422, isJSON, missing},
		{"a mail to oneself", "GET", "/v1/users/resendverifyemail", asAda, "", 200, isJSON, done[:15]},
		{"another address", "PUT", "/v1/users/changeemail", asAda, `{}`, 422, isJSON, missing},
		{"no token for it", "GET", "/v1/users", none, "", 401, challenge, noToken},
		{"a guest's account", "GET", "/v1/users", asGuest, "", 403, isJSON, forbidden},
		{"a wrong method there", "POST", "/v1/users", asAda, `{}`, 405, "Allow: GET, PUT, DELETE",
			`{"success":false,"msg":"Method not allowed. Use GET, PUT, DELETE.","code":"method_not_allowed"}`},
		{"nothing below it", "GET", "/v1/users/x", asAda, "", 404, isJSON, nothing},
		{"gone", "DELETE", "/v1/users", []string{leaving}, "", 200, isJSON, done},
		{"sign out", "POST", "/v1/auth/signout", []string{leaving}, "", 200, isJSON, done},

		{"an agent is let through", "GET", "/hello", asAda, "", 200, "", "Hello Augusta"},
		{"no token", "GET", "/hello", none, "", 401, challenge, noToken},
		{"an empty header", "GET", "/hello", []string{""}, "", 401, challenge, noToken},
		{"a forged token", "GET", "/hello", []string{guest + "A"}, "", 401, isJSON, noToken},
		{"another kind of account", "GET", "/hello", asGuest, "", 403, isJSON, forbidden},
	}
}

func TestRouters(t *testing.T) {
	for name, start := range routers {
		t.Run(name, func(t *testing.T) {
			kit := deskauthtest.New(t)
			address := start(t, kit.Auth)
			for _, r := range requests(kit) {
				t.Run(r.name, func(t *testing.T) { r.check(t, address) })
			}
		})
	}
}

// Two Authorization headers are none, also where a router would take the last one.
func TestS24_TwoTokensAreNone(t *testing.T) {
	for name, start := range routers {
		t.Run(name, func(t *testing.T) {
			kit := deskauthtest.New(t)
			address := start(t, kit.Auth)
			_, guest := kit.Guest("demo")
			_, ada := kit.User("ada@example.com")
			for _, r := range []request{
				{"", "GET", "/hello", []string{guest, guest}, "", 401, challenge, noToken},
				{"", "GET", "/hello", []string{"x", guest}, "", 401, challenge, noToken},
				{"", "GET", "/hello", []string{guest, "x"}, "", 401, challenge, noToken},
				{"", "GET", "/v1/users", []string{guest, ada}, "", 401, challenge, noToken},
				{"", "POST", "/v1/auth/signinWithCustomToken", []string{ada, guest}, "", 401, challenge, noToken},
			} {
				r.check(t, address)
			}
		})
	}
}

// A handler that nobody told where it is says what it saw and what to do.
func TestForgottenPrefix(t *testing.T) {
	for name, start := range forgetful {
		t.Run(name, func(t *testing.T) {
			request{"", "POST", "/v1/auth/signin", nil, someSignin, 404, isJSON, nothing + "/v1/auth/signin. " +
				"If the handler is mounted below a prefix, set Config.Prefix or use http.StripPrefix."}.
				check(t, start(t, deskauthtest.New(t).Auth))
		})
	}
}

// check sends the request. An answer to a refusal has nothing behind it: else a handler ran
// that must not.
func (r request) check(t *testing.T, address string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), r.method, address+r.path, strings.NewReader(r.send))
	if err != nil {
		t.Fatal(err)
	}
	if r.send != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for _, token := range r.tokens {
		req.Header.Add("Authorization", "JWT "+token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != r.status {
		t.Errorf("status %d, want %d", resp.StatusCode, r.status)
	}
	name, value, _ := strings.Cut(r.header, ": ")
	if got := resp.Header.Get(name); !strings.HasPrefix(got, value) {
		t.Errorf("%s is %q, want %q", name, got, value)
	}
	whole := strings.HasSuffix(r.body, "}")
	if got := string(body); !strings.HasPrefix(got, r.body) || whole && got != r.body {
		t.Errorf("the answer is %s, want %s", got, r.body)
	}
}
