package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// triggerName is the trigger that raises version when an UPDATE by hand does not. Without
// it, a sign-in at that moment may take the change back.
const triggerName = "deskauth_accounts_version"

// triggerSQL is the statement of the migration that makes the trigger.
var triggerSQL = func() string {
	const begin, end = "CREATE TRIGGER IF NOT EXISTS ", "END;"
	_, statement, _ := strings.Cut(Schema, begin)
	statement, _, _ = strings.Cut(statement, end)
	return "CREATE TRIGGER " + statement + end
}()

// hasTrigger reports whether the table has the trigger as the migration makes it.
func hasTrigger(ctx context.Context, conn *sql.Conn) (bool, error) {
	on, statement, err := findTrigger(ctx, conn)
	return isAccounts(on) && sameSQL(statement, triggerSQL), err
}

// findTrigger returns which table has a trigger of the name, and its SQL. Without one, both
// are empty.
func findTrigger(ctx context.Context, conn *sql.Conn) (on, statement string, err error) {
	const query = `SELECT tbl_name, sql FROM sqlite_master WHERE type = 'trigger' AND name = ? COLLATE NOCASE`
	err = conn.QueryRowContext(ctx, query, triggerName).Scan(&on, &statement)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return on, statement, err
}

// mendTrigger makes the trigger where it is missing or differs, if err is nil. The caller
// has begun the transaction and checked the table.
func mendTrigger(ctx context.Context, conn *sql.Conn, err error) error {
	if err != nil {
		return err
	}
	on, statement, err := findTrigger(ctx, conn)
	switch {
	case err != nil:
		return err
	case on != "" && !isAccounts(on): // DROP would be a change of another table
		return fmt.Errorf("the table %q has the trigger that deskauth_accounts lacks; if it is an old table "+
			"that was renamed, run DROP TRIGGER %s and try again", on, triggerName)
	case sameSQL(statement, triggerSQL):
		return nil
	}
	return exec(ctx, conn, "DROP TRIGGER IF EXISTS "+triggerName+"; "+triggerSQL)
}

func isAccounts(table string) bool { return strings.EqualFold(table, "deskauth_accounts") }

// sameSQL compares two statements but for blanks and quotes. When a table is renamed,
// SQLite puts quotes around its name.
func sameSQL(a, b string) bool {
	plain := func(statement string) string {
		return strings.TrimSuffix(strings.Join(strings.Fields(strings.ReplaceAll(statement, `"`, "")), " "), ";")
	}
	return strings.EqualFold(plain(a), plain(b))
}
