package sqlitestore

import (
	"database/sql"
	"fmt"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/storetest"
)

// TestRunFaults makes the one connection that writes fail, as settings of a connection are
// what SQLite offers for that: PRAGMA query_only stands for a disk that is read-only, and
// max_page_count for one that is full.
func TestRunFaults(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(t *testing.T) *Store{
		"Open": func(t *testing.T) *Store { return opened(t) },
		"New": func(t *testing.T) *Store {
			db := openDB(t)
			db.SetMaxOpenConns(1)
			if err := Migrate(t.Context(), db); err != nil {
				t.Fatal(err)
			}
			return New(db)
		},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.RunFaults(t, func(t *testing.T) (deskauth.UserStore, storetest.Backdoor) {
				s := open(t)
				t.Cleanup(func() { s.Close() })
				return s, backdoor(s.writer)
			})
		})
	}
}

// backdoor has no Disconnect: there is no server.
func backdoor(writer *sql.DB) storetest.Backdoor {
	set := func(pragma string, off int64) func(on bool) error {
		return func(on bool) error {
			value := off
			if on {
				value = 1 // as few pages as there are
			}
			_, err := writer.Exec(fmt.Sprintf("PRAGMA %s = %d", pragma, value))
			return err
		}
	}
	return storetest.Backdoor{
		ReadOnly: set("query_only", 0),
		Full:     set("max_page_count", 1<<30),
	}
}

// opened returns a store in a new file.
func opened(t testing.TB) *Store {
	t.Helper()
	s, err := Open(t.TempDir() + "/accounts.db")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}
