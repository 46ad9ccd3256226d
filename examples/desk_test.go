package examples_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

// A desk is three processes on one store: one of now, and others whose clocks are behind
// and ahead.
type desk struct {
	store            anyStore
	past, now, later *testkit.Kit
}

func newDesk(t *testing.T, store anyStore) *desk {
	cfg := deskauth.Config{
		Limits: testkit.NoLimits(), HashParallelism: 4, CallTimeout: time.Minute, Logger: testkit.Quiet,
	}
	d := &desk{store: store, past: testkit.NewOn(t, store, testkit.Secrets(), cfg)}
	cfg.Now = time.Now
	d.now = testkit.NewOn(t, store, testkit.Secrets(), cfg)
	cfg.Now = func() time.Time { return time.Now().Add(5 * time.Second) }
	d.later = testkit.NewOn(t, store, testkit.Secrets(), cfg)
	return d
}

// An owner has an account with two sessions, which are due for a renewal.
type owner struct {
	id, email    string
	first, other string
	custom       string // of an external user
}

// settle makes the account of an owner who was not there for 16 days. The hash of an
// agent's password is due for a new one.
func (d *desk) settle(t *testing.T, kind deskauth.Kind, n int) (o owner) {
	t.Helper()
	now := time.Now()
	d.past.Clock.Set(now.Add(-13 * time.Hour))
	switch kind {
	case deskauth.KindUser:
		o.email = fmt.Sprintf("agent%d@f22.it", n)
		o.id = testkit.Put(t, d.store, o.email, testkit.WeakHash).ID
	case deskauth.KindGuest:
		d.past.Clock.Set(now.Add(-16 * testkit.Day))
		o.id = d.past.MustGuest(t, testkit.ProjectA).User.ID
	case deskauth.KindExternal:
		o.custom = testkit.TokenA(fmt.Sprintf(`"user %d"`, n), `"firstname":"Andrea"`)
		o.id = d.past.MustCustom(t, o.custom).User.ID
	}
	o.first, o.other = d.past.MustIssue(t, o.id).Token, d.past.MustIssue(t, o.id).Token
	if kind != deskauth.KindGuest {
		testkit.Change(t, d.store, o.id, func(a *deskauth.Account) {
			a.LastActiveAt = now.Add(-16 * testkit.Day).Truncate(time.Millisecond)
		})
	}
	d.past.Events.Take()
	d.now.Events.Take()
	return o
}
