// Package owntable keeps accounts in a table that exists already: a shop's customers, in
// SQLite. For a table of your own, copy store.go and put your table and columns in.
package owntable

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/deskauth/deskauth"
)

// Store is a [deskauth.UserStore] in the table. Each connection of DB needs a busy timeout.
// In WAL mode it also needs PRAGMA synchronous = FULL, or a power failure may take back the
// last changes.
type Store struct{ DB *sql.DB }

// columns are those of an account, in the order of values and scan: ?1 is account_id.
const columns = `account_id, kind, mail, mail_verified, given_name, family_name, project_id,
	external_id, attributes, password_hash, disabled, session_epoch, version, last_active_ms,
	created_ms, updated_ms, state`

const (
	createUserSQL = `INSERT INTO customers (` + columns + `)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
	userByIDSQL    = `SELECT ` + columns + ` FROM customers WHERE account_id = ?`
	userByEmailSQL = `SELECT ` + columns + ` FROM customers
		WHERE mail = ? AND account_id IS NOT NULL`
	updateUserSQL = `UPDATE customers SET kind = ?2, mail = ?3, mail_verified = ?4,
		given_name = ?5, family_name = ?6, project_id = ?7, external_id = ?8, attributes = ?9,
		password_hash = ?10, disabled = ?11, session_epoch = ?12, version = version + 1,
		last_active_ms = ?14, created_ms = ?15, updated_ms = ?16, state = ?17
		WHERE account_id = ?1 AND version = ?13 AND NOT EXISTS (SELECT 1 FROM customers AS other
			WHERE other.mail = ?3 AND other.account_id <> customers.account_id)`
)

// CreateUser implements [deskauth.UserStore].
func (s Store) CreateUser(ctx context.Context, a deskauth.Account) error {
	return s.write(ctx, createUserSQL, a, deskauth.ErrUserExists)
}

// UserByID implements [deskauth.UserStore].
func (s Store) UserByID(ctx context.Context, id string) (deskauth.Account, error) {
	return s.find(ctx, userByIDSQL, id)
}

// UserByEmail implements [deskauth.UserStore]. It finds no customer without an account.
func (s Store) UserByEmail(ctx context.Context, email string) (deskauth.Account, error) {
	return s.find(ctx, userByEmailSQL, email)
}

// UpdateUser implements [deskauth.UserStore].
func (s Store) UpdateUser(ctx context.Context, a deskauth.Account) error {
	err := s.write(ctx, updateUserSQL, a, deskauth.ErrConflict)
	if !errors.Is(err, deskauth.ErrConflict) {
		return err
	}
	stored, findErr := s.UserByID(ctx, a.ID) // to find out why it changed no row
	if findErr != nil {
		return findErr
	}
	if stored.Version == a.Version {
		return deskauth.ErrUserExists
	}
	return err
}

func (s Store) find(ctx context.Context, query, key string) (deskauth.Account, error) {
	a, err := scan(s.DB.QueryRowContext(ctx, query, key))
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return deskauth.Account{}, deskauth.ErrUserNotFound
	case err != nil && a.ID != "": // there is such a row, and it cannot be read
		return deskauth.Account{}, &deskauth.RowError{ID: a.ID, Err: err}
	case err != nil: // drivers do not name the context's error
		return deskauth.Account{}, errors.Join(err, ctx.Err())
	}
	return a, nil
}

// write stores an account. It returns the refusal if the statement changed no row: that
// works with every driver, where error codes do not.
func (s Store) write(ctx context.Context, change string, a deskauth.Account, refusal error) error {
	result, err := s.DB.ExecContext(ctx, change, values(a)...)
	if err != nil {
		return errors.Join(err, ctx.Err())
	}
	rows, err := result.RowsAffected()
	if err == nil && rows == 0 {
		return refusal
	}
	return err
}

func values(a deskauth.Account) []any {
	mail := sql.NullString{String: a.Email, Valid: a.Email != ""}
	attributes := sql.NullString{String: string(a.Attributes), Valid: a.Attributes != nil}
	state := sql.NullString{String: a.State, Valid: a.State != ""}
	active := sql.NullInt64{Int64: a.LastActiveAt.UnixMilli(), Valid: !a.LastActiveAt.IsZero()}
	return []any{a.ID, string(a.Kind), mail, a.EmailVerified, a.FirstName, a.LastName, a.ProjectID,
		a.ExternalID, attributes, a.PasswordHash, a.Disabled, a.SessionEpoch, a.Version, active,
		a.CreatedAt.UnixMilli(), a.UpdatedAt.UnixMilli(), state}
}

func scan(row *sql.Row) (a deskauth.Account, err error) {
	var mail, state sql.NullString
	var active sql.NullInt64
	var created, updated int64
	err = row.Scan(&a.ID, (*string)(&a.Kind), &mail, &a.EmailVerified, &a.FirstName, &a.LastName,
		&a.ProjectID, &a.ExternalID, (*[]byte)(&a.Attributes), &a.PasswordHash, &a.Disabled,
		&a.SessionEpoch, &a.Version, &active, &created, &updated, &state)
	a.Email, a.State = mail.String, state.String
	if active.Valid {
		a.LastActiveAt = time.UnixMilli(active.Int64).UTC()
	}
	a.CreatedAt, a.UpdatedAt = time.UnixMilli(created).UTC(), time.UnixMilli(updated).UTC()
	return a, err
}
