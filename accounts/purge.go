package accounts

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/deskauth/deskauth"
)

// purgeBatch is how many accounts the store deletes in one step: few enough for sign-ins to
// get in between.
const purgeBatch = 500

// PurgeIdle deletes accounts of a kind that have been idle since before the given instant,
// at most limit of them (1 or more), and returns how many. The kind is [deskauth.KindGuest]
// or [deskauth.KindExternal].
//
// An external user comes back to a new account with the same ID. What a custom token does
// not say, such as that older tokens were ended, is forgotten: let idleSince be longer ago
// than any of them lives. A disabled external user is kept, for it would come back.
//
// A guest has been idle since its last sign-in or renewal, which is recorded to the day.
// With a token that has no end (Config.BesideTiledesk) it is idle since it last came back.
// A guest has no other way to come back than its token. To spare every guest with a live
// token, let idleSince be longer ago than Config.GuestTTL, a day and Config.Leeway
// together: 32 days is safe with the defaults. Use the largest GuestTTL that any live token
// was made with. A guest whose token has no end may come back at any time.
//
// PurgeIdle works in batches of 500, so that sign-ins get in between, and several processes
// may call it at once. When it fails or ctx ends, the accounts deleted by then stay deleted
// and are counted.
//
// It emits no event and logs nothing: its error is the caller's to report.
//
// It returns a [*deskauth.ValidationError] if limit is below 1 or idleSince is in the
// future, and an error wrapping [errors.ErrUnsupported] for another kind, or if the store
// does not implement [deskauth.IdlePurger].
func PurgeIdle(
	ctx context.Context, store deskauth.UserStore, kind deskauth.Kind, idleSince time.Time, limit int,
) (deleted int, err error) {
	if err := checkPurge(idleSince, limit); err != nil {
		return 0, err
	}
	purger, ok := store.(deskauth.IdlePurger)
	if !ok {
		return 0, fmt.Errorf("accounts: purge: %T does not implement deskauth.IdlePurger: %w",
			store, errors.ErrUnsupported)
	}
	for deleted < limit {
		batch := min(limit-deleted, purgeBatch)
		n, err := purger.PurgeIdle(ctx, kind, idleSince, batch)
		deleted += n
		if err != nil {
			return deleted, fmt.Errorf("accounts: purge: %w", err)
		}
		if n < batch {
			break
		}
	}
	return deleted, nil
}

func checkPurge(idleSince time.Time, limit int) error {
	var bad []deskauth.FieldError
	add := func(field, message string) {
		bad = append(bad, deskauth.FieldError{Field: field, Message: message})
	}
	if idleSince.After(time.Now()) {
		add("IdleSince", "must not be in the future: every account would be idle")
	}
	if limit < 1 {
		add("Limit", "must be 1 or more")
	}
	if len(bad) == 0 {
		return nil
	}
	return &deskauth.ValidationError{Fields: bad}
}
