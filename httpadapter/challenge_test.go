package httpadapter_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/httpadapter"
	"github.com/deskauth/deskauth/internal/testkit"
)

// The challenges of a 401: nothing was brought that could be good, or a token that is bad.
const (
	plainChallenge = "Bearer"
	badToken       = `Bearer error="invalid_token"`
)

// A 401 says which scheme to come back with, and whether the token was bad. It is never
// Basic, for which a browser asks for a password itself.
func TestChallenges(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	guest := strings.TrimPrefix(s.tokens(t)[deskauth.KindGuest], "JWT ")
	for name, c := range map[string]struct {
		headers []string
		want    string
	}{
		"no header":              {nil, plainChallenge},
		"an empty header":        {[]string{""}, plainChallenge},
		"Basic":                  {[]string{"Basic YTpi"}, plainChallenge},
		"another scheme":         {[]string{"Token " + guest}, plainChallenge},
		"a token alone":          {[]string{guest}, plainChallenge},
		"a scheme alone":         {[]string{"JWT"}, plainChallenge},
		"a scheme and a space":   {[]string{"Bearer "}, plainChallenge},
		"two headers":            {[]string{"JWT " + guest, "JWT " + guest}, plainChallenge},
		"a token and a space":    {[]string{"JWT " + guest + " "}, badToken},
		"two tokens":             {[]string{"JWT " + guest + ", JWT " + guest}, badToken},
		"no token at all":        {[]string{"JWT null"}, badToken},
		"a changed token":        {[]string{"Bearer " + guest[:len(guest)-4] + "AAAA"}, badToken},
		"a forged session token": {[]string{"JWT " + testkit.Forge(testkit.HS256, `{"_id":"1"}`, "x")}, badToken},
		"a forged custom token":  {[]string{"JWT " + testkit.Forge(testkit.HS256, testkit.PayloadA(`"1"`), "x")}, badToken},
	} {
		for door, ask := range doors(s) {
			r := httptest.NewRequest(http.MethodPost, "/signinWithCustomToken", nil)
			r.Header["Authorization"] = c.headers
			challenged(t, name+" to "+door, ask(r), c.want)
		}
	}
	// An expired token is a bad one, and so is that of an account that is gone or disabled.
	for name, end := range map[string]func(s *service, id string){
		"expired": func(s *service, _ string) { s.clock.Advance(31 * testkit.Day) },
		"deleted": func(s *service, id string) { s.users.(deskauth.UserDeleter).DeleteUser(t.Context(), id) },
	} {
		s := start(t, setup{})
		token := s.tokens(t)[deskauth.KindGuest]
		all, err := s.users.(deskauth.UserLister).ListUsers(t.Context(), "", 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range all {
			end(s, a.ID)
		}
		for door, ask := range doors(s) {
			r := httptest.NewRequest(http.MethodPost, "/signinWithCustomToken", nil)
			r.Header.Set("Authorization", token)
			challenged(t, "a token that is "+name+" to "+door, ask(r), badToken)
		}
	}
}

// challenged checks that an answer is a 401 with one challenge.
func challenged(t *testing.T, name string, got answer, want string) {
	t.Helper()
	if got.status != http.StatusUnauthorized || !slices.Equal(got.header.Values("WWW-Authenticate"), []string{want}) {
		t.Errorf("%s: got %d with WWW-Authenticate %q, want 401 with %q",
			name, got.status, got.header.Values("WWW-Authenticate"), want)
	}
}

// Every other 401 has a challenge too, and no other answer has one.
func TestChallengesOfEveryEndpoint(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	signin := `{"email":"nobody@example.com","password":"wrong password"}`
	challenged(t, "a wrong password", ask(s, "POST", "/signin", signin, isJSON), plainChallenge)
	challenged(t, "a wrong password beside a token",
		ask(s, "POST", "/signin", signin, isJSON, "Authorization: JWT x.y.z"), plainChallenge)

	custom := "Authorization: JWT " + testkit.TokenA(`"1"`)
	if got := ask(s, "POST", "/signinWithCustomToken", "", custom); got.status != http.StatusOK {
		t.Fatalf("a custom token: got %v", got)
	}
	id := deskauth.ExternalUserID(testkit.ProjectA, "1")
	a, err := s.users.UserByID(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	a.Disabled = true
	if err := s.users.UpdateUser(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	challenged(t, "a disabled account", ask(s, "POST", "/signinWithCustomToken", "", custom), plainChallenge)

	never := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a request went through") })
	behindOptional := s.optional()(httpadapter.Require()(never))
	challenged(t, "Require behind Optional", ask(behindOptional, "GET", "/", ""), plainChallenge)
	stateless := httpadapter.Authenticate(s.auth, httpadapter.MiddlewareConfig{Stateless: true})(never)
	challenged(t, "a stateless check without a token", ask(stateless, "GET", "/", ""), plainChallenge)
	challenged(t, "a stateless check of a bad token",
		ask(stateless, "GET", "/", "", "Authorization: Bearer x.y.z"), badToken)

	for name, got := range map[string]answer{
		"200": ask(s, "POST", "/signinAnonymously", asGuest, isJSON),
		"404": ask(s, "POST", "/unknown", ""),
		"405": ask(s, "GET", "/signin", ""),
		"422": ask(s, "POST", "/signin", "{}", isJSON),
	} {
		if c := got.header.Values("WWW-Authenticate"); c != nil {
			t.Errorf("a %s has WWW-Authenticate %q, want none", name, c)
		}
	}
}

// Without a body every required field is missing, whatever the content type and however the
// body is not sent.
func TestEmptyBodies(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	const missing, code = `"msg":"must not be empty","param":`, `"code":"invalid_input"}`
	for path, want := range map[string]string{
		"/signup": `{"errors":[{` + missing + `"email","location":"body"},{` + missing + `"password","location":"body"},{` +
			missing + `"firstname","location":"body"},{` + missing + `"lastname","location":"body"}],` + code,
		"/signin": `{"errors":[{` + missing + `"email","location":"body"},{` +
			missing + `"password","location":"body"}],` + code,
		"/signinAnonymously": `{"errors":[{` + missing + `"id_project","location":"body"}],` + code,
	} {
		for _, headers := range [][]string{
			nil, {isJSON}, {"Content-Type: application/x-www-form-urlencoded"}, {"Content-Type: text/plain"},
			{"Content-Type: ;;;"}, {isJSON, "Content-Encoding: gzip"}, {"Content-Length: 0"},
		} {
			got := ask(s, "POST", path, "", headers...)
			if got.status != http.StatusUnprocessableEntity || got.body != want {
				t.Errorf("%s without a body, %q: got %d %s, want 422 %s", path, headers, got.status, got.body, want)
			}
		}
		for _, body := range []string{" ", "\n", "null", "[]", `""`} { // something is there
			if got := ask(s, "POST", path, body, isJSON); got.status != http.StatusBadRequest {
				t.Errorf("%s with the body %q: got %d, want 400", path, body, got.status)
			}
		}
	}
}
