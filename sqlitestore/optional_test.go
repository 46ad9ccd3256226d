package sqlitestore_test

import (
	"testing"
	"time"

	"github.com/deskauth/deskauth"
)

// The guests that have been idle longest go first, whatever their IDs.
func TestPurgeIdle_LongestIdleFirst(t *testing.T) {
	t.Parallel()
	s := openStore(t, newPath(t))
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for i, id := range []string{"b", "d", "a", "c"} {
		a := deskauth.Account{User: deskauth.User{
			ID: id, Kind: deskauth.KindGuest, CreatedAt: at, UpdatedAt: at,
		}, LastActiveAt: at.Add(-time.Duration(i) * time.Hour)}
		if err := s.CreateUser(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range []string{"c", "a", "d", "b"} {
		n, err := s.PurgeIdle(t.Context(), deskauth.KindGuest, at.Add(time.Hour), 1)
		if n != 1 || err != nil {
			t.Errorf("PurgeIdle: got %d and the error %v, want 1", n, err)
		}
		if _, err := s.UserByID(t.Context(), id); err == nil {
			t.Errorf("PurgeIdle kept guest %s, which had been idle longest", id)
		}
	}
}

// What a failed commit did not delete or create is not counted.
func TestAFailedCommitCountsNothing(t *testing.T) {
	t.Parallel()
	db := openDB(t, "file:"+newPath(t)+"?_pragma=foreign_keys(on)")
	s := newStore(t, db)
	// The host's rows are checked when the transaction commits.
	mustExec(t, db, `CREATE TABLE orders (
			account TEXT REFERENCES deskauth_accounts (id) DEFERRABLE INITIALLY DEFERRED);
		CREATE TRIGGER first_order AFTER INSERT ON deskauth_accounts WHEN new.id = 'c'
			BEGIN INSERT INTO orders VALUES ('nobody'); END`)
	var guests []deskauth.Account
	for _, id := range []string{"a", "b", "c"} {
		a := account(id)
		a.Kind, a.Email = deskauth.KindGuest, ""
		guests = append(guests, a)
	}
	if result, err := s.ImportUsers(t.Context(), guests, anyone); err == nil || result.Created != 0 {
		t.Errorf("ImportUsers: got Created %d and the error %v, want 0 and an error", result.Created, err)
	}
	if result, err := s.ImportUsers(t.Context(), guests[:2], anyone); err != nil || result.Created != 2 {
		t.Fatalf("ImportUsers: got Created %d and the error %v, want 2", result.Created, err)
	}
	mustExec(t, db, `INSERT INTO orders VALUES ('b')`)
	if n, err := s.PurgeIdle(t.Context(), deskauth.KindGuest, time.Now(), 10); err == nil || n != 0 {
		t.Errorf("PurgeIdle: got %d and the error %v, want 0 and an error", n, err)
	}
	if n := number(t, db, `SELECT count(*) FROM deskauth_accounts`); n != 2 {
		t.Errorf("got %d accounts, want both", n)
	}
}

// A list goes on after an ID that is not UTF-8, as a change by hand may leave behind.
func TestListUsersAfterABrokenID(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	s := openStore(t, path)
	for _, id := range []string{"a", "c"} {
		if err := s.CreateUser(t.Context(), account(id)); err != nil {
			t.Fatal(err)
		}
	}
	mustExec(t, openDB(t, path), `INSERT INTO deskauth_accounts (id, kind, created_at, updated_at)
		VALUES (CAST(x'62ff' AS TEXT), 'user', 1, 1)`)
	after := ""
	for _, want := range []string{"a", "b\xff", "c"} {
		page, err := s.ListUsers(t.Context(), after, 1)
		if err != nil || len(page) != 1 || page[0].ID != want {
			t.Fatalf("ListUsers after %q: got %v and the error %v, want %q", after, page, err, want)
		}
		after = page[0].ID
	}
	if page, err := s.ListUsers(t.Context(), "a\x00", 1); err == nil {
		t.Errorf("ListUsers after an ID with a NUL: got %v and no error, want one", page)
	}
}
