package pgxstore

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/deskauth/deskauth"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Store is a [deskauth.UserStore] in a table of PostgreSQL, with all the optional
// abilities. Make one with [New] or [NewTable]. It is safe for concurrent use, also by many
// processes at once.
//
// Each call sends one statement, and before a write with a deadline a second one that
// limits it, in one round trip. Errors begin with "pgxstore:". They contain no password
// hash.
type Store struct {
	pool  *pgxpool.Pool
	table table
	sql   statements

	reopening brake
	ahead     atomic.Int64 // nanoseconds that the server's clock is ahead of ours; 0 if unknown
}

var _ deskauth.UserStore = (*Store)(nil)

// New returns a store in the table deskauth_accounts of the pool's search_path. It does
// nothing before its first call. The table must exist by then: see [Migrate]. The caller
// closes the pool.
func New(pool *pgxpool.Pool) *Store { return newStore(pool, table{name: defaultTable}) }

// NewTable returns a store in a table of another name. The table is in the schema, or in
// the search_path if schema is empty. [Store.Migrate] makes the table, and the schema if it
// is missing. The caller closes the pool.
//
// Any text is a name: the store quotes it. PostgreSQL would cut a long one, so NewTable
// returns an error for a table's name of more than 48 bytes and a schema's of more than 63.
// The table's name must not be empty.
func NewTable(pool *pgxpool.Pool, schema, name string) (*Store, error) {
	t := table{schema: schema, name: name}
	if err := t.checkNames(); err != nil {
		return nil, fmt.Errorf("pgxstore: %w", err)
	}
	return newStore(pool, t), nil
}

func newStore(pool *pgxpool.Pool, t table) *Store {
	return &Store{pool: pool, table: t, sql: statementsFor(t)}
}

// CreateUser implements [deskauth.UserStore].
func (s *Store) CreateUser(ctx context.Context, a deskauth.Account) error {
	return s.run(ctx, func() error {
		row, err := values(&a)
		if err != nil {
			return err
		}
		_, err = s.write(ctx, s.sql.createUser, row...)
		return err
	})
}

// UserByID implements [deskauth.UserStore].
func (s *Store) UserByID(ctx context.Context, id string) (deskauth.Account, error) {
	return s.find(ctx, s.sql.userByID, id)
}

// UserByEmail implements [deskauth.UserStore].
func (s *Store) UserByEmail(ctx context.Context, email string) (deskauth.Account, error) {
	return s.find(ctx, s.sql.userByEmail, email)
}

// UpdateUser implements [deskauth.UserStore].
func (s *Store) UpdateUser(ctx context.Context, a deskauth.Account) error {
	err := s.run(ctx, func() error {
		row, err := values(&a)
		if err != nil {
			return err
		}
		var updated bool
		var version *int64 // the one that the account has, nil if there is no account
		_, err = s.send(ctx, query{sql: s.sql.updateUser, args: row, writes: true, read: func(rows pgx.Rows) error {
			return one(rows, func(row pgx.Row) error { return row.Scan(&updated, &version) })
		}})
		switch {
		case err != nil || updated:
			return err
		case version == nil:
			return deskauth.ErrUserNotFound
		case *version == a.Version:
			return errLostRace
		}
		return deskauth.ErrConflict
	})
	if lostRace(err) { // as often as run tried
		return fmt.Errorf("%w: %w", err, deskauth.ErrConflict)
	}
	return err
}

// Format implements [fmt.Formatter]. It prints the name of the table, and nothing that the
// pool knows, such as its password.
func (s *Store) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "pgxstore.Store(%s)", s.table) }

// find returns the account that a query finds under the key.
func (s *Store) find(
	ctx context.Context, find, key string,
) (a deskauth.Account, err error) {
	err = s.run(ctx, func() (err error) {
		if !isText(key) { // to PostgreSQL that is an error
			return deskauth.ErrUserNotFound
		}
		_, err = s.send(ctx, query{sql: find, args: []any{key}, read: func(rows pgx.Rows) error {
			return one(rows, func(row pgx.Row) (err error) { a, err = scan(row); return err })
		}})
		return err
	})
	return a, err
}
