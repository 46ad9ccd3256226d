// Package guests shows how a program that stores things under account IDs follows a guest
// who becomes an agent or an external user. docs/guests.md quotes it.
package guests

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"

	"github.com/deskauth/deskauth"
)

// tables are the program's own. A visitor has many messages and one row of preferences.
const tables = `
CREATE TABLE messages (
	id        INTEGER PRIMARY KEY,
	user_id   TEXT NOT NULL,
	user_kind TEXT NOT NULL,
	body      TEXT NOT NULL
);
CREATE INDEX messages_user_id ON messages (user_id);
CREATE INDEX messages_of_guests ON messages (user_id) WHERE user_kind = 'guest';
CREATE TABLE preferences (
	user_id   TEXT PRIMARY KEY,
	user_kind TEXT NOT NULL,
	theme     TEXT NOT NULL
);
CREATE INDEX preferences_of_guests ON preferences (user_id) WHERE user_kind = 'guest';
`

// move gives what is stored under a guest's ID to its heir, who keeps preferences of its
// own. It may run any number of times.
func move(ctx context.Context, db *sql.DB, from, to string) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, s := range []struct {
		text string
		args []any
	}{
		{`UPDATE messages SET user_id = $1, user_kind = 'userexternal'
			WHERE user_id = $2`, []any{to, from}},
		{`INSERT INTO preferences (user_id, user_kind, theme)
			SELECT CAST($1 AS TEXT), 'userexternal', theme FROM preferences WHERE user_id = $2
			ON CONFLICT (user_id) DO NOTHING`, []any{to, from}},
		{`DELETE FROM preferences WHERE user_id = $1`, []any{from}},
	} {
		if _, err := tx.ExecContext(ctx, s.text, s.args...); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// rename notes that a guest is an agent now. Its ID is the same, so nothing moves. It may
// run any number of times.
func rename(ctx context.Context, db *sql.DB, userID string) error {
	for _, text := range []string{
		`UPDATE messages SET user_kind = 'user' WHERE user_id = $1`,
		`UPDATE preferences SET user_kind = 'user' WHERE user_id = $1`,
	} {
		if _, err := db.ExecContext(ctx, text, userID); err != nil {
			return err
		}
	}
	return nil
}

// A follower does what events of guests ask for.
type follower struct {
	db     *sql.DB
	events chan deskauth.Event
}

func newFollower(db *sql.DB) *follower {
	return &follower{db: db, events: make(chan deskauth.Event, 1000)}
}

// hear is for Config.OnEvent, so it waits for nothing. What finds no room, catchUp finds.
func (f *follower) hear(_ context.Context, e deskauth.Event) {
	if e.Type != deskauth.EventGuestLinked && e.Type != deskauth.EventGuestUpgraded {
		return
	}
	select {
	case f.events <- e:
	default:
	}
}

// run follows the events until ctx ends.
func (f *follower) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-f.events:
			if err := f.follow(ctx, e); err != nil {
				slog.Error("follow a guest", "event", e.Type, "user", e.UserID, "error", err)
			}
		}
	}
}

func (f *follower) follow(ctx context.Context, e deskauth.Event) error {
	if e.Type == deskauth.EventGuestUpgraded {
		return rename(ctx, f.db, e.UserID)
	}
	return move(ctx, f.db, e.From, e.To)
}

// catchUp asks of each guest who has rows in a table whether it has gone up, and does what
// the event asked for. Run it at the start of the program and every hour, before guests are
// purged. users is the store of auth.
func catchUp(ctx context.Context, db *sql.DB, users deskauth.UserStore, auth *deskauth.Auth) error {
	guests, err := idsOfGuests(ctx, db)
	if err != nil {
		return err
	}
	for _, id := range guests {
		acc, err := users.UserByID(ctx, id)
		if errors.Is(err, deskauth.ErrUserNotFound) { // purged or deleted
			continue
		}
		if err != nil {
			return err
		}
		if acc.Kind == deskauth.KindUser { // upgraded
			if err := rename(ctx, db, id); err != nil {
				return err
			}
			continue
		}
		heir, err := auth.LinkedTo(ctx, id)
		if err == nil && heir != "" {
			err = move(ctx, db, id, heir)
		}
		if err != nil && !errors.Is(err, deskauth.ErrUserNotFound) {
			return err
		}
	}
	return nil
}

// idsOfGuests asks every table: a guest may have preferences and no messages.
func idsOfGuests(ctx context.Context, db *sql.DB) (ids []string, err error) {
	rows, err := db.QueryContext(ctx, `SELECT user_id FROM messages WHERE user_kind = 'guest'
		UNION SELECT user_id FROM preferences WHERE user_kind = 'guest'`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}
