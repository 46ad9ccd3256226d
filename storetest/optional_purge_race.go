package storetest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/deskauth/deskauth"
)

// purgesWhileGuestsReturn lets some goroutines bring guests back while others purge. All
// begin with the guests that have been idle longest, so that they meet.
func purgesWhileGuestsReturn(p *probe) {
	const guests, returning, purging, each = 200, 4, 4, 25
	since := sampleTime.Add(time.Hour)
	all := make([]deskauth.Account, guests)
	for i := range all {
		all[i] = guest(fmt.Sprintf("guest-%03d", i), sampleTime, sampleTime.Add(time.Duration(i)*time.Second))
		p.create(all[i])
	}
	var (
		updated = make([]error, guests)
		purged  = make([]error, purging)
		turns   = make(chan struct{}, guests) // one guest returns for each purge
		next    atomic.Int64
		deleted atomic.Int64

		purges, returns sync.WaitGroup
	)
	back := func() {
		i := next.Add(1) - 1
		updated[i] = p.store.UpdateUser(p.ctx, activeAgain(all[i], since))
	}
	for range returning {
		returns.Go(func() {
			for range turns {
				back()
			}
		})
	}
	for g := range purging {
		purges.Go(func() {
			for range each {
				turns <- struct{}{}
				n, err := p.purger().PurgeIdle(p.ctx, deskauth.KindGuest, since, 1)
				deleted.Add(int64(n))
				if err != nil {
					purged[g] = err
					return
				}
			}
		})
	}
	purges.Wait()
	close(turns)
	returns.Wait()
	for next.Load() < guests {
		back()
	}
	for _, err := range purged {
		if err != nil {
			p.Errorf("PurgeIdle while guests return: got the error %v, want nil", err)
		}
	}
	p.deletedOrUpdated(all, updated, since, int(deleted.Load()))
	p.purges(0, since, guests)
}

// activeAgain returns a guest as it is written when it returns after the instant.
func activeAgain(a deskauth.Account, since time.Time) deskauth.Account {
	a.LastActiveAt = since.Add(time.Hour)
	return a
}

// deletedOrUpdated checks that each guest whose update succeeded is there, that the others
// are gone, and that the purges counted those that are gone.
func (p *probe) deletedOrUpdated(all []deskauth.Account, updated []error, since time.Time, deleted int) {
	p.Helper()
	gone := 0
	for i, a := range all {
		if updated[i] == nil {
			a = activeAgain(a, since)
			a.Version = 1
			p.holds(a)
			continue
		}
		if !errors.Is(updated[i], deskauth.ErrUserNotFound) {
			p.Errorf("UpdateUser of a guest while others are purged: got the error %v, want nil or ErrUserNotFound",
				updated[i])
		}
		p.noID(a.ID)
		p.noEmail(a.Email)
		gone++
	}
	if deleted != gone {
		p.Errorf("PurgeIdle returned %d in all, and %d guests are gone; want the same", deleted, gone)
	}
}

// purgesInFullWhileGuestsReturn purges a few guests at a time. Those that have been idle
// longest return meanwhile, and enough others stay away.
func purgesInFullWhileGuestsReturn(p *probe) {
	const returning, staying, limit = 200, 100, 5
	since := sampleTime.Add(time.Hour)
	come := make([]deskauth.Account, returning)
	for i := range come {
		come[i] = guest(fmt.Sprintf("comes-%03d", i), sampleTime, sampleTime.Add(time.Duration(i)*time.Millisecond))
		p.create(come[i])
	}
	for i := range staying {
		p.create(guest(fmt.Sprintf("stays-%03d", i), sampleTime, sampleTime.Add(time.Minute)))
	}
	var returns sync.WaitGroup
	var failed error
	defer func() { // also where a purge ends the test
		returns.Wait()
		if failed != nil {
			p.Errorf("UpdateUser of a guest while others are purged: got the error %v, want nil or ErrUserNotFound",
				failed)
		}
	}()
	returns.Go(func() {
		for i, a := range come {
			if i%8 == 0 {
				time.Sleep(time.Millisecond) // so that purges meet some of them
			}
			err := p.store.UpdateUser(p.ctx, activeAgain(a, since))
			if err != nil && !errors.Is(err, deskauth.ErrUserNotFound) {
				failed = err
			}
		}
	})
	for range staying / limit {
		p.purges(limit, since, limit)
	}
}
