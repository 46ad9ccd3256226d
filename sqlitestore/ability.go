package sqlitestore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/deskauth/deskauth"
)

// PurgeIdle implements [deskauth.IdlePurger]. The guests that have been idle longest go first.
func (s *Store) PurgeIdle(ctx context.Context, kind deskauth.Kind, idleSince time.Time, limit int) (deleted int, err error) {
	if err := s.enter(ctx); err != nil {
		return 0, explain(ctx, err)
	}
	defer s.leave()
	if kind != deskauth.KindGuest {
		return 0, explain(ctx, fmt.Errorf("purge accounts of kind %q: %w", kind, errors.ErrUnsupported))
	}
	if limit < 1 { // to SQLite a negative one is none
		return 0, nil
	}
	if !inRange(idleSince) {
		return 0, explain(ctx, errors.New("the instant is too far away"))
	}
	rows, err := s.write(ctx, s.purge, idleSince.UnixMicro(), limit)
	if err != nil {
		return 0, explain(ctx, err)
	}
	return int(rows), nil
}

// DeleteUser implements [deskauth.UserDeleter].
func (s *Store) DeleteUser(ctx context.Context, id string) error {
	if err := s.enter(ctx); err != nil {
		return explain(ctx, err)
	}
	defer s.leave()
	if !isText(id) {
		return explain(ctx, deskauth.ErrUserNotFound)
	}
	rows, err := s.write(ctx, s.delete, id)
	switch {
	case err != nil:
		return explain(ctx, err)
	case rows == 0:
		return explain(ctx, deskauth.ErrUserNotFound)
	}
	return nil
}

// ListUsers implements [deskauth.UserLister]. A page takes as long wherever it is.
func (s *Store) ListUsers(ctx context.Context, after string, limit int) ([]deskauth.Account, error) {
	if err := s.enter(ctx); err != nil {
		return nil, explain(ctx, err)
	}
	defer s.leave()
	if !isText(after) {
		return nil, explain(ctx, errors.New("what the page comes after is no ID"))
	}
	page, err := s.page(ctx, after, max(limit, 0))
	if err != nil {
		return nil, explain(ctx, err)
	}
	return page, nil
}

func (s *Store) page(ctx context.Context, after string, limit int) (page []deskauth.Account, err error) {
	stmt, err := s.list.stmt(ctx)
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
			return nil, err
		}
		page = append(page, a)
	}
	return page, rows.Err()
}

// ImportUsers implements [deskauth.UserImporter]. It is one transaction, during which others
// read and do not write.
func (s *Store) ImportUsers(ctx context.Context, accounts []deskauth.Account) (created int, err error) {
	if err := s.enter(ctx); err != nil {
		return 0, explain(ctx, err)
	}
	defer s.leave()
	if created, err = s.importAll(ctx, accounts); err != nil {
		return 0, explain(ctx, err)
	}
	return created, nil
}

func (s *Store) importAll(ctx context.Context, accounts []deskauth.Account) (created int, err error) {
	if err := s.startWriting(ctx); err != nil {
		return 0, err
	}
	defer s.stopWriting()
	tx, err := s.writer.BeginTx(ctx, nil)
	if err != nil {
		return 0, err
	}
	defer tx.Rollback() // of no effect after Commit
	insert, err := tx.PrepareContext(ctx, insertSQL)
	if err != nil {
		return 0, err
	}
	defer insert.Close()
	for i := range accounts {
		values, err := fields(&accounts[i])
		if err != nil {
			return 0, err
		}
		result, err := insert.ExecContext(ctx, values...)
		if err != nil {
			return 0, err
		}
		rows, err := result.RowsAffected()
		if err != nil {
			return 0, err
		}
		created += int(rows)
	}
	return created, tx.Commit()
}
