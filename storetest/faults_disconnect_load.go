package storetest

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/suite"
)

// A load is what goroutines did with a store whose database went away meanwhile, and what
// they know about it.
type load struct {
	records []*record          // of accounts whose creation was acknowledged
	unsure  []deskauth.Account // whose creation returned an error
	wrong   []error            // what breaks the contract
}

const (
	loaders     = 8  // goroutines
	loads       = 40 // accounts that each of them creates
	callsOfLoad = 4  // for each account
	disconnects = 8
)

// load lets goroutines create, update and read accounts of their own, and disconnects the
// store several times meanwhile.
func (p *faultProbe) load() *load {
	p.Helper()
	each := make([]load, loaders)
	outages := outages{disconnect: p.door.Disconnect}
	var wg sync.WaitGroup
	for i := range each {
		wg.Go(func() {
			for n := range loads {
				p.loadOne(&each[i], n, fullAccount(fmt.Sprintf("load-%d-%d", i, n)), outages.called)
			}
		})
	}
	wg.Wait()
	if err := outages.err; err != nil {
		p.Fatalf("Backdoor.Disconnect: got the error %v, want nil", err)
	}
	var all load
	for _, l := range each {
		all.records = append(all.records, l.records...)
		all.unsure = append(all.unsure, l.unsure...)
		all.wrong = append(all.wrong, l.wrong...)
	}
	return &all
}

// outages disconnects a store at even distances between the calls of a load. One of the
// goroutines that make the calls does it, so that no outage comes after them all.
type outages struct {
	disconnect func() error
	mu         sync.Mutex
	calls      int
	err        error // the first of disconnect
}

// called counts a call, and disconnects the store when it is time to.
func (o *outages) called() {
	const distance = loaders * loads * callsOfLoad / (disconnects + 1)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.calls++
	if o.calls%distance == 0 && o.calls <= disconnects*distance {
		o.err = cmp.Or(o.err, o.disconnect())
	}
}

// loadOne creates an account, and updates and reads one of those that were created.
func (p *faultProbe) loadOne(l *load, n int, a deskauth.Account, called func()) {
	err := p.store.CreateUser(p.ctx, a)
	called()
	if err == nil {
		l.records = append(l.records, &record{sure: a})
	} else {
		l.unsure = append(l.unsure, a)
		l.expectFailure(err, "CreateUser of the new account "+suite.Quote(a.ID)+", once")
	}
	if len(l.records) == 0 {
		return
	}
	r := l.records[n%len(l.records)]
	p.loadUpdate(l, r, n)
	called()
	for _, look := range p.lookUps(r.sure) {
		got, err := look.up()
		called()
		switch {
		case err != nil:
			l.expectFailure(err, look.String()+", which was acknowledged")
		case !r.learn(got):
			l.wrong = append(l.wrong, fmt.Errorf("%s: got what was neither acknowledged nor asked for: %s",
				look, strings.Join(differences(got, r.sure), "; ")))
		}
	}
}

// loadUpdate makes an update that differs from every other update of the account.
func (p *faultProbe) loadUpdate(l *load, r *record, n int) {
	next := r.sure
	next.SessionEpoch++
	next.FirstName = fmt.Sprintf("update %d", n)
	err := p.store.UpdateUser(p.ctx, next)
	next.Version++
	switch {
	case err == nil:
		r.sure, r.maybe = next, nil
	case errors.Is(err, deskauth.ErrConflict) && len(r.maybe) > 0:
		// One of the earlier updates was made, and the look-ups show which.
	default:
		r.maybe = append(r.maybe, next)
		l.expectFailure(err, "UpdateUser of "+suite.Quote(next.ID)+" by its only writer")
	}
}

func (l *load) expectFailure(err error, call string) {
	if wrong := notFailure(err, call); wrong != nil {
		l.wrong = append(l.wrong, wrong)
	}
}

// A record is what is known about an account that was created.
type record struct {
	sure  deskauth.Account   // as it was acknowledged or read last
	maybe []deskauth.Account // after later updates that returned an error
}

// learn takes note of what a look-up found. It reports false for what cannot be.
func (r *record) learn(got deskauth.Account) bool {
	if differences(got, r.sure) == nil {
		return true // an update may still be on its way
	}
	for _, a := range r.maybe {
		if differences(got, a) == nil {
			// The other updates had the same Version, and can no longer be made.
			r.sure, r.maybe = a, nil
			return true
		}
	}
	return false
}
