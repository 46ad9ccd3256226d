package pgxstore

import (
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

const (
	defaultTable = "deskauth_accounts"

	maxIdentifier = 63 // bytes; PostgreSQL cuts off the rest (NAMEDATALEN)
	longestSuffix = "_idle_guests"
)

// A table is where the accounts are.
type table struct {
	schema string // empty for the search_path
	name   string
}

func (t table) checkNames() error {
	for _, n := range []struct {
		what, name string
		most       int
	}{{"schema", t.schema, maxIdentifier}, {"table", t.name, maxIdentifier - len(longestSuffix)}} {
		if len(n.name) > n.most || !isText(n.name) || n.name == "" && n.what == "table" {
			return fmt.Errorf("pgxstore: the name of a %s has 1 to %d bytes of UTF-8 without NUL, and %.80q is none", n.what, n.most, n.name)
		}
	}
	return nil
}

// String returns the table's name as it stands in a statement.
func (t table) String() string { return t.with("") }

// with returns the name of what belongs to the table, in its schema.
func (t table) with(suffix string) string {
	if t.schema == "" {
		return quote(t.name + suffix)
	}
	return quote(t.schema) + "." + quote(t.name+suffix)
}

func quote(name string) string { return pgx.Identifier{name}.Sanitize() }

// statements are the texts that the methods send.
type statements struct {
	create, byID, byEmail, update string
	list, remove, purge, insert   string
}

func statementsFor(t table) statements {
	fill := strings.NewReplacer("{table}", t.String(), "{columns}", columns).Replace
	return statements{
		create: fill(`INSERT INTO {table} ({columns})
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::text::json, $10, $11, $12, $13, $14, $15, $16)`),
		byID: fill(`SELECT {columns} FROM {table} WHERE id = $1`),
		// The condition on '' is that of the index.
		byEmail: fill(`SELECT {columns} FROM {table} WHERE email = $1 AND email <> ''`),
		// Which version is there, if any, is asked in the same round trip. It is answered as of
		// the statement's beginning.
		update: fill(`WITH updated AS (
	UPDATE {table} SET kind = $2, email = $3, email_verified = $4, first_name = $5, last_name = $6, project_id = $7, external_id = $8,
		attributes = $9::text::json, password_hash = $10, disabled = $11, session_epoch = $12, version = version + 1,
		last_active_at = $14, created_at = $15, updated_at = $16
	WHERE id = $1 AND version = $13 RETURNING 1)
SELECT EXISTS (SELECT FROM updated), (SELECT version FROM {table} WHERE id = $1)`),
		list:   fill(`SELECT {columns} FROM {table} WHERE id > $1 ORDER BY id LIMIT $2`),
		remove: fill(`DELETE FROM {table} WHERE id = $1`),
		// Guests whom another purge has in its hands are left to it. A guest who became active
		// meanwhile is looked at again before it is locked, and left.
		purge: fill(`DELETE FROM {table} WHERE id = ANY (ARRAY (
	SELECT id FROM {table} WHERE kind = 'guest' AND coalesce(last_active_at, created_at) < $1
	ORDER BY coalesce(last_active_at, created_at) LIMIT $2 FOR UPDATE SKIP LOCKED))`),
		insert: fill(`INSERT INTO {table} ({columns})
SELECT id, kind, email, email_verified, first_name, last_name, project_id, external_id, attributes::json,
	password_hash, disabled, session_epoch, version, last_active_at, created_at, updated_at
FROM unnest($1::text[], $2::text[], $3::text[], $4::boolean[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
	$10::text[], $11::boolean[], $12::bigint[], $13::bigint[], $14::timestamptz[], $15::timestamptz[], $16::timestamptz[])
	AS a (id, kind, email, email_verified, first_name, last_name, project_id, external_id, attributes,
	password_hash, disabled, session_epoch, version, last_active_at, created_at, updated_at)
ORDER BY id ON CONFLICT DO NOTHING`), // in one order, so that two imports do not wait for each other
	}
}
