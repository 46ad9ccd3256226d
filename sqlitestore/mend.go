package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// oldCheck was the CHECK of attributes in the first tables. Before SQLite 3.43,
// json_valid(NULL) is 0 and not NULL, so the CHECK refuses accounts without attributes. An
// older SQLite can then neither write such rows nor restore a dump of a newer one.
const (
	oldCheck = "CHECK (json_valid(attributes))"
	newCheck = "CHECK (attributes IS NULL OR json_valid(attributes))"
)

func hasOldCheck(ctx context.Context, conn *sql.Conn) (found bool, err error) {
	const query = `SELECT EXISTS (SELECT 1 FROM sqlite_master
		WHERE type = 'table' AND name = 'deskauth_accounts' COLLATE NOCASE AND instr(sql, ?) > 0)`
	err = conn.QueryRowContext(ctx, query, oldCheck).Scan(&found)
	return found, err
}

// mendCheck puts newCheck in the place of oldCheck. It edits the text of the schema, which
// is SQLite's own way to drop a constraint (https://sqlite.org/lang_altertable.html §7): a
// new table would lose the host's columns and triggers, and dropping the old one would
// delete rows of other tables that refer to it. No row is read or written. The caller has
// begun the transaction.
func mendCheck(ctx context.Context, conn *sql.Conn) error {
	old, err := hasOldCheck(ctx, conn)
	if err != nil || !old {
		return err
	}
	var version int64 // by which other connections notice that the schema has changed
	if err := conn.QueryRowContext(ctx, "PRAGMA schema_version").Scan(&version); err != nil {
		return err
	}
	if err := exec(ctx, conn, "PRAGMA writable_schema = ON"); err != nil {
		return err
	}
	const edit = `UPDATE sqlite_master SET sql = replace(sql, ?, ?)
		WHERE type = 'table' AND name = 'deskauth_accounts' COLLATE NOCASE`
	if err := exec(ctx, conn, edit, oldCheck, newCheck); err != nil {
		return err
	}
	if err := exec(ctx, conn, fmt.Sprintf("PRAGMA schema_version = %d", version+1)); err != nil {
		return err
	}
	return exec(ctx, conn, "PRAGMA writable_schema = RESET") // and read the schema anew
}

// checkNull refuses a table whose CHECK would refuse every account without attributes. Only
// one that another tool made from the first schema still has that CHECK.
func checkNull(ctx context.Context, conn *sql.Conn) error {
	old, err := hasOldCheck(ctx, conn)
	if err != nil || !old {
		return err
	}
	var refuses bool
	err = conn.QueryRowContext(ctx, "SELECT json_valid(NULL) IS 0").Scan(&refuses)
	if err == nil && refuses {
		err = errors.New("the table deskauth_accounts refuses accounts without attributes, because this " +
			"SQLite is older than 3.43; make the table anew from Schema, with " + newCheck)
	}
	return err
}
