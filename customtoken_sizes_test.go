package deskauth_test

import (
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

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
	nested := func(n int) string { // levels of arrays in the object of the claims
		return testkit.TokenA(`"123"`, `"a":`+strings.Repeat("[", n-1)+strings.Repeat("]", n-1))
	}
	objects := strings.Repeat(`{"a":`, 1_000) + `1` + strings.Repeat("}", 1_000)
	header := `{"alg":"HS256","x":"` + strings.Repeat("x", 5<<10) + `"}`
	longHeader := testkit.Forge(header, testkit.PayloadA(`"123"`), testkit.SecretA)
	for name, c := range map[string]struct {
		token  string
		reason deskauth.Reason
	}{
		"16,385 bytes":       {filled(t, 16<<10+1), "malformed token"},
		"100,000 claims":     {testkit.TokenA(`"123"`, many(100_000)), "malformed token"},
		"nesting 10,000":     {nested(10_001), "malformed token"},
		"nesting 5,000":      {nested(5_001), "malformed token"},
		"nesting objects":    {testkit.TokenA(`"123"`, `"a":`+objects), "malformed token"},
		"nesting 501":        {nested(501), "malformed token"},
		"a header of 5 KiB":  {longHeader, "malformed token"},
		"a 129-byte project": {testkit.ForgeA(testkit.CustomPayload(strings.Repeat("p", 129), `"123"`)), "bad claims"},
	} {
		t.Run(name, func(t *testing.T) { k.RefusedCustom(t, c.token, c.reason) })
	}
	for name, token := range map[string]string{
		"16,384 bytes":       filled(t, 16<<10),
		"a profile of 8,192": testkit.TokenA(`"123"`, profile(8192)),
		"500 dropped names":  testkit.TokenA(`"123"`, strings.ReplaceAll(many(500), `"c`, `"password`)),
		"nesting 32":         nested(32),
		"nesting 33":         nested(33),
		"nesting 500":        nested(500),
		"12,000 controls":    testkit.TokenA(`"123"`, `"a":"`+strings.Repeat("\x01", 12_000)+`"`),
	} {
		t.Run(name, func(t *testing.T) { k.MustCustom(t, token) })
	}
	if s := k.MustCustom(t, testkit.TokenA(`"123"`, profile(8193), `"b":1`)); string(s.User.Attributes) != `{"b":1}` {
		t.Errorf("of a profile of 8,193 bytes %.100s is kept, want what fits", s.User.Attributes)
	}
}

// The largest profile, names and IDs that are taken make a session token that is taken.
func TestS11_LargestSessionStillEnters(t *testing.T) {
	t.Parallel()
	long := "https://i/" + strings.Repeat("i", 502)
	project := strings.Repeat("p", 128)
	secrets := testkit.Secrets()
	secrets.Projects[project] = secrets.Projects[testkit.ProjectA]
	secrets.Session = []deskauth.Key{deskauth.NewKey(strings.Repeat(`"`, 256), "RS512", testkit.RSAKey())}
	k := testkit.NewOn(t, memstore.New(), secrets, deskauth.Config{Issuer: long, CustomTokenAudience: testkit.Issuer})
	quotes := func(n int) string { return strings.Repeat(`\"`, n) }
	s := k.MustCustom(t, testkit.ForgeA(testkit.CustomPayload(project, `"`+quotes(128)+`"`,
		`"firstname":"`+quotes(256)+`"`,
		`"lastname":"`+quotes(256)+`"`,
		`"a":"`+strings.Repeat("x", 8184)+`"`)))
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
