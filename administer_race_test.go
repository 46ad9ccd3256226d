package deskauth_test

import (
	"sync"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

// Disabling, sign-ins that store a stronger hash, restores and sign-outs at the same
// moment: once the account is disabled, no session of before is left. SQL that enables it
// ends none.
func TestS31_DisableAgainstSignins(t *testing.T) {
	t.Parallel()
	for range 20 {
		k := testkit.New(t, deskauth.Config{})
		id := testkit.Put(t, k.Store, "andrea@f22.it", testkit.WeakHash).ID
		s := k.MustIssue(t, id)
		var mu sync.Mutex
		tokens := []string{s.Token}
		for range 4 {
			tokens = append(tokens, k.MustIssue(t, id).Token)
		}
		var wg sync.WaitGroup
		for _, other := range tokens[1:] {
			wg.Go(func() {
				if err := k.Signout(t.Context(), other); err != nil {
					t.Error(err)
				}
			})
			wg.Go(func() {
				if s, err := k.TrySignin(t, "andrea@f22.it", testkit.AndreasPassword); err == nil {
					mu.Lock()
					tokens = append(tokens, s.Token)
					mu.Unlock()
				}
			})
			wg.Go(func() { _, _ = k.TryCustom(t, s.Token) })
		}
		wg.Go(func() {
			if err := k.SetDisabled(t.Context(), id, true); err != nil {
				t.Error(err)
			}
		})
		wg.Wait()
		testkit.Change(t, k.Store, id, func(a *deskauth.Account) { a.Disabled = false })
		for _, token := range tokens {
			k.IsOver(t, "a session of before", token)
		}
	}
}

// A new address is not verified, whatever was said of the one before.
func TestUpdateAccountDoesNotVerifyANewAddress(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	u := k.MustSignup(t, "andrea@f22.it", "a long password")
	update := func(edit func(*deskauth.Account)) deskauth.User {
		t.Helper()
		u, err := k.UpdateAccount(t.Context(), u.ID, func(a *deskauth.Account) error { edit(a); return nil })
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	if u := update(func(a *deskauth.Account) { a.EmailVerified = true }); !u.EmailVerified {
		t.Error("the address cannot be verified")
	}
	if u := update(func(a *deskauth.Account) { a.Email, a.EmailVerified = "b@f22.it", true }); u.EmailVerified {
		t.Error("the new address is verified")
	}
	if u := update(func(a *deskauth.Account) { a.EmailVerified = true }); !u.EmailVerified {
		t.Error("the new address cannot be verified")
	}
}
