package deskauth_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

// FuzzVerify shows that a token has one spelling: what enters is, to the byte, a token
// that was issued, behind a scheme or not.
func FuzzVerify(f *testing.F) {
	ids := []string{"id-1", "id-2"}
	k := testkit.New(f, deskauth.Config{Logger: testkit.Quiet, NewID: func() string { id := ids[0]; ids = ids[1:]; return id }})
	k.MustSignup(f, "andrea@f22.it", "a long password")
	k.MustGuest(f, testkit.ProjectA)
	custom := testkit.TokenA(`"123"`, `"firstname":"Andrea"`)
	k.MustCustom(f, custom)
	// Made by hand, because every process of the fuzzer has to know the same ones.
	const times = `"iat":1767323045,"exp":1767409445,"aud":"https://tiledesk.com","iss":"https://tiledesk.com"`
	issued := map[string]bool{
		testkit.ForgeSession(`{"_id":"id-1",` + times + `,"sub":"user"}`):                                                                                                                                       true,
		testkit.ForgeSession(`{"_id":"id-2","id_project":"` + testkit.ProjectA + `",` + times + `,"sub":"guest"}`):                                                                                              true,
		testkit.ForgeSession(`{"_id":"123","id_project":"` + testkit.ProjectA + `","uid":"` + deskauth.ExternalUserID(testkit.ProjectA, "123") + `",` + times + `,"sub":"userexternal","epoch":1767323045000}`): true,
	}
	accounts := k.Store.Len()

	for token := range issued {
		part := strings.Split(token, ".")
		for _, seed := range []string{
			token, "JWT " + token, "bearer " + token, "JWT JWT " + token, token + "=", token + "\n", " " + token, token[:len(token)-1], token + "." + part[2],
			strings.ReplaceAll(strings.ReplaceAll(token, "-", "+"), "_", "/"),
			part[0] + "." + part[1] + ".", part[0] + ".." + part[2], testkit.B64(`{"alg":"none"}`) + "." + part[1] + ".",
			`{"protected":"` + part[0] + `","payload":"` + part[1] + `","signature":"` + part[2] + `"}`,
			testkit.Forge(`{"alg":"HS256","kid":"x","crit":["exp"],"exp":1}`, testkit.PartOf(f, token, 1), testkit.SessionSecret),
			testkit.Forge(testkit.HS256, testkit.PartOf(f, token, 1), testkit.ForeignSecret),
		} {
			f.Add(seed)
		}
	}
	for _, seed := range []string{custom, "", ".", "..", "...", "JWT ", "Bearer", "eyJ.eyJ.e30", "e30.e30.e30", "\x00.\xff.\ufeff", strings.Repeat(".", 100)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		for _, scheme := range []string{"", "JWT ", "Bearer ", "jWt "} {
			presented := scheme + token
			_, verify := k.Verify(t.Context(), presented)
			_, stateless := k.VerifyStateless(t.Context(), presented)
			_, back := k.TryCustom(t, presented)
			bare := presented
			for _, s := range []string{"JWT ", "Bearer "} {
				if len(presented) > len(s) && strings.EqualFold(presented[:len(s)], s) {
					bare = presented[len(s):]
				}
			}
			for door, err := range map[string]error{"Verify": verify, "VerifyStateless": stateless, "SigninWithCustomToken": back} {
				want := issued[bare] || bare == custom && door == "SigninWithCustomToken"
				if want != (err == nil) || err != nil && !errors.Is(err, deskauth.ErrInvalidToken) {
					t.Errorf("%s of %q: %v; it was issued: %t", door, presented, err, want)
				}
			}
		}
		if n := k.Store.Len(); n != accounts {
			t.Errorf("%d accounts; there were %d", n, accounts)
		}
		k.Events.Take()
	})
}
