package deskauth_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// eachKind runs a test for each kind of code, with a mail to a new agent.
func eachKind(t *testing.T, test func(t *testing.T, k testkit.MailKit, agent deskauth.User, m deskauth.Mail)) {
	t.Helper()
	for _, kind := range testkit.CodeKinds {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			k := testkit.NewMail(t, deskauth.Config{Limits: testkit.NoLimits()})
			agent := k.MustAgent(t, "andrea@f22.it")
			m := k.MustMail(t, kind, agent)
			k.Events.Take()
			test(t, k, agent, m)
		})
	}
}

func TestS32_ACodeIsForOneUse(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, k testkit.MailKit, agent deskauth.User, m deskauth.Mail) {
		for range 2 { // looking uses nothing up
			u, err := k.CheckCode(t.Context(), deskauth.CheckCodeInput{Purpose: m.Kind, Code: m.Code})
			if err != nil || u.ID != agent.ID {
				t.Fatalf("CheckCode = %q, %v; want %q", u.ID, err, agent.ID)
			}
		}
		used, err := k.Use(t.Context(), m.Kind, m.Code, "")
		if err != nil || used.ID != agent.ID || !used.EmailVerified || used.Email != m.To {
			t.Fatalf("the first use: %+v, %v; want %s with the verified address %s", used, err, agent.ID, m.To)
		}
		again, err := k.Use(t.Context(), m.Kind, m.Code, "")
		k.WantBadCode(t, "the second use", again, err, deskauth.ReasonSpentCode)
		looked, err := k.CheckCode(t.Context(), deskauth.CheckCodeInput{Purpose: m.Kind, Code: m.Code})
		k.WantBadCode(t, "CheckCode then", looked, err, deskauth.ReasonSpentCode)
	})
}

func TestS32_OfAHundredUsesAtOnceOneWins(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, k testkit.MailKit, _ deskauth.User, m deskauth.Mail) {
		var won atomic.Int64
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				switch _, err := k.Use(context.Background(), m.Kind, m.Code, ""); {
				case err == nil:
					won.Add(1)
				case err != deskauth.ErrInvalidCode && !errors.Is(err, deskauth.ErrBusy):
					t.Errorf("a use that did not win: %v", err)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 {
			t.Errorf("%d uses of one code won, want 1", won.Load())
		}
	})
}

// A use that comes between the check of another and its write wins, and the other changes
// nothing.
func TestS32_TheUseThatComesBetweenWins(t *testing.T) {
	t.Parallel()
	for _, kind := range testkit.CodeKinds {
		store := &testkit.CountingStore{UserStore: memstore.New()}
		k := testkit.NewWithMail(t, store, testkit.Secrets(), deskauth.Config{})
		m := k.MustMail(t, kind, k.MustAgent(t, "andrea@f22.it"))
		var between deskauth.User
		store.BeforeUpdate = func(ctx context.Context, _ deskauth.Account) (err error) {
			store.BeforeUpdate = nil
			between, err = k.Use(ctx, kind, m.Code, "")
			return err
		}
		u, err := k.Use(t.Context(), kind, m.Code, "")
		k.WantBadCode(t, string(kind), u, err, deskauth.ReasonSpentCode)
		acc, err := store.UserByID(t.Context(), between.ID)
		testkit.Must(t, err)
		if between.ID == "" || !acc.UpdatedAt.Equal(between.UpdatedAt) {
			t.Errorf("%s: the account is %+v, and the use that came between left %+v", kind, acc.User, between)
		}
	}
}

// A code is good until its second, and no longer. Its end has no fraction of a second.
func TestS32_ACodeEnds(t *testing.T) {
	t.Parallel()
	life := map[deskauth.MailKind]time.Duration{
		deskauth.MailPasswordReset:     time.Hour,
		deskauth.MailEmailVerification: 24 * time.Hour,
		deskauth.MailEmailChange:       time.Hour,
	}
	eachKind(t, func(t *testing.T, k testkit.MailKit, agent deskauth.User, m deskauth.Mail) {
		k.Clock.Advance(time.Second - 1)
		m = k.MustMail(t, m.Kind, agent)
		if want := testkit.Start.Add(life[m.Kind]); !m.ExpiresAt.Equal(want) {
			t.Errorf("the code ends at %v, want %v", m.ExpiresAt, want)
		}
		k.Clock.Set(m.ExpiresAt)
		u, err := k.Use(t.Context(), m.Kind, m.Code, "")
		k.WantBadCode(t, "at its end", u, err, deskauth.ReasonExpired)
		k.Clock.Set(m.ExpiresAt.Add(-1))
		if _, err := k.Use(t.Context(), m.Kind, m.Code, ""); err != nil {
			t.Errorf("a nanosecond before its end: %v", err)
		}
	})
}

