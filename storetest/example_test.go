package storetest_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
	"github.com/deskauth/deskauth/storetest"
)

// The whole test of a store. Each call returns a new store without accounts.
func ExampleRun() {
	var t *testing.T // the argument of TestRun

	storetest.Run(t, func(*testing.T) deskauth.UserStore { return memstore.New() })
}

// A switchedStore refuses to write while its switch is on.
type switchedStore struct {
	deskauth.UserStore
	readOnly atomic.Bool
}

var errSwitched = errors.New("the database is read-only")

func (s *switchedStore) CreateUser(ctx context.Context, a deskauth.Account) error {
	if s.readOnly.Load() {
		return errSwitched
	}
	return s.UserStore.CreateUser(ctx, a)
}

func (s *switchedStore) UpdateUser(ctx context.Context, a deskauth.Account) error {
	if s.readOnly.Load() {
		return errSwitched
	}
	return s.UserStore.UpdateUser(ctx, a)
}

// newSwitchedStore returns a store with the one fault that its database can have.
func newSwitchedStore(*testing.T) (deskauth.UserStore, storetest.Backdoor) {
	store := &switchedStore{UserStore: memstore.New()}
	return store, storetest.Backdoor{
		ReadOnly: func(on bool) error {
			store.readOnly.Store(on)
			return nil
		},
	}
}

// The whole test of what a store does when its database fails.
func ExampleRunFaults() {
	var t *testing.T // the argument of TestRunFaults

	storetest.RunFaults(t, newSwitchedStore)
}

// TestExample checks that the store of the example passes.
func TestExample(t *testing.T) { storetest.RunFaults(t, newSwitchedStore) }
