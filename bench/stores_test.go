package bench

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/pgxstore"
	"github.com/deskauth/deskauth/sqlitestore"
	"github.com/deskauth/deskauth/storetest/pgtest"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/driver"
)

// A contestant is a store and the bare driver on the same table.
type contestant struct {
	store     deskauth.UserStore
	bareByKey func(ctx context.Context, email string) error
	bareNew   func(ctx context.Context, a deskauth.Account) error
	settle    func(ctx context.Context) error // does at once what a database does later after many writes
	accounts  int
	next      atomic.Int64 // the number of the newest guest
}

// sizes returns the numbers of accounts that the tables have.
func sizes() []int {
	if testing.Short() {
		return []int{1_000, 10_000}
	}
	return []int{1_000, 100_000, 1_000_000}
}

func BenchmarkSQLite(b *testing.B)     { benchmarkStore(b, openSQLite) }
func BenchmarkPostgreSQL(b *testing.B) { benchmarkStore(b, openPostgreSQL) }

// benchmarkStore measures the store's part of a sign-in and of an anonymous sign-in. It may
// take at most 1.15 × the time of the bare driver, and at every size at most 1.3 × the time
// at the smallest.
func benchmarkStore(b *testing.B, open func(b *testing.B) *contestant) {
	var all []*contestant
	for _, n := range sizes() {
		c := open(b)
		c.fill(b, n)
		all = append(all, c)
	}
	ctx := b.Context()
	for _, c := range all {
		b.Run(fmt.Sprint("look-up/", c.accounts), func(b *testing.B) {
			interleave(b,
				side{"store", func() error { return c.lookUp(ctx) }},
				side{"bare", func() error { return c.bareByKey(ctx, emailOf(rand.IntN(c.accounts))) }})
		})
		b.Run(fmt.Sprint("create/", c.accounts), func(b *testing.B) {
			interleaveBy(b, 8,
				side{"store", func() error { return c.store.CreateUser(ctx, c.newGuest()) }},
				side{"bare", func() error { return c.bareNew(ctx, c.newGuest()) }})
		})
	}
	bySize := func(call func(c *contestant) error) (sides []side) { // the largest first
		for i := len(all) - 1; i >= 0; i-- {
			sides = append(sides, side{fmt.Sprint(all[i].accounts), func() error { return call(all[i]) }})
		}
		return sides
	}
	lookUp := bySize(func(c *contestant) error { return c.lookUp(ctx) })
	create := bySize(func(c *contestant) error { return c.store.CreateUser(ctx, c.newGuest()) })
	b.Run("look-up/flat", func(b *testing.B) { interleave(b, lookUp...) })
	b.Run("create/flat", func(b *testing.B) { interleaveBy(b, 8, create...) })
	b.Run("8 callers/look-up", func(b *testing.B) { rates(b, 8, lookUp...) })
	b.Run("8 callers/create", func(b *testing.B) { rates(b, 8, create...) })
}

func (c *contestant) lookUp(ctx context.Context) error {
	_, err := c.store.UserByEmail(ctx, emailOf(rand.IntN(c.accounts)))
	return err
}

func (c *contestant) newGuest() deskauth.Account { return guestAt(int(c.next.Add(1))) }

// fill imports the first n accounts.
func (c *contestant) fill(b *testing.B, n int) {
	c.accounts = n
	c.next.Store(int64(10_000_000))
	for from := 0; from < n; from += 1000 {
		page := make([]deskauth.Account, min(1000, n-from))
		for i := range page {
			page[i] = agentAt(from + i)
		}
		result, err := c.store.(deskauth.UserImporter).ImportUsers(b.Context(), page, nil)
		if err != nil || result.Created != len(page) {
			b.Fatalf("%d of %d accounts imported: %v, %v", result.Created, len(page), result.Refused, err)
		}
	}
	if err := c.settle(b.Context()); err != nil {
		b.Fatal(err)
	}
}

// agentAt returns an agent as a sign-up makes it. The ID grows with the time, and the
// address does not.
func agentAt(n int) deskauth.Account {
	a := guestAt(n)
	a.Kind, a.Email, a.ProjectID = deskauth.KindUser, emailOf(n), ""
	return a
}

// guestAt returns a guest as an anonymous sign-in makes it.
func guestAt(n int) deskauth.Account {
	at := time.UnixMilli(1_700_000_000_000 + int64(n)).UTC()
	return deskauth.Account{
		User: deskauth.User{
			ID:         fmt.Sprintf("018f4d2e-7c3a-7b61-9d55-%012x", n),
			Kind:       deskauth.KindGuest,
			FirstName:  "guest#1f3a",
			ProjectID:  "5b55e806c93dde00143163dd",
			Attributes: []byte(`{"page":"/pricing"}`),
			CreatedAt:  at,
			UpdatedAt:  at,
		},
		LastActiveAt: at,
	}
}

