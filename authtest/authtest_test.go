package authtest_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/deskauth/deskauth/authtest"
)

// claims is what an honest token says, with every claim that the table attacks.
const claims = `{"iss":"https://id.example","aud":"https://api.example/v1","sub":"alice","iat":1700000000,"exp":4102444800,"nbf":1700000000}`

// keys are the honest ones, by algorithm.
var keys = sync.OnceValue(func() map[string]any {
	secret := []byte("thirty-two bytes and more, that nobody else has")
	private := must(rsa.GenerateKey(rand.Reader, 2048))
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	return map[string]any{
		"HS256": secret, "HS384": secret, "HS512": secret,
		"RS256": private, "RS384": private, "RS512": private,
		"PS256": private, "PS384": private, "PS512": private,
		"ES256": must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)),
		"ES384": must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader)),
		"ES512": must(ecdsa.GenerateKey(elliptic.P521(), rand.Reader)),
		"EdDSA": must(ed, err),
	}
})

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// target returns one for whose tests the tokens of a megabyte are too slow, most of all
// under the race detector.
func target(alg string, accepts func(string) bool) authtest.Target {
	t := wholeTarget(alg, accepts)
	t.Skip = []string{"size"}
	return t
}

func wholeTarget(alg string, accepts func(string) bool) authtest.Target {
	return authtest.Target{Accepts: accepts, Algorithm: alg, Key: keys()[alg], KeyID: "k1", Claims: []byte(claims)}
}

func names(attacks []authtest.Attack) (list []string) {
	for _, a := range attacks {
		list = append(list, a.Name)
	}
	return list
}

// sameForAll are groups in which the algorithm does nothing but sign. They are many, and
// RSA is slow.
var sameForAll = []string{"crit", "header", "form", "syntax", "duplicate", "fold", "exp", "nbf", "iat", "range", "aud", "iss", "sub", "sub-value", "size"}

// TestTable holds that the table of each algorithm is large, without what is the same for
// all of them, and that no attack is there twice.
func TestTable(t *testing.T) {
	t.Parallel()
	const fewest = 120
	for alg := range keys() {
		t.Run(alg, func(t *testing.T) {
			attacks := wholeTable().attacks
			if alg != "HS256" {
				target := wholeTarget(alg, nil)
				target.Skip = sameForAll
				attacks = must(authtest.Attacks(target))
			}
			if len(attacks) < fewest {
				t.Errorf("%d attacks, want %d or more", len(attacks), fewest)
			}
			byName, byToken, groups := map[string]bool{}, map[string]string{}, map[string]int{}
			for _, a := range attacks {
				groups[a.Group]++
				if byName[a.Name] {
					t.Errorf("two attacks are called %q", a.Name)
				}
				if other, ok := byToken[a.Token]; ok {
					t.Errorf("%q and %q are one token: %.100q", a.Name, other, a.Token)
				}
				byName[a.Name], byToken[a.Token] = true, a.Name
				if a.Group == "" || a.Name == "" || !strings.HasSuffix(a.Why, ".") {
					t.Errorf("%q has the group %q and the reason %q; want a sentence", a.Name, a.Group, a.Why)
				}
			}
			t.Logf("%d attacks: %v", len(attacks), groups)
		})
	}
}

// TestHonestTokenIsNoAttack holds that an attack differs from the honest token, where
// signatures are not random.
func TestHonestTokenIsNoAttack(t *testing.T) {
	t.Parallel()
	for _, alg := range []string{"HS256", "EdDSA"} {
		var honest string
		letIn, err := authtest.Check(target(alg, func(token string) bool {
			if honest == "" {
				honest = token
			}
			return token == honest
		}))
		if err != nil || len(letIn) > 0 {
			t.Errorf("%s: attacks %q, error %v; want none that is the honest token", alg, names(letIn), err)
		}
	}
}

// TestSkip holds that Skip leaves out what it names, and that the package comment names
// every group.
func TestSkip(t *testing.T) {
	t.Parallel()
	all := wholeTable().attacks
	doc := string(must(os.ReadFile("doc.go")))
	var groups []string
	for _, a := range all {
		if !slices.Contains(groups, a.Group) {
			groups = append(groups, a.Group)
		}
	}
	for i, group := range groups {
		if !regexp.MustCompile(`(?m)^//   - [a-z, -]*\b` + group + `\b[a-z, -]*:`).MatchString(doc) {
			t.Errorf("doc.go does not list the group %s", group)
		}
		alone := target("HS256", nil)
		alone.Skip = slices.Concat(groups[:i], groups[i+1:])
		got, err := authtest.Attacks(alone)
		want := slices.DeleteFunc(slices.Clone(all), func(a authtest.Attack) bool { return a.Group != group })
		if group == "fold" { // attacks the claims of other groups only where those are not skipped
			want = slices.DeleteFunc(want, func(a authtest.Attack) bool { return !slices.Contains(names(got), a.Name) })
		}
		if err != nil || len(got) == 0 || !slices.Equal(names(got), names(want)) {
			t.Errorf("%s alone: attacks %q, error %v; want %q", group, names(got), err, names(want))
		}
	}
	everything := target("HS256", func(string) bool { return true })
	everything.Skip = groups
	if letIn, err := authtest.Check(everything); err != nil || len(letIn) > 0 {
		t.Errorf("without any group: attacks %q, error %v", names(letIn), err)
	}
}

