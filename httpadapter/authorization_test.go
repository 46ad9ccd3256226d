package httpadapter_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/httpadapter"
)

// doors are the two ways in that read the Authorization header.
func doors(s *service) map[string]func(*http.Request) answer {
	guarded := httpadapter.Authenticate(s.auth, httpadapter.MiddlewareConfig{})(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Write([]byte("let in"))
	}))
	return map[string]func(*http.Request) answer{
		"/signinWithCustomToken": func(r *http.Request) answer { return serve(s, r) },
		"Authenticate":           func(r *http.Request) answer { return serve(guarded, r) },
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
				switch got := ask(r); {
				case c.ok && got.status != http.StatusOK:
					t.Errorf("got %v, want 200", got)
				case !c.ok:
					refused(t, got, http.StatusUnauthorized, unauthorized)
				}
			})
		}
	}
}

// TestS24_TokensElsewhere has good tokens where none is read.
func TestS24_TokensElsewhere(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	session := strings.TrimPrefix(s.tokens(t)[deskauth.KindUser], "JWT ")
	names := []string{"token", "access_token", "jwt", "JWT", "secret_token", "auth_token", "authorization", "Authorization", "id_token", "session"}
	for kind, token := range map[string]string{"session token": session, "custom token": customToken(`"_id":"123"`)} {
		var requests []*http.Request
		add := func(method, target, contentType, body string) *http.Request {
			r := httptest.NewRequest(method, target, strings.NewReader(body))
			r.Header.Set("Content-Type", contentType)
			requests = append(requests, r)
			return r
		}
		for _, name := range names {
			for _, value := range []string{token, "JWT " + token, "Bearer " + token} {
				add("POST", "/signinWithCustomToken?"+url.Values{name: {value}}.Encode(), "application/json", "")
				add("POST", "/signinWithCustomToken", "application/json", `{"`+name+`":"`+value+`"}`)
				add("POST", "/signinWithCustomToken", "application/json", "").AddCookie(&http.Cookie{Name: name, Value: value})
			}
		}
		for _, header := range []string{"X-Authorization", "Proxy-Authorization", "X-Access-Token", "X-Auth-Token", "Sec-WebSocket-Protocol", "X-Forwarded-Authorization"} {
			add("POST", "/signinWithCustomToken", "application/json", "").Header.Set(header, "JWT "+token)
		}
		user := add("POST", "/signinWithCustomToken", "application/json", "")
		user.URL.User = url.UserPassword("JWT", token)
		trailer := add("POST", "/signinWithCustomToken", "application/json", "")
		trailer.Trailer = http.Header{"Authorization": {"JWT " + token}}
		for _, r := range requests {
			for door, ask := range doors(s) {
				got := ask(r)
				if got.status != http.StatusUnauthorized || strings.Contains(got.body, `"token"`) {
					t.Errorf("a %s to %s was read from %s %s %v: %v", kind, door, r.Method, r.URL, r.Header, got)
				}
			}
		}
	}
}

// TestS24_ElsewhereDoesNotSpoil has a good header, which a bad token elsewhere does not change.
func TestS24_ElsewhereDoesNotSpoil(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	token := s.tokens(t)[deskauth.KindExternal]
	for door, ask := range doors(s) {
		r := httptest.NewRequest(http.MethodPost, "/signinWithCustomToken?token=garbage", strings.NewReader(`{"token":"garbage"}`))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", token)
		r.AddCookie(&http.Cookie{Name: "token", Value: "garbage"})
		if got := ask(r); got.status != http.StatusOK {
			t.Errorf("%s: got %v, want 200", door, got)
		}
	}
}

// TestS01_FormsOverHTTP has a good token in every form but the compact one.
func TestS01_FormsOverHTTP(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	claims := `{"_id":"123",` + forProject + `}`
	header := `{"alg":"HS256","typ":"JWT"}`
	custom := signed(header, claims, projectSecret)
	if got := s.custom("JWT " + custom); got.status != http.StatusOK {
		t.Fatalf("the compact form: %v", got)
	}
	unsigned := signed(`{"alg":"none"}`, claims, "")
	session := strings.TrimPrefix(s.tokens(t)[deskauth.KindUser], "JWT ")
	for kind, token := range map[string]string{"custom": custom, "session": session} {
		part := strings.Split(token, ".")
		h, p, sig := part[0], part[1], part[2]
		for name, form := range map[string]string{
			"flattened JSON":     `{"payload":"` + p + `","protected":"` + h + `","signature":"` + sig + `"}`,
			"general JSON":       `{"payload":"` + p + `","signatures":[{"protected":"` + h + `","signature":"` + sig + `"}]}`,
			"wrapped":            `{"token":"` + token + `"}`,
			"wrapped, no commas": `{"_id":"1"}.` + p + `.` + sig,
			"a JSON string":      `"` + token + `"`,
			"JWE":                h + ".." + p + "." + sig + "." + sig,
			"five parts":         token + "." + p + "." + sig,
			"four parts":         token + "." + sig,
			"two parts":          h + "." + p,
			"no signature":       h + "." + p + ".",
			"nested":             signed(`{"alg":"HS256","typ":"JWT","cty":"JWT"}`, token, projectSecret),
			"nested, untold":     signed(header, token, projectSecret),
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