func emailOf(n int) string {
	return fmt.Sprintf("%08x-3b12-4fef-91e0-%012x@example.com", uint32(n)*2654435761, n)
}

const columns = "id, kind, email, email_verified, first_name, last_name, project_id, external_id, attributes, " +
	"password_hash, disabled, session_epoch, state, last_active_at, created_at, updated_at, version"

// A row is what a program without a store would scan into.
type row struct {
	id, kind, email, first, last, project, external, hash string
	verified, disabled                                    bool
	attributes                                            []byte
	state                                                 *string
	epoch, version                                        int64
}

func (r *row) fields(active, created, updated any) []any {
	return []any{
		&r.id, &r.kind, &r.email, &r.verified, &r.first, &r.last, &r.project, &r.external, &r.attributes,
		&r.hash, &r.disabled, &r.epoch, &r.state, active, created, updated, &r.version,
	}
}

// valuesOf returns the values of the columns. The times are in the driver's type.
func valuesOf(a deskauth.Account, active, created, updated any) []any {
	return []any{
		a.ID, string(a.Kind), a.Email, a.EmailVerified, a.FirstName, a.LastName, a.ProjectID, a.ExternalID,
		string(a.Attributes), a.PasswordHash, a.Disabled, a.SessionEpoch, nil, active, created, updated, 0,
	}
}

func openSQLite(b *testing.B) *contestant {
	path := filepath.Join(b.TempDir(), "accounts.db")
	store, err := sqlitestore.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	// The connections have sqlitestore's settings, but any of them may read and write.
	db, err := driver.Open("file:"+path, func(c *sqlite3.Conn) error {
		return c.Exec("PRAGMA busy_timeout = 5000; PRAGMA cache_size = -8000; PRAGMA synchronous = FULL")
	})
	if err != nil {
		b.Fatal(err)
	}
	db.SetMaxIdleConns(16)
	b.Cleanup(func() { db.Close(); store.Close() })
	prepare := func(text string) *sql.Stmt {
		stmt, err := db.Prepare(text)
		if err != nil {
			b.Fatal(err)
		}
		return stmt
	}
	find := prepare("SELECT " + columns + " FROM deskauth_accounts WHERE email = ? AND email <> ''")
	insert := prepare("INSERT INTO deskauth_accounts (" + columns + ") VALUES (?" + strings.Repeat(", ?", 16) + ")")
	return &contestant{
		store: store,
		settle: func(ctx context.Context) error {
			_, err := db.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
			return err
		},
		bareByKey: func(ctx context.Context, email string) error {
			var r row
			var active, created, updated int64
			return find.QueryRowContext(ctx, email).Scan(r.fields(&active, &created, &updated)...)
		},
		bareNew: func(ctx context.Context, a deskauth.Account) error {
			_, err := insert.ExecContext(ctx,
				valuesOf(a, a.LastActiveAt.UnixMicro(), a.CreatedAt.UnixMicro(), a.UpdatedAt.UnixMicro())...)
			return err
		},
	}
}

// pgURL returns the URL of a server that syncs to the disk.
func pgURL(b *testing.B) string {
	if url := os.Getenv(pgtest.Variable); url != "" {
		return url
	}
	return pgtest.Start(b).URL()
}

func openPostgreSQL(b *testing.B) *contestant {
	ctx := context.Background()
	pool, err := pgxpool.New(ctx, pgURL(b))
	if err != nil {
		b.Fatal(err)
	}
	schema := fmt.Sprintf("deskauth_bench_%d", time.Now().UnixNano())
	store, err := pgxstore.NewTable(pool, schema, "accounts")
	if err == nil {
		err = store.Migrate(ctx)
	}
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if _, err := pool.Exec(ctx, "DROP SCHEMA "+schema+" CASCADE"); err != nil {
			b.Error(err)
		}
		pool.Close()
	})
	find := "SELECT " + columns + " FROM " + schema + ".accounts WHERE email = $1 AND email <> ''"
	insert := "INSERT INTO " + schema + ".accounts (" + columns + ") " +
		"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)"
	return &contestant{
		store: store,
		settle: func(ctx context.Context) error {
			_, err := pool.Exec(ctx, "VACUUM ANALYZE "+schema+".accounts")
			return err
		},
		bareByKey: func(ctx context.Context, email string) error {
			var r row
			var active, created, updated time.Time
			return pool.QueryRow(ctx, find, email).Scan(r.fields(&active, &created, &updated)...)
		},
		bareNew: func(ctx context.Context, a deskauth.Account) error {
			_, err := pool.Exec(ctx, insert, valuesOf(a, a.LastActiveAt, a.CreatedAt, a.UpdatedAt)...)
			return err
		},
	}
}
