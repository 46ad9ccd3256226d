package authtest_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/deskauth/deskauth/authtest"
)

// TestTable checks that the table of each algorithm is large, without the groups that are
// the same for all of them, and that no attack appears twice.
func TestTable(t *testing.T) {
	t.Parallel()
	const least = 120
	for alg := range keys() {
		t.Run(alg, func(t *testing.T) {
			attacks := wholeTable().attacks
			if alg != "HS256" {
				target := wholeTarget(alg, nil)
				target.Skip = sameForAll
				attacks = must(authtest.Attacks(target))
			}
			if len(attacks) < least {
				t.Errorf("got %d attacks, want %d or more", len(attacks), least)
			}
			byName, byToken, groups := map[string]bool{}, map[string]string{}, map[string]int{}
			for _, a := range attacks {
				groups[a.Group]++
				if byName[a.Name] {
					t.Errorf("two attacks are called %q, want one", a.Name)
				}
				if other, ok := byToken[a.Token]; ok {
					t.Errorf("%q and %q are one token, want two: %.100q", a.Name, other, a.Token)
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

// TestHonestTokenIsNotAnAttack checks that each attack differs from the honest token, where
// signatures are not random.
func TestHonestTokenIsNotAnAttack(t *testing.T) {
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
			t.Errorf("%s: got the attacks %q and the error %v, want none that is the honest token",
				alg, names(letIn), err)
		}
	}
}

// TestSkip checks that Skip leaves out what it names, and that the package comment lists
// every group.
func TestSkip(t *testing.T) {
	t.Parallel()
	all := wholeTable().attacks
	doc, _, _ := strings.Cut(string(must(os.ReadFile("doc.go"))), "\n// # Codes\n")
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
		if group == "fold" { // attacks the claims of other groups unless those are skipped
			want = slices.DeleteFunc(want, func(a authtest.Attack) bool { return !slices.Contains(names(got), a.Name) })
		}
		if err != nil || len(got) == 0 || !slices.Equal(names(got), names(want)) {
			t.Errorf("%s alone: got the attacks %q and the error %v, want %q", group, names(got), err, names(want))
		}
	}
	everything := target("HS256", func(string) bool { return true })
	everything.Skip = groups
	if letIn, err := authtest.Check(everything); err != nil || len(letIn) > 0 {
		t.Errorf("without any group: got the attacks %q and the error %v, want none", names(letIn), err)
	}
}

// TestEverythingIsLetIn checks that every attack is reported on a target that takes all.
func TestEverythingIsLetIn(t *testing.T) {
	t.Parallel()
	all, err := authtest.Attacks(target("HS256", nil))
	if err != nil {
		t.Fatal(err)
	}
	letIn, err := authtest.Check(target("HS256", func(string) bool { return true }))
	if err != nil || !slices.Equal(names(letIn), names(all)) {
		t.Errorf("got %d of %d attacks and the error %v, want all", len(letIn), len(all), err)
	}
}

func withKey(alg string, key any) func(*authtest.Target) {
	return func(t *authtest.Target) { t.Algorithm, t.Key = alg, key }
}

func TestBadTargets(t *testing.T) {
	t.Parallel()
	all := func(string) bool { return true }
	for name, c := range map[string]struct {
		spoil func(*authtest.Target)
		want  string
	}{
		"no Accepts": {func(t *authtest.Target) { t.Accepts = nil }, "Accepts is nil"},
		"refuses all": {func(t *authtest.Target) { t.Accepts = func(string) bool { return false } },
			"honest token is refused"},
		"unknown group":     {func(t *authtest.Target) { t.Skip = []string{"nope"} }, `group "nope"`},
		"unknown algorithm": {func(t *authtest.Target) { t.Algorithm = "XS256" }, "XS256"},
		"no algorithm":      {func(t *authtest.Target) { t.Algorithm = "" }, "not one of"},
		"none":              {func(t *authtest.Target) { t.Algorithm = "none" }, "none"},
		"no key":            {func(t *authtest.Target) { t.Key = nil }, "Target.Key"},
		"public key":        {withKey("RS256", &rsa.PublicKey{}), "cannot sign"},
		"empty RSA key":     {withKey("RS256", &rsa.PrivateKey{}), "Target.Key"},
		"nil RSA key":       {withKey("RS256", (*rsa.PrivateKey)(nil)), "Target.Key"},
		"empty ECDSA key":   {withKey("ES256", &ecdsa.PrivateKey{}), "another curve"},
		"another curve":     {withKey("ES256", keys()["ES384"]), "another curve"},
		"short Ed25519 key": {withKey("EdDSA", ed25519.PrivateKey("short")), "wrong length"},
		"no claims":         {func(t *authtest.Target) { t.Claims = nil }, "Target.Claims"},
		"claims: array":     {func(t *authtest.Target) { t.Claims = []byte("[]") }, "not a JSON object"},
		"claims: two":       {func(t *authtest.Target) { t.Claims = []byte("{}{}") }, "data after"},
		"claims: open":      {func(t *authtest.Target) { t.Claims = []byte(`{"a":1`) }, "Target.Claims"},
		"claims: twice":     {func(t *authtest.Target) { t.Claims = []byte(`{"a":1,"a":1}`) }, "twice"},
	} {
		bad := target("HS256", all)
		c.spoil(&bad)
		if letIn, err := authtest.Check(bad); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %d attacks and the error %v, want an error with %q", name, len(letIn), err, c.want)
		}
	}
}

// TestMissingClaims checks that no claim is attacked that the honest token does not have.
func TestMissingClaims(t *testing.T) {
	t.Parallel()
	bare := target("HS256", nil)
	bare.Key, bare.KeyID, bare.Claims = "a secret as a text is as good as its bytes", "", []byte("{}")
	attacks, err := authtest.Attacks(bare)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range attacks {
		if slices.Contains([]string{"no-exp", "aud", "aud-array", "iss", "sub", "sub-value"}, a.Group) {
			t.Errorf("got the attack %s of the group %s, want none of that group", a.Name, a.Group)
		}
	}
	if len(attacks) < 120 {
		t.Errorf("got %d attacks, want 120 or more", len(attacks))
	}
}
