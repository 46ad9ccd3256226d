package deskauth_test

import (
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

func TestS08_TimesAreNumbers(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	guest := testkit.PartOf(t, k.MustGuest(t, testkit.ProjectA).Token, 1)
	for _, claim := range []string{"exp", "nbf", "iat"} {
		for _, value := range []string{
			`"1767323999"`, `"2030-01-01T00:00:00Z"`, `""`, `true`, `false`, `null`, `{}`, `{"$numberLong":"1767323999"}`, `[1767323999]`, `[]`,
			`-1`, `-1767323999`, `-0.5`, `-1e999`, `1e999`, `1e400`, `9007199254740992`, `9007199254740993`, `9.3e18`, `18446744073709551616`,
			`1` + strings.Repeat("0", 400),
		} {
			k.RefusedCustom(t, testkit.TokenA(`"123"`, `"`+claim+`":`+value), "bad claims")
		}
		for _, value := range []string{`NaN`, `Infinity`, `-Infinity`, `0x10`, `1_000`, `+1`, `01`, `.5`, `1.`} {
			k.RefusedCustom(t, testkit.TokenA(`"123"`, `"`+claim+`":`+value), "malformed token")
		}
	}
	// The same in a session token, which has all the rest in order.
	for _, claim := range []string{"exp", "iat", "auth_time"} {
		at := strings.Index(guest, `"`+claim+`":`) + len(claim) + 3
		end := at + strings.IndexByte(guest[at:], ',')
		for _, value := range []string{`"` + guest[at:end] + `"`, `true`, `null`, `{}`, `-1`, `1e999`, `9007199254740992`} {
			nobodyEnters(t, k, testkit.Forge(testkit.HS256, guest[:at]+value+guest[end:], testkit.SessionSecret), "bad claims")
		}
	}
}

// The signature comes first: of a token that nobody signed, nothing else is said.
func TestS08_BadIsNotExpired(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	expired := fmt.Sprintf(`"exp":%d`, testkit.Start.Unix()-3600)
	k.RefusedCustom(t, testkit.Forge(testkit.HS256, testkit.CustomPayload(testkit.ProjectA, `"123"`, expired), testkit.ForeignSecret), "bad signature")
	k.RefusedCustom(t, testkit.Forge(testkit.HS256, testkit.CustomPayload(testkit.ProjectA, `"123"`, expired), testkit.SecretA), "expired")

	guest := k.MustGuest(t, testkit.ProjectA)
	k.Clock.Set(guest.ExpiresAt.Add(3600e9))
	nobodyEnters(t, k, testkit.Forge(testkit.HS256, testkit.PartOf(t, guest.Token, 1), testkit.ForeignSecret), "bad signature")
}

func TestS12_ClaimsHaveOneMeaning(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	for name, c := range map[string]struct {
		claim  string
		reason deskauth.Reason
	}{
		"_id twice":              {`"_id":"123"`, "malformed token"},
		"_id twice, escaped":     {`"\u005fid":"admin"`, "malformed token"},
		"sub twice":              {`"sub":"userexternal"`, "malformed token"},
		"aud twice":              {`"aud":"https://tiledesk.com/projects/` + testkit.ProjectA + `"`, "malformed token"},
		"exp twice":              {`"exp":4e9,"exp":4e9`, "malformed token"},
		"email twice":            {`"email":"a@b.it","email":"a@b.it"`, "malformed token"},
		"firstname twice":        {`"firstname":"a","\u0066irstname":"b"`, "malformed token"},
		"a claim twice":          {`"x":1,"x":1`, "malformed token"},
		"twice inside":           {`"x":{"y":1,"y":1}`, "malformed token"},
		"twice deep inside":      {`"x":[[{"y":[{"z":1,"z":1}]}]]`, "malformed token"},
		"twice among many":       {many(64) + `,"c0":0`, "malformed token"},
		"half a surrogate":       {`"x":"\ud800"`, "malformed token"},
		"half a surrogate, name": {`"\ud800":1`, "malformed token"},
		"invalid UTF-8":          {"\"x\":\"\xff\"", "malformed token"},
		"a raw control":          {"\"x\":\"\x01\"", "malformed token"},
		"a trailing comma":       {`"x":1,`, "malformed token"},
		"data after it":          {`"x":1}{"_id":"1"`, "malformed token"},
		"a comment":              {`"x":1/* */`, "malformed token"},
		"firstname a number":     {`"firstname":1`, "bad claims"},
		"firstname a list":       {`"firstname":["a"]`, "bad claims"},
		"firstname with NUL":     {`"firstname":"a\u0000"`, "bad claims"},
		"lastname with newline":  {`"lastname":"a\n"`, "bad claims"},
		"lastname of 257 bytes":  {`"lastname":"` + strings.Repeat("x", 257) + `"`, "bad claims"},
		"email a number":         {`"email":1`, "bad claims"},
		"email an object":        {`"email":{"a":"b"}`, "bad claims"},
		"email a list":           {`"email":["a@b.it"]`, "bad claims"},
		"another sub in capital": {`"Sub":"user","SUB":"user","x":1,"x":2`, "malformed token"},
	} {
		t.Run(name, func(t *testing.T) { k.RefusedCustom(t, testkit.TokenA(`"123"`, c.claim), c.reason) })
	}
	for _, whole := range []string{``, ` `, `null`, `[]`, `"x"`, `1`, "\ufeff" + testkit.CustomPayload(testkit.ProjectA, `"123"`), testkit.CustomPayload(testkit.ProjectA, `"123"`) + "\x00"} {
		k.RefusedCustom(t, testkit.Forge(testkit.HS256, whole, testkit.SecretA), "malformed token")
	}
}

func TestS12_ExternalID(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	for _, id := range []string{
		`""`, `" "`, `"\t"`, `"\u00a0"`, `"\u2003 \u3000"`, `"` + strings.Repeat("x", 129) + `"`, `"` + strings.Repeat("é", 65) + `"`,
		`"a\u0000"`, `"a\nb"`, `"\u007f"`, `"a\u0085"`, `"a\u001b[0m"`,
		`true`, `false`, `null`, `[]`, `["123"]`, `{}`, `{"$oid":"123"}`, `{"$ne":null}`,
		`1.0`, `1.5`, `-0`, `-0.0`, `1e3`, `1E3`, `1e-3`, `0.1`, strings.Repeat("9", 129),
	} {
		t.Run(id, func(t *testing.T) { k.RefusedCustom(t, testkit.TokenA(id), "bad claims") })
	}
	payload := testkit.CustomPayload(testkit.ProjectA, `"123"`)
	k.RefusedCustom(t, testkit.Forge(testkit.HS256, strings.Replace(payload, `"_id":"123",`, ``, 1), testkit.SecretA), "bad claims")
	k.RefusedCustom(t, testkit.Forge(testkit.HS256, strings.Replace(payload, `"_id"`, `"_ID"`, 1), testkit.SecretA), "bad claims")
	k.RefusedCustom(t, testkit.Forge(testkit.HS256, strings.Replace(payload, `"_id"`, `"id"`, 1), testkit.SecretA), "bad claims")
	k.RefusedCustom(t, testkit.Forge(testkit.HS256, strings.Replace(payload, `"sub":"userexternal",`, ``, 1), testkit.SecretA), "bad claims")
}

// many returns n claims, c0 to c(n-1).
func many(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"c%d":%d`, i, i)
	}
	return b.String()[1:]
}

// filled returns a token of project A that has size bytes, most of them in a claim that
// is dropped.
func filled(t *testing.T, size int) string {
	t.Helper()
	for n := size*3/4 - 200; n < size*3/4; n++ {
		token := testkit.TokenA(`"123"`, `"iss":"`+strings.Repeat("x", n)+`"`)
		if len(token) == size {
			return token
		}
	}
	t.Fatalf("no token has %d bytes", size)
	return ""
}

func TestS11_Sizes(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	profile := func(n int) string { return `"a":"` + strings.Repeat("x", n-len(`{"a":""}`)) + `"` }
	for name, c := range map[string]struct {
		token  string
		reason deskauth.Reason
	}{
		"16,385 bytes":       {filled(t, 16<<10+1), "malformed token"},
		"100,000 claims":     {testkit.TokenA(`"123"`, many(100_000)), "malformed token"},
		"nesting 10,000":     {testkit.TokenA(`"123"`, `"a":`+strings.Repeat("[", 10_000)+strings.Repeat("]", 10_000)), "malformed token"},
		"nesting 5,000":      {testkit.TokenA(`"123"`, `"a":`+strings.Repeat("[", 5_000)+strings.Repeat("]", 5_000)), "malformed token"},
		"nesting objects":    {testkit.TokenA(`"123"`, `"a":`+strings.Repeat(`{"a":`, 1_000)+`1`+strings.Repeat("}", 1_000)), "malformed token"},
		"nesting 33":         {testkit.TokenA(`"123"`, `"a":`+strings.Repeat("[", 32)+strings.Repeat("]", 32)), "malformed token"},
		"a header of 5 KiB":  {testkit.Forge(`{"alg":"HS256","x":"`+strings.Repeat("x", 5<<10)+`"}`, testkit.CustomPayload(testkit.ProjectA, `"123"`), testkit.SecretA), "malformed token"},
		"a profile of 8,193": {testkit.TokenA(`"123"`, profile(8193)), "bad claims"},
		"a 129-byte project": {testkit.Forge(testkit.HS256, testkit.CustomPayload(strings.Repeat("p", 129), `"123"`), testkit.SecretA), "bad claims"},
	} {
		t.Run(name, func(t *testing.T) { k.RefusedCustom(t, c.token, c.reason) })
	}
	for name, token := range map[string]string{
		"16,384 bytes":       filled(t, 16<<10),
		"a profile of 8,192": testkit.TokenA(`"123"`, profile(8192)),
		"500 dropped names":  testkit.TokenA(`"123"`, strings.ReplaceAll(many(500), `"c`, `"password`)),
		"nesting 32":         testkit.TokenA(`"123"`, `"a":`+strings.Repeat("[", 31)+strings.Repeat("]", 31)),
	} {
		t.Run(name, func(t *testing.T) { k.MustCustom(t, token) })
	}
}

// The largest profile, names and IDs that are taken make a session token that is taken.
func TestS11_LargestSessionStillEnters(t *testing.T) {
	t.Parallel()
	long := "https://i/" + strings.Repeat("i", 502)
	project := strings.Repeat("p", 128)
	secrets := testkit.Secrets()
	secrets.Projects[project] = secrets.Projects[testkit.ProjectA]
	secrets.Session = []deskauth.Key{deskauth.NewKey(strings.Repeat(`"`, 256), "RS512", rsaKey())}
	k := testkit.NewOn(t, memstore.New(), secrets, deskauth.Config{Issuer: long, CustomTokenAudience: testkit.Issuer})
	quotes := func(n int) string { return strings.Repeat(`\"`, n) }
	token := testkit.Forge(testkit.HS256, testkit.CustomPayload(project, `"`+quotes(128)+`"`, `"firstname":"`+quotes(256)+`","lastname":"`+quotes(256)+`","a":"`+strings.Repeat("x", 8184)+`"`), testkit.SecretA)
	s := k.MustCustom(t, token)
	if _, err := k.Verify(t.Context(), s.Token); err != nil || len(s.Token) < 15<<10 {
		t.Errorf("a session token of %d bytes: %v", len(s.Token), err)
	}
}

// The white space that a store puts into attributes does not make a session too long.
func TestS11_LargestSessionRespelled(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	token := testkit.TokenA(`"123"`, `"a":[0`+strings.Repeat(",0", 4090)+`]`)
	first := k.MustCustom(t, token)
	testkit.Change(t, k.Store, first.User.ID, func(a *deskauth.Account) {
		a.Attributes = []byte(strings.ReplaceAll(string(a.Attributes), ",", ", "))
	})
	second := k.MustCustom(t, token)
	if _, err := k.Verify(t.Context(), second.Token); err != nil {
		t.Errorf("a session token of %d bytes was issued; Verify: %v", len(second.Token), err)
	}
}

// Not parallel: it measures what the calls between two readings allocate.
func TestS11_OverlongTokensCostNothing(t *testing.T) {
	k := testkit.New(t, deskauth.Config{Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
	for name, token := range map[string]string{
		"dots":      strings.Repeat(".", 1<<20),
		"base64":    strings.Repeat("A", 1<<20),
		"three":     strings.Repeat("A", 1<<18) + "." + strings.Repeat("A", 1<<19) + "." + strings.Repeat("A", 1<<18),
		"signed":    testkit.TokenA(`"123"`, `"a":"`+strings.Repeat("x", 1<<20)+`"`),
		"schemes":   strings.Repeat("JWT ", 1<<18),
		"few, long": strings.Repeat("A", 16<<10) + ".",
	} {
		const calls = 20
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range calls {
			nobodyEnters(t, k, token, "malformed token")
		}
		runtime.ReadMemStats(&after)
		if each := (after.TotalAlloc - before.TotalAlloc) / (3 * calls); each >= 64<<10 {
			t.Errorf("%s: %d bytes allocated a call; want under 64 KiB", name, each)
		}
	}
}
