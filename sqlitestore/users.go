package sqlitestore

import (
	"context"
	"database/sql"
	"errors"

	"github.com/deskauth/deskauth"
)

// CreateUser implements [deskauth.UserStore].
func (s *Store) CreateUser(ctx context.Context, a deskauth.Account) error {
	if err := s.enter(ctx); err != nil {
		return explain(ctx, err)
	}
	defer s.leave()
	values, err := fields(&a)
	if err != nil {
		return explain(ctx, err)
	}
	rows, err := s.write(ctx, s.insert, values...)
	switch {
	case err != nil:
		return explain(ctx, err)
	case rows == 0:
		return explain(ctx, deskauth.ErrUserExists)
	}
	return nil
}

// UserByID implements [deskauth.UserStore].
func (s *Store) UserByID(ctx context.Context, id string) (deskauth.Account, error) {
	return s.find(ctx, s.byID, id)
}

// UserByEmail implements [deskauth.UserStore].
func (s *Store) UserByEmail(ctx context.Context, email string) (deskauth.Account, error) {
	return s.find(ctx, s.byEmail, email)
}

func (s *Store) find(ctx context.Context, q *query, key string) (deskauth.Account, error) {
	if err := s.enter(ctx); err != nil {
		return deskauth.Account{}, explain(ctx, err)
	}
	defer s.leave()
	if !isText(key) { // no account has it, and a driver may cut it to one that is had
		return deskauth.Account{}, explain(ctx, deskauth.ErrUserNotFound)
	}
	stmt, err := q.stmt(ctx)
	if err != nil {
		return deskauth.Account{}, explain(ctx, err)
	}
	a, err := scan(stmt.QueryRowContext(ctx, key))
	if err != nil {
		return deskauth.Account{}, explain(ctx, orNotFound(err))
	}
	return a, nil
}

func orNotFound(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return deskauth.ErrUserNotFound
	}
	return err
}

// UpdateUser implements [deskauth.UserStore].
func (s *Store) UpdateUser(ctx context.Context, a deskauth.Account) error {
	if err := s.enter(ctx); err != nil {
		return explain(ctx, err)
	}
	defer s.leave()
	values, err := fields(&a)
	if err != nil {
		return explain(ctx, err)
	}
	rows, err := s.write(ctx, s.update, append(values, a.Email)...)
	if err == nil && rows == 0 {
		err = s.whyNot(ctx, a)
	}
	if err != nil {
		return explain(ctx, err)
	}
	return nil
}

// whyNot tells why an update changed nothing.
func (s *Store) whyNot(ctx context.Context, a deskauth.Account) error {
	stmt, err := s.obstacle.stmt(ctx)
	if err != nil {
		return err
	}
	var (
		version int64
		taken   bool
	)
	if err := stmt.QueryRowContext(ctx, a.Email, a.ID).Scan(&version, &taken); err != nil {
		return orNotFound(err)
	}
	if version == a.Version && taken {
		return deskauth.ErrUserExists
	}
	// Where the versions are equal now, somebody changed something between the two
	// statements: as with any conflict, reading again and trying again is right.
	return deskauth.ErrConflict
}
