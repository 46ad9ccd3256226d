package pgxstore

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// checkTable refuses a table of that name that the store cannot use. It may be a table of
// the host's, or lack an index that keeps accounts apart: while another table, perhaps an
// old one that was renamed, has an index of that name, CREATE INDEX IF NOT EXISTS makes
// none.
func (t table) checkTable(ctx context.Context, tx pgx.Tx) error {
	if err := t.checkColumns(ctx, tx); err != nil {
		return err
	}
	if err := t.checkIndexes(ctx, tx); err != nil {
		return err
	}
	return t.checkCollations(ctx, tx)
}

func (t table) checkColumns(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, t.fillIn(`SELECT {columns} FROM {table} LIMIT 0`))
	return namesTable(err)
}

// stateVersion is the version of the schema from which on the table has the column state.
const stateVersion = 2

// checkState refuses a column state that no step has made. A host may have added one of its
// own, with values of its own, before deskauth had one.
func (t table) checkState(ctx context.Context, tx pgx.Tx) error {
	var ours bool
	err := tx.QueryRow(ctx, `SELECT atttypid = 'text'::regtype AND NOT attnotnull AND NOT atthasdef
		FROM pg_attribute WHERE attrelid = to_regclass($1) AND attname = 'state' AND NOT attisdropped`,
		t.String()).Scan(&ours)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err == nil && ours {
		err = tx.QueryRow(ctx, t.fillIn(
			`SELECT NOT EXISTS (SELECT FROM {table} WHERE state NOT LIKE '{"v":%')`)).Scan(&ours)
	}
	if err == nil && !ours {
		return fmt.Errorf("the table has a column state that is not deskauth's; deskauth needs the name, "+
			"so rename yours with ALTER TABLE %s RENAME COLUMN state TO another_name", t)
	}
	return err
}

// namesTable says of a column that is missing that the table may not be ours.
func namesTable(err error) error {
	if hasCode(err, undefinedColumn) { // PostgreSQL names the column
		return fmt.Errorf("the table lacks a column of accounts; if it is another table, "+
			"choose another name with NewTable: %w", err)
	}
	return err
}

// checkIndexes finds out whether two accounts could have one ID or address, and whether the
// statements have their indexes.
func (t table) checkIndexes(ctx context.Context, tx pgx.Tx) error {
	const exists = `SELECT EXISTS (SELECT FROM pg_index
		WHERE indrelid = to_regclass($1) AND (indisunique OR NOT $2) AND indisvalid AND indnkeyatts = 1
		AND (indkey[0] = 0 OR indcollation[0] = (
			SELECT attcollation FROM pg_attribute WHERE attrelid = indrelid AND attnum = indkey[0]))
		AND pg_get_indexdef(indexrelid, 1, false) = $3
		AND coalesce(pg_get_expr(indpred, indrelid), '') = $4)`
	for _, index := range []struct {
		on, where  string
		unique     bool
		lacks, add string
	}{
		{
			on: "id", unique: true,
			lacks: "unique index on id, so two accounts could have one id",
			add:   "PRIMARY KEY (id)",
		},
		{
			on: "email", where: "(email <> ''::text)", unique: true,
			lacks: "unique index on email, so two accounts could have one email",
			add:   t.fillIn("CREATE UNIQUE INDEX ON {table} (email) WHERE email <> ''"),
		},
		{
			on: "COALESCE(last_active_at, created_at)", where: "(kind = 'guest'::text)",
			lacks: "index that finds idle guests",
			add: t.fillIn("CREATE INDEX ON {table} (coalesce(last_active_at, created_at)) " +
				"WHERE kind = 'guest'"),
		},
		{
			on: "COALESCE(last_active_at, created_at)", where: "(kind = 'userexternal'::text)",
			lacks: "index that finds idle external users",
			add: t.fillIn("CREATE INDEX ON {table} (coalesce(last_active_at, created_at)) " +
				"WHERE kind = 'userexternal'"),
		},
	} {
		var found bool
		err := tx.QueryRow(ctx, exists, t.String(), index.unique, index.on, index.where).Scan(&found)
		if err != nil {
			return err
		}
		if !found {
			return fmt.Errorf("the table has no %s; if an old table that was renamed has an index of "+
				"that name, drop or rename that index and try again, else add %s", index.lacks, index.add)
		}
	}
	return nil
}

// checkCollations finds out whether IDs and addresses compare by their bytes. Any other
// collation sorts IDs differently, and may take two spellings for one.
func (t table) checkCollations(ctx context.Context, tx pgx.Tx) error {
	var byBytes bool
	err := tx.QueryRow(ctx, `SELECT count(*) = 2
		FROM pg_attribute a JOIN pg_collation c ON c.oid = a.attcollation
		WHERE a.attrelid = to_regclass($1) AND a.attname IN ('id', 'email')
		AND c.collname IN ('C', 'POSIX', 'ucs_basic')`, t.String()).Scan(&byBytes)
	if err != nil {
		return err
	}
	if !byBytes {
		return fmt.Errorf(`the table has an id or email that does not compare by its bytes; run `+
			`ALTER TABLE %s ALTER COLUMN id TYPE text COLLATE "C", `+
			`ALTER COLUMN email TYPE text COLLATE "C"`, t)
	}
	return nil
}

// checkEncoding refuses databases that cannot hold the text of every language.
func checkEncoding(ctx context.Context, tx pgx.Tx) error {
	var encoding string
	err := tx.QueryRow(ctx, "SELECT current_setting('server_encoding')").Scan(&encoding)
	if err != nil {
		return err
	}
	if encoding != "UTF8" {
		return fmt.Errorf("the database is encoded in %s; use one in UTF8, as "+
			"createdb -E UTF8 -T template0 makes", encoding)
	}
	return nil
}
