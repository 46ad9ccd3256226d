package pgxstore_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/pgxstore"
	"github.com/jackc/pgx/v5"
)

// The names of a table and its schema may be any that PostgreSQL takes. Migrate makes a
// schema that is missing.
func TestNewTable(t *testing.T) {
	t.Parallel()
	pool := open(t, withSchema(t))
	own := currentSchema(t, pool)
	for i, c := range []struct{ schema, name string }{
		{"", "people"}, {own, "accounts"}, {own, `Odd "Name"; DROP`}, {own, "deskauth_accounts"},
		{own, strings.Repeat("é", 24)}, {own + "_2", "people"}, {own + `_"3"`, "order"},
	} {
		store, err := pgxstore.NewTable(pool, c.schema, c.name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(c.schema, own+"_") {
			defer run(t, pool, "DROP SCHEMA "+pgx.Identifier{c.schema}.Sanitize()+" CASCADE")
		}
		for range 2 {
			if err := store.Migrate(t.Context()); err != nil {
				t.Fatalf("%v: %v", c, err)
			}
		}
		works(t, store, fmt.Sprint("id-", i))
		imported := []deskauth.Account{guest(fmt.Sprint("imported-", i))}
		if _, err := store.ImportUsers(t.Context(), imported, anyone); err != nil {
			t.Errorf("%v: %v", c, err)
		}
		later := imported[0].CreatedAt.AddDate(1, 0, 0)
		n, err := store.PurgeIdle(t.Context(), deskauth.KindGuest, later, 10)
		if err != nil || n != 2 {
			t.Errorf("%v: PurgeIdle = %d, %v; want 2", c, n, err)
		}
	}
	for _, c := range []struct{ schema, name string }{
		{"", ""}, {"", strings.Repeat("x", 52)}, {"", "a\x00b"}, {"", "a\xff"},
		{strings.Repeat("x", 64), "a"}, {"a\x00", "a"},
	} {
		if _, err := pgxstore.NewTable(pool, c.schema, c.name); err == nil {
			t.Errorf("NewTable(%q, %q): no error", c.schema, c.name)
		}
	}
}
