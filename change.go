package deskauth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// A draft is an account while it is changed.
type draft struct {
	Account
	state state

	rehashed bool   // the new hash is of the same password
	keep     string // the session that a raise of SessionEpoch does not end
}

// How often an account is written again after another write came in between. Each such time
// that other write has succeeded.
const (
	maxUpdateTries   = 1000 // of what must not be lost; the deadlines of its calls end it sooner
	maxTriesUnpaused = 3    // from then on it waits a moment, so that others get out of step
	maxUpdatePause   = 10 * time.Millisecond
	maxOptionalTries = 16 // of what the next sign-in does again
)

// errContended is the error of an account to which other writes came first every time.
var errContended = fmt.Errorf("deskauth: update user: %w", ErrConflict)

// change edits an account and writes it by compare-and-swap. It is the only way to change
// one: what follows from a change hangs on what changed, and not on who changed it. Where
// another write came first, it reads the account again and edits that. The error of edit
// ends the change.
//
// change returns the account as it is stored then. An edit that changes nothing writes
// nothing.
func (a *Auth) change(ctx context.Context, acc Account, edit func(*draft) error) (Account, error) {
	return a.changeWithin(ctx, maxUpdateTries, acc, edit)
}

// changeIfQuiet is change for what may be left undone where many others write. It returns
// [errContended] then, and the account as it was last read.
func (a *Auth) changeIfQuiet(ctx context.Context, acc Account, edit func(*draft) error) (Account, error) {
	return a.changeWithin(ctx, maxOptionalTries, acc, edit)
}

func (a *Auth) changeWithin(
	ctx context.Context, maxTries int, acc Account, edit func(*draft) error,
) (Account, error) {
	for tries := 0; ; tries++ {
		next, err := a.edited(acc, edit)
		if err != nil {
			return Account{}, err
		}
		if next.equals(acc) {
			return acc, nil
		}
		if tries == maxTries {
			return acc, errContended
		}
		err = a.users.UpdateUser(ctx, next)
		if err == nil {
			next.Version++
			return next, nil
		}
		if !errors.Is(err, ErrConflict) {
			return Account{}, fmt.Errorf("deskauth: update user: %w", err)
		}
		if err := pauseBetween(ctx, tries); err != nil {
			return Account{}, fmt.Errorf("deskauth: update user: %w", err)
		}
		acc, err = a.userByID(ctx, acc.ID)
		if err != nil {
			return Account{}, err
		}
	}
}

// pauseBetween waits for a random moment, after the first tries.
func pauseBetween(ctx context.Context, tries int) error {
	if tries < maxTriesUnpaused {
		return nil
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(rand.N(maxUpdatePause)):
		return nil
	}
}

// changeByID is change for callers that have not read the account.
func (a *Auth) changeByID(ctx context.Context, userID string, edit func(*draft) error) (Account, error) {
	acc, err := a.userByID(ctx, userID)
	if err == nil {
		acc, err = a.change(ctx, acc, edit)
	}
	if errors.Is(err, ErrUserNotFound) {
		return Account{}, refuse(ErrUserNotFound, ReasonAccountGone)
	}
	return acc, err
}

// edited returns the account after the edit and what follows from it.
func (a *Auth) edited(acc Account, edit func(*draft) error) (Account, error) {
	before, err := readState(acc.State)
	if err != nil {
		return Account{}, badState(acc, err)
	}
	d := draft{Account: acc, state: before}
	d.state.ended = slices.Clone(before.ended)
	if err := edit(&d); err != nil {
		return Account{}, err
	}
	if err := d.check(acc, a.cfg.BesideTiledesk); err != nil {
		return Account{}, err
	}
	a.follow(&d, acc)
	if !d.state.equals(&before) {
		d.State, err = d.state.text()
		if err != nil {
			return Account{}, badState(acc, err)
		}
	}
	if !d.sameButActivity(acc) {
		d.UpdatedAt = a.timestampAfter(acc.UpdatedAt)
	}
	return d.Account, nil
}

// badState is the failure of a State that cannot be read.
func badState(acc Account, err error) error {
	return fmt.Errorf("deskauth: account %s: %w", acc.ID, err)
}

