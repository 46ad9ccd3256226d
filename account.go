package deskauth

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// userByEmail returns the account with the canonical address, or an error that wraps
// [ErrUserNotFound].
func (a *Auth) userByEmail(ctx context.Context, email string) (Account, error) {
	acc, err := a.users.UserByEmail(ctx, email)
	if err == nil && (acc.Email != email || acc.ID == "") {
		err = errOtherAccount
	}
	if err != nil {
		return Account{}, fmt.Errorf("deskauth: find user: %w", err)
	}
	return acc, nil
}

// userByID returns the account with the ID, or an error that wraps [ErrUserNotFound].
func (a *Auth) userByID(ctx context.Context, id string) (Account, error) {
	acc, err := a.users.UserByID(ctx, id)
	if err == nil && acc.ID != id {
		err = errOtherAccount
	}
	if err != nil {
		return Account{}, fmt.Errorf("deskauth: find user: %w", err)
	}
	return acc, nil
}

var errOtherAccount = errors.New("the store answered with another account")

// create stores a new account of any kind, with its timestamps.
func (a *Auth) create(ctx context.Context, acc Account) (Account, error) {
	acc.CreatedAt = a.timestamp()
	acc.UpdatedAt = acc.CreatedAt
	if acc.Kind == KindGuest {
		acc.LastActiveAt = acc.CreatedAt
	}
	if acc.ID == "" || len(acc.ID) > maxIDBytes {
		return Account{}, fmt.Errorf("deskauth: Config.NewID returned %d bytes; 1 to %d are allowed",
			len(acc.ID), maxIDBytes)
	}
	if err := a.users.CreateUser(ctx, acc); err != nil {
		return Account{}, fmt.Errorf("deskauth: create user: %w", err)
	}
	return acc, nil
}

// maxUpdateTries bounds how often an account is written again after another write came in
// between. Each such time that other write has succeeded.
const maxUpdateTries = 16

// errContended is the error of an account to which other writes came first every time.
var errContended = fmt.Errorf("deskauth: update user: %w", ErrConflict)

// change edits an account and writes it by compare-and-swap. Where another write came
// first, it reads the account again and edits that. edit returns the next state, and
// whether there is anything to write; its error ends the change.
//
// change returns the account as it is stored then, and whether it was written. With
// [errContended] the account is as it was last read.
func (a *Auth) change(
	ctx context.Context, acc Account, edit func(Account) (next Account, write bool, err error),
) (changed Account, written bool, err error) {
	for tries := 0; ; tries++ {
		next, write, err := edit(acc)
		if err != nil {
			return Account{}, false, err
		}
		if !write {
			return acc, false, nil
		}
		if tries == maxUpdateTries {
			return acc, false, errContended
		}
		err = a.users.UpdateUser(ctx, next)
		if err == nil {
			next.Version++
			return next, true, nil
		}
		if !errors.Is(err, ErrConflict) {
			return Account{}, false, fmt.Errorf("deskauth: update user: %w", err)
		}
		acc, err = a.userByID(ctx, acc.ID)
		if err != nil {
			return Account{}, false, err
		}
	}
}

// activityInterval is how exactly Account.LastActiveAt is kept.
const activityInterval = 24 * time.Hour

// noteActivity stores that a guest is active, unless that was noted within the last day. It
// comes before a token is renewed: a guest who holds a fresh token must not look idle.
func (a *Auth) noteActivity(ctx context.Context, acc Account) error {
	now := a.timestamp()
	_, _, err := a.change(ctx, acc, func(acc Account) (Account, bool, error) {
		if acc.Kind != KindGuest || now.Sub(acc.LastActiveAt) < activityInterval {
			return acc, false, nil
		}
		acc.LastActiveAt = now
		return acc, true, nil
	})
	if errors.Is(err, ErrUserNotFound) {
		return refuse(ErrInvalidToken, ReasonAccountGone) // purged just now
	}
	return err
}

// timestamp is now as accounts have it.
func (a *Auth) timestamp() time.Time { return a.cfg.Now().UTC().Truncate(time.Millisecond) }

// timestampAfter is now, or a millisecond after the last change if the clock has not passed
// that. The last change may be of the same millisecond, or by a process whose clock is
// ahead. So UpdatedAt tells which of two states of an account is the later one.
func (a *Auth) timestampAfter(last time.Time) time.Time {
	now := a.timestamp()
	if now.After(last) {
		return now
	}
	return last.Add(time.Millisecond)
}
