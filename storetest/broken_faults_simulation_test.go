package storetest_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/suite/bite"
	"github.com/deskauth/deskauth/storetest"
)

// The errors of a simulated database.
var (
	errLost     = errors.New("connection reset by peer")
	errReadOnly = errors.New("cannot execute INSERT in a read-only transaction")
	errNoRoom   = errors.New("no space left on device")
)

// roomLeft is the number of accounts that a full database still takes.
const roomLeft = 5

// A simulation is a sound store on a remote database, behind a few connections. Its faults
// are switches. To break it, replace the functions of the faulty store.
type simulation struct {
	*faulty
	connections chan *atomic.Int64 // each has the number of disconnects that it has seen
	disconnects atomic.Int64
	readOnly    atomic.Bool
	full        atomic.Bool
	room        atomic.Int64
	unreadable  bite.Table[bool] // by ID
}

func simulate() *simulation {
	s := &simulation{faulty: newFaulty(), connections: make(chan *atomic.Int64, 4)}
	for range cap(s.connections) {
		s.connections <- new(atomic.Int64)
	}
	inside := s.faulty.Store
	s.create = func(ctx context.Context, a deskauth.Account) error {
		return s.write(ctx, func() error {
			if s.full.Load() && s.room.Add(-1) < 0 {
				return errNoRoom
			}
			return inside.CreateUser(ctx, a)
		})
	}
	s.update = func(ctx context.Context, a deskauth.Account) error {
		return s.write(ctx, func() error { return inside.UpdateUser(ctx, a) })
	}
	s.byID, s.byEmail = s.finds(inside.UserByID), s.finds(inside.UserByEmail)
	s.simulateAbilities()
	return s
}

func (s *simulation) simulateAbilities() {
	inside := s.faulty.Store
	s.deleteByID = func(ctx context.Context, id string) error {
		return s.write(ctx, func() error { return inside.DeleteUser(ctx, id) })
	}
	s.purge = func(ctx context.Context, kind deskauth.Kind, since time.Time, limit int) (n int, err error) {
		err = s.write(ctx, func() (err error) {
			n, err = inside.PurgeIdle(ctx, kind, since, limit)
			return err
		})
		return n, err
	}
	s.importAll = func(ctx context.Context, accounts []deskauth.Account) (n int, err error) {
		err = s.write(ctx, func() (err error) {
			n, err = s.importUnchecked(ctx, accounts)
			return err
		})
		return n, err
	}
	s.list = func(ctx context.Context, after string, limit int) (page []deskauth.Account, err error) {
		err = s.call(func() (err error) {
			page, err = inside.ListUsers(ctx, after, limit)
			for i, a := range page {
				if s.isBroken(a.ID) {
					page = page[:i]
					return errBroken(a.ID)
				}
			}
			return err
		})
		return page, err
	}
}

func (s *simulation) isBroken(id string) bool {
	broken, _ := s.unreadable.At(id)
	return broken
}

// errBroken is the error of a row that cannot be read.
func errBroken(id string) error {
	return fmt.Errorf("simulation: %w", &deskauth.RowError{ID: id, Err: errors.New("infinity is no time")})
}

// finds is a look-up over a connection.
func (s *simulation) finds(find finder) finder {
	return func(ctx context.Context, key string) (a deskauth.Account, err error) {
		err = s.call(func() (err error) {
			a, err = find(ctx, key)
			if err == nil && s.isBroken(a.ID) {
				return errBroken(a.ID)
			}
			return err
		})
		return a, err
	}
}

// call does work over a connection, which may be lost before the work is done, or before
// its answer arrives.
func (s *simulation) call(work func() error) error {
	c := <-s.connections
	defer func() { s.connections <- c }()
	if now := s.disconnects.Load(); c.Swap(now) != now {
		return errLost
	}
	err := work()
	if now := s.disconnects.Load(); c.Swap(now) != now {
		return errLost
	}
	return err
}

func (s *simulation) write(ctx context.Context, work func() error) error {
	return s.call(func() error {
		if s.readOnly.Load() {
			return errReadOnly
		}
		err := work()
		if !s.full.Load() { // filling takes long enough
			pause(ctx) // the answer is on its way
		}
		return err
	})
}

func (s *simulation) door() storetest.Backdoor {
	return storetest.Backdoor{
		Disconnect: func() error {
			s.disconnects.Add(1)
			return nil
		},
		ReadOnly: func(on bool) error {
			s.readOnly.Store(on)
			return nil
		},
		Full: func(on bool) error {
			s.room.Store(roomLeft)
			s.full.Store(on)
			return nil
		},
		BreakRow: func(id string) error {
			s.unreadable.Set(id, true)
			return nil
		},
	}
}
