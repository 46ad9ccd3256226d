package deskauthtest_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/deskauthtest"
)

// ends are what ends the sessions and tokens of an account, which may come back then.
var ends = map[string]func(*testing.T, *deskauthtest.Kit, deskauth.Identity) error{
	"signed out everywhere": func(t *testing.T, k *deskauthtest.Kit, id deskauth.Identity) error {
		return k.Auth.SignoutEverywhere(t.Context(), id.UserID)
	},
	"disabled and enabled": func(t *testing.T, k *deskauthtest.Kit, id deskauth.Identity) error {
		k.Disable(id)
		return k.Auth.SetDisabled(t.Context(), id.UserID, false)
	},
	"updated to disabled and back": func(t *testing.T, k *deskauthtest.Kit, id deskauth.Identity) error {
		for _, disabled := range []bool{true, false} {
			_, err := k.Auth.UpdateAccount(t.Context(), id.UserID, func(a *deskauth.Account) error {
				a.Disabled = disabled
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	},
	"deleted": func(t *testing.T, k *deskauthtest.Kit, id deskauth.Identity) error {
		return k.Auth.DeleteUser(t.Context(), id.UserID)
	},
}

// Whatever has ended the sessions of people, they come back at once, as people do, and what
// they had before stays ended.
func TestPeopleComeBack(t *testing.T) {
	t.Parallel()
	for what, end := range ends {
		for _, moved := range []time.Duration{0, time.Millisecond, 999 * time.Millisecond, time.Second} {
			kit := deskauthtest.New(t)
			kit.Clock.Advance(400 * time.Millisecond)
			come := map[string]func() (deskauth.Identity, string){
				"a user":    func() (deskauth.Identity, string) { return kit.User("ada@example.com") },
				"an agent":  func() (deskauth.Identity, string) { return kit.External("shop", "123") },
				"a visitor": func() (deskauth.Identity, string) { return kit.Guest("shop") },
			}
			for who, again := range come {
				id, token := again()
				custom := kit.CustomToken("shop", "123", nil)
				for range 3 {
					if err := end(t, kit, id); err != nil {
						t.Fatalf("%s is %s: %v", who, what, err)
					}
					kit.Clock.Advance(moved)
					if _, err := kit.Auth.Verify(t.Context(), token); !errors.Is(err, deskauth.ErrInvalidToken) {
						t.Errorf("%s is %s and the old token is good: %v", who, what, err)
					}
					before := kit.Clock.Now()
					if id, token = again(); id.AuthTime.After(kit.Clock.Now()) {
						t.Errorf("%s signed in at %v, and it is %v", who, id.AuthTime, kit.Clock.Now())
					}
					if stepped := kit.Clock.Now().Sub(before); stepped < 0 || stepped > time.Second {
						t.Errorf("%s is %s and comes back %v later, want a second at most", who, what, stepped)
					}
				}
				old := deskauth.CustomTokenInput{Token: deskauth.NewSecret(custom)}
				_, err := kit.Auth.SigninWithCustomToken(t.Context(), old)
				if who == "an agent" && what != "deleted" && !errors.Is(err, deskauth.ErrInvalidToken) {
					t.Errorf("%s is %s and the custom token from before is good: %v", who, what, err)
				}
				fresh := deskauth.CustomTokenInput{Token: deskauth.NewSecret(kit.CustomToken("shop", "123", nil))}
				if _, err := kit.Auth.SigninWithCustomToken(t.Context(), fresh); err != nil {
					t.Errorf("%s is %s and a new custom token is refused: %v", who, what, err)
				}
			}
		}
	}
}

// Where nothing has ended, the clock stands still.
func TestClockStandsStill(t *testing.T) {
	t.Parallel()
	kit := deskauthtest.New(t)
	begin := kit.Clock.Now()
	kit.User("ada@example.com")
	ada, _ := kit.External("shop", "1")
	kit.External("shop", "2")
	if err := kit.Auth.SignoutEverywhere(t.Context(), ada.UserID); err != nil {
		t.Fatal(err)
	}
	kit.External("shop", "2")
	kit.External("blog", "1")
	kit.Guest("shop")
	if now := kit.Clock.Now(); !now.Equal(begin) {
		t.Errorf("the clock moved by %v", now.Sub(begin))
	}
}

// What the kit takes for a project ID is what the library takes for one.
func TestProjectIDs(t *testing.T) {
	t.Parallel()
	ids := []string{"", ".", "..", "...", "a.b", "a..", "é", "my shop", "a\n"}
	ids = append(ids, strings.Repeat("x", 128), strings.Repeat("x", 129))
	for c := range rune(128) {
		ids = append(ids, string(c), "a"+string(c)+"b")
	}
	for _, id := range ids {
		_, err := deskauthtest.New(t).Auth.SigninAnonymously(t.Context(), deskauth.AnonymousInput{ProjectID: id})
		for name, come := range map[string]func(*deskauthtest.Kit){
			"Guest":    func(k *deskauthtest.Kit) { k.Guest(id) },
			"External": func(k *deskauthtest.Kit) { k.External(id, "1") },
		} {
			said := fails(t, deskauth.Config{}, come)
			if (said == "") != (err == nil) || said != "" && !strings.Contains(said, "is not a project ID") {
				t.Errorf("%s(%q): the kit says %q, and the library %v", name, id, said, err)
			}
		}
	}
}

// Mail is found under every spelling of an address that makes one user, also where the test
// has a rule of its own.
func TestMailOfAnySpelling(t *testing.T) {
	t.Parallel()
	plus := func(address string) (string, error) {
		name, _, _ := strings.Cut(address, "+")
		return strings.ToLower(name) + "@example.com", nil
	}
	for _, c := range []struct {
		cfg       deskauth.Config
		spellings []string
	}{
		{deskauth.Config{}, []string{"Ada@Example.com", "ada@example.com", "ADA@EXAMPLE.COM"}},
		{deskauth.Config{CanonicalEmail: plus}, []string{"Ada+desk@example.com", "ada+x@example.com"}},
	} {
		for _, spelling := range c.spellings {
			kit := deskauthtest.NewWith(t, c.cfg)
			kit.User(spelling)
			if err := kit.Auth.RequestPasswordReset(t.Context(), deskauth.MailInput{Email: spelling}); err != nil {
				t.Fatal(err)
			}
			for _, again := range c.spellings {
				if got := kit.LastMail(again); got.Kind != deskauth.MailPasswordReset {
					t.Errorf("%s, asked for as %s: got %v", spelling, again, got)
				}
			}
		}
	}
	var alone deskauthtest.Mailbox
	err := alone.Send(t.Context(), deskauth.Mail{To: "ada@example.com"})
	if err != nil || len(alone.To("Ada@Example.com")) != 1 {
		t.Errorf("a mailbox without a kit: %v, %v", alone.All(), err)
	}
}
