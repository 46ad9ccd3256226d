package httpadapter_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

// doors are an endpoint and the middleware. What holds of these holds of all that read the
// Authorization header, because all read it with bearer.
func doors(s *service) map[string]func(*http.Request) answer {
	guarded := s.authenticate()(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Write([]byte("let in"))
	}))
	return map[string]func(*http.Request) answer{
		"/signinWithCustomToken": func(r *http.Request) answer { return serve(s, r) },
		"Authenticate":           func(r *http.Request) answer { return serve(guarded, r) },
	}
}

// A second function that reads the header could read it in another way. /signup looks
// whether there is one.
func TestS24_OneFunctionReadsTheHeader(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var reads []string
	for _, name := range files {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(source), `"Authorization"`); n > 0 && !strings.HasSuffix(name, "_test.go") {
			reads = append(reads, fmt.Sprintf("%s %d", name, n))
		}
	}
	if want := []string{"middleware.go 1", "signup.go 1"}; !slices.Equal(reads, want) {
		t.Errorf("the header is named in %v, want %v: bearer reads it, for all", reads, want)
	}
}

func TestAuthorizationHeaders(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	token := strings.TrimPrefix(s.tokens(t)[deskauth.KindGuest], "JWT ")
	for name, c := range map[string]struct {
		values []string
		ok     bool
	}{
		"JWT":    {[]string{"JWT " + token}, true},
		"jwt":    {[]string{"jwt " + token}, true},
		"jWt":    {[]string{"jWt " + token}, true},
		"Bearer": {[]string{"Bearer " + token}, true},
		"bearer": {[]string{"bearer " + token}, true},
		"BEARER": {[]string{"BEARER " + token}, true},

		"S24 no header":              {nil, false},
		"S24 empty":                  {[]string{""}, false},
		"S24 one space":              {[]string{" "}, false},
		"S24 scheme only":            {[]string{"JWT"}, false},
		"S24 scheme and a space":     {[]string{"JWT "}, false},
		"S24 token only":             {[]string{token}, false},
		"S24 space before":           {[]string{" JWT " + token}, false},
		"S24 space and token":        {[]string{" " + token}, false},
		"S24 two spaces":             {[]string{"JWT  " + token}, false},
		"S24 tab":                    {[]string{"JWT\t" + token}, false},
		"S24 space and tab":          {[]string{"JWT \t" + token}, false},
		"S24 trailing space":         {[]string{"JWT " + token + " "}, false},
		"S24 trailing tab":           {[]string{"JWT " + token + "\t"}, false},
		"S24 trailing line break":    {[]string{"JWT " + token + "\r\n"}, false},
		"S24 trailing NUL":           {[]string{"JWT " + token + "\x00"}, false},
		"S24 trailing word":          {[]string{"JWT " + token + " x"}, false},
		"S24 trailing comma":         {[]string{"JWT " + token + ","}, false},
		"S24 trailing semicolon":     {[]string{"JWT " + token + ";"}, false},
		"S24 twice":                  {[]string{"JWT " + token, "JWT " + token}, false},
		"S24 good and empty":         {[]string{"JWT " + token, ""}, false},
		"S24 bad and good":           {[]string{"Basic YTpi", "JWT " + token}, false},
		"S24 good and bad":           {[]string{"JWT " + token, "Basic YTpi"}, false},
		"S24 joined by a comma":      {[]string{"JWT " + token + ", JWT " + token}, false},
		"S24 joined without a space": {[]string{"JWT " + token + ",JWT " + token}, false},
		"S24 Basic first":            {[]string{"Basic YTpi, JWT " + token}, false},
		"S24 Basic":                  {[]string{"Basic YTpi"}, false},
		"S24 Basic with a token":     {[]string{"Basic " + token}, false},
		"S24 Digest":                 {[]string{`Digest username="ada", realm="x"`}, false},
		"S24 another scheme":         {[]string{"Token " + token}, false},
		"S24 scheme twice":           {[]string{"JWT JWT " + token}, false},
		"S24 both schemes":           {[]string{"JWT Bearer " + token}, false},
		"S24 colon":                  {[]string{"JWT: " + token}, false},
		"S24 equals sign":            {[]string{"JWT=" + token}, false},
		"S24 quoted":                 {[]string{`JWT "` + token + `"`}, false},
		"S24 scheme that folds":      {[]string{"Bearer\u212a " + token}, false},
		"S24 full-width scheme":      {[]string{"ＪＷＴ " + token}, false},
		"S24 no-break space":         {[]string{"JWT\u00a0" + token}, false},
		"S24 unicode token":          {[]string{"JWT \U0001f511.é.\u202e"}, false},
		"S24 invalid UTF-8":          {[]string{"JWT \xff\xfe"}, false},
		"S24 percent encoded":        {[]string{"JWT%20" + token}, false},
		"S24 null":                   {[]string{"JWT null"}, false},
		"S24 undefined":              {[]string{"JWT undefined"}, false},
		"S24 two dots":               {[]string{"JWT .."}, false},
		"S24 1 MB of scheme":         {[]string{strings.Repeat("J", 1<<20)}, false},
		"S24 1 MB of token":          {[]string{"JWT " + strings.Repeat("a", 1<<20)}, false},
		"S24 1 MB of dots":           {[]string{"JWT " + strings.Repeat(".", 1<<20)}, false},
		"S24 1 MB of spaces":         {[]string{"JWT" + strings.Repeat(" ", 1<<20) + token}, false},
		"S24 1 MB after the token":   {[]string{"JWT " + token + strings.Repeat("a", 1<<20)}, false},
	} {
		for door, ask := range doors(s) {
			t.Run(name+" to "+door, func(t *testing.T) {
				t.Parallel()
				r := httptest.NewRequest(http.MethodPost, "/signinWithCustomToken", http.NoBody)
				r.Header["Authorization"] = c.values
				got := ask(r)
				switch {
				case c.ok && got.status != http.StatusOK:
					t.Errorf("got %v, want 200", got)
				case !c.ok:
					refused(t, got, http.StatusUnauthorized, unauthorized)
				}
			})
		}
	}
}

