package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/deskauth/deskauth"
)

var _ interface {
	deskauth.IdlePurger
	deskauth.ActivityReporter
	deskauth.UserDeleter
	deskauth.UserLister
	deskauth.UserImporter
} = (*Store)(nil)

// PurgeIdle implements [deskauth.IdlePurger]. The accounts that have been idle longest go
// first.
func (s *Store) PurgeIdle(
	ctx context.Context, kind deskauth.Kind, idleSince time.Time, limit int,
) (deleted int, err error) {
	err = s.run(ctx, func() error {
		purge, err := s.sql.purge(kind)
		if err != nil {
			return err
		}
		if limit < 1 { // to SQLite a negative limit is no limit
			return nil
		}
		if !isInstant(idleSince) {
			return errors.New("purge idle accounts: idleSince must be within 290,000 years of 1970")
		}
		return s.transact(ctx, func(conn *sql.Conn) error {
			result, err := conn.ExecContext(ctx, purge.text, idleSince.UnixMicro(), limit)
			if err != nil {
				return err
			}
			rows, err := result.RowsAffected()
			deleted = int(rows)
			return err
		})
	})
	if err != nil { // of the commit, say: nothing is deleted then
		return 0, err
	}
	return deleted, nil
}

// LastActivity implements [deskauth.ActivityReporter].
func (s *Store) LastActivity(
	ctx context.Context, kind deskauth.Kind, notAfter time.Time,
) (last time.Time, err error) {
	err = s.run(ctx, func() error {
		newest, err := s.sql.newest(kind)
		if err != nil {
			return err
		}
		if !isInstant(notAfter) {
			return errors.New("last activity: notAfter must be within 290,000 years of 1970")
		}
		stmt, err := newest.prepare(ctx)
		if err != nil {
			return err
		}
		err = stmt.QueryRowContext(ctx, notAfter.UnixMicro()).Scan((*instant)(&last))
		if errors.Is(err, sql.ErrNoRows) {
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
		if strings.IndexByte(after, 0) >= 0 { // what is not UTF-8 may be the ID of a broken row
			return fmt.Errorf(`list users after %.200q: pass the ID of an account, or "" to begin`, after)
		}
		page, err = s.page(ctx, after, max(limit, 0))
		return err
	})
	return page, err
}

// ImportUsers implements [deskauth.UserImporter] in one transaction. While it runs, other
// calls read and do not write.
func (s *Store) ImportUsers(
	ctx context.Context, accounts []deskauth.Account, check func(deskauth.Account) error,
) (result deskauth.ImportResult, err error) {
	good := result.Screen(accounts, check)
	err = s.run(ctx, func() (err error) {
		result.Created, err = s.importAll(ctx, good)
		return err
	})
	return result, err
}

func (s *Store) page(
	ctx context.Context, after string, limit int,
) (page []deskauth.Account, err error) {
	stmt, err := s.sql.listUsers.prepare(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := stmt.QueryContext(ctx, after, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		a, err := scan(rows)
		if err != nil {
			return page, err
		}
		page = append(page, a)
	}
	return page, rows.Err()
}

func (s *Store) importAll(
	ctx context.Context, accounts []deskauth.Account,
) (created int, err error) {
	err = s.transact(ctx, func(conn *sql.Conn) error {
		insert, err := conn.PrepareContext(ctx, s.sql.createUser.text)
		if err != nil {
			return err
		}
		defer insert.Close()
		for i := range accounts {
			row, err := values(&accounts[i])
			if err != nil {
				return fmt.Errorf("account %q: %w", accounts[i].ID, err)
			}
			result, err := insert.ExecContext(ctx, row...)
			if err != nil {
				return fmt.Errorf("account %q: %w", accounts[i].ID, err)
			}
			rows, err := result.RowsAffected()
			if err != nil {
				return err
			}
			created += int(rows)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return created, nil
}
