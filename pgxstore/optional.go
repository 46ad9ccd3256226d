package pgxstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/jackc/pgx/v5"
)

var _ interface {
	deskauth.IdlePurger
	deskauth.ActivityReporter
	deskauth.UserDeleter
	deskauth.UserLister
	deskauth.UserImporter
} = (*Store)(nil)

// PurgeIdle implements [deskauth.IdlePurger]. The accounts that have been idle longest go
// first. Several processes may purge at once: one of them deletes, and counts, each guest.
func (s *Store) PurgeIdle(
	ctx context.Context, kind deskauth.Kind, idleSince time.Time, limit int,
) (deleted int, err error) {
	err = s.run(ctx, func() error {
		idle, err := s.sql.idleOf(kind)
		if err != nil {
			return err
		}
		if !isInstant(idleSince) {
			return errors.New("purge idle accounts: idleSince must be " + instants)
		}
		rows, err := s.write(ctx, idle.purge, idleSince, int64(max(limit, 0)))
		deleted = int(rows)
		return err
	})
	return deleted, err
}

// LastActivity implements [deskauth.ActivityReporter].
func (s *Store) LastActivity(
	ctx context.Context, kind deskauth.Kind, notAfter time.Time,
) (last time.Time, err error) {
	err = s.run(ctx, func() error {
		idle, err := s.sql.idleOf(kind)
		if err != nil {
			return err
		}
		if !isInstant(notAfter) {
			return errors.New("last activity: notAfter must be " + instants)
		}
		_, err = s.send(ctx, query{sql: idle.newest, args: []any{notAfter}, read: func(rows pgx.Rows) error {
			return one(rows, func(row pgx.Row) error { return row.Scan((*instant)(&last)) })
		}})
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		return err
	})
	return last, err
}

// DeleteUser implements [deskauth.UserDeleter].
func (s *Store) DeleteUser(ctx context.Context, id string) error {
	return s.run(ctx, func() error {
		if !isText(id) {
			return deskauth.ErrUserNotFound
		}
		deleted, err := s.write(ctx, s.sql.deleteUser, id)
		if err == nil && deleted == 0 {
			return deskauth.ErrUserNotFound
		}
		return err
	})
}

// ListUsers implements [deskauth.UserLister]. A page takes the same time wherever it is.
func (s *Store) ListUsers(
	ctx context.Context, after string, limit int,
) (page []deskauth.Account, err error) {
	err = s.run(ctx, func() (err error) {
		if !isText(after) {
			return fmt.Errorf(`list users after %.200q: pass the ID of an account, or "" to begin`, after)
		}
		page, err = s.page(ctx, after, max(limit, 0))
		return err
	})
	return page, err
}

// ImportUsers implements [deskauth.UserImporter] in one statement for all accounts.
func (s *Store) ImportUsers(
	ctx context.Context, accounts []deskauth.Account, check func(deskauth.Account) error,
) (result deskauth.ImportResult, err error) {
	good := result.Screen(accounts, check)
	err = s.run(ctx, func() error {
		columns, err := arrays(good)
		if err != nil {
			return err
		}
		rows, err := s.write(ctx, s.sql.importUsers, columns...)
		result.Created = int(rows)
		return err
	})
	return result, err
}

func (s *Store) page(
	ctx context.Context, after string, limit int,
) (page []deskauth.Account, err error) {
	read := func(rows pgx.Rows) error {
		page = nil // of an answer that broke off
		for rows.Next() {
			a, err := scan(rows)
			if err != nil {
				return err
			}
			page = append(page, a)
		}
		return rows.Err()
	}
	_, err = s.send(ctx, query{sql: s.sql.listUsers, args: []any{after, int64(limit)}, read: read})
	return page, err
}
