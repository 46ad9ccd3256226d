package deskauth_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

// FuzzVerify shows that a token has one spelling: what enters is, to the byte, a token that
// was issued, behind a scheme or not.
func FuzzVerify(f *testing.F) {
	ids := []string{"id-1", "id-2"}
	k := testkit.New(f, deskauth.Config{Logger: testkit.Quiet, NewID: func() string {
		id := ids[0]
		ids = ids[1:]
		return id
	}})
	k.MustSignup(f, "andrea@f22.it", "a long password")
	k.MustGuest(f, testkit.ProjectA)
	custom := testkit.TokenA(`"123"`, `"firstname":"Andrea"`)
	k.MustCustom(f, custom)
	issued := issuedTokens()
	for token := range issued {
		for _, seed := range spellingsOf(f, token) {
			f.Add(seed)
		}
	}
	for _, seed := range []string{
		custom, "", ".", "..", "...", "JWT ", "Bearer", "eyJ.eyJ.e30", "e30.e30.e30", "\x00.\xff.\ufeff",
		strings.Repeat(".", 100),
	} {
		f.Add(seed)
	}
	accounts := k.Store.Len()
	f.Fuzz(func(t *testing.T, token string) {
		for _, scheme := range []string{"", "JWT ", "Bearer ", "jWt "} {
			presented := scheme + token
			bare := withoutScheme(presented)
			for name, enter := range k.Doors(t) {
				_, err := enter(presented)
				want := issued[bare] || bare == custom && name == "SigninWithCustomToken"
				if want != (err == nil) || err != nil && !errors.Is(err, deskauth.ErrInvalidToken) {
					t.Errorf("%s of %q: %v; it was issued: %t", name, presented, err, want)
				}
			}
		}
		if n := k.Store.Len(); n != accounts {
			t.Errorf("%d accounts; there were %d", n, accounts)
		}
	})
}

// issuedTokens returns tokens of the three accounts. They are made by hand, because every
// process of the fuzzer has to know the same ones.
func issuedTokens() map[string]bool {
	const (
		times     = `"iat":1767323045,"exp":1767409445,"aud":"https://tiledesk.com","iss":"https://tiledesk.com"`
		inProject = `"id_project":"` + testkit.ProjectA + `",`
	)
	uid := `"uid":"` + deskauth.ExternalUserID(testkit.ProjectA, "123") + `",`
	return map[string]bool{
		testkit.ForgeSession(`{"_id":"id-1",` + times + `,"sub":"user"}`):              true,
		testkit.ForgeSession(`{"_id":"id-2",` + inProject + times + `,"sub":"guest"}`): true,
		testkit.ForgeSession(`{"_id":"123",` + inProject + uid + times +
			`,"sub":"userexternal","epoch":1767323045000}`): true,
	}
}

// spellingsOf returns a token, and others that are nearly the same.
func spellingsOf(f *testing.F, token string) []string {
	payload := testkit.PartOf(f, token, 1)
	part := strings.Split(token, ".")
	return []string{
		token, "JWT " + token, "bearer " + token, "JWT JWT " + token, token + "=", token + "\n", " " + token,
		token[:len(token)-1], token + "." + part[2],
		strings.ReplaceAll(strings.ReplaceAll(token, "-", "+"), "_", "/"),
		part[0] + "." + part[1] + ".", part[0] + ".." + part[2],
		testkit.B64(`{"alg":"none"}`) + "." + part[1] + ".",
		`{"protected":"` + part[0] + `","payload":"` + part[1] + `","signature":"` + part[2] + `"}`,
		testkit.Forge(`{"alg":"HS256","kid":"x","crit":["exp"],"exp":1}`, payload, testkit.SessionSecret),
		testkit.Forge(testkit.HS256, payload, testkit.ForeignSecret),
	}
}

func withoutScheme(presented string) string {
	for _, scheme := range []string{"JWT ", "Bearer "} {
		if len(presented) > len(scheme) && strings.EqualFold(presented[:len(scheme)], scheme) {
			return presented[len(scheme):]
		}
	}
	return presented
}