// A good token in another place than the header is not read.
func TestS24_TokensElsewhere(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	session := strings.TrimPrefix(s.tokens(t)[deskauth.KindUser], "JWT ")
	for kind, token := range map[string]string{"session token": session, "custom token": testkit.TokenA(`"123"`)} {
		for _, r := range elsewhere(token) {
			for door, ask := range doors(s) {
				got := ask(r)
				if got.status != http.StatusUnauthorized || strings.Contains(got.body, `"token"`) {
					t.Errorf("a %s to %s was read from %s %s %v: %v", kind, door, r.Method, r.URL, r.Header, got)
				}
			}
		}
	}
}

// elsewhere returns requests that have a token where none is read.
func elsewhere(token string) (requests []*http.Request) {
	add := func(query, body string) *http.Request {
		r := httptest.NewRequest(http.MethodPost, "/signinWithCustomToken"+query, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		requests = append(requests, r)
		return r
	}
	for _, name := range []string{
		"token", "access_token", "jwt", "JWT", "secret_token", "auth_token", "authorization", "Authorization",
		"id_token", "session",
	} {
		for _, value := range []string{token, "JWT " + token, "Bearer " + token} {
			add("?"+url.Values{name: {value}}.Encode(), "")
			add("", `{"`+name+`":"`+value+`"}`)
			add("", "").AddCookie(&http.Cookie{Name: name, Value: value})
		}
	}
	for _, header := range []string{
		"X-Authorization", "Proxy-Authorization", "X-Access-Token", "X-Auth-Token", "Sec-WebSocket-Protocol",
		"X-Forwarded-Authorization",
	} {
		add("", "").Header.Set(header, "JWT "+token)
	}
	add("", "").URL.User = url.UserPassword("JWT", token)
	add("", "").Trailer = http.Header{"Authorization": {"JWT " + token}}
	return requests
}

// A bad token elsewhere does not spoil a good header.
func TestS24_ElsewhereDoesNotSpoil(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	token := s.tokens(t)[deskauth.KindExternal]
	for door, ask := range doors(s) {
		body := strings.NewReader(`{"token":"garbage"}`)
		r := httptest.NewRequest(http.MethodPost, "/signinWithCustomToken?token=garbage", body)
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", token)
		r.AddCookie(&http.Cookie{Name: "token", Value: "garbage"})
		if got := ask(r); got.status != http.StatusOK {
			t.Errorf("%s: got %v, want 200", door, got)
		}
	}
}

// A good token in any form but the compact one is refused.
func TestS01_FormsOverHTTP(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	custom := testkit.TokenA(`"123"`)
	if got := s.custom("JWT " + custom); got.status != http.StatusOK {
		t.Fatalf("the compact form: %v", got)
	}
	unsigned := testkit.Forge(`{"alg":"none"}`, testkit.PayloadA(`"123"`), "")
	session := strings.TrimPrefix(s.tokens(t)[deskauth.KindUser], "JWT ")
	for kind, token := range map[string]string{"custom": custom, "session": session} {
		part := strings.Split(token, ".")
		h, p, sig := part[0], part[1], part[2]
		one := `"protected":"` + h + `","signature":"` + sig + `"`
		for name, form := range map[string]string{
			"flattened JSON":     `{"payload":"` + p + `",` + one + `}`,
			"general JSON":       `{"payload":"` + p + `","signatures":[{` + one + `}]}`,
			"wrapped":            `{"token":"` + token + `"}`,
			"wrapped, no commas": `{"_id":"1"}.` + p + `.` + sig,
			"a JSON string":      `"` + token + `"`,
			"JWE":                h + ".." + p + "." + sig + "." + sig,
			"five parts":         token + "." + p + "." + sig,
			"four parts":         token + "." + sig,
			"two parts":          h + "." + p,
			"no signature":       h + "." + p + ".",
			"nested":             testkit.Forge(`{"alg":"HS256","typ":"JWT","cty":"JWT"}`, token, testkit.SecretA),
			"nested, untold":     testkit.ForgeA(token),
			"detached":           h + ".." + sig,
			"padded":             h + "." + p + "." + sig + "=",
			"none":               unsigned[:strings.LastIndexByte(unsigned, '.')+1],
			"none, signed":       unsigned,
		} {
			for door, ask := range doors(s) {
				r := httptest.NewRequest(http.MethodPost, "/signinWithCustomToken", http.NoBody)
				r.Header.Set("Authorization", "JWT "+form)
				t.Run(kind+" "+name+" to "+door, func(t *testing.T) {
					refused(t, ask(r), http.StatusUnauthorized, unauthorized)
				})
			}
		}
	}
}
