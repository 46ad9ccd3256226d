package sqlitestore_test

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/sqlitestore"
	"github.com/deskauth/deskauth/storetest"
)

// TestRunFaults makes the one connection that writes fail, by settings of that connection.
// PRAGMA query_only stands for a disk that is read-only, and max_page_count for one that is
// full.
func TestRunFaults(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(t *testing.T) *sqlitestore.Store{
		"Open": func(t *testing.T) *sqlitestore.Store { return openStore(t, newPath(t)) },
		"New": func(t *testing.T) *sqlitestore.Store {
			db := openDB(t, newPath(t))
			db.SetMaxOpenConns(1)
			if err := sqlitestore.Migrate(t.Context(), db); err != nil {
				t.Fatal(err)
			}
			return sqlitestore.New(db)
		},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.RunFaults(t, func(t *testing.T) (deskauth.UserStore, storetest.Backdoor) {
				s := open(t)
				t.Cleanup(func() { s.Close() })
				return s, backdoor(s.Writer())
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
				value = 1 // to max_page_count: as many pages as the file has now
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

// TestRunFaultsOfRows breaks rows of a table that is not STRICT: one that is has no value
// that cannot be read. Migrate refuses such a table, but New does not look at it.
func TestRunFaultsOfRows(t *testing.T) {
	t.Parallel()
	storetest.RunFaults(t, func(t *testing.T) (deskauth.UserStore, storetest.Backdoor) {
		db := openDB(t, newPath(t))
		db.SetMaxOpenConns(1)
		mustExec(t, db, replaceOnce(t, sqlitestore.Schema, ") STRICT", ")")+`; PRAGMA ignore_check_constraints = ON`)
		s := sqlitestore.New(db)
		t.Cleanup(func() { s.Close() })
		broken := 0
		return s, storetest.Backdoor{BreakRow: func(id string) error {
			set := []string{
				`created_at = 'yesterday'`, `last_active_at = x'00'`, `session_epoch = 'seven'`,
				`disabled = 'perhaps'`, `version = 'first'`, `updated_at = 1.5`,
			}[broken%6]
			broken++
			_, err := db.Exec(`UPDATE deskauth_accounts SET `+set+` WHERE id = ?`, id)
			return err
		}}
	})
}

// The error of a broken row names the account and the column, and no password hash.
func TestBrokenRowIsNamed(t *testing.T) {
	t.Parallel()
	db := openDB(t, newPath(t))
	mustExec(t, db, replaceOnce(t, sqlitestore.Schema, ") STRICT", ")"))
	s := sqlitestore.New(db)
	defer s.Close()
	a := account("broken")
	if err := s.CreateUser(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	mustExec(t, db, `UPDATE deskauth_accounts SET updated_at = 'yesterday'`)
	_, byID := s.UserByID(t.Context(), a.ID)
	_, byEmail := s.UserByEmail(t.Context(), a.Email)
	_, listed := s.ListUsers(t.Context(), "", 10)
	for _, err := range []error{byID, byEmail, listed} {
		if err == nil || !strings.Contains(err.Error(), `account "broken"`) ||
			!strings.Contains(err.Error(), "updated_at") || strings.Contains(err.Error(), "c2VjcmV0") {
			t.Errorf("got the error %v, want one that names the account and the column", err)
		}
	}
}

// TestFullDisk limits the database to 60 pages, which to SQLite is a full disk.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	db := openDB(t, path)
	db.SetMaxOpenConns(1)
	mustExec(t, db, `PRAGMA journal_mode = WAL`)
	store := newStore(t, db)
	mustExec(t, db, `PRAGMA max_page_count = 60`)

	created := 0
	for ; ; created++ {
		err := store.CreateUser(t.Context(), account(fmt.Sprint(created)))
		if err != nil {
			if isAnswer(err) {
				t.Errorf("CreateUser on a full disk: got the error %v, want a failure", err)
			}
			break
		}
	}
	many := make([]deskauth.Account, 1000)
	for i := range many {
		many[i] = account(fmt.Sprintf("import-%d", i))
	}
	result, err := store.ImportUsers(t.Context(), many, anyone)
	if err == nil || result.Created != 0 {
		t.Errorf("ImportUsers on a full disk: got %d and the error %v, want 0 and an error", result.Created, err)
	}
	users, err := store.ListUsers(t.Context(), "", 10_000)
	if err != nil || len(users) != created {
		t.Errorf("accounts on the full disk: got %d and the error %v, want %d", len(users), err, created)
	}
	checkIntegrity(t, path)

	mustExec(t, db, `PRAGMA max_page_count = 100000`)
	result, err = store.ImportUsers(t.Context(), many, anyone)
	if err != nil || result.Created != len(many) {
		t.Errorf("ImportUsers with space again: got %d and the error %v, want %d", result.Created, err, len(many))
	}
	checkIntegrity(t, path)
}
