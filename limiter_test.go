package deskauth_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/limitertest"
)

func TestMemoryLimiter(t *testing.T) {
	t.Parallel()
	clock := new(testkit.Clock)
	newLimiter := func(*testing.T) deskauth.Limiter { return deskauth.NewMemoryLimiter(clock.Now) }
	limitertest.Run(t, newLimiter, clock.Advance)
}

func TestMemoryLimiterHasAClock(t *testing.T) {
	t.Parallel()
	l := deskauth.NewMemoryLimiter(nil)
	a := deskauth.Attempt{Key: "k", Rate: deskauth.Rate{Attempts: 1, Per: time.Hour}}
	if refused, wait, err := l.Take(t.Context(), a); refused != -1 || wait != 0 || err != nil {
		t.Errorf("the first: %d, %v, %v; want -1, 0 and no error", refused, wait, err)
	}
	refused, wait, err := l.Take(t.Context(), a)
	if refused != 0 || wait <= 59*time.Minute || wait > time.Hour || err != nil {
		t.Errorf("the second: %d, %v, %v; want 0, an hour and no error", refused, wait, err)
	}
}

// A rate out of range is the host's mistake, and counts nothing.
func TestMemoryLimiterWantsARate(t *testing.T) {
	t.Parallel()
	clock := new(testkit.Clock)
	l := deskauth.NewMemoryLimiter(clock.Now)
	good := deskauth.Attempt{Key: "good", Rate: deskauth.Rate{Attempts: 1, Per: time.Hour}}
	for _, rate := range []deskauth.Rate{
		{}, {Attempts: 1}, {Per: time.Hour}, {Attempts: -1, Per: time.Hour}, {Attempts: 1, Per: -1}, deskauth.NoLimit,
		{Attempts: 2, Per: 1}, {Attempts: 1, Per: math.MaxInt64}, {Attempts: 1_000_000_001, Per: time.Hour},
	} {
		bad := deskauth.Attempt{Key: "bad", Rate: rate}
		for range 3 {
			if refused, wait, err := l.Take(t.Context(), good, bad); refused != -1 || wait != 0 || err == nil ||
				!strings.Contains(err.Error(), "a rate is") {
				t.Errorf("Take at %v: %d, %v, %v; want -1, 0 and an error about the rate", rate, refused, wait, err)
			}
			if err := l.GiveBack(t.Context(), good, bad); err == nil {
				t.Errorf("GiveBack at %v: want an error about the rate", rate)
			}
		}
	}
	if refused, _, err := l.Take(t.Context(), good); refused != -1 || err != nil {
		t.Errorf("the other key of those calls: %d, %v; want it to be allowed", refused, err)
	}
	if err := l.GiveBack(t.Context(), deskauth.Attempt{Key: "bad"}, good); err == nil {
		t.Error("GiveBack at a bad rate: want an error")
	}
	if refused, _, _ := l.Take(t.Context(), good); refused != 0 {
		t.Error("a GiveBack that failed gave an attempt back")
	}
}
