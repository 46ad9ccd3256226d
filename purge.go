package deskauth

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	// activityInterval is how exactly Account.LastActiveAt is kept.
	activityInterval = 24 * time.Hour
	// purgeBatch is how many guests the store deletes in one step: few enough for sign-ins to
	// get in between.
	purgeBatch = 500
)

// PurgeGuests deletes guests who have been idle since before the given instant, at most
// limit of them (1 or more), and returns how many. A guest is idle since its last sign-in or
// renewal, or, with a token that has no end (Config.AcceptNoExpiry), since it last came back;
// that is known to the day. It works in batches of 500, so that others get their
// turn; when it fails or ctx ends, those that were deleted by then stay deleted and are
// counted.
//
// A guest has no other way to come back than its token. Nobody whose token still lives is
// deleted if idleSince is Config.GuestTTL and a day ago (and Config.Leeway), or longer; what
// counts is the GuestTTL by which the tokens were made. Guests with tokens that have no end
// may come back at any time.
//
// It returns a [*ValidationError] if limit is below 1 or idleSince is in the future, and an
// error wrapping [errors.ErrUnsupported] if the store does not implement [IdlePurger].
func (a *Auth) PurgeGuests(ctx context.Context, idleSince time.Time, limit int) (deleted int, err error) {
	op := a.begin(ctx, "purge")
	defer op.end(&err)

	var bad checks
	if idleSince.After(a.cfg.Now()) {
		bad.add("IdleSince", "must not be in the future: all guests would be idle")
	}
	if limit < 1 {
		bad.add("Limit", "must be 1 or more")
	}
	if err := bad.err(); err != nil {
		return 0, err
	}
	store, ok := a.users.(IdlePurger)
	if !ok {
		return 0, fmt.Errorf("deskauth: purge guests: %T does not implement IdlePurger: %w", a.users, errors.ErrUnsupported)
	}
	for deleted < limit {
		batch := min(limit-deleted, purgeBatch)
		n, err := store.PurgeIdle(ctx, KindGuest, idleSince, batch)
		deleted += n
		if err != nil {
			return deleted, fmt.Errorf("deskauth: purge guests: %w", err)
		}
		if n < batch {
			break
		}
	}
	return deleted, nil
}

// noteActivity writes down that a guest is active, unless that was noted within the last
// day. That comes before a token is renewed: a guest who holds a fresh one must not look
// idle.
func (a *Auth) noteActivity(ctx context.Context, acc Account) error {
	now := a.timestamp()
	for tries := 0; acc.Kind == KindGuest && now.Sub(acc.LastActiveAt) >= activityInterval; tries++ {
		next := acc
		next.LastActiveAt = now
		err := a.users.UpdateUser(ctx, next)
		switch {
		case err == nil:
			return nil
		case errors.Is(err, ErrUserNotFound):
			return refuse(ErrInvalidToken, "account gone") // purged just now
		case !errors.Is(err, ErrConflict) || tries == maxUpdateTries:
			return fmt.Errorf("deskauth: note a guest's activity: %w", err)
		}
		if acc, err = a.userByID(ctx, acc.ID); errors.Is(err, ErrUserNotFound) {
			return refuse(ErrInvalidToken, "account gone")
		}
		if err != nil {
			return err
		}
	}
	return nil
}
