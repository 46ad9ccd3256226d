package examples_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/accounts"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
	"github.com/deskauth/deskauth/pgxstore"
	"github.com/deskauth/deskauth/sqlitestore"
	"github.com/deskauth/deskauth/storetest/pgtest"
	"github.com/jackc/pgx/v5/pgxpool"
)

// TestCopyBetweenStores copies accounts from memory to SQLite, from there to PostgreSQL,
// with an interruption, and back into memory. There they must be what they were.
func TestCopyBetweenStores(t *testing.T) {
	n := 10_000
	if testkit.Thorough() {
		n = 40_000
	}
	ctx := t.Context()
	origin := memstore.New()
	for i := range n {
		if err := origin.CreateUser(ctx, accountNo(i)); err != nil {
			t.Fatal(err)
		}
	}
	lite, err := sqlitestore.Open(filepath.Join(t.TempDir(), "accounts.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer lite.Close()
	pg, _ := postgresStore(t)
	copyAll := func(from deskauth.UserLister, to deskauth.UserStore) {
		t.Helper()
		start := time.Now()
		if got, err := accounts.Copy(ctx, from, to, accounts.CopyConfig{}); err != nil || got != n {
			t.Fatalf("Copy from %T to %T = %d, %v; want %d", from, to, got, err, n)
		}
		t.Logf("from %T to %T: %.0f accounts a second", from, to, float64(n)/time.Since(start).Seconds())
	}
	copyAll(origin, lite)
	interrupted, cancel := context.WithCancel(ctx)
	got, err := accounts.Copy(interrupted, lite, pg, accounts.CopyConfig{Progress: func(accounts int) {
		if accounts >= n/2 {
			cancel()
		}
	}})
	if err == nil || got < n/2 || got == n {
		t.Fatalf("interrupted half-way: %d, %v", got, err)
	}
	copyAll(lite, pg)
	back := memstore.New()
	copyAll(pg, back)

	for i := range n {
		want := accountNo(i)
		got, err := back.UserByID(ctx, want.ID)
		if err != nil {
			t.Fatalf("account %s is lost: %v", want.ID, err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("account %s came back as\n%+v\nwant\n%+v", want.ID, got, want)
		}
	}
	if back.Len() != n {
		t.Errorf("%d accounts came back, want %d", back.Len(), n)
	}
}

// postgresStore returns a store in a schema of its own, which is dropped when the test
// ends, and a pool with that search_path.
func postgresStore(t *testing.T) (*pgxstore.Store, *pgxpool.Pool) {
	t.Helper()
	schema := "deskauth_test_" + strings.ToLower(rand.Text())
	config, err := pgxpool.ParseConfig(pgtest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	config.ConnConfig.RuntimeParams["search_path"] = schema
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	store, err := pgxstore.NewTable(pool, schema, "accounts")
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := pool.Exec(context.Background(), "DROP SCHEMA "+schema+" CASCADE"); err != nil {
			t.Error(err)
		}
	})
	return store, pool
}

// TestS55_CopyAroundBrokenRows copies from PostgreSQL, where a timestamp may be infinity.
// Only those accounts are left out, and they are named.
func TestS55_CopyAroundBrokenRows(t *testing.T) {
	const n = 2500
	ctx := t.Context()
	origin := memstore.New()
	for i := range n {
		if err := origin.CreateUser(ctx, accountNo(i)); err != nil {
			t.Fatal(err)
		}
	}
	pg, pool := postgresStore(t)
	if _, err := accounts.Copy(ctx, origin, pg, accounts.CopyConfig{}); err != nil {
		t.Fatal(err)
	}
	broken := map[string]string{ // what is wrong, by the ID
		accountNo(3).ID:    "last_active_at = 'infinity'",
		accountNo(4).ID:    "created_at = '-infinity'",
		accountNo(1000).ID: "updated_at = 'infinity'",
		accountNo(2001).ID: "password_hash = left(password_hash, 30)",
		accountNo(2004).ID: "email = upper(email)",
		accountNo(2005).ID: "kind = 'visitor'",
	}
	for id, wrong := range broken {
		if _, err := pool.Exec(ctx, "UPDATE accounts SET "+wrong+" WHERE id = $1", id); err != nil {
			t.Fatal(err)
		}
	}
	lite, err := sqlitestore.Open(filepath.Join(t.TempDir(), "accounts.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer lite.Close()
	if _, err := accounts.Copy(ctx, pg, lite, accounts.CopyConfig{}); err == nil {
		t.Error("Copy of broken rows: got no error, want one")
	}
	skipped := make(map[string]string)
	got, err := accounts.Copy(ctx, pg, lite, accounts.CopyConfig{
		SkipBroken: func(id string, err error) { skipped[id] = err.Error() },
	})
	if err != nil || got != n-len(broken) || len(skipped) != len(broken) {
		t.Errorf("Copy around broken rows: got %d, skipped %d and the error %v, want %d and %d",
			got, len(skipped), err, n-len(broken), len(broken))
	}
	for id, wrong := range broken {
		column, _, _ := strings.Cut(wrong, " ")
		column = strings.NewReplacer("password_hash", "PasswordHash", "email", "Email", "kind", "Kind").Replace(column)
		if !strings.Contains(skipped[id], column) || !strings.Contains(skipped[id], id) {
			t.Errorf("account %s, %s: skipped because of %q, want its ID and %s", id, wrong, skipped[id], column)
		}
	}
}

const hash = "$argon2id$v=19$m=19456,t=2,p=1$%018dAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// accountNo returns one of many accounts, which are of all kinds.
func accountNo(i int) deskauth.Account {
	at := time.UnixMilli(1_700_000_000_000 + int64(i)).UTC()
	a := deskauth.Account{
		User: deskauth.User{
			ID:        fmt.Sprintf("id-%07d", i*7919%10_000_000),
			Kind:      []deskauth.Kind{deskauth.KindUser, deskauth.KindGuest, deskauth.KindExternal}[i%3],
			FirstName: fmt.Sprintf("Zoë %d", i), ProjectID: "demo", CreatedAt: at, UpdatedAt: at.Add(time.Hour),
		},
		Disabled: i%5 == 0, SessionEpoch: int64(i),
	}
	switch a.Kind {
	case deskauth.KindUser:
		a.Email, a.PasswordHash = fmt.Sprintf("%d@example.com", i), fmt.Sprintf(hash, i)
	case deskauth.KindGuest:
		a.LastActiveAt = at.Add(time.Minute)
	case deskauth.KindExternal:
		a.LastActiveAt = at.Add(2 * time.Minute)
		a.ExternalID, a.Attributes = fmt.Sprint(i), json.RawMessage(fmt.Sprintf(`{"n":%d.50}`, i))
		a.ID = deskauth.ExternalUserID(a.ProjectID, a.ExternalID)
	}
	return a
}
