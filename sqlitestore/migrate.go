package sqlitestore

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
)

// Schema is the SQL of the newest schema: the table deskauth_accounts and its indexes. Whoever
// runs it by hand instead of [Migrate] runs the next one by hand too.
//
//go:embed migrations/0001_accounts.sql
var Schema string

// Migrations are the steps to the newest schema, for a migration tool of your own:
// migrations/0001_accounts.sql and so on, in the order of their names. A step never changes
// after its release, and none drops anything.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// Migrate brings the table of accounts to the newest schema, or makes it. [Open] calls it; a
// program that calls [New] calls it before, or runs the [Migrations] with a tool of its own.
//
// It may be called at every start, and by any number of processes at once: one migrates in a
// transaction, the others wait for it, by their busy timeout (see [New]). It creates nothing
// but the tables deskauth_accounts and deskauth_accounts_migrations, in which it notes the
// steps that are done. A database whose schema is newer than this code is left as it is, so
// that an old program can run beside a new one. So is a table of accounts that something else
// made, if it has what the store needs; else the error says what is missing.
func Migrate(ctx context.Context, db *sql.DB) error {
	if err := migrateAll(ctx, db); err != nil {
		return explain(ctx, err)
	}
	return nil
}

func migrateAll(ctx context.Context, db *sql.DB) error {
	all, err := steps()
	if err == nil {
		err = migrate(ctx, db, all)
	}
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// steps returns the SQL of the migrations: that to version n at n-1.
func steps() (all []string, err error) {
	files, err := Migrations.ReadDir("migrations") // sorted
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		text, err := Migrations.ReadFile("migrations/" + f.Name())
		if err != nil {
			return nil, err
		}
		all = append(all, string(text))
	}
	return all, nil
}

func migrate(ctx context.Context, db *sql.DB, steps []string) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if version, err := schemaVersion(ctx, conn); err != nil {
		return err
	} else if version >= len(steps) {
		return checkTable(ctx, conn) // nothing to do, and so no waiting for the writer
	}
	if err := checkEncoding(ctx, conn); err != nil {
		return err
	}
	// Not db.BeginTx: there is no asking every driver for an immediate transaction.
	if err := exec(ctx, conn, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	err = apply(ctx, conn, steps)
	if err == nil {
		err = exec(ctx, conn, "COMMIT")
	}
	if err != nil {
		_ = exec(context.WithoutCancel(ctx), conn, "ROLLBACK") // SQLite may have done it
	}
	return err
}

// apply runs in a transaction.
func apply(ctx context.Context, conn *sql.Conn, steps []string) error {
	version, err := schemaVersion(ctx, conn) // somebody may have been faster
	if err != nil {
		return err
	}
	if version == 0 {
		if foreign, err := has(ctx, conn, "deskauth_accounts"); err != nil {
			return err
		} else if foreign {
			return checkTable(ctx, conn)
		}
	}
	if err := exec(ctx, conn, versionsSQL); err != nil {
		return err
	}
	for ; version < len(steps); version++ {
		if err := exec(ctx, conn, steps[version]); err != nil {
			return fmt.Errorf("to version %d: %w", version+1, err)
		}
		if err := exec(ctx, conn, noteSQL, version+1); err != nil {
			return err
		}
	}
	return checkTable(ctx, conn)
}
