package oteldeskauth_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/limitertest"
)

func TestLimiterRun(t *testing.T) {
	p := newProbe(t)
	now := time.Unix(1767323045, 0)
	limitertest.Run(t, func(*testing.T) deskauth.Limiter {
		return p.Limiter(deskauth.NewMemoryLimiter(func() time.Time { return now }))
	}, func(d time.Duration) { now = now.Add(d) })
}

var errRedis = errors.New("redis: connection refused")

// A brokenLimiter is a limiter whose server is away.
type brokenLimiter struct{ deskauth.Limiter }

func (brokenLimiter) Take(context.Context, ...deskauth.Attempt) (int, time.Duration, error) {
	return -1, 0, errRedis
}

func TestLimiter(t *testing.T) {
	t.Parallel()
	p := newProbe(t)
	once := deskauth.Attempt{Key: "signin ada@example.com", Rate: deskauth.Rate{Attempts: 1, Per: time.Hour}}
	l := p.Limiter(deskauth.NewMemoryLimiter(nil))
	for _, want := range []int{-1, 0} {
		if got, wait, err := l.Take(t.Context(), once); got != want || err != nil || (wait > 0) != (want == 0) {
			t.Errorf("Take returns %d, %v, %v, want %d", got, wait, err, want)
		}
	}
	if err := l.GiveBack(t.Context(), once); err != nil {
		t.Error(err)
	}
	if _, _, err := p.Limiter(brokenLimiter{}).Take(t.Context(), once); err != errRedis {
		t.Errorf("the error is %v", err)
	}
	p.want(t, "deskauth.limiter.duration", "method=Take outcome=succeeded: 1", "method=Take outcome=refused: 1",
		"method=GiveBack outcome=succeeded: 1", "method=Take outcome=failed: 1")
	want := []string{
		"Limiter.Take: method=Take outcome=succeeded: Unset",
		"Limiter.Take: method=Take outcome=refused: Unset",
		"Limiter.GiveBack: method=GiveBack outcome=succeeded: Unset",
		"Limiter.Take: error.type=_OTHER method=Take outcome=failed: Error",
	}
	if got := p.takeSpans(); !slices.Equal(got, want) {
		t.Errorf("spans %q", got)
	}
}
