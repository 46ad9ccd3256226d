package sqlitestore

import (
	"context"
	"database/sql"
	"sync/atomic"
)

// The SQL of the store. It is plain enough for every driver: values are bound by position,
// and what became of a change is told by the number of its rows, not by error codes.
const (
	selectSQL = `SELECT id, kind, email, email_verified, first_name, last_name,
		project_id, external_id, attributes, password_hash, disabled,
		session_epoch, last_active_at, created_at, updated_at,
		version FROM deskauth_accounts `

	byIDSQL    = selectSQL + `WHERE id = ?`
	byEmailSQL = selectSQL + `WHERE email = ? AND email <> ''`
	listSQL    = selectSQL + `WHERE id > ? ORDER BY id LIMIT ?`

	insertSQL = `INSERT INTO deskauth_accounts (kind, email, email_verified, first_name, last_name,
		project_id, external_id, attributes, password_hash, disabled,
		session_epoch, last_active_at, created_at, updated_at, id, version)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`

	// In a STRICT table the sum after the last int64, being no integer, is an error.
	updateSQL = `UPDATE deskauth_accounts SET kind = ?, email = ?, email_verified = ?, first_name = ?, last_name = ?,
		project_id = ?, external_id = ?, attributes = ?, password_hash = ?, disabled = ?,
		session_epoch = ?, last_active_at = ?, created_at = ?, updated_at = ?,
		version = version + 1
		WHERE id = ? AND version = ? AND NOT EXISTS (SELECT 1 FROM deskauth_accounts AS other
			WHERE other.email = ? AND other.email <> '' AND other.id <> deskauth_accounts.id)`

	// Asked when updateSQL changed nothing.
	obstacleSQL = `SELECT version, EXISTS (SELECT 1 FROM deskauth_accounts AS other
		WHERE other.email = ? AND other.email <> '' AND other.id <> deskauth_accounts.id)
		FROM deskauth_accounts WHERE id = ?`

	deleteSQL = `DELETE FROM deskauth_accounts WHERE id = ?`

	// The expression and the condition are those of the index.
	purgeSQL = `DELETE FROM deskauth_accounts WHERE rowid IN (SELECT rowid FROM deskauth_accounts
		WHERE kind = 'guest' AND coalesce(last_active_at, created_at) < ?
		ORDER BY coalesce(last_active_at, created_at) LIMIT ?)`
)

// A query is a statement that is prepared when it is first needed and kept, by database/sql
// for each connection it ran on.
type query struct {
	db       *sql.DB
	text     string
	prepared atomic.Pointer[sql.Stmt]
}

func (q *query) stmt(ctx context.Context) (*sql.Stmt, error) {
	if stmt := q.prepared.Load(); stmt != nil {
		return stmt, nil
	}
	stmt, err := q.db.PrepareContext(ctx, q.text)
	if err != nil {
		return nil, err
	}
	if !q.prepared.CompareAndSwap(nil, stmt) { // another call was faster
		stmt.Close()
	}
	return q.prepared.Load(), nil
}

// close may be called when no call is under way.
func (q *query) close() error {
	if stmt := q.prepared.Swap(nil); stmt != nil {
		return stmt.Close()
	}
	return nil
}