// A code ends with every change that ends sessions, whoever makes it.
func TestS32_WhatEndsACode(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(t *testing.T, k testkit.MailKit, id string){
		"SetPassword": func(t *testing.T, k testkit.MailKit, id string) {
			testkit.Must(t, k.SetPassword(t.Context(), id, "set by the host"))
		},
		"ChangePassword": func(t *testing.T, k testkit.MailKit, id string) {
			testkit.MustChange(t, k.Kit, k.MustIssue(t, id).Token, testkit.AndreasPassword, "changed by its owner")
		},
		"ResetPassword": func(t *testing.T, k testkit.MailKit, id string) {
			m := k.MustMail(t, deskauth.MailPasswordReset, k.Stored(t, id).User)
			_, err := k.Use(t.Context(), m.Kind, m.Code, "")
			testkit.Must(t, err)
		},
		"ChangeEmail": func(t *testing.T, k testkit.MailKit, id string) {
			m := k.MustMail(t, deskauth.MailEmailChange, k.Stored(t, id).User)
			_, err := k.Use(t.Context(), m.Kind, m.Code, "")
			testkit.Must(t, err)
		},
		"SignoutEverywhere": func(t *testing.T, k testkit.MailKit, id string) {
			testkit.Must(t, k.SignoutEverywhere(t.Context(), id))
		},
		"SetDisabled and back": func(t *testing.T, k testkit.MailKit, id string) {
			testkit.Must(t, k.SetDisabled(t.Context(), id, true))
			testkit.Must(t, k.SetDisabled(t.Context(), id, false))
		},
		"another address and back": func(t *testing.T, k testkit.MailKit, id string) {
			for _, email := range []string{"other@f22.it", "andrea@f22.it"} {
				_, err := k.UpdateAccount(t.Context(), id, func(a *deskauth.Account) error {
					a.Email = email
					return nil
				})
				testkit.Must(t, err)
			}
		},
		"another address by SQL": bySQL(func(a *deskauth.Account) { a.Email = "other@f22.it" }),
		"another hash by SQL":    bySQL(func(a *deskauth.Account) { a.PasswordHash = testkit.WeakHash }),
		"another epoch by SQL":   bySQL(testkit.RaiseEpoch),
		"an address and a hash by SQL that read the same in one": bySQL(func(a *deskauth.Account) {
			a.Email, a.PasswordHash = a.Email+a.PasswordHash[:1], a.PasswordHash[1:]
		}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachKind(t, func(t *testing.T, k testkit.MailKit, agent deskauth.User, m deskauth.Mail) {
				change(t, k, agent.ID)
				u, err := k.Use(t.Context(), m.Kind, m.Code, "")
				k.WantBadCode(t, "after that", u, err, deskauth.ReasonSpentCode)
			})
		})
	}
}

// What is no reason to end a session is none to end a code, with a verified address or
// without.
func TestS32_WhatEndsNoCode(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(t *testing.T, k testkit.MailKit, id string){
		"a sign-in": func(t *testing.T, k testkit.MailKit, id string) {
			k.MustSignin(t, "andrea@f22.it", testkit.AndreasPassword)
		},
		"a sign-out": func(t *testing.T, k testkit.MailKit, id string) {
			testkit.Must(t, k.Signout(t.Context(), k.MustIssue(t, id).Token))
		},
		"another name": func(t *testing.T, k testkit.MailKit, id string) {
			_, err := k.UpdateAccount(t.Context(), id, func(a *deskauth.Account) error {
				a.FirstName = "Ada"
				return nil
			})
			testkit.Must(t, err)
		},
		"another code": func(t *testing.T, k testkit.MailKit, id string) {
			k.MustMail(t, deskauth.MailPasswordReset, k.Stored(t, id).User)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachKind(t, func(t *testing.T, k testkit.MailKit, agent deskauth.User, m deskauth.Mail) {
				if m.Kind != deskauth.MailEmailVerification { // whose codes end with it
					bySQL(func(a *deskauth.Account) { a.EmailVerified = true })(t, k, agent.ID)
				}
				change(t, k, agent.ID)
				if _, err := k.Use(t.Context(), m.Kind, m.Code, ""); err != nil {
					t.Errorf("after that: %v", err)
				}
			})
		})
	}
}

