package deskauth_test

import (
	"context"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

// needsPools skips a test that counts allocations: with the race detector pools forget.
func needsPools(t *testing.T) {
	t.Helper()
	if testkit.RaceDetector() {
		t.Skip("with the race detector there are more allocations")
	}
}

// A Mailer and a PasswordCheck, which a check of a token never calls, cost it nothing.
func TestP1_VerifyAllocations(t *testing.T) {
	needsPools(t)
	k := testkit.NewMail(t, deskauth.Config{PasswordCheck: func(context.Context, string) error { return nil }})
	token := k.MustGuest(t, testkit.ProjectA).Token
	for name, verify := range map[string]func(context.Context, string) (deskauth.Identity, error){
		"Verify": k.Verify, "VerifyStateless": k.VerifyStateless,
	} {
		got := testing.AllocsPerRun(100, func() {
			if _, err := verify(t.Context(), token); err != nil {
				t.Fatal(err)
			}
		})
		if got > 2 {
			t.Errorf("%s makes %v allocations, want 2", name, got)
		}
	}
}

func TestP3_IssueAllocations(t *testing.T) {
	needsPools(t)
	k := testkit.New(t, deskauth.Config{})
	acc := deskauth.Account{User: k.MustSignup(t, "ada@example.com", "correct horse battery")}
	key := testkit.Key("", testkit.SessionSecret)
	got := testing.AllocsPerRun(100, func() {
		if _, err := k.StartSession(key, acc); err != nil {
			t.Fatal(err)
		}
	})
	if got > 3 {
		t.Errorf("issuing a token makes %v allocations, want 3", got)
	}
}

// An account that has ended sessions is verified with no allocation more.
func TestP14_VerifyStateAllocations(t *testing.T) {
	needsPools(t)
	k := testkit.New(t, deskauth.Config{})
	allocations := func(ended int) float64 {
		s := k.MustGuest(t, testkit.ProjectA)
		for range ended {
			if err := k.Signout(t.Context(), s.Token); err != nil {
				t.Fatal(err)
			}
			s = k.MustIssue(t, s.User.ID)
		}
		return testing.AllocsPerRun(1000, func() {
			if _, err := k.Verify(t.Context(), s.Token); err != nil {
				t.Fatal(err)
			}
		})
	}
	if none, three := allocations(0), allocations(3); three > none {
		t.Errorf("Verify makes %v allocations with three ended sessions, want the %v of none", three, none)
	}
}
