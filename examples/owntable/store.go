// Package owntable keeps accounts in a table that was there before: a shop's customers, in
// SQLite. Copy the file, and put your table and its columns in.
package owntable

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/deskauth/deskauth"
)

// Existing is what the shop has: customers with a number, perhaps an address, no password.
const Existing = `CREATE TABLE customers (
	customer_no INTEGER PRIMARY KEY, mail TEXT, given_name TEXT NOT NULL DEFAULT '', family_name TEXT NOT NULL DEFAULT '',
	newsletter INTEGER NOT NULL DEFAULT 0, joined_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP)`

// Added is what an account needs besides. A customer without an account_id has no account.
// One who signs up gets a row of its own, as anybody may type anybody's address: that the
// two are one person is for the shop to find out, once the address is verified.
const Added = `
ALTER TABLE customers ADD COLUMN account_id TEXT;
ALTER TABLE customers ADD COLUMN kind TEXT NOT NULL DEFAULT '';
ALTER TABLE customers ADD COLUMN mail_verified INTEGER NOT NULL DEFAULT 0;
ALTER TABLE customers ADD COLUMN project_id TEXT NOT NULL DEFAULT '';
ALTER TABLE customers ADD COLUMN external_id TEXT NOT NULL DEFAULT '';
ALTER TABLE customers ADD COLUMN attributes TEXT;
ALTER TABLE customers ADD COLUMN password_hash TEXT NOT NULL DEFAULT '';
ALTER TABLE customers ADD COLUMN disabled INTEGER NOT NULL DEFAULT 0;
ALTER TABLE customers ADD COLUMN session_epoch INTEGER NOT NULL DEFAULT 0;
ALTER TABLE customers ADD COLUMN version INTEGER NOT NULL DEFAULT 0 CHECK (typeof(version) = 'integer');
ALTER TABLE customers ADD COLUMN active_ms INTEGER;
ALTER TABLE customers ADD COLUMN created_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE customers ADD COLUMN updated_ms INTEGER NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX customers_account ON customers (account_id);
CREATE UNIQUE INDEX customers_mail ON customers (mail) WHERE account_id IS NOT NULL`

// Store is a [deskauth.UserStore] in the table. Each connection of DB needs a busy timeout, and
// in WAL mode PRAGMA synchronous = FULL, or a power failure may take back what was answered.
type Store struct{ DB *sql.DB }

const selectAccount = `SELECT account_id, kind, coalesce(mail, ''), mail_verified, given_name, family_name, project_id, external_id,
	attributes, password_hash, disabled, session_epoch, version, active_ms, created_ms, updated_ms FROM customers WHERE `

// CreateUser implements [deskauth.UserStore]. What is taken is told by the row that was not
// inserted: no driver has to be asked for its error codes.
func (s Store) CreateUser(ctx context.Context, a deskauth.Account) error {
	return s.change(ctx, deskauth.ErrUserExists, `INSERT INTO customers (kind, mail, mail_verified, given_name, family_name, project_id, external_id,
		attributes, password_hash, disabled, session_epoch, active_ms, created_ms, updated_ms, account_id, version)
		VALUES (?, nullif(?, ''), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`, values(a)...)
}

// UserByID implements [deskauth.UserStore].
func (s Store) UserByID(ctx context.Context, id string) (deskauth.Account, error) {
	return s.find(ctx, `account_id = ?`, id)
}

// UserByEmail implements [deskauth.UserStore]. A customer without an account is nobody.
func (s Store) UserByEmail(ctx context.Context, email string) (deskauth.Account, error) {
	return s.find(ctx, `mail = ? AND account_id IS NOT NULL`, email)
}

func (s Store) find(ctx context.Context, where, key string) (a deskauth.Account, err error) {
	var active sql.NullInt64
	var created, updated int64
	err = s.DB.QueryRowContext(ctx, selectAccount+where, key).Scan(&a.ID, (*string)(&a.Kind), &a.Email, &a.EmailVerified, &a.FirstName, &a.LastName, &a.ProjectID, &a.ExternalID,
		(*[]byte)(&a.Attributes), &a.PasswordHash, &a.Disabled, &a.SessionEpoch, &a.Version, &active, &created, &updated)
	if errors.Is(err, sql.ErrNoRows) {
		return deskauth.Account{}, deskauth.ErrUserNotFound
	} else if err != nil {
		return deskauth.Account{}, errors.Join(err, ctx.Err()) // an interruption is the context's error
	}
	if active.Valid {
		a.LastActiveAt = time.UnixMilli(active.Int64).UTC()
	}
	a.CreatedAt, a.UpdatedAt = time.UnixMilli(created).UTC(), time.UnixMilli(updated).UTC()
	return a, nil
}

// UpdateUser implements [deskauth.UserStore]: compare and swap in one statement, and only if
// it changed nothing a look at why.
func (s Store) UpdateUser(ctx context.Context, a deskauth.Account) error {
	err := s.change(ctx, deskauth.ErrConflict, `UPDATE customers SET kind = ?, mail = nullif(?, ''), mail_verified = ?, given_name = ?, family_name = ?, project_id = ?, external_id = ?,
		attributes = ?, password_hash = ?, disabled = ?, session_epoch = ?, active_ms = ?, created_ms = ?, updated_ms = ?, version = version + 1
		WHERE account_id = ? AND version = ? AND NOT EXISTS (SELECT 1 FROM customers o WHERE o.mail = ? AND o.account_id <> customers.account_id)`,
		append(values(a), a.Email)...)
	if !errors.Is(err, deskauth.ErrConflict) {
		return err
	}
	there, err := s.UserByID(ctx, a.ID)
	if err == nil && there.Version != a.Version {
		return deskauth.ErrConflict
	} else if err == nil {
		return deskauth.ErrUserExists
	}
	return err
}

// change runs a statement that changes one row, or none for the reason otherwise.
func (s Store) change(ctx context.Context, otherwise error, statement string, args ...any) error {
	result, err := s.DB.ExecContext(ctx, statement, args...)
	if err != nil {
		return errors.Join(err, ctx.Err())
	}
	if n, err := result.RowsAffected(); err != nil || n > 0 {
		return err
	}
	return otherwise
}

// values are in the order of both statements, which end with the ID and the Version.
func values(a deskauth.Account) []any {
	active := sql.NullInt64{Int64: a.LastActiveAt.UnixMilli(), Valid: !a.LastActiveAt.IsZero()}
	attributes := sql.NullString{String: string(a.Attributes), Valid: a.Attributes != nil}
	return []any{string(a.Kind), a.Email, a.EmailVerified, a.FirstName, a.LastName, a.ProjectID, a.ExternalID,
		attributes, a.PasswordHash, a.Disabled, a.SessionEpoch, active, a.CreatedAt.UnixMilli(), a.UpdatedAt.UnixMilli(), a.ID, a.Version}
}
