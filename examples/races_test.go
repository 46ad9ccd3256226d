package examples_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/accounts"
	"github.com/deskauth/deskauth/internal/testkit"
)

// TestS31_RacesOnEveryStore runs each change of an account against all that its owner may
// do at the same moment, and against a purge. In the end some order of the calls has to
// explain what is left: what ended is over, and what came later is good.
func TestS31_RacesOnEveryStore(t *testing.T) {
	onEveryStore(t, func(t *testing.T, store anyStore, inMemory bool) {
		rounds := rounds{memory: 200, thorough: 1000, raceDetector: 150, others: 9}.on(inMemory)
		d := newDesk(t, store)
		for _, c := range changes {
			for n := range rounds {
				d.race(t, c, c.kinds[n%len(c.kinds)], n)
				if t.Failed() {
					t.Fatalf("%s, round %d, of a %s", c.name, n, c.kinds[n%len(c.kinds)])
				}
			}
		}
	})
}

// A round is one change of one account, and what is called at the same moment.
type round struct {
	*desk
	t      *testing.T
	change change
	kind   deskauth.Kind
	owner

	clock atomic.Int64 // counts begins and ends of calls
	mu    sync.Mutex
	tries []try
	did   try // the change
	purge try
	gone  bool // the purge deleted the account
}

// A try is a call: when it began and ended on the round's clock, and its outcome.
type try struct {
	what         string
	began, ended int64
	token        string
	err          error
}

func (r *round) try(what string, call func() (token string, err error)) try {
	x := try{what: what, began: r.clock.Add(1)}
	x.token, x.err = call()
	x.ended = r.clock.Add(1)
	return x
}

// race prepares an account, starts all calls together, and judges the outcome.
func (d *desk) race(t *testing.T, c change, kind deskauth.Kind, n int) {
	r := &round{desk: d, t: t, change: c, kind: kind, owner: d.settle(t, kind, n)}
	calls := []func(){func() {
		r.did = r.try(c.name, func() (string, error) { return "", c.do(r) })
	}}
	for what, call := range r.rivals() {
		calls = append(calls, func() {
			x := r.try(what, call)
			r.mu.Lock()
			defer r.mu.Unlock()
			r.tries = append(r.tries, x)
		})
	}
	if kind != deskauth.KindUser {
		calls = append(calls, func() { r.purge = r.try("purge", r.purgeIdle) })
	}
	rand.Shuffle(len(calls), func(i, j int) { calls[i], calls[j] = calls[j], calls[i] })
	var wg sync.WaitGroup
	gun := make(chan struct{})
	for _, call := range calls {
		wg.Go(func() { <-gun; call() })
	}
	close(gun)
	wg.Wait()

	r.judgeChange()
	for _, x := range r.tries {
		r.judgeError(x)
	}
	c.after(r)
	r.tries = append(r.tries, try{what: "first", token: r.first}, try{what: "other", token: r.other})
	for _, x := range r.tries {
		r.judgeToken(x)
	}
	for _, e := range d.now.Events.Take() {
		if e.Type == deskauth.EventFailed {
			t.Errorf("a race is logged as a failure: %+v", e)
		}
	}
	if err := d.now.DeleteUser(t.Context(), r.id); err != nil && err != deskauth.ErrUserNotFound {
		t.Error(err)
	}
}

// rivals are the calls at the moment of the change, by their names.
func (r *round) rivals() map[string]func() (string, error) {
	ctx := r.t.Context()
	signin := func(email, password string) func() (string, error) {
		return func() (string, error) {
			s, err := r.now.Signin(ctx, deskauth.SigninInput{Email: email, Password: deskauth.NewSecret(password)})
			return s.Token, err
		}
	}
	back := func(token string) func() (string, error) {
		return func() (string, error) {
			s, err := r.now.TryCustom(r.t, token)
			return s.Token, err
		}
	}
	rivals := map[string]func() (string, error){
		"first": back(r.first),
		"other": back(r.other),
		"verify": func() (string, error) {
			_, err := r.now.Verify(ctx, r.first)
			return "", err
		},
		"issue": func() (string, error) {
			s, err := r.now.IssueSession(ctx, deskauth.IssueInput{UserID: r.id})
			return s.Token, err
		},
	}
	switch {
	case r.kind == deskauth.KindExternal:
		rivals["custom"] = back(r.custom)
	case r.kind == deskauth.KindUser:
		rivals["signin"] = signin(r.email, testkit.AndreasPassword)
	}
	if r.change.email != "" || r.change.password != "" {
		rivals["new signin"] = signin(r.newEmail(), r.newPassword())
	}
	return rivals
}

// purgeIdle purges what was not active for 15 days. It returns a text if it deleted the
// account.
func (r *round) purgeIdle() (deleted string, err error) {
	since := time.Now().Add(-15 * testkit.Day)
	n, err := accounts.PurgeIdle(r.t.Context(), r.store, r.kind, since, 100, accounts.PurgeConfig{EvenAll: true})
	if n > 0 {
		deleted = fmt.Sprint(n)
	}
	return deleted, err
}
