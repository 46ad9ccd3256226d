package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/deskauth/deskauth"
)

// statements are what the methods send, each under its method's name.
//
// The SQL is plain enough for every driver. Values are bound by position, and the number of
// changed rows tells what happened, not a driver's error codes.
type statements struct {
	createUser, userByID, userByEmail, updateUser, whyNotUpdated *statement
	purgeGuests, purgeExternals, newestGuest, newestExternal     *statement
	deleteUser, listUsers                                        *statement
}

func statementsOn(readers, writer *sql.DB) statements {
	read := func(text string) *statement { return &statement{db: readers, text: fillIn(text)} }
	write := func(text string) *statement { return &statement{db: writer, text: fillIn(text)} }
	return statements{
		createUser: write(`INSERT INTO deskauth_accounts ({columns}) VALUES ({values})
			ON CONFLICT DO NOTHING`),
		userByID: read(`SELECT {columns} FROM deskauth_accounts WHERE id = ?`),
		// The condition on '' is that of the index.
		userByEmail: read(`SELECT {columns} FROM deskauth_accounts WHERE email = ? AND email <> ''`),
		// After the last int64, version + 1 is a REAL, which a STRICT table refuses.
		updateUser: write(`UPDATE deskauth_accounts SET {changes}, version = version + 1
			WHERE id = {id} AND version = {version} AND NOT EXISTS (
				SELECT 1 FROM deskauth_accounts AS other WHERE other.email = {email}
				AND other.email <> '' AND other.id <> deskauth_accounts.id)`),
		whyNotUpdated: read(`SELECT version, EXISTS (
				SELECT 1 FROM deskauth_accounts AS other WHERE other.email = ?
				AND other.email <> '' AND other.id <> deskauth_accounts.id)
			FROM deskauth_accounts WHERE id = ?`),
		purgeGuests:    write(purgeSQL(`kind = 'guest'`)),
		purgeExternals: write(purgeSQL(`kind = 'userexternal' AND disabled = 0`)),
		newestGuest:    read(newestSQL(deskauth.KindGuest)),
		newestExternal: read(newestSQL(deskauth.KindExternal)),
		deleteUser:     write(`DELETE FROM deskauth_accounts WHERE id = ?`),
		listUsers:      read(`SELECT {columns} FROM deskauth_accounts WHERE id > ? ORDER BY id LIMIT ?`),
	}
}

func (s *statements) all() []*statement {
	return []*statement{
		s.createUser, s.userByID, s.userByEmail, s.updateUser, s.whyNotUpdated,
		s.purgeGuests, s.purgeExternals, s.newestGuest, s.newestExternal, s.deleteUser, s.listUsers,
	}
}

// purge returns the statement that deletes idle accounts of a kind.
func (s *statements) purge(kind deskauth.Kind) (*statement, error) {
	switch kind {
	case deskauth.KindGuest:
		return s.purgeGuests, nil
	case deskauth.KindExternal:
		return s.purgeExternals, nil
	}
	return nil, fmt.Errorf("purge accounts of kind %q: %w", kind, errors.ErrUnsupported)
}

// newest returns the statement that finds when an account of a kind was last active.
func (s *statements) newest(kind deskauth.Kind) (*statement, error) {
	switch kind {
	case deskauth.KindGuest:
		return s.newestGuest, nil
	case deskauth.KindExternal:
		return s.newestExternal, nil
	}
	return nil, fmt.Errorf("last activity of kind %q: %w", kind, errors.ErrUnsupported)
}

// purgeSQL deletes idle accounts. The expression and the condition on the kind are those of
// the kind's index.
func purgeSQL(condition string) string {
	return fmt.Sprintf(`DELETE FROM deskauth_accounts WHERE rowid IN (
		SELECT rowid FROM deskauth_accounts
		WHERE %s AND coalesce(last_active_at, created_at) < ?
		ORDER BY coalesce(last_active_at, created_at) LIMIT ?)`, condition)
}

// newestSQL finds when an account of a kind was last active.
func newestSQL(kind deskauth.Kind) string {
	return fmt.Sprintf(`SELECT coalesce(last_active_at, created_at) FROM deskauth_accounts
		WHERE kind = '%s' AND coalesce(last_active_at, created_at) <= ?
		ORDER BY coalesce(last_active_at, created_at) DESC LIMIT 1`, kind)
}

// fillIn puts the columns into the text of a statement:
//
//   - {columns} are the names of all columns.
//   - {values} are the parameters of all columns, in the order of values.
//   - {id} is the parameter of id. Every column has one like it.
//   - {changes} assigns the parameters to all columns but id and version.
func fillIn(text string) string {
	var names, params, changes, markers []string
	for i, c := range columns(new(deskauth.Account)) {
		param := fmt.Sprintf("?%d", i+1)
		names = append(names, c.name)
		params = append(params, param)
		markers = append(markers, "{"+c.name+"}", param)
		if c.name != "id" && c.name != "version" {
			changes = append(changes, c.name+" = "+param)
		}
	}
	markers = append(markers, "{columns}", strings.Join(names, ", "),
		"{values}", strings.Join(params, ", "), "{changes}", strings.Join(changes, ", "))
	return strings.NewReplacer(markers...).Replace(text)
}

// A statement is prepared when a call first needs it. From then on database/sql keeps it
// prepared on each connection that it ran on.
type statement struct {
	db       *sql.DB
	text     string
	prepared atomic.Pointer[sql.Stmt]
}

func (s *statement) prepare(ctx context.Context) (*sql.Stmt, error) {
	if stmt := s.prepared.Load(); stmt != nil {
		return stmt, nil
	}
	stmt, err := s.db.PrepareContext(ctx, s.text)
	if err != nil {
		return nil, err
	}
	if !s.prepared.CompareAndSwap(nil, stmt) { // another call was faster
		stmt.Close()
	}
	return s.prepared.Load(), nil
}

// close must not run beside a call.
func (s *statement) close() error {
	if stmt := s.prepared.Swap(nil); stmt != nil {
		return stmt.Close()
	}
	return nil
}
