package pgxstore

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Schema is the newest schema as one text of SQL: the table deskauth_accounts, its indexes,
// and its trigger with a function. Run it on a new database in place of [Migrate].
var Schema = schema()

// Migrations are the steps to the newest schema, for a migration tool of your own. Run
// migrations/0001_accounts.sql and so on in the order of their numbers, each once. A step
// never changes after its release, and none drops a column. A call of [Migrate] besides
// does no harm.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// Migrate makes the table deskauth_accounts, or brings it to the newest schema, in one
// transaction. A program that uses [New] calls it first, or runs the [Migrations] with a
// tool of its own.
//
// Call it at every start, in any number of processes at once: one does the work, the others
// wait for it until ctx ends. The server's statement_timeout and lock_timeout do not apply.
// It makes the tables deskauth_accounts and deskauth_accounts_migrations, with a trigger
// and its function, and touches no other. The second table records the steps that are done.
// A trigger that is missing or disabled is made again.
//
// To change a table that exists, Migrate locks it until it is done. It cannot while another
// transaction that has used the table is open, such as a pg_dump. It tries for a minute,
// and lets look-ups go on in between. Then the error says how to find the transaction.
//
// Migrate leaves a database with a newer schema than this code as it is, so that an old
// program can run beside a new one. If the store cannot use a table of that name, the error
// says what is missing.
func Migrate(ctx context.Context, pool *pgxpool.Pool) error { return New(pool).Migrate(ctx) }

// Migrate is the function [Migrate] for the store's table.
func (s *Store) Migrate(ctx context.Context) error {
	all, err := steps()
	if err == nil {
		err = s.migrate(ctx, all, lockPatience)
	}
	if err != nil {
		return fmt.Errorf("pgxstore: migrate %s: %w", s.table, err)
	}
	return nil
}

// Schema returns the text [Schema] for the store's table.
func (s *Store) Schema() string { return s.table.rename(Schema) }

// schema returns all steps as one text.
func schema() string {
	all, err := steps()
	if err != nil { // the files are part of the program
		panic(err)
	}
	return strings.Join(all, "\n")
}

// steps returns the SQL of each migration in order: steps[n] leads from version n to n+1.
func steps() (steps []string, err error) {
	files, err := Migrations.ReadDir("migrations") // sorted
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		text, err := Migrations.ReadFile("migrations/" + f.Name())
		if err != nil {
			return nil, err
		}
		steps = append(steps, string(text))
	}
	return steps, nil
}

// migrationLock is the number of the lock that a migration holds. All tables have one, as
// two of them may make the same schema.
const migrationLock = 0x6465736b61757468 // "deskauth"

// migrate runs the steps that are missing, all or none. Read committed is the only
// isolation level at which it sees what another process has done while it waited for that
// process. A tracer of the host's that panics holds no connection.
func (s *Store) migrate(ctx context.Context, steps []string, patience time.Duration) error {
	options := pgx.TxOptions{IsoLevel: pgx.ReadCommitted, AccessMode: pgx.ReadWrite}
	return s.pool.AcquireFunc(ctx, func(conn *pgxpool.Conn) error {
		return pgx.BeginTxFunc(ctx, conn, options, func(tx pgx.Tx) error {
			return s.migrateIn(ctx, tx, steps, patience)
		})
	})
}

// migrateIn is migrate in its transaction.
func (s *Store) migrateIn(ctx context.Context, tx pgx.Tx, steps []string, patience time.Duration) error {
	// A step may take longer than a call of the store, and checkIndexes compares names.
	_, err := tx.Exec(ctx, "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0; "+
		"SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL quote_all_identifiers = off")
	if err != nil {
		return err
	}
	if err := checkEncoding(ctx, tx); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", int64(migrationLock))
	if err != nil {
		return err
	}
	t, err := s.table.locate(ctx, tx)
	if err != nil {
		return err
	}
	version, err := t.applied(ctx, tx)
	if err != nil {
		return err
	}
	if version < len(steps) {
		if err := t.prepare(ctx, tx, version, patience); err != nil {
			return err
		}
	}
	if err := t.apply(ctx, tx, steps, version); err != nil {
		return err
	}
	if err := t.checkTable(ctx, tx); err != nil || version > len(steps) {
		return err // a newer schema may do without the trigger
	}
	return t.restoreTrigger(ctx, tx, patience)
}

// locate returns the table with the schema that it is in, or is to be in. It makes the
// schema if NewTable named one that is missing. A table without a schema may be anywhere in
// the search_path, where the statements of the store find it: locate must not name an
// earlier schema then, or Migrate would make a second table.
func (t table) locate(ctx context.Context, tx pgx.Tx) (table, error) {
	if t.schema == "" {
		var schema *string
		err := tx.QueryRow(ctx, `SELECT coalesce((
			SELECT nspname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
			WHERE c.oid = to_regclass($1)), current_schema()::text)`, t.String()).Scan(&schema)
		if err != nil {
			return t, err
		}
		if schema == nil {
			return t, errors.New("no schema of the search_path exists; create one, or name it with NewTable")
		}
		t.schema = *schema
		return t, nil
	}
	var exists bool
	err := tx.QueryRow(ctx, "SELECT to_regnamespace($1) IS NOT NULL", quote(t.schema)).Scan(&exists)
	if err != nil || exists {
		return t, err
	}
	// IF NOT EXISTS would need the right to create a schema even where it exists.
	_, err = tx.Exec(ctx, "CREATE SCHEMA "+quote(t.schema))
	return t, err
}

// applied returns the number of the last step that was applied, 0 for none. It makes the
// table that records the steps, if that is missing.
func (t table) applied(ctx context.Context, tx pgx.Tx) (version int, err error) {
	records := t.with(recordsSuffix)
	var exists bool
	err = tx.QueryRow(ctx, "SELECT to_regclass($1) IS NOT NULL", records).Scan(&exists)
	if err != nil {
		return 0, err
	}
	if !exists {
		_, err := tx.Exec(ctx, "CREATE TABLE "+records+
			" (version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())")
		return 0, err
	}
	err = tx.QueryRow(ctx, "SELECT coalesce(max(version), 0) FROM "+records).Scan(&version)
	return version, err
}

// prepare makes sure that the steps after the version can be applied.
func (t table) prepare(ctx context.Context, tx pgx.Tx, version int, patience time.Duration) error {
	if version < stateVersion {
		if err := t.checkState(ctx, tx); err != nil {
			return err
		}
	}
	return t.lock(ctx, tx, patience)
}

// apply runs the steps after the last one that was applied. A step must do no harm if it
// runs again: a host may have run it with a tool of its own.
func (t table) apply(ctx context.Context, tx pgx.Tx, steps []string, version int) error {
	for ; version < len(steps); version++ {
		if _, err := tx.Exec(ctx, t.rename(steps[version])); err != nil {
			return fmt.Errorf("to version %d: %w", version+1, namesTable(err))
		}
		record := "INSERT INTO " + t.with(recordsSuffix) + " (version) VALUES ($1)"
		if _, err := tx.Exec(ctx, record, version+1); err != nil {
			return err
		}
	}
	return nil
}
