package authtest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// A Target is a check of tokens, and what the table must know to forge tokens for it. Use
// keys made for the test, because the tokens of the attacks end up in its output.
type Target struct {
	// Accepts reports whether the target lets the token in. It is called with one token at
	// a time.
	Accepts func(token string) bool

	// Algorithm signs honest tokens: HS256, HS384, HS512, RS256, RS384, RS512, PS256,
	// PS384, PS512, ES256, ES384, ES512 or EdDSA (RFC 7518 §3.1, RFC 8037 §3.1). EdDSA
	// means Ed25519 here.
	Algorithm string

	// Key signs the honest token, and the attacks whose signature is right and whose text
	// is wrong. It is a []byte or string for HS…, a *rsa.PrivateKey for RS… and PS…, a
	// *ecdsa.PrivateKey on the algorithm's curve for ES…, an ed25519.PrivateKey for EdDSA.
	Key any

	// KeyID is the `kid` of the honest token. The default is none.
	KeyID string

	// Type is the `typ` of the honest token. The default is "JWT".
	Type string

	// Claims is the JSON object in the honest token, with valid times. If it lacks `aud`,
	// `iss`, `sub` or `exp`, the table takes that claim for one that the target does not
	// ask for.
	Claims []byte

	// Skip weakens the table: it names the groups to leave out. The package comment lists
	// them and says which ones a sound target may have to skip. The default is none.
	Skip []string
}

// An Attack is one forged token or code.
type Attack struct {
	Group string // the name for Skip
	Name  string // unique within the table
	Why   string // what is wrong with a target that lets it in, with the source
	Token string // the text that is brought, be it a token or a code
}

// Attacks returns the table for a target, without calling its Accepts, which may be nil.
// Two calls return the same attacks. Their tokens differ where a signature or the
// attacker's key is random. An error says what is wrong with the description of the target.
func Attacks(target Target) ([]Attack, error) {
	f, err := newForger(target)
	if err != nil {
		return nil, err
	}
	return f.table()
}

// Check returns the attacks that the target lets in. It returns an error and no attacks if
// the target refuses the honest token, because a target that refuses everything would pass.
func Check(target Target) ([]Attack, error) {
	attacks, err := prepare(target)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(attacks, func(a Attack) bool { return !target.Accepts(a.Token) }), nil
}

// Run is [Check] as a test. Each group is a sub-test, and each attack is a sub-test of its
// group, so a target that panics does so under the name of the attack. Run stops at once if
// the target refuses the honest token.
func Run(t *testing.T, target Target) {
	t.Helper()
	attacks, err := prepare(target)
	if err != nil {
		t.Fatal(err)
	}
	runGroups(t, attacks, func(a Attack) bool { return target.Accepts(a.Token) })
}

// runGroups reports the attacks that get in, each group in a sub-test, and returns whether
// there are none.
func runGroups(t *testing.T, attacks []Attack, accepts func(Attack) bool) (passed bool) {
	t.Helper()
	passed = true
	for len(attacks) > 0 {
		group := attacks[0].Group
		n := slices.IndexFunc(attacks, func(a Attack) bool { return a.Group != group })
		if n < 0 {
			n = len(attacks)
		}
		members := attacks[:n]
		attacks = attacks[n:]
		ok := t.Run(group, func(t *testing.T) {
			for _, a := range members {
				t.Run(a.Name, func(t *testing.T) {
					if accepts(a) {
						t.Errorf("let in: %s\nWhy: %s\nText of %d bytes: %.400q", a.Name, a.Why, len(a.Token), a.Token)
					}
				})
			}
		})
		passed = passed && ok
	}
	return passed
}

// prepare returns the table for a target that lets the honest token in.
func prepare(target Target) ([]Attack, error) {
	if target.Accepts == nil {
		return nil, errors.New("authtest: Target.Accepts is nil: set it to the check under attack")
	}
	f, err := newForger(target)
	if err != nil {
		return nil, err
	}
	honest := f.honest()
	if f.err != nil {
		return nil, f.err
	}
	if !target.Accepts(honest) {
		return nil, fmt.Errorf("authtest: the honest token is refused, so refusals prove nothing: "+
			"compare Target.Algorithm, Key, KeyID, Type and Claims with what Accepts checks: %.400q", honest)
	}
	return f.table()
}

func (f *forger) table() ([]Attack, error) {
	for _, g := range groups {
		if f.skips(g.name) {
			continue
		}
		f.group = g.name
		g.forge(f)
	}
	return f.attacks, f.err
}

// groups is the table of contents. The order is from attackers without any key to those
// whose claims a signer signs.
var groups = []struct {
	name  string
	forge func(*forger)
}{
	{"none", noneAttacks},
	{"mislabelled", mislabelledAttacks},
	{"confusion", confusionAttacks},
	{"agility", agilityAttacks},
	{"signature", signatureAttacks},
	{"secret", secretAttacks},
	{"kid", keyIDAttacks},
	{"brought", broughtAttacks},
	{"crit", criticalAttacks},
	{"header", headerAttacks},
	{"form", formAttacks},
	{"spelling", spellingAttacks},
	{"around", aroundAttacks},
	{"scheme", schemeAttacks},
	{"syntax", syntaxAttacks},
	{"duplicate", duplicateAttacks},
	{"fold", foldAttacks},
	{"exp", expiryAttacks},
	{"no-exp", noExpiryAttacks},
	{"nbf", notBeforeAttacks},
	{"iat", issuedAtAttacks},
	{"range", rangeAttacks},
	{"aud", audienceAttacks},
	{"aud-array", audienceArrayAttacks},
	{"iss", issuerAttacks},
	{"sub", subjectAttacks},
	{"sub-value", subjectValueAttacks},
	{"size", sizeAttacks},
}

func checkSkip(skip []string) error {
	var names []string
	for _, g := range groups {
		names = append(names, g.name)
	}
	return onlyNames("Target.Skip", skip, names)
}

// onlyNames returns an error if a field's list has anything but the names of groups.
func onlyNames(field string, list, names []string) error {
	for _, s := range list {
		if !slices.Contains(names, s) {
			return fmt.Errorf("authtest: %s names the group %q, which does not exist; use %s",
				field, s, strings.Join(names, ", "))
		}
	}
	return nil
}