// check refuses changes that no edit may make.
func (d *draft) check(from Account, besideTiledesk bool) error {
	unchangeable := ""
	switch {
	case d.ID != from.ID:
		unchangeable = "ID"
	case d.Kind != from.Kind && (from.Kind != KindGuest || d.Kind != KindUser):
		unchangeable = "Kind"
	case d.Kind != from.Kind && besideTiledesk:
		return unsupportedf("deskauth: change account %s: with Config.BesideTiledesk a guest cannot become a user, "+
			"because a Tiledesk server takes no ID like this one for an agent's", from.ID)
	case d.Kind != from.Kind && d.state.heir != "":
		return fmt.Errorf("deskauth: change account %s: a guest that was linked to an external user cannot become a user",
			from.ID)
	case d.ExternalID != from.ExternalID:
		unchangeable = "ExternalID"
	case d.ProjectID != from.ProjectID && d.Kind == from.Kind:
		unchangeable = "ProjectID"
	case !d.CreatedAt.Equal(from.CreatedAt):
		unchangeable = "CreatedAt"
	case d.Version != from.Version:
		unchangeable = "Version"
	case d.State != from.State:
		unchangeable = "State"
	case !d.UpdatedAt.Equal(from.UpdatedAt):
		unchangeable = "UpdatedAt"
	case d.SessionEpoch < from.SessionEpoch:
		return fmt.Errorf("deskauth: change account %s: SessionEpoch would fall from %d to %d, which would "+
			"revive sessions that were ended", from.ID, from.SessionEpoch, d.SessionEpoch)
	}
	if unchangeable != "" {
		return fmt.Errorf("deskauth: change account %s: its %s cannot be changed", from.ID, unchangeable)
	}
	return nil
}

// follow does what follows from the difference between the draft and what it was.
func (a *Auth) follow(d *draft, from Account) {
	now := a.timestamp()
	if d.Kind != from.Kind {
		d.ProjectID = "" // a guest is a project's; a user is not
	}
	newSecret := d.PasswordHash != from.PasswordHash && !d.rehashed || d.Email != from.Email
	disabling := d.Disabled != from.Disabled
	if disabling {
		d.state.endCustomTokens(now)
		d.state.undatedRefused = d.Disabled
	}
	if (newSecret || disabling) && d.SessionEpoch == from.SessionEpoch {
		d.SessionEpoch++
	}
	if d.SessionEpoch != from.SessionEpoch || from.EmailVerified && !d.EmailVerified {
		d.state.codeEpoch++ // what ends every session ends every code
	}
	if d.SessionEpoch != from.SessionEpoch {
		d.state.raise(d.SessionEpoch, now, d.keep)
	}
	if d.Kind == KindGuest { // its address is made from its ID
		d.Email = ""
	}
}

// sameButActivity reports whether all that UpdatedAt speaks of is the same.
func (d *draft) sameButActivity(from Account) bool {
	same := d.Account
	same.LastActiveAt, same.UpdatedAt = from.LastActiveAt, from.UpdatedAt
	return same.equals(from)
}

// equals reports whether two accounts have the same fields. Attributes are compared by
// their bytes.
func (a Account) equals(b Account) bool {
	return a.User.equals(b.User) && a.PasswordHash == b.PasswordHash && a.Disabled == b.Disabled &&
		a.SessionEpoch == b.SessionEpoch && a.State == b.State &&
		a.LastActiveAt.Equal(b.LastActiveAt) && a.Version == b.Version
}

func (u User) equals(b User) bool {
	return u.ID == b.ID && u.Kind == b.Kind && u.Email == b.Email && u.EmailVerified == b.EmailVerified &&
		u.FirstName == b.FirstName && u.LastName == b.LastName && u.ProjectID == b.ProjectID &&
		u.ExternalID == b.ExternalID && sameJSON(u.Attributes, b.Attributes) &&
		u.CreatedAt.Equal(b.CreatedAt) && u.UpdatedAt.Equal(b.UpdatedAt)
}

func sameJSON(a, b json.RawMessage) bool { return string(a) == string(b) && (a == nil) == (b == nil) }
