package cookies

import (
	"context"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/deskauthtest"
	"github.com/deskauth/deskauth/httpadapter"
)

// A site is a desk on a server, with a browser of Ada's.
type site struct {
	*httptest.Server
	kit     *deskauthtest.Kit
	opened  []string // tickets
	events  func(ctx context.Context, userID string) iter.Seq[string]
	browser *http.Client
}

func newSite(t *testing.T) *site {
	t.Helper()
	return newSiteWith(t, deskauth.Config{})
}

func newSiteWith(t *testing.T, cfg deskauth.Config) *site {
	t.Helper()
	s := &site{kit: deskauthtest.NewWith(t, cfg)}
	hello := func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, httpadapter.MustIdentity(r.Context()).Email)
	}
	s.Server = httptest.NewTLSServer(Desk{
		List:   hello,
		Open:   func(_ http.ResponseWriter, r *http.Request) { s.opened = append(s.opened, r.PostFormValue("title")) },
		Events: func(ctx context.Context, userID string) iter.Seq[string] { return s.events(ctx, userID) },
		Live:   hello,
	}.Routes(s.kit.Auth))
	t.Cleanup(s.Close)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	s.browser = s.Client()
	s.browser.Jar = jar
	return s
}

// send sends a request with some headers, "Name: value", and returns the answer, and its
// body unless it is a stream.
func (s *site) send(t *testing.T, method, path, form string, headers ...string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(form))
	if err != nil {
		t.Fatal(err)
	}
	if form != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Add(name, value)
	}
	resp, err := s.browser.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	challenge, refused := resp.Header.Get("WWW-Authenticate"), resp.StatusCode == http.StatusUnauthorized
	if refused != (challenge != "") || strings.HasPrefix(challenge, "Basic") { // for which a browser asks a person
		t.Errorf("%s %s: status %d with the challenge %q; each 401 has one", method, path, resp.StatusCode, challenge)
	}
	return resp, string(body)
}

// wants fails the test unless the answer has the status.
func (s *site) wants(t *testing.T, status int, method, path, form string, headers ...string) string {
	t.Helper()
	resp, body := s.send(t, method, path, form, headers...)
	if resp.StatusCode != status {
		t.Errorf("%s %s %q: status %d %s, want %d", method, path, headers, resp.StatusCode, body, status)
	}
	return body
}

const (
	email    = "ada@example.com"
	password = "email=" + email + "&password=" + deskauthtest.Password
)

// signIn signs Ada's browser in, and returns her token.
func (s *site) signIn(t *testing.T) string {
	t.Helper()
	s.kit.User(email)
	s.wants(t, http.StatusNoContent, "POST", "/session", password)
	return s.token(t)
}

// token is what the browser keeps.
func (s *site) token(t *testing.T) string {
	t.Helper()
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	cookies := s.browser.Jar.Cookies(u)
	if len(cookies) != 1 || cookies[0].Name != cookie {
		t.Fatalf("the browser has the cookies %v, want one session", cookies)
	}
	return cookies[0].Value
}

// forget makes a stranger's of the browser.
func (s *site) forget(t *testing.T) {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	s.browser.Jar = jar
}

func TestSessionInACookie(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.wants(t, http.StatusUnauthorized, "GET", "/tickets", "")
	s.kit.User(email)
	resp, body := s.send(t, "POST", "/session", password)
	token := s.token(t)
	want := cookie + "=" + token + "; Path=/; Max-Age=86400; HttpOnly; Secure; SameSite=Lax"
	if got := resp.Header["Set-Cookie"]; len(got) != 1 || got[0] != want {
		t.Errorf("Set-Cookie is %q, want %q", got, want)
	}
	if resp.Header.Get("Cache-Control") != "no-store" || strings.Contains(body, token) {
		t.Errorf("the answer is %v %q, want no-store, and no token for scripts", resp.Header, body)
	}
	resp, body = s.send(t, "GET", "/tickets", "")
	if body != email || resp.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("the tickets are %q with %v, want Ada's, for no cache", body, resp.Header)
	}
	s.wants(t, http.StatusNoContent, "DELETE", "/session", "")
	s.wants(t, http.StatusUnauthorized, "GET", "/tickets", "")
	s.wants(t, http.StatusUnauthorized, "GET", "/tickets", "", "Cookie: "+cookie+"="+token) // a copy
	s.wants(t, http.StatusNoContent, "DELETE", "/session", "")                              // once more
}

func TestRefusedSignin(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.kit.User(email)
	for _, form := range []string{"", "email=" + email, "email=" + email + "&password=wrong", "email=x&password=y"} {
		resp, _ := s.send(t, "POST", "/session", form)
		if resp.StatusCode != http.StatusUnauthorized || resp.Header["Set-Cookie"] != nil {
			t.Errorf("%q: status %d with %q, want 401 and no cookie", form, resp.StatusCode, resp.Header["Set-Cookie"])
		}
	}
	s.wants(t, http.StatusUnauthorized, "POST", "/session?"+strings.ReplaceAll(password, " ", "+"), "") // logs have it
	s.wants(t, http.StatusUnauthorized, "POST", "/session", "x="+strings.Repeat("x", maxForm)+"&"+password)
}