// Verifying an address is no reason for a reset under way to end.
func TestS32_AVerificationEndsNoReset(t *testing.T) {
	t.Parallel()
	k := testkit.NewMail(t, deskauth.Config{})
	agent := k.MustAgent(t, "andrea@f22.it")
	reset := k.MustMail(t, deskauth.MailPasswordReset, agent)
	verification := k.MustMail(t, deskauth.MailEmailVerification, agent)
	for _, m := range []deskauth.Mail{verification, reset} {
		if _, err := k.Use(t.Context(), m.Kind, m.Code, ""); err != nil {
			t.Errorf("%s: %v", m.Kind, err)
		}
	}
}

// An address that a host marks as not verified gets a new code, and no old one is good.
func TestS32_NotVerifiedAnyMore(t *testing.T) {
	t.Parallel()
	k := testkit.NewMail(t, deskauth.Config{})
	agent := k.MustAgent(t, "andrea@f22.it")
	m := k.MustMail(t, deskauth.MailEmailVerification, agent)
	_, err := k.Use(t.Context(), m.Kind, m.Code, "")
	testkit.Must(t, err)
	_, err = k.UpdateAccount(t.Context(), agent.ID, func(a *deskauth.Account) error {
		a.EmailVerified = false
		return nil
	})
	testkit.Must(t, err)
	u, err := k.Use(t.Context(), m.Kind, m.Code, "")
	k.WantBadCode(t, "the code that was used", u, err, deskauth.ReasonSpentCode)
}

func TestS34_DisabledOrGoneFailsEveryCode(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		do     func(t *testing.T, k testkit.MailKit, id string)
		reason deskauth.Reason
	}{
		"disabled": {func(t *testing.T, k testkit.MailKit, id string) {
			testkit.Must(t, k.SetDisabled(t.Context(), id, true))
		}, deskauth.ReasonAccountDisabled},
		"disabled by SQL": {bySQL(testkit.Disable), deskauth.ReasonAccountDisabled},
		"deleted": {func(t *testing.T, k testkit.MailKit, id string) {
			testkit.Must(t, k.DeleteUser(t.Context(), id))
		}, deskauth.ReasonAccountGone},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachKind(t, func(t *testing.T, k testkit.MailKit, agent deskauth.User, m deskauth.Mail) {
				c.do(t, k, agent.ID)
				u, err := k.Use(t.Context(), m.Kind, m.Code, "")
				k.WantBadCode(t, "its use", u, err, c.reason)
				u, err = k.CheckCode(t.Context(), deskauth.CheckCodeInput{Purpose: m.Kind, Code: m.Code})
				k.WantBadCode(t, "CheckCode", u, err, c.reason)
			})
		})
	}
}

func TestCheckCodeNeedsAPurpose(t *testing.T) {
	t.Parallel()
	k := testkit.NewMail(t, deskauth.Config{})
	for _, purpose := range []deskauth.MailKind{"", "reset", deskauth.MailPasswordChanged} {
		_, err := k.CheckCode(t.Context(), deskauth.CheckCodeInput{Purpose: purpose, Code: deskauth.NewSecret("x")})
		testkit.WantFields(t, string(purpose), err, "Purpose")
		for _, good := range testkit.CodeKinds {
			if !strings.Contains(fmt.Sprint(err), string(good)) {
				t.Errorf("purpose %q: %v does not name %s", purpose, err, good)
			}
		}
	}
}

func bySQL(edit func(*deskauth.Account)) func(t *testing.T, k testkit.MailKit, id string) {
	return func(t *testing.T, k testkit.MailKit, id string) {
		t.Helper()
		testkit.Change(t, k.Store, id, edit)
	}
}
