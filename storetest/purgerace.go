package storetest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/deskauth/deskauth"
)

// purgesWhileGuestsReturn lets goroutines bring guests back while others purge. All begin with
// those who have been idle longest, so that they meet.
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
		turns   = make(chan struct{}, guests) // of those who return, as often as one purges
		next    atomic.Int64
		deleted atomic.Int64

		purges, returns sync.WaitGroup
	)
	back := func() {
		i := next.Add(1) - 1
		a := all[i]
		a.LastActiveAt = since.Add(time.Hour)
		updated[i] = p.store.UpdateUser(p.ctx, a)
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
				if purged[g] = err; err != nil {
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
	gone := 0
	for i, a := range all {
		if updated[i] == nil {
			a.LastActiveAt, a.Version = since.Add(time.Hour), 1
			p.holds(a)
			continue
		}
		if !errors.Is(updated[i], deskauth.ErrUserNotFound) {
			p.Errorf("UpdateUser of a guest while others are purged: got the error %v, want nil or ErrUserNotFound", updated[i])
		}
		p.noID(a.ID)
		p.noEmail(a.Email)
		gone++
	}
	if got := int(deleted.Load()); got != gone {
		p.Errorf("PurgeIdle returned %d in all, and %d guests are gone; want the same", got, gone)
	}
	p.purges(0, since, guests)
}

// purgesInFullWhileGuestsReturn purges a few at a time, while those who have been idle longest
// return and enough others stay away.
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
			p.Errorf("UpdateUser of a guest while others are purged: got the error %v, want nil or ErrUserNotFound", failed)
		}
	}()
	returns.Go(func() {
		for i, a := range come {
			if i%8 == 0 {
				time.Sleep(time.Millisecond) // so that purges meet some of them
			}
			a.LastActiveAt = since.Add(time.Hour)
			if err := p.store.UpdateUser(p.ctx, a); err != nil && !errors.Is(err, deskauth.ErrUserNotFound) {
				failed = err
			}
		}
	})
	for range staying / limit {
		p.purges(limit, since, limit)
	}
}
