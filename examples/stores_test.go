package examples_test

import (
	"path/filepath"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
	"github.com/deskauth/deskauth/sqlitestore"
)

// An anyStore is what each of our stores can do.
type anyStore interface {
	deskauth.UserStore
	deskauth.UserLister
	deskauth.UserDeleter
	deskauth.IdlePurger
	deskauth.ActivityReporter
}

// onEveryStore runs a test on each store, empty. inMemory says that a call takes
// microseconds there.
func onEveryStore(t *testing.T, test func(t *testing.T, store anyStore, inMemory bool)) {
	t.Parallel()
	t.Run("memstore", func(t *testing.T) {
		t.Parallel()
		test(t, memstore.New(), true)
	})
	t.Run("sqlitestore", func(t *testing.T) {
		t.Parallel()
		store, err := sqlitestore.Open(filepath.Join(t.TempDir(), "accounts.db"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { store.Close() })
		test(t, store, false)
	})
	t.Run("pgxstore", func(t *testing.T) {
		t.Parallel()
		store, _ := postgresStore(t)
		test(t, store, false)
	})
}
