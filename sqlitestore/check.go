package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// checkTable refuses a table of that name that the store cannot use. It may be a table of
// the host's, or lack an index that keeps accounts apart: while another table, perhaps an
// old one that was renamed, has an index of that name, CREATE INDEX IF NOT EXISTS makes
// none.
func checkTable(ctx context.Context, conn *sql.Conn) error {
	if err := checkColumns(ctx, conn); err != nil {
		return err
	}
	if err := checkState(ctx, conn); err != nil {
		return err
	}
	if err := checkIndexes(ctx, conn); err != nil {
		return err
	}
	if err := checkNull(ctx, conn); err != nil {
		return err
	}
	return checkStrict(ctx, conn)
}

func checkColumns(ctx context.Context, conn *sql.Conn) error {
	err := exec(ctx, conn, fillIn(`SELECT {columns} FROM deskauth_accounts LIMIT 0`))
	if err != nil { // SQLite names the first column that is missing
		return fmt.Errorf("the table deskauth_accounts lacks a column of accounts; rename it if it "+
			"is another table, or run the files of Migrations with the tool that made it: %w", err)
	}
	return nil
}

// stateStep is the number of the step that adds the column state.
const stateStep = 2

const ownState = "the table deskauth_accounts has a column state of your own, which %s; deskauth keeps " +
	"something else under that name, so rename yours and try again: " +
	"ALTER TABLE deskauth_accounts RENAME COLUMN state TO my_state"

// checkState refuses a column state that no migration has made. It would be taken for what
// deskauth keeps there.
func checkState(ctx context.Context, conn *sql.Conn) error {
	var declared string
	var required, hasDefault bool
	err := conn.QueryRowContext(ctx, `SELECT type, "notnull", dflt_value IS NOT NULL
		FROM pragma_table_info('deskauth_accounts') WHERE name = 'state' COLLATE NOCASE`,
	).Scan(&declared, &required, &hasDefault)
	switch {
	case errors.Is(err, sql.ErrNoRows): // checkColumns is about that
		return nil
	case err != nil:
		return err
	case !strings.EqualFold(declared, "TEXT"):
		return fmt.Errorf(ownState, "is "+declared+" and not TEXT")
	case required:
		return fmt.Errorf(ownState, "is NOT NULL")
	case hasDefault:
		return fmt.Errorf(ownState, "has a default")
	}
	return nil
}

// checkOwnState is checkState before the step that adds the column, and also looks at the
// rows. A tool of the host's may have run that step.
func checkOwnState(ctx context.Context, conn *sql.Conn) error {
	if err := checkState(ctx, conn); err != nil {
		return err
	}
	var found bool
	const column = `SELECT EXISTS (SELECT 1 FROM pragma_table_info('deskauth_accounts')
		WHERE name = 'state' COLLATE NOCASE)`
	if err := conn.QueryRowContext(ctx, column).Scan(&found); err != nil || !found {
		return err
	}
	var id string // of an account whose state deskauth has not written
	err := conn.QueryRowContext(ctx, `SELECT id FROM deskauth_accounts WHERE state IS NOT NULL
		AND NOT CASE WHEN json_valid(state) THEN json_type(state, '$.v') IS 'integer' ELSE 0 END LIMIT 1`).Scan(&id)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return err
	}
	return fmt.Errorf(ownState, fmt.Sprintf("holds something else for account %q", id))
}

// checkIndexes finds out whether two accounts could have one ID or address, and whether the
// statements have their indexes.
func checkIndexes(ctx context.Context, conn *sql.Conn) error {
	for _, query := range []string{
		`SELECT id FROM deskauth_accounts INDEXED BY deskauth_accounts_email
			WHERE email = '' AND email <> ''`,
		`SELECT id FROM deskauth_accounts INDEXED BY deskauth_accounts_idle_guests
			WHERE kind = 'guest' AND coalesce(last_active_at, created_at) < 0 LIMIT 0`,
		`SELECT id FROM deskauth_accounts INDEXED BY deskauth_accounts_idle_externals
			WHERE kind = 'userexternal' AND coalesce(last_active_at, created_at) < 0 LIMIT 0`,
	} {
		if err := exec(ctx, conn, query); err != nil { // SQLite names the index
			return fmt.Errorf("the table deskauth_accounts lacks an index; if an old table that was "+
				"renamed has one of that name, drop that index and try again, else run the files of "+
				"Migrations with the tool that made the table: %w", err)
		}
	}
	const isUnique = `SELECT EXISTS (SELECT 1 FROM pragma_index_list('deskauth_accounts') AS list
		WHERE list."unique" = 1
		AND (list.name = 'deskauth_accounts_email' OR list.origin = 'pk' OR list.partial = 0)
		AND (SELECT group_concat(name || ' ' || coll) FROM pragma_index_xinfo(list.name)
			WHERE key = 1) = ? || ' BINARY')`
	for _, column := range []string{"id", "email"} {
		var unique bool
		if err := conn.QueryRowContext(ctx, isUnique, column).Scan(&unique); err != nil {
			return err
		}
		if !unique {
			return fmt.Errorf("the table deskauth_accounts has no unique index on %s that compares "+
				"bytes, so two accounts could have one %[1]s; make the table from Schema", column)
		}
	}
	return nil
}

func checkStrict(ctx context.Context, conn *sql.Conn) error {
	var strict bool
	err := conn.QueryRowContext(ctx, `SELECT EXISTS (
		SELECT 1 FROM pragma_table_list('deskauth_accounts')
		WHERE schema = 'main' AND strict AND NOT wr)`).Scan(&strict)
	if err != nil {
		return err
	}
	if !strict {
		return errors.New("the table deskauth_accounts is not STRICT, so a column could hold a " +
			"value of another type, or it has no rowid; make the table from Schema")
	}
	return nil
}

// checkEncoding refuses databases in which the bytes of a text are not its UTF-8: there,
// IDs would sort differently. A database with tables never changes its encoding
// (https://sqlite.org/pragma.html#pragma_encoding).
func checkEncoding(ctx context.Context, conn *sql.Conn) error {
	var encoding string
	if err := conn.QueryRowContext(ctx, `PRAGMA encoding`).Scan(&encoding); err != nil {
		return err
	}
	if encoding != "UTF-8" {
		return fmt.Errorf("the database is encoded in %s; use one in UTF-8, SQLite's default", encoding)
	}
	return nil
}
