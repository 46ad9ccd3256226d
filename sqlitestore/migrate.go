package sqlitestore

import (
	"cmp"
	"context"
	"database/sql"
	"embed"
	"fmt"
	"strings"
)

// Schema is the newest schema as one text of SQL: the table deskauth_accounts, its indexes
// and its trigger. Run it on a new database in place of [Migrate]. Later steps are then
// yours too.
var Schema = schema()

// Migrations are the steps to the newest schema, for a migration tool of your own. Run
// migrations/0001_accounts.sql and so on in the order of their numbers, each once. A step
// never changes after its release, and none drops a column or a row. A call of [Migrate]
// besides does no harm.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// Migrate makes the table of accounts, or brings it to the newest schema, in one
// transaction. [Open] calls it. A program that uses [New] calls it first, or runs the
// [Migrations] with a tool of its own.
//
// Call it at every start, in any number of processes at once: one does the work, the others
// wait for it until ctx or their busy timeout ends (see [New]). It makes the tables
// deskauth_accounts and deskauth_accounts_migrations and touches no other. The second one
// records the steps that are done.
//
// Migrate leaves two databases as they are. One has a newer schema than this code, so that
// an old program can run beside a new one. The other has a table of accounts that another
// tool made. If the store cannot use that table, the error says what is missing.
//
// There is one exception: the trigger deskauth_accounts_version, which raises version with
// each update by hand. A dump of the table alone may have lost it. Where it is missing or
// differs, Migrate restores it.
func Migrate(ctx context.Context, db *sql.DB) error {
	if err := migrateAll(ctx, db); err != nil {
		return storeError(ctx, err)
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

// migrate runs the steps that are missing, all or none.
func migrate(ctx context.Context, db *sql.DB, steps []string) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	version, err := applied(ctx, conn)
	if err != nil {
		return err
	}
	refusesNull, err := hasOldCheck(ctx, conn)
	if err != nil {
		return err
	}
	raisesVersion, err := hasTrigger(ctx, conn)
	if err != nil {
		return err
	}
	newer := version > len(steps)
	if newer || version == len(steps) && !refusesNull && raisesVersion { // so do not wait for the writer
		return checkTable(ctx, conn)
	}
	if err := checkEncoding(ctx, conn); err != nil {
		return err
	}
	if err := begin(ctx, conn); err != nil {
		return err
	}
	err = commit(ctx, conn, func() error { return apply(ctx, conn, steps) })
	if err != nil { // mendCheck may have switched it on, and the connection goes back to the pool
		_ = exec(context.WithoutCancel(ctx), conn, "PRAGMA writable_schema = OFF")
	}
	return err
}

// applied returns the number of the last step that was applied, 0 for none.
func applied(ctx context.Context, conn *sql.Conn) (version int, err error) {
	recorded, err := exists(ctx, conn, "deskauth_accounts_migrations")
	if err != nil || !recorded {
		return 0, err
	}
	const last = `SELECT coalesce(max(version), 0) FROM deskauth_accounts_migrations`
	err = conn.QueryRowContext(ctx, last).Scan(&version)
	return version, err
}

// PRAGMA user_version belongs to the host, so a table records the steps.
const (
	createRecordsSQL = `CREATE TABLE IF NOT EXISTS deskauth_accounts_migrations (
	version    INTEGER NOT NULL PRIMARY KEY,
	applied_at INTEGER NOT NULL -- Unix seconds
) STRICT`
	recordSQL = `INSERT INTO deskauth_accounts_migrations (version, applied_at)
	VALUES (?, unixepoch())`
)

// apply runs the steps after the last one that was applied. Its caller has begun the
// transaction.
func apply(ctx context.Context, conn *sql.Conn, steps []string) error {
	version, err := applied(ctx, conn) // again: another process may have been faster
	if err != nil {
		return err
	}
	if version == 0 {
		foreign, err := exists(ctx, conn, "deskauth_accounts")
		if err != nil {
			return err
		}
		if foreign {
			return mendTrigger(ctx, conn, checkTable(ctx, conn))
		}
	}
	if version < stateStep {
		if err := checkOwnState(ctx, conn); err != nil {
			return err
		}
	}
	if err := exec(ctx, conn, createRecordsSQL); err != nil {
		return err
	}
	if err := mendCheck(ctx, conn); err != nil { // before a step writes rows
		return fmt.Errorf("let attributes be NULL: %w", err)
	}
	for ; version < len(steps); version++ {
		err := exec(ctx, conn, steps[version])
		if err != nil && !addedBefore(err) {
			return fmt.Errorf("to version %d: %w", version+1, err)
		}
		if err := exec(ctx, conn, recordSQL, version+1); err != nil {
			return err
		}
	}
	return mendTrigger(ctx, conn, checkTable(ctx, conn))
}

// addedBefore reports whether the last statement of a step, which adds a column, found it
// there: another tool has run the step. ALTER TABLE has no IF NOT EXISTS, and drivers have
// no error code in common.
func addedBefore(err error) bool { return strings.Contains(err.Error(), "duplicate column name") }

// exists reports whether the database has a table, view or index of the name.
func exists(ctx context.Context, conn *sql.Conn, name string) (found bool, err error) {
	const query = `SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = ? COLLATE NOCASE)`
	err = conn.QueryRowContext(ctx, query, name).Scan(&found)
	return found, err
}

// exec runs a statement. If ctx has ended by then, it may not have been run: some drivers
// leave it out and return no error.
func exec(ctx context.Context, conn *sql.Conn, query string, args ...any) error {
	_, err := conn.ExecContext(ctx, query, args...)
	return cmp.Or(err, ctx.Err())
}