// Nothing but one good cookie of the name lets a request in, and nothing is a 500.
func TestS49_S24_OnlyTheCookieLetsIn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	token := s.signIn(t)
	_, guest := s.kit.Guest("shop")
	s.forget(t)
	good := cookie + "=" + token
	s.wants(t, http.StatusOK, "GET", "/tickets", "", "Cookie: "+good)
	for name, headers := range map[string][]string{
		"no cookie":            nil,
		"empty":                {"Cookie: " + cookie + "="},
		"no value":             {"Cookie: " + cookie},
		"garbage":              {"Cookie: " + cookie + "=garbage"},
		"an edited token":      {"Cookie: " + good + "A"},
		"a custom token":       {"Cookie: " + cookie + "=" + s.kit.CustomToken("shop", "1", nil)},
		"two":                  {"Cookie: " + good + "; " + good},
		"two, one of a guest":  {"Cookie: " + good + "; " + cookie + "=" + guest},
		"two, an empty one":    {"Cookie: " + good + "; " + cookie + "="},
		"two lines":            {"Cookie: " + good, "Cookie: " + cookie + "=" + guest},
		"another name":         {"Cookie: session=" + token},
		"another case":         {"Cookie: __host-session=" + token},
		"the header":           {"Authorization: JWT " + token},
		"the header and empty": {"Authorization: Bearer " + token, "Cookie: " + cookie + "="},
		"a WebSocket's token":  {"Sec-WebSocket-Protocol: " + protocol + ", " + token},
	} {
		t.Run(name, func(t *testing.T) {
			s.wants(t, http.StatusUnauthorized, "GET", "/tickets", "", headers...)
			s.wants(t, http.StatusUnauthorized, "POST", "/tickets", "title=x", headers...)
		})
	}
	s.wants(t, http.StatusUnauthorized, "GET", "/tickets?token="+token+"&"+cookie+"="+token, "")
	s.wants(t, http.StatusUnauthorized, "POST", "/tickets", cookie+"="+token)
	if len(s.opened) != 0 {
		t.Errorf("tickets were opened: %q", s.opened)
	}
	s.kit.Clock.Advance(25 * time.Hour)
	s.wants(t, http.StatusUnauthorized, "GET", "/tickets", "", "Cookie: "+good)
}

// Anybody gets a guest's token, and can write it into the cookie.
func TestS49_S07_AGuestInTheCookieIsNoAgent(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_, guest := s.kit.Guest("shop")
	_, external := s.kit.External("shop", "1")
	for _, token := range []string{guest, external} {
		inCookie := "Cookie: " + cookie + "=" + token
		s.wants(t, http.StatusForbidden, "GET", "/tickets", "", inCookie)
		s.wants(t, http.StatusForbidden, "POST", "/tickets", "title=x", inCookie)
		s.wants(t, http.StatusForbidden, "GET", "/events", "", inCookie)
		s.wants(t, http.StatusForbidden, "GET", "/live", "", "Sec-WebSocket-Protocol: "+protocol+", "+token)
	}
	if len(s.opened) != 0 {
		t.Errorf("tickets were opened: %q", s.opened)
	}
}

// The widget calls from other sites, and needs a way around the protection of cookies.
func TestWidgetBesideCookies(t *testing.T) {
	t.Parallel()
	kit := deskauthtest.New(t)
	mux := http.NewServeMux()
	mux.Handle("/v1/auth/", httpadapter.New(kit.Auth, httpadapter.Config{}))
	for bypass, want := range map[string]int{"": http.StatusForbidden, "/v1/auth/": http.StatusOK} {
		protection := http.NewCrossOriginProtection()
		if bypass != "" {
			protection.AddInsecureBypassPattern(bypass)
		}
		r := httptest.NewRequest("POST", "/v1/auth/signinAnonymously", strings.NewReader(`{"id_project":"shop"}`))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		w := httptest.NewRecorder()
		protection.Handler(mux).ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("with the bypass %q: %d %s, want %d", bypass, w.Code, w.Body, want)
		}
	}
}

// A page of another site cannot use the cookie, which the browser sends along.
func TestS49_OtherSitesChangeNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.signIn(t)
	for name, from := range map[string][]string{
		"another site":           {"Sec-Fetch-Site: cross-site", "Origin: https://evil.example"},
		"a sister of ours":       {"Sec-Fetch-Site: same-site", "Origin: https://blog.example.com"},
		"an old browser":         {"Origin: https://evil.example"},
		"a frame in a sandbox":   {"Origin: null"},
		"another port":           {"Origin: https://127.0.0.1:1"},
		"without the Origin":     {"Sec-Fetch-Site: cross-site"},
		"an Origin of our name":  {"Origin: " + s.URL + ".evil.example"},
		"a header that is a lie": {"Sec-Fetch-Site: cross-site", "Origin: " + s.URL},
	} {
		t.Run(name, func(t *testing.T) {
			s.wants(t, http.StatusForbidden, "POST", "/tickets", "title=x", from...)
			s.wants(t, http.StatusForbidden, "DELETE", "/session", "", from...)
			resp, _ := s.send(t, "POST", "/session", password, from...) // to sign the browser in as another
			if resp.StatusCode != http.StatusForbidden || resp.Header["Set-Cookie"] != nil {
				t.Errorf("sign-in: status %d with %q, want 403 and no cookie", resp.StatusCode, resp.Header["Set-Cookie"])
			}
		})
	}
	for _, path := range []string{"/session", "/session?_method=DELETE"} { // no GET signs out
		s.wants(t, http.StatusMethodNotAllowed, "GET", path, "", "X-HTTP-Method-Override: DELETE")
	}
	if len(s.opened) != 0 {
		t.Errorf("tickets were opened: %q", s.opened)
	}
	for _, from := range [][]string{{"Sec-Fetch-Site: same-origin"}, {"Origin: " + s.URL}, nil} {
		s.wants(t, http.StatusOK, "POST", "/tickets", "title=mine", from...)
	}
	if len(s.opened) != 3 {
		t.Errorf("the tickets are %q, want the three of Ada's own page", s.opened)
	}
}
