package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Which steps are done is noted in a table, because PRAGMA user_version is the host's.
const (
	versionsSQL = `CREATE TABLE IF NOT EXISTS deskauth_accounts_migrations (
	version    INTEGER NOT NULL PRIMARY KEY,
	applied_at INTEGER NOT NULL -- Unix seconds
) STRICT`
	noteSQL = `INSERT INTO deskauth_accounts_migrations (version, applied_at) VALUES (?, unixepoch())`
)

// schemaVersion returns the number of the last step that Migrate did, 0 for none.
func schemaVersion(ctx context.Context, conn *sql.Conn) (version int, err error) {
	noted, err := has(ctx, conn, "deskauth_accounts_migrations")
	if err != nil || !noted {
		return 0, err
	}
	err = conn.QueryRowContext(ctx, `SELECT coalesce(max(version), 0) FROM deskauth_accounts_migrations`).Scan(&version)
	return version, err
}

// has reports whether there is a table, or whatever else, of the name.
func has(ctx context.Context, conn *sql.Conn, name string) (found bool, err error) {
	const query = `SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = ? COLLATE NOCASE)`
	err = conn.QueryRowContext(ctx, query, name).Scan(&found)
	return found, err
}

// checkTable finds out whether the table has what the store needs. It may be somebody else's,
// or lack what keeps accounts from being doubled: an index of the same name on another table,
// say an old one that was renamed, lets IF NOT EXISTS make none.
func checkTable(ctx context.Context, conn *sql.Conn) error {
	for _, query := range []string{
		selectSQL + `LIMIT 0`,
		`SELECT id FROM deskauth_accounts INDEXED BY deskauth_accounts_email WHERE email = '' AND email <> ''`,
		`SELECT id FROM deskauth_accounts INDEXED BY deskauth_accounts_idle_guests
			WHERE kind = 'guest' AND coalesce(last_active_at, created_at) < 0 LIMIT 0`,
	} {
		if err := exec(ctx, conn, query); err != nil { // SQLite names the first that is missing
			return fmt.Errorf("there is a table deskauth_accounts that lacks something, or an old table that was renamed has the names of its indexes; drop those indexes and start again, or run the files of Migrations with the tool that made the table: %w", err)
		}
	}
	for _, column := range []string{"id", "email"} {
		var unique bool
		const query = `SELECT EXISTS (SELECT 1 FROM pragma_index_list('deskauth_accounts') AS list
			WHERE list."unique" = 1 AND (list.name = 'deskauth_accounts_email' OR list.origin = 'pk' OR list.partial = 0)
			AND (SELECT group_concat(name || ' ' || coll) FROM pragma_index_xinfo(list.name) WHERE key = 1) = ? || ' BINARY')`
		if err := conn.QueryRowContext(ctx, query, column).Scan(&unique); err != nil {
			return err
		}
		if !unique {
			return fmt.Errorf("the table deskauth_accounts has no unique index on %s that compares bytes, so that two accounts could have one; make the table from Schema", column)
		}
	}
	var strict bool
	const query = `SELECT strict AND NOT wr FROM pragma_table_list('deskauth_accounts') WHERE schema = 'main'`
	if err := conn.QueryRowContext(ctx, query).Scan(&strict); err != nil {
		return err
	}
	if !strict {
		return errors.New("the table deskauth_accounts is not STRICT, so that it could keep what is no account, or has no rowid; make the table from Schema")
	}
	return nil
}

// checkEncoding refuses databases in which the bytes of a text are not its UTF-8, so that IDs
// would sort otherwise. The encoding of a database never changes once it has tables:
// https://sqlite.org/pragma.html#pragma_encoding
func checkEncoding(ctx context.Context, conn *sql.Conn) error {
	var encoding string
	if err := conn.QueryRowContext(ctx, `PRAGMA encoding`).Scan(&encoding); err != nil {
		return err
	}
	if encoding != "UTF-8" {
		return fmt.Errorf("the database is encoded as %s; accounts need one in UTF-8, SQLite's default", encoding)
	}
	return nil
}

func exec(ctx context.Context, conn *sql.Conn, query string, values ...any) error {
	_, err := conn.ExecContext(ctx, query, values...)
	return err
}
