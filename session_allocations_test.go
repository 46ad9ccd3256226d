package deskauth_test

import (
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

func TestP1_VerifyAllocations(t *testing.T) {
	needsPools(t)
	k := testkit.New(t, deskauth.Config{})
	token := k.MustGuest(t, testkit.ProjectA).Token
	got := testing.AllocsPerRun(100, func() {
		if _, err := k.VerifyStateless(t.Context(), token); err != nil {
			t.Fatal(err)
		}
	})
	if got > 2 {
		t.Errorf("VerifyStateless makes %v allocations, want 2", got)
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
