package deskauth_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

// Each way in, of each kind of account: it is closed while SQL alone has disabled the
// account, and open before and after.
func TestS34_NothingLetsADisabledOwnerIn(t *testing.T) {
	t.Parallel()
	type way func(t *testing.T, k *testkit.Kit, s deskauth.Session) error
	signin := func(t *testing.T, k *testkit.Kit, _ deskauth.Session) error {
		_, err := k.TrySignin(t, "andrea@f22.it", "a long password")
		return err
	}
	check := func(t *testing.T, k *testkit.Kit, _ deskauth.Session) error {
		_, err := k.CheckPassword(t.Context(), deskauth.SigninInput{
			Email: "andrea@f22.it", Password: deskauth.NewSecret("a long password"),
		})
		return err
	}
	issue := func(t *testing.T, k *testkit.Kit, s deskauth.Session) error {
		_, err := k.IssueSession(t.Context(), deskauth.IssueInput{UserID: s.User.ID})
		return err
	}
	verify := func(t *testing.T, k *testkit.Kit, s deskauth.Session) error {
		_, err := k.Verify(t.Context(), s.Token)
		return err
	}
	comeBack := func(t *testing.T, k *testkit.Kit, s deskauth.Session) error {
		_, err := k.TryCustom(t, s.Token)
		return err
	}
	custom := func(t *testing.T, k *testkit.Kit, _ deskauth.Session) error {
		iat := fmt.Sprintf(`"iat":%d`, k.Clock.Now().Unix())
		_, err := k.TryCustom(t, testkit.TokenA(`"123"`, iat, fmt.Sprintf(`"plan":"%d"`, k.Clock.Now().UnixMilli())))
		return err
	}
	foreign := func(t *testing.T, k *testkit.Kit, s deskauth.Session) error {
		_, err := k.Verify(t.Context(), testkit.EndlessGuest(s.User))
		return err
	}
	for _, c := range []struct {
		name string
		kind deskauth.Kind
		cfg  deskauth.Config
		way  way
		want error
	}{
		{"Signin", deskauth.KindUser, deskauth.Config{}, signin, deskauth.ErrInvalidCredentials},
		{"CheckPassword", deskauth.KindUser, deskauth.Config{}, check, deskauth.ErrInvalidCredentials},
		{"IssueSession", deskauth.KindUser, deskauth.Config{}, issue, deskauth.ErrAccountDisabled},
		{"Verify", deskauth.KindUser, deskauth.Config{}, verify, deskauth.ErrInvalidToken},
		{"coming back", deskauth.KindUser, deskauth.Config{}, comeBack, deskauth.ErrAccountDisabled},
		{"IssueSession", deskauth.KindGuest, deskauth.Config{}, issue, deskauth.ErrAccountDisabled},
		{"Verify", deskauth.KindGuest, deskauth.Config{}, verify, deskauth.ErrInvalidToken},
		{"coming back", deskauth.KindGuest, deskauth.Config{}, comeBack, deskauth.ErrAccountDisabled},
		{"another server's", deskauth.KindGuest, deskauth.Config{BesideTiledesk: true}, foreign, deskauth.ErrInvalidToken},
		{"IssueSession", deskauth.KindExternal, deskauth.Config{}, issue, deskauth.ErrAccountDisabled},
		{"Verify", deskauth.KindExternal, deskauth.Config{}, verify, deskauth.ErrInvalidToken},
		{"coming back", deskauth.KindExternal, deskauth.Config{}, comeBack, deskauth.ErrAccountDisabled},
		{"a custom token", deskauth.KindExternal, deskauth.Config{}, custom, deskauth.ErrAccountDisabled},
		{"an echoed one", deskauth.KindExternal, deskauth.Config{EchoCustomToken: true}, custom, deskauth.ErrAccountDisabled},
		{"its Verify", deskauth.KindExternal, deskauth.Config{EchoCustomToken: true}, verify, deskauth.ErrInvalidToken},
	} {
		t.Run(fmt.Sprint(c.name, " of a ", c.kind), func(t *testing.T) {
			t.Parallel()
			k := testkit.New(t, c.cfg)
			s := k.MustSession(t, c.kind)
			for _, disabled := range []bool{false, true, false} {
				testkit.Change(t, k.Store, s.User.ID, func(a *deskauth.Account) { a.Disabled = disabled })
				k.Clock.Advance(13 * time.Hour / 3) // the last time, a renewal is due
				want := c.want
				if !disabled {
					want = nil
				}
				if err := c.way(t, k, s); err != want {
					t.Errorf("disabled %t: got %v, want %v", disabled, err, want)
				}
			}
		})
	}
}
