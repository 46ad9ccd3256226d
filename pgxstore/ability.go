package pgxstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/jackc/pgx/v5"
)

// PurgeIdle implements [deskauth.IdlePurger]. Several processes may purge at once: each
// guest is deleted, and counted, by one of them.
func (s *Store) PurgeIdle(ctx context.Context, kind deskauth.Kind, idleSince time.Time, limit int) (deleted int, err error) {
	if kind != deskauth.KindGuest {
		return 0, fmt.Errorf("pgxstore: purge accounts of kind %q: %w", kind, errors.ErrUnsupported)
	}
	n, err := s.exec(ctx, s.sql.purge, idleSince, int64(max(limit, 0)))
	return int(n), err
}

// DeleteUser implements [deskauth.UserDeleter].
func (s *Store) DeleteUser(ctx context.Context, id string) error {
	if !isText(id) {
		return s.failed(ctx, pgx.ErrNoRows)
	}
	n, err := s.exec(ctx, s.sql.remove, id)
	if err == nil && n == 0 {
		return fmt.Errorf("pgxstore: %w", deskauth.ErrUserNotFound)
	}
	return err
}

// ListUsers implements [deskauth.UserLister].
func (s *Store) ListUsers(ctx context.Context, after string, limit int) (page []deskauth.Account, err error) {
	if !isText(after) {
		return nil, fmt.Errorf("pgxstore: list users: %.200q is no ID to come after", after)
	}
	err = s.try(ctx, func() error {
		rows, err := s.pool.Query(ctx, s.sql.list, after, int64(max(limit, 0)))
		if err != nil {
			return err
		}
		page, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (a deskauth.Account, err error) { return a, scan(row, &a) })
		return err
	})
	return page, err
}

// ImportUsers implements [deskauth.UserImporter] with one statement for all the accounts.
func (s *Store) ImportUsers(ctx context.Context, accounts []deskauth.Account) (created int, err error) {
	n := len(accounts)
	id, kind, email, first, last := make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	project, external, hash, attributes := make([]string, n), make([]string, n), make([]string, n), make([]*string, n)
	verified, disabled, epoch, version := make([]bool, n), make([]bool, n), make([]int64, n), make([]int64, n)
	activeAt, createdAt, updatedAt := make([]*time.Time, n), make([]time.Time, n), make([]time.Time, n)
	for i, a := range accounts {
		if err := checkTexts(a); err != nil {
			return 0, err
		}
		id[i], kind[i], email[i], first[i], last[i] = a.ID, string(a.Kind), a.Email, a.FirstName, a.LastName
		project[i], external[i], hash[i], attributes[i] = a.ProjectID, a.ExternalID, a.PasswordHash, orNull(a.Attributes)
		verified[i], disabled[i], epoch[i], version[i] = a.EmailVerified, a.Disabled, a.SessionEpoch, a.Version
		activeAt[i], createdAt[i], updatedAt[i] = timeOrNull(a.LastActiveAt), a.CreatedAt, a.UpdatedAt
	}
	rows, err := s.exec(ctx, s.sql.insert, id, kind, email, verified, first, last, project, external, attributes,
		hash, disabled, epoch, version, activeAt, createdAt, updatedAt)
	return int(rows), err
}

// exec runs a statement and returns how many rows it touched.
func (s *Store) exec(ctx context.Context, sql string, args ...any) (rows int64, err error) {
	err = s.try(ctx, func() error {
		tag, err := s.pool.Exec(ctx, sql, args...)
		rows = tag.RowsAffected()
		return err
	})
	return rows, err
}
