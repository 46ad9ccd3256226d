package examples_test

import (
	"flag"
	"path/filepath"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
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

var raceRounds = flag.Int("race.rounds", 0, "how often to run each race on each store; 0 is as people have time")

// rounds is how often a test runs one race: on a store in memory, and on others.
type rounds struct{ memory, thorough, raceDetector, others int }

func (r rounds) on(inMemory bool) int {
	switch {
	case *raceRounds > 0:
		return *raceRounds
	case !inMemory:
		return r.others
	case testkit.RaceDetector():
		return r.raceDetector
	case testkit.Thorough():
		return r.thorough
	}
	return r.memory
}
