package pgxstore

import (
	"context"
	"embed"
	"fmt"
	"hash/fnv"
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
// others wait for it. It only ever adds, and leaves a table alone that a newer version has
// made.
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

// migrate applies the steps. Nothing but read committed lets it see, once it has waited for
// another process, what that one has done.
func (s *Store) migrate(ctx context.Context, steps fs.FS) error {
	return pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.ReadCommitted}, func(tx pgx.Tx) error {
		var encoding string
		if err := tx.QueryRow(ctx, "SELECT current_setting('server_encoding')").Scan(&encoding); err != nil {
			return err
		}
		if encoding != "UTF8" {
			return fmt.Errorf("the database's encoding is %s; names in all languages need UTF8: createdb -E UTF8 -T template0", encoding)
		}
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", s.table.lockKey()); err != nil {
			return err
		}
		applied, err := s.table.applied(ctx, tx)
		if err != nil {
			return err
		}
		if err := s.table.apply(ctx, tx, steps, applied); err != nil {
			return err
		}
		return s.table.checkColumns(ctx, tx)
	})
}

// lockKey is one number for one table.
func (t table) lockKey() int64 {
	h := fnv.New64a()
	h.Write([]byte("deskauth migrate " + t.String()))
	return int64(h.Sum64())
}

// applied returns the number of the last step that was applied, and makes the table that
// remembers it.
func (t table) applied(ctx context.Context, tx pgx.Tx) (last int, err error) {
	if t.schema != "" {
		var exists bool
		if err := tx.QueryRow(ctx, "SELECT to_regnamespace($1) IS NOT NULL", quote(t.schema)).Scan(&exists); err != nil {
			return 0, err
		}
		if !exists { // looked up first: IF NOT EXISTS needs the right to create even so
			if _, err := tx.Exec(ctx, "CREATE SCHEMA "+quote(t.schema)); err != nil {
				return 0, err
			}
		}
	}
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

// checkColumns finds a table of the same name that is somebody else's.
func (t table) checkColumns(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, "SELECT "+columns+" FROM "+t.String()+" LIMIT 0")
	if hasCode(err, undefinedColumn) {
		return fmt.Errorf("there is a table of that name which is not one of accounts; choose another name with NewTable: %w", err)
	}
	return err
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
