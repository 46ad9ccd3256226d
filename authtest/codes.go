package authtest

import (
	"errors"
	"slices"
	"testing"
)

// A CodeTarget is a check of codes, such as the endpoint behind the link in a mail, and
// what the table must know to forge codes for it. Use accounts and keys made for the test,
// because the codes of the attacks end up in its output.
type CodeTarget struct {
	// Accepts reports whether the target lets the code in. It is called with one code at a
	// time, and must bring its bytes as they are: in a URL it escapes them. Switch limits
	// off, as there are thousands of attacks.
	Accepts func(code string) bool

	// Code is a good code. It is brought after all attacks, and must get in then.
	Code string

	// Second is another good code that Accepts would let in, of another account for
	// instance. It is never brought whole: parts of it are joined with parts of Code. The
	// default is none.
	Second string

	// Others are codes and tokens that are good elsewhere: codes for other purposes, codes
	// that are used or too old, custom tokens. None may get in. The default is none.
	Others []string

	// Secrets must not sign codes, such as the key of session tokens. The default is none.
	Secrets [][]byte

	// Token is a good session token, which must not get in as a code. The default is none.
	Token string

	// AcceptsToken reports whether the check of session tokens lets a token in. It must let
	// Token in, and nothing that is made of a code. Nil leaves the group as-token out.
	AcceptsToken func(token string) bool

	// Skip weakens the table: it names the groups to leave out. The package comment lists
	// them and says which ones a sound target may have to skip. The default is none.
	Skip []string
}

// The groups whose attacks are not brought to Accepts before Code.
const (
	groupAsToken = "as-token" // goes to AcceptsToken
	groupAgain   = "again"    // comes after Code
)

// CodeAttacks returns the table for a target, without calling its functions, which may be
// nil. Two calls return the same attacks. Those of the group as-token are for AcceptsToken.
// That of the group again is Code itself, to be brought after its use. An error says what
// is wrong with the description of the target.
func CodeAttacks(target CodeTarget) ([]Attack, error) {
	f, err := newCodeForger(target)
	if err != nil {
		return nil, err
	}
	for _, g := range codeGroups {
		if slices.Contains(target.Skip, g.name) {
			continue
		}
		f.group = g.name
		g.forge(f)
	}
	return f.attacks, nil
}

// CheckCodes returns the attacks that the target lets in. An attack that gets in may use
// Code up and so hide those after it: mend the target, and check again.
//
// It returns an error and no attacks if no attack gets in and Code does not either, or if
// AcceptsToken refuses Token. A target that refuses everything would pass.
func CheckCodes(target CodeTarget) ([]Attack, error) {
	attacks, err := prepareCodes(target)
	if err != nil {
		return nil, err
	}
	before, after := cutAgain(attacks)
	letIn := slices.DeleteFunc(before, func(a Attack) bool { return !target.accepts(a) })
	if target.Accepts(target.Code) {
		return append(letIn, slices.DeleteFunc(after, func(a Attack) bool { return !target.accepts(a) })...), nil
	}
	if len(letIn) == 0 {
		return nil, errCodeRefused
	}
	return letIn, nil
}

// RunCodes is [CheckCodes] as a test. Each group is a sub-test, and each attack is a
// sub-test of its group. Code is brought after them, whichever sub-tests run.
func RunCodes(t *testing.T, target CodeTarget) {
	t.Helper()
	attacks, err := prepareCodes(target)
	if err != nil {
		t.Fatal(err)
	}
	before, after := cutAgain(attacks)
	passed := runGroups(t, before, target.accepts)
	switch {
	case target.Accepts(target.Code):
		runGroups(t, after, target.accepts)
	case passed:
		t.Error(errCodeRefused)
	default:
		t.Error("authtest: the good code is refused after the attacks: one that got in may have used it up, " +
			"which hides those after it. Mend the target and run again.")
	}
}

var errCodeRefused = errors.New("authtest: the good code is refused after the attacks, so refusals prove nothing: " +
	"use a fresh CodeTarget.Code, switch limits off, and see that no attack ends the code")

func (t CodeTarget) accepts(a Attack) bool {
	if a.Group == groupAsToken {
		return t.AcceptsToken(a.Token)
	}
	return t.Accepts(a.Token)
}

// cutAgain returns the attacks that come before Code, and those that come after it.
func cutAgain(attacks []Attack) (before, after []Attack) {
	n := slices.IndexFunc(attacks, func(a Attack) bool { return a.Group == groupAgain })
	if n < 0 {
		return attacks, nil
	}
	return attacks[:n:n], attacks[n:]
}

// prepareCodes returns the table for a target whose check of tokens lets Token in.
func prepareCodes(target CodeTarget) ([]Attack, error) {
	if target.Accepts == nil {
		return nil, errors.New("authtest: CodeTarget.Accepts is nil: set it to the check under attack")
	}
	attacks, err := CodeAttacks(target)
	if err != nil {
		return nil, err
	}
	if target.AcceptsToken == nil {
		return slices.DeleteFunc(attacks, func(a Attack) bool { return a.Group == groupAsToken }), nil
	}
	if target.Token == "" || !target.AcceptsToken(target.Token) {
		return nil, errors.New("authtest: CodeTarget.AcceptsToken refuses Token, so refusals prove nothing: " +
			"set Token to a good session token")
	}
	return attacks, nil
}

// codeGroups is the table of contents. Forged is late because it may have Code itself, and
// again has to be the last.
var codeGroups = []struct {
	name  string
	forge func(*codeForger)
}{
	{"guessed", guessedCodes},
	{"query", queryCodes},
	{"cut", cutCodes},
	{"changed", changedCodes},
	{"joined", joinedCodes},
	{"swapped", swappedCodes},
	{"token", tokensAsCodes},
	{groupAsToken, codesAsTokens},
	{"spelling", misspelledCodes},
	{"around", aroundCodes},
	{"typed", typedCodes},
	{"size", longCodes},
	{"forged", forgedCodes},
	{groupAgain, usedCodes},
}