// TestEverythingIsLetIn is the other end: each attack of the table is reported.
func TestEverythingIsLetIn(t *testing.T) {
	t.Parallel()
	all, err := authtest.Attacks(target("HS256", nil))
	if err != nil {
		t.Fatal(err)
	}
	letIn, err := authtest.Check(target("HS256", func(string) bool { return true }))
	if err != nil || !slices.Equal(names(letIn), names(all)) {
		t.Errorf("%d of %d attacks reported, error %v", len(letIn), len(all), err)
	}
}

func TestBadTargets(t *testing.T) {
	t.Parallel()
	all := func(string) bool { return true }
	for name, c := range map[string]struct {
		spoil func(*authtest.Target)
		want  string
	}{
		"no Accepts":        {func(t *authtest.Target) { t.Accepts = nil }, "Accepts is nil"},
		"refuses all":       {func(t *authtest.Target) { t.Accepts = func(string) bool { return false } }, "honest token is refused"},
		"unknown group":     {func(t *authtest.Target) { t.Skip = []string{"nope"} }, `group "nope"`},
		"unknown algorithm": {func(t *authtest.Target) { t.Algorithm = "XS256" }, "XS256"},
		"no algorithm":      {func(t *authtest.Target) { t.Algorithm = "" }, "not one of"},
		"none":              {func(t *authtest.Target) { t.Algorithm = "none" }, "none"},
		"no key":            {func(t *authtest.Target) { t.Key = nil }, "Target.Key"},
		"public key":        {func(t *authtest.Target) { t.Algorithm, t.Key = "RS256", &rsa.PublicKey{} }, "cannot sign"},
		"empty RSA key":     {func(t *authtest.Target) { t.Algorithm, t.Key = "RS256", &rsa.PrivateKey{} }, "Target.Key"},
		"nil RSA key":       {func(t *authtest.Target) { t.Algorithm, t.Key = "RS256", (*rsa.PrivateKey)(nil) }, "Target.Key"},
		"empty ECDSA key":   {func(t *authtest.Target) { t.Algorithm, t.Key = "ES256", &ecdsa.PrivateKey{} }, "another curve"},
		"another curve":     {func(t *authtest.Target) { t.Algorithm, t.Key = "ES256", keys()["ES384"] }, "another curve"},
		"short Ed25519 key": {func(t *authtest.Target) { t.Algorithm, t.Key = "EdDSA", ed25519.PrivateKey("short") }, "wrong length"},
		"no claims":         {func(t *authtest.Target) { t.Claims = nil }, "Target.Claims"},
		"claims: array":     {func(t *authtest.Target) { t.Claims = []byte("[]") }, "not a JSON object"},
		"claims: two":       {func(t *authtest.Target) { t.Claims = []byte("{}{}") }, "data after"},
		"claims: open":      {func(t *authtest.Target) { t.Claims = []byte(`{"a":1`) }, "Target.Claims"},
		"claims: twice":     {func(t *authtest.Target) { t.Claims = []byte(`{"a":1,"a":1}`) }, "twice"},
	} {
		bad := target("HS256", all)
		c.spoil(&bad)
		if letIn, err := authtest.Check(bad); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: attacks %d, error %v; want an error with %q", name, len(letIn), err, c.want)
		}
	}
}

// TestFewClaims holds that no claim is attacked which the honest token does not have.
func TestFewClaims(t *testing.T) {
	t.Parallel()
	few := target("HS256", nil)
	few.Key, few.KeyID, few.Claims = "a secret as a text is as good as its bytes", "", []byte("{}")
	attacks, err := authtest.Attacks(few)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range attacks {
		if slices.Contains([]string{"no-exp", "aud", "aud-array", "iss", "sub", "sub-value"}, a.Group) {
			t.Errorf("%s: %s", a.Group, a.Name)
		}
	}
	if len(attacks) < 120 {
		t.Errorf("%d attacks, want 120 or more", len(attacks))
	}
}
