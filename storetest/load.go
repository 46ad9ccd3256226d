package storetest

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/deskauth/deskauth"
)

// A load is what goroutines did with a store whose database went away under them, and what
// they know.
type load struct {
	records []*record          // created for sure
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
	done := make(chan struct{}, loaders*loads*callsOfLoad) // has room for all, so that nobody waits
	each := make([]load, loaders)
	var wg sync.WaitGroup
	for i := range each {
		wg.Go(func() {
			for n := range loads {
				p.loadOne(&each[i], n, fullAccount(fmt.Sprintf("load-%d-%d", i, n)), func() { done <- struct{}{} })
			}
		})
	}
	go func() {
		wg.Wait()
		close(done)
	}()
	var failed error
	for range disconnects {
		for range cap(done) / (disconnects + 1) {
			<-done // or closed
		}
		if failed = p.door.Disconnect(); failed != nil {
			break
		}
	}
	wg.Wait()
	if failed != nil {
		p.Fatalf("Backdoor.Disconnect: %v", failed)
	}
	var all load
	for _, l := range each {
		all.records = append(all.records, l.records...)
		all.unsure = append(all.unsure, l.unsure...)
		all.wrong = append(all.wrong, l.wrong...)
	}
	return &all
}

// loadOne creates an account, and updates and reads one that was created.
func (p *faultProbe) loadOne(l *load, n int, a deskauth.Account, called func()) {
	err := p.store.CreateUser(p.ctx, a)
	called()
	if err == nil {
		l.records = append(l.records, &record{sure: a})
	} else {
		l.unsure = append(l.unsure, a)
		l.expectFault(err, "CreateUser of the new account "+quote(a.ID)+", once")
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
		if err != nil {
			l.expectFault(err, look.method+" of "+quote(r.sure.ID)+", which was acknowledged")
		} else if !r.learn(got) {
			l.wrong = append(l.wrong, fmt.Errorf("%s of %s: got what was neither acknowledged nor asked for: %s", look.method, quote(r.sure.ID), strings.Join(differences(got, r.sure), "; ")))
		}
	}
}

// loadUpdate makes an update that no other one of the account looks like.
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
		l.expectFault(err, "UpdateUser of "+quote(next.ID)+" by its only writer")
	}
}

func (l *load) expectFault(err error, call string) {
	if wrong := noOutcome(err, call); wrong != nil {
		l.wrong = append(l.wrong, wrong)
	}
}
