package sqlitestore_test

import (
	"database/sql"
	"errors"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
)

// firstSchema makes a database as the first version of this package did, with an account of
// each kind.
func firstSchema(t *testing.T) *sql.DB {
	t.Helper()
	db := openDB(t, newPath(t))
	mustExec(t, db, mustSteps(t)[0])
	mustExec(t, db, `CREATE TABLE deskauth_accounts_migrations (
			version INTEGER NOT NULL PRIMARY KEY, applied_at INTEGER NOT NULL) STRICT;
		INSERT INTO deskauth_accounts_migrations VALUES (1, 0);
		INSERT INTO deskauth_accounts (id, kind, email, first_name, attributes, session_epoch, version,
			last_active_at, created_at, updated_at) VALUES
			('agent', 'user', 'ada@example.com', 'Ada', NULL, 3, 4, NULL, 1000, 2000),
			('guest', 'guest', 'x@tiledesk.com', 'guest#1', '{"a":1}', 5, 6, 3000, 1000, 2000),
			('external', 'userexternal', '', 'Leo', '{"plan":"gold"}', 7, 8, NULL, 1000, 2000)`)
	return db
}

// An older table is brought up to date with all of its accounts. Only the made-up address
// of a guest goes.
func TestMigrateCarriesAccounts(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(*testing.T, *sql.DB){
		"by Migrate":                  func(*testing.T, *sql.DB) {},
		"by another tool and Migrate": func(t *testing.T, db *sql.DB) { mustExec(t, db, mustSteps(t)[1]) },
	} {
		db := firstSchema(t)
		prepare(t, db)
		s := newStore(t, db)
		for id, want := range map[string]struct {
			email, first, attributes string
			epoch, active            int64
		}{
			"agent":    {"ada@example.com", "Ada", "", 3, 0},
			"guest":    {"", "guest#1", `{"a":1}`, 5, 3000},
			"external": {"", "Leo", `{"plan":"gold"}`, 7, 2000},
		} {
			a, err := s.UserByID(t.Context(), id)
			if err != nil || a.Email != want.email || a.FirstName != want.first ||
				string(a.Attributes) != want.attributes || a.SessionEpoch != want.epoch || a.State != "" ||
				max(a.LastActiveAt.UnixMicro(), 0) != want.active {
				t.Errorf("%s: got %+v and the error %v, want %+v", name, a, err, want)
			}
			a.State = `{"v":1}`
			if err := s.UpdateUser(t.Context(), a); err != nil {
				t.Errorf("%s: UpdateUser of %s: got the error %v, want nil", name, id, err)
			}
		}
		if got := versionsOf(t, db); got != "1 2 " {
			t.Errorf("%s: the recorded versions: got %q, want %q", name, got, "1 2 ")
		}
	}
}

// Before the second version, only guests had a last activity. Nobody who was active since
// then looks idle after the upgrade, because an account was active when it changed.
func TestNobodyLooksIdleAfterTheUpgrade(t *testing.T) {
	t.Parallel()
	db := firstSchema(t)
	now := time.Now()
	insert := func(id string, kind deskauth.Kind, created, updated time.Time) {
		mustExec(t, db, `INSERT INTO deskauth_accounts (id, kind, version, created_at, updated_at) VALUES (?, ?, 9, ?, ?)`,
			id, string(kind), created.UnixMicro(), updated.UnixMicro())
	}
	yearAgo, yesterday := now.AddDate(-1, 0, 0), now.AddDate(0, 0, -1)
	for _, kind := range []deskauth.Kind{deskauth.KindGuest, deskauth.KindExternal} {
		insert("active "+string(kind), kind, yearAgo, yesterday)
		insert("set back "+string(kind), kind, yesterday, yearAgo)
		insert("idle "+string(kind), kind, yearAgo, yearAgo)
	}
	mustExec(t, db, `DELETE FROM deskauth_accounts WHERE id IN ('guest', 'external')`)
	s := newStore(t, db)
	for _, kind := range []deskauth.Kind{deskauth.KindGuest, deskauth.KindExternal} {
		n, err := s.PurgeIdle(t.Context(), kind, now.AddDate(0, -3, 0), 10)
		if n != 1 || err != nil {
			t.Errorf("PurgeIdle of a %s: got %d and the error %v, want 1", kind, n, err)
		}
		for _, id := range []string{"active ", "set back "} {
			a, err := s.UserByID(t.Context(), id+string(kind))
			if err != nil || a.Version != 10 || a.LastActiveAt.UnixMicro() != yesterday.UnixMicro() {
				t.Errorf("%s%s: got Version %d, LastActiveAt %v and the error %v, want 10 and %v",
					id, kind, a.Version, a.LastActiveAt, err, yesterday)
			}
		}
	}
}

// What an operator changes by hand raises the version, so that no write that is under way
// takes it back. A statement that raises the version itself raises it by no more.
func TestUpdatesByHandRaiseTheVersion(t *testing.T) {
	t.Parallel()
	db := openDB(t, newPath(t))
	s := newStore(t, db)
	a := account("ada")
	if err := s.CreateUser(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct {
		statement string
		version   int64
	}{
		{"UPDATE deskauth_accounts SET disabled = 1", 1},
		{"UPDATE deskauth_accounts SET disabled = 1, version = version + 1", 2},
		{"UPDATE deskauth_accounts SET session_epoch = session_epoch + 1 WHERE id = 'ada'", 3},
		{"UPDATE deskauth_accounts SET version = version", 4},
	} {
		before, err := s.UserByID(t.Context(), a.ID)
		if err != nil {
			t.Fatal(err)
		}
		mustExec(t, db, c.statement)
		if after, err := s.UserByID(t.Context(), a.ID); err != nil || after.Version != c.version {
			t.Errorf("%d, %s: got Version %d and the error %v, want %d", i, c.statement, after.Version, err, c.version)
		}
		if err := s.UpdateUser(t.Context(), before); !errors.Is(err, deskauth.ErrConflict) {
			t.Errorf("UpdateUser of what was read before %q: got the error %v, want ErrConflict", c.statement, err)
		}
	}
}
