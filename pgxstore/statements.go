package pgxstore

import (
	"errors"
	"fmt"
	"strings"

	"github.com/deskauth/deskauth"
)

// statements are what the methods send, each under its method's name.
type statements struct {
	createUser, userByID, userByEmail, updateUser string
	deleteUser, listUsers, importUsers            string

	idle map[deskauth.Kind]idleStatements
}

// idleStatements are those for a kind of accounts that can be purged.
type idleStatements struct {
	purge  string // deletes idle accounts
	newest string // finds when one was last active
}

func statementsFor(t table) statements {
	return statements{
		createUser: t.fillIn(`INSERT INTO {table} ({columns}) VALUES ({values})`),
		userByID:   t.fillIn(`SELECT {columns} FROM {table} WHERE id = $1`),
		// The condition on '' is that of the index.
		userByEmail: t.fillIn(`SELECT {columns} FROM {table} WHERE email = $1 AND email <> ''`),
		// The stored version comes back in the same round trip, as it was when the
		// statement began.
		updateUser: t.fillIn(`WITH updated AS (
			UPDATE {table} SET {changes}, version = version + 1
			WHERE id = {id} AND version = {version} RETURNING 1)
			SELECT EXISTS (SELECT FROM updated), (SELECT version FROM {table} WHERE id = {id})`),
		idle: map[deskauth.Kind]idleStatements{
			deskauth.KindGuest: {
				purge:  t.fillIn(purgeSQL(`kind = 'guest'`)),
				newest: t.fillIn(newestSQL(deskauth.KindGuest)),
			},
			deskauth.KindExternal: {
				purge:  t.fillIn(purgeSQL(`kind = 'userexternal' AND NOT disabled`)),
				newest: t.fillIn(newestSQL(deskauth.KindExternal)),
			},
		},
		deleteUser: t.fillIn(`DELETE FROM {table} WHERE id = $1`),
		listUsers:  t.fillIn(`SELECT {columns} FROM {table} WHERE id > $1 ORDER BY id LIMIT $2`),
		// All imports use one order, so that two of them do not wait for each other.
		importUsers: t.fillIn(`INSERT INTO {table} ({columns})
			SELECT {row} FROM unnest({arrays}) AS a ({columns}) ORDER BY id ON CONFLICT DO NOTHING`),
	}
}

// idleOf returns the statements for idle accounts of a kind.
func (s *statements) idleOf(kind deskauth.Kind) (idleStatements, error) {
	idle, ok := s.idle[kind]
	if !ok {
		return idle, fmt.Errorf("idle accounts of kind %q: %w", kind, errors.ErrUnsupported)
	}
	return idle, nil
}

// purgeSQL deletes idle accounts. The expression and the condition on the kind are those of
// the kind's index. A purge skips the accounts that another purge has locked. PostgreSQL
// looks again at one that became active in between, before it locks the row, and then
// leaves it alone.
func purgeSQL(condition string) string {
	return fmt.Sprintf(`DELETE FROM {table} WHERE id = ANY (ARRAY (
		SELECT id FROM {table}
		WHERE %s AND coalesce(last_active_at, created_at) < $1
		ORDER BY coalesce(last_active_at, created_at) LIMIT $2 FOR UPDATE SKIP LOCKED))`, condition)
}

// newestSQL finds when an account of a kind was last active. An infinite timestamp is none:
// a statement by hand made it.
func newestSQL(kind deskauth.Kind) string {
	return fmt.Sprintf(`SELECT coalesce(last_active_at, created_at) FROM {table}
		WHERE kind = '%s' AND coalesce(last_active_at, created_at) <= $1
		AND coalesce(last_active_at, created_at) > '-infinity'
		ORDER BY coalesce(last_active_at, created_at) DESC LIMIT 1`, kind)
}

// fillIn puts the table and its columns into the text of a statement:
//
//   - {table} is the name of the table.
//   - {columns} are the names of all columns.
//   - {values} are the parameters of all columns, in the order of values.
//   - {id} is the parameter of id. Every column has one like it.
//   - {changes} assigns the parameters to all columns but id and version.
//   - {arrays} are the parameters of all columns, in the order of arrays.
//   - {row} is one row of what unnest makes of the arrays.
func (t table) fillIn(text string) string {
	var names, params, changes, arrays, row, markers []string
	for i, c := range columns(new(deskauth.Account)) {
		param, element := fmt.Sprintf("$%d", i+1), c.name
		array := param + "::" + c.sqlType + "[]"
		if c.sqlType == "json" { // every protocol of pgx sends text alike
			array = param + "::text[]"
			param += "::text::json"
			element += "::json"
		}
		names = append(names, c.name)
		params = append(params, param)
		markers = append(markers, "{"+c.name+"}", param)
		if c.name != "id" && c.name != "version" {
			changes = append(changes, c.name+" = "+param)
		}
		arrays = append(arrays, array)
		row = append(row, element)
	}
	markers = append(markers, "{table}", t.String(), "{columns}", strings.Join(names, ", "),
		"{values}", strings.Join(params, ", "), "{changes}", strings.Join(changes, ", "),
		"{arrays}", strings.Join(arrays, ", "), "{row}", strings.Join(row, ", "))
	return strings.NewReplacer(markers...).Replace(text)
}
