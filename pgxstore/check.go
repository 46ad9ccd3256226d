package pgxstore

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// check finds a table of the same name that does not do, because it is somebody else's or
// was made without what keeps accounts from being doubled: an index of the same name on
// another table, say an old one that was renamed, lets IF NOT EXISTS make none.
func (t table) check(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, "SELECT "+columns+" FROM "+t.String()+" LIMIT 0")
	if hasCode(err, undefinedColumn) {
		return fmt.Errorf("there is a table of that name which is not one of accounts; choose another name with NewTable: %w", err)
	}
	if err != nil {
		return err
	}
	if err := t.checkIndexes(ctx, tx); err != nil {
		return err
	}
	return t.checkCollations(ctx, tx)
}

// checkIndexes finds out whether two accounts could have one ID or address, and whether
// idle guests can be found.
func (t table) checkIndexes(ctx context.Context, tx pgx.Tx) error {
	for _, index := range []struct {
		on, where string
		unique    bool
		lacks     string
	}{
		{"id", "", true, "a unique index, so that two accounts could have one id: add PRIMARY KEY (id)"},
		{"email", "(email <> ''::text)", true, "a unique index, so that two accounts could have one email: add CREATE UNIQUE INDEX ON " + t.String() + " (email) WHERE email <> ''"},
		{"COALESCE(last_active_at, created_at)", "(kind = 'guest'::text)", false,
			"the index that finds idle guests: add CREATE INDEX ON " + t.String() + " (coalesce(last_active_at, created_at)) WHERE kind = 'guest'"},
	} {
		var found bool
		err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_index WHERE indrelid = to_regclass($1) AND (indisunique OR NOT $2) AND indisvalid AND indnkeyatts = 1
			AND (indkey[0] = 0 OR indcollation[0] = (SELECT attcollation FROM pg_attribute WHERE attrelid = indrelid AND attnum = indkey[0]))
			AND pg_get_indexdef(indexrelid, 1, false) = $3 AND coalesce(pg_get_expr(indpred, indrelid), '') = $4)`, t.String(), index.unique, index.on, index.where).Scan(&found)
		if err != nil {
			return err
		}
		if !found {
			return fmt.Errorf("the table is there without %s; a renamed table keeps the names of its indexes, drop or rename those first", index.lacks)
		}
	}
	return nil
}

// checkCollations finds out whether IDs sort by their bytes, and whether two spellings are
// two keys.
func (t table) checkCollations(ctx context.Context, tx pgx.Tx) error {
	var byBytes bool
	err := tx.QueryRow(ctx, `SELECT count(*) = 2 FROM pg_attribute a JOIN pg_collation c ON c.oid = a.attcollation
		WHERE a.attrelid = to_regclass($1) AND a.attname IN ('id', 'email') AND c.collname IN ('C', 'POSIX', 'ucs_basic')`, t.String()).Scan(&byBytes)
	if err != nil {
		return err
	}
	if !byBytes {
		return fmt.Errorf(`the table is there with IDs or addresses that do not compare by their bytes: ALTER TABLE %s ALTER COLUMN id TYPE text COLLATE "C", ALTER COLUMN email TYPE text COLLATE "C"`, t)
	}
	return nil
}
