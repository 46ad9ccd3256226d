package deskauth

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
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
	if acc.Kind != KindUser { // who signs in later
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

// activityInterval is how exactly Account.LastActiveAt is kept.
const activityInterval = 24 * time.Hour

// noteActivity stores that the owner of an account is active, unless that was noted within
// the last day. It comes before a token is renewed: a guest who holds a fresh token must
// not look idle. Of other kinds it is told nothing but how old an account is, so a store
// that cannot write fails nobody's sign-in.
//
// A guest that was purged just now gets the error gone.
func (a *Auth) noteActivity(ctx context.Context, acc Account, gone error) error {
	now := a.timestamp()
	if now.Sub(acc.LastActiveAt) < activityInterval {
		return nil
	}
	_, err := a.changeIfQuiet(ctx, acc, func(d *draft) error {
		d.active(now)
		return nil
	})
	switch {
	case err == nil:
		return nil
	case acc.Kind != KindGuest:
		a.cfg.Logger.WarnContext(ctx, "deskauth: note activity", "user", acc.ID, "error", err.Error())
		return nil
	case errors.Is(err, ErrUserNotFound):
		return refuse(gone, ReasonAccountGone)
	}
	return err
}

// active notes that the owner is active, to the day.
func (d *draft) active(now time.Time) {
	if now.Sub(d.LastActiveAt) >= activityInterval {
		d.LastActiveAt = now
	}
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

// shown returns what may be shown of an account.
func (a *Auth) shown(acc Account) User {
	if acc.Kind == KindGuest {
		acc.Email = a.guestAddress(acc.ID)
	}
	return acc.User
}

// guestMailbox returns what stands before the @ of a guest's address: a UUIDv8 (RFC 9562
// §5.8) made of SHA-256 over the account's ID. The address is shown and never stored, and
// nothing is ever mailed to it.
func guestMailbox(id string) string { return derivedID("deskauth guest address\x00" + id) }

func (a *Auth) guestAddress(id string) string { return guestMailbox(id) + "@" + a.guestHost }

// isGuestAddress reports whether an address could be shown of a guest.
func (a *Auth) isGuestAddress(email string) bool {
	mailbox, host, _ := strings.Cut(email, "@")
	if len(mailbox) != 36 || !strings.EqualFold(host, a.guestHost) {
		return false
	}
	_, err := uuid.Parse(mailbox)
	return err == nil
}

// derivedID returns a UUIDv8 (RFC 9562 §5.8) made of SHA-256 over a text.
func derivedID(text string) string {
	sum := sha256.Sum256([]byte(text))
	id := uuid.UUID(sum[:16])
	id[6] = id[6]&0x0f | 0x80 // version 8
	id[8] = id[8]&0x3f | 0x80 // variant of RFC 9562
	return id.String()
}

func (a *Auth) addressTaken(ctx context.Context, email string) (bool, error) {
	_, err := a.userByEmail(ctx, email)
	if errors.Is(err, ErrUserNotFound) {
		return false, nil
	}
	return err == nil, err
}
