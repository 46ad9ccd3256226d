//go:build unix

package sqlitestore_test

import (
	"database/sql"
	"errors"
	"os"
	"syscall"
	"testing"

	"github.com/deskauth/deskauth/sqlitestore"
)

// Where root opens the database of a service, the files beside it belong to the service: it
// may start while root's program runs, or after that was killed.
func TestRootLeavesFilesToTheOwner(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
	const service = 54321
	path := newPath(t)
	if err := openStore(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(path, service, service); err != nil {
		t.Fatal(err)
	}
	for name, open := range map[string]func() (*sqlitestore.Store, *sql.DB, error){
		"Open": func() (*sqlitestore.Store, *sql.DB, error) {
			s, err := sqlitestore.Open(path)
			return s, nil, err
		},
		"OpenDB": func() (*sqlitestore.Store, *sql.DB, error) {
			db, err := sqlitestore.OpenDB(path)
			return sqlitestore.New(db), db, err
		},
	} {
		store, db, err := open()
		if err != nil {
			t.Fatal(err)
		}
		if err := store.CreateUser(t.Context(), account(name)); err != nil {
			t.Error(err)
		}
		for _, end := range []string{"", "-wal", "-shm"} {
			info, err := os.Stat(path + end)
			if err != nil {
				t.Fatal(err)
			}
			if owner := info.Sys().(*syscall.Stat_t); owner.Uid != service || owner.Gid != service {
				t.Errorf("%s: %s belongs to %d:%d, want %d", name, info.Name(), owner.Uid, owner.Gid, service)
			}
		}
		err = store.Close()
		if db != nil {
			err = errors.Join(err, db.Close())
		}
		if err != nil {
			t.Error(err)
		}
	}
}
