package pgxstore

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Migrations are the steps from an empty database to the newest schema, for people who
// have a migration tool of their own: migrations/0001_accounts.sql and so on, to be applied
// in the order of their numbers, each once. They only ever add. Who applies them needs no
// [Migrate]; who does both loses nothing.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// Schema is the newest schema as one text of SQL, for an empty database.
//
//go:embed migrations/0001_accounts.sql
var Schema string

// migrationsSuffix is that of the table which says what was applied.
const migrationsSuffix = "_migrations"

// Migrate brings the table deskauth_accounts to the newest schema, in one transaction. It
// may be called at each start and by many processes at once: one of them does the work, the
// others wait for it, as long as ctx allows: statement_timeout and lock_timeout do not count
// here. It only ever adds, and leaves a table alone that a newer version has made.
func Migrate(ctx context.Context, pool *pgxpool.Pool) error { return New(pool).Migrate(ctx) }

// Migrate does what [Migrate] does for the store's table.
func (s *Store) Migrate(ctx context.Context) error {
	if err := s.migrate(ctx, Migrations); err != nil {
		return fmt.Errorf("pgxstore: migrate %s: %w", s.table, err)
	}
	return nil
}

// Schema returns what [Schema] is for the store's table.
func (s *Store) Schema() string { return s.table.rename(Schema) }

// migrationLock is the number of the lock that a migration holds. There is one for all
// tables: two of them may make one schema.
const migrationLock = 0x6465736b61757468 // "deskauth"

// migrate applies the steps. Nothing but read committed lets it see, once it has waited for
// another process, what that one has done.
func (s *Store) migrate(ctx context.Context, steps fs.FS) error {
	return pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.ReadCommitted, AccessMode: pgx.ReadWrite}, func(tx pgx.Tx) error {
		// A step may take longer than a call of the store may, and check reads names.
		if _, err := tx.Exec(ctx, "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0; SET LOCAL quote_all_identifiers = off"); err != nil {
			return err
		}
		var encoding string
		if err := tx.QueryRow(ctx, "SELECT current_setting('server_encoding')").Scan(&encoding); err != nil {
			return err
		}
		if encoding != "UTF8" {
			return fmt.Errorf("the database's encoding is %s; names in all languages need UTF8: createdb -E UTF8 -T template0", encoding)
		}
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", int64(migrationLock)); err != nil {
			return err
		}
		t, err := s.table.locate(ctx, tx)
		if err != nil {
			return err
		}
		applied, err := t.applied(ctx, tx)
		if err != nil {
			return err
		}
		if err := t.apply(ctx, tx, steps, applied); err != nil {
			return err
		}
		return t.check(ctx, tx)
	})
}

// locate names the schema where the table is or is to be, and makes it if it is missing. A
// table without a schema is looked for in all of the search_path, as the statements of the
// store do: it must not be made a second time, before the first.
func (t table) locate(ctx context.Context, tx pgx.Tx) (table, error) {
	if t.schema == "" {
		var schema *string
		err := tx.QueryRow(ctx, `SELECT coalesce((SELECT nspname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
			WHERE c.oid = to_regclass($1)), current_schema()::text)`, t.String()).Scan(&schema)
		if err != nil {
			return t, err
		}
		if schema == nil {
			return t, errors.New("no schema of the search_path is there: create one, or name it with NewTable")
		}
		t.schema = *schema
		return t, nil
	}
	var exists bool
	if err := tx.QueryRow(ctx, "SELECT to_regnamespace($1) IS NOT NULL", quote(t.schema)).Scan(&exists); err != nil {
		return t, err
	}
	if !exists { // looked up first: IF NOT EXISTS needs the right to create even so
		if _, err := tx.Exec(ctx, "CREATE SCHEMA "+quote(t.schema)); err != nil {
			return t, err
		}
	}
	return t, nil
}

// applied returns the number of the last step that was applied, and makes the table that
// remembers it.
func (t table) applied(ctx context.Context, tx pgx.Tx) (last int, err error) {
	log := t.with(migrationsSuffix)
	var exists bool
	if err := tx.QueryRow(ctx, "SELECT to_regclass($1) IS NOT NULL", log).Scan(&exists); err != nil {
		return 0, err
	}
	if !exists {
		_, err := tx.Exec(ctx, "CREATE TABLE "+log+" (version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())")
		return 0, err
	}
	err = tx.QueryRow(ctx, "SELECT coalesce(max(version), 0) FROM "+log).Scan(&last)
	return last, err
}

// apply runs the steps after the last one that was applied.
func (t table) apply(ctx context.Context, tx pgx.Tx, steps fs.FS, last int) error {
	files, err := fs.Glob(steps, "migrations/*.sql") // sorted by name, that is by number
	if err != nil {
		return err
	}
	for _, file := range files {
		number, _, _ := strings.Cut(path.Base(file), "_")
		version, err := strconv.Atoi(number)
		if err != nil {
			return fmt.Errorf("%s: a migration's name starts with its number", file)
		}
		if version <= last {
			continue
		}
		text, err := fs.ReadFile(steps, file)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, t.rename(string(text))); err != nil {
			return fmt.Errorf("%s: %w", path.Base(file), err)
		}
		if _, err := tx.Exec(ctx, "INSERT INTO "+t.with(migrationsSuffix)+" (version) VALUES ($1)", version); err != nil {
			return err
		}
	}
	return nil
}

var names = regexp.MustCompile(`\b` + defaultTable + `(\w*)`)

// rename puts the table's name into a text that is written for the default one. An index is
// named without its schema, which is the table's.
func (t table) rename(sql string) string {
	if t == (table{name: defaultTable}) {
		return sql
	}
	return names.ReplaceAllStringFunc(sql, func(name string) string {
		if suffix := strings.TrimPrefix(name, defaultTable); suffix != "" {
			return quote(t.name + suffix)
		}
		return t.String()
	})
}
