package pgxstore

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Store is a [deskauth.UserStore] in a table of PostgreSQL. It is safe for concurrent use,
// also by many processes at once.
type Store struct {
	pool  *pgxpool.Pool
	table table
	sql   statements
}

// New returns a store in the table deskauth_accounts of the pool's search_path. [Migrate]
// makes the table. The pool stays the caller's, who closes it.
func New(pool *pgxpool.Pool) *Store { return newStore(pool, table{name: defaultTable}) }

// NewTable returns a store in a table of another name, in the schema, or in the
// search_path if that is empty. [Store.Migrate] makes the table, and the schema if it is
// missing. It returns an error for names that PostgreSQL would not take as they are: the
// table's may have up to 51 bytes, the schema's 63.
func NewTable(pool *pgxpool.Pool, schema, name string) (*Store, error) {
	t := table{schema: schema, name: name}
	if err := t.checkNames(); err != nil {
		return nil, err
	}
	return newStore(pool, t), nil
}

func newStore(pool *pgxpool.Pool, t table) *Store {
	return &Store{pool: pool, table: t, sql: statementsFor(t)}
}

// CreateUser implements [deskauth.UserStore].
func (s *Store) CreateUser(ctx context.Context, a deskauth.Account) error {
	if err := checkTexts(a); err != nil {
		return err
	}
	return s.try(ctx, func() error {
		_, err := s.pool.Exec(ctx, s.sql.create, values(a)...)
		return err
	})
}

// UserByID implements [deskauth.UserStore].
func (s *Store) UserByID(ctx context.Context, id string) (deskauth.Account, error) {
	return s.find(ctx, s.sql.byID, id)
}

// UserByEmail implements [deskauth.UserStore].
func (s *Store) UserByEmail(ctx context.Context, email string) (deskauth.Account, error) {
	return s.find(ctx, s.sql.byEmail, email)
}

func (s *Store) find(ctx context.Context, sql, key string) (a deskauth.Account, err error) {
	if !isText(key) {
		return a, s.failed(ctx, pgx.ErrNoRows) // PostgreSQL would call it an error
	}
	err = s.try(ctx, func() error { return scan(s.pool.QueryRow(ctx, sql, key), &a) })
	if err != nil {
		return deskauth.Account{}, err
	}
	return a, nil
}

// UpdateUser implements [deskauth.UserStore].
func (s *Store) UpdateUser(ctx context.Context, a deskauth.Account) error {
	if err := checkTexts(a); err != nil {
		return err
	}
	var updated bool
	var found *int64 // the version
	err := s.try(ctx, func() error {
		err := s.pool.QueryRow(ctx, s.sql.update, values(a)...).Scan(&updated, &found)
		if err == nil && !updated && found != nil && *found == a.Version {
			return errLostRace
		}
		return err
	})
	switch {
	case lostRace(err): // every time
		return fmt.Errorf("pgxstore: %w: %w", deskauth.ErrConflict, err)
	case err != nil:
		return err
	case updated:
		return nil
	case found != nil:
		return fmt.Errorf("pgxstore: %w", deskauth.ErrConflict)
	}
	return fmt.Errorf("pgxstore: %w", deskauth.ErrUserNotFound)
}

const (
	// maxTries bounds how often a statement is run that loses to concurrent ones.
	maxTries = 100
	// longestWait is how long a loser waits at most before it tries again: a few times what a
	// statement takes.
	longestWait = 10 * time.Millisecond
)

// try runs one statement, and runs it again if it lost a race and so did nothing: the next
// time it finds out what the race has left. Where the database's isolation level is higher
// than its default, a lost race is reported as a failed transaction. Losers wait for a
// random time, lest they meet again.
func (s *Store) try(ctx context.Context, run func() error) error {
	for tries := 1; ; tries++ {
		err := run()
		if err == nil {
			return nil
		}
		if !lostRace(err) || tries == maxTries || ctx.Err() != nil {
			return s.failed(ctx, err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(rand.N(min(time.Duration(tries)*time.Millisecond, longestWait))):
		}
	}
}

// failed turns an error of the driver into what the contract says.
func (s *Store) failed(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil && !errors.Is(err, ctx.Err()):
		return fmt.Errorf("pgxstore: %w: %w", ctx.Err(), err)
	case errors.Is(err, pgx.ErrNoRows):
		return fmt.Errorf("pgxstore: %w", deskauth.ErrUserNotFound)
	case hasCode(err, uniqueViolation):
		return fmt.Errorf("pgxstore: %w", deskauth.ErrUserExists)
	case hasCode(err, undefinedTable):
		return fmt.Errorf("pgxstore: the table %s is not there: call Migrate, or apply Schema: %w", s.table, err)
	}
	return fmt.Errorf("pgxstore: %w", err)
}

// Format implements [fmt.Formatter]: what the pool knows, such as its password, is not printed.
func (s *Store) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "pgxstore.Store(%s)", s.table) }

var _ interface {
	deskauth.UserStore
	deskauth.IdlePurger
	deskauth.UserDeleter
	deskauth.UserLister
	deskauth.UserImporter
} = (*Store)(nil)
