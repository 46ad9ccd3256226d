package storetest

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/deskauth/deskauth"
)

// manyWriters lets 200 goroutines, many more than there are connections, change one account:
// first once, all with the Version that it was created with, then until they succeed. There
// they take turns, 32 at a time.
func manyWriters(p *probe) {
	writers := 200
	if testing.Short() {
		writers = 50
	}
	a := fullAccount("popular")
	a.SessionEpoch = 0
	p.create(a)
	var (
		errs  = make([]error, writers)
		shots sync.WaitGroup
		done  sync.WaitGroup
		turns = make(chan struct{}, 2*contenders)
	)
	shots.Add(writers)
	for i := range writers {
		done.Go(func() {
			next := a
			next.SessionEpoch++
			shot := p.store.UpdateUser(p.ctx, next)
			shots.Done()
			shots.Wait() // nobody goes on before all have had their shot
			if errs[i] = shot; !errors.Is(shot, deskauth.ErrConflict) {
				return
			}
			turns <- struct{}{} // of all that try at once, one succeeds
			defer func() { <-turns }()
			known, err := p.store.UserByID(p.ctx, a.ID)
			if err == nil {
				err = p.increment(known)
			}
			if err != nil {
				errs[i] = fmt.Errorf("until it succeeds: %v", err) // %v, because no shot failed
			}
		})
	}
	done.Wait()
	p.oneWinner("UpdateUser with one Version", errs, deskauth.ErrConflict)
	a.SessionEpoch, a.Version = int64(writers), int64(writers)
	p.holds(a)
}

// emailRaces lets accounts change to one address.
func emailRaces(p *probe) {
	for round := range rounds {
		account := func(i int) deskauth.Account { return fullAccount(fmt.Sprintf("%d-%d", round, i)) }
		for i := range contenders {
			p.create(account(i))
		}
		wanted := func(i int) deskauth.Account {
			a := contender(account(i), i)
			a.Email = fmt.Sprintf("wanted-%d@example.com", round)
			return a
		}
		errs := race(func(i int) error { return p.store.UpdateUser(p.ctx, wanted(i)) })
		winner := p.oneWinner("UpdateUser to one Email", errs, deskauth.ErrUserExists)
		for i := range contenders {
			a := account(i)
			if i == winner {
				a = wanted(i)
				a.Version = 1
			}
			p.holds(a)
		}
	}
}
