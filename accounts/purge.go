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

// ErrAllIdle is wrapped by the error of [PurgeIdle] when no account of the kind has been
// active since the given instant.
var ErrAllIdle = errors.New("every account is idle")

// PurgeConfig holds the settings of [PurgeIdle]. The zero value is safe.
type PurgeConfig struct {
	// EvenAll takes the safeguards against a wrong clock away: PurgeIdle deletes every
	// account that has been idle since before the instant, although none of the kind may be
	// left. It is for a project that has ended, after a look at the clock.
	EvenAll bool
}

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
// A clock that is ahead must not make accounts look idle. So the time from the instant to
// now counts back from the newest activity of the kind, not from now: an account that was
// active so shortly before the newest activity stays. Activity that the clock has not
// reached does not count.
//
// If not one account of the kind has been active since the instant, PurgeIdle deletes
// nothing and returns an error wrapping [ErrAllIdle]. PurgeConfig.EvenAll takes both
// safeguards away.
//
// PurgeIdle works in batches of 500, so that sign-ins get in between, and several processes
// may call it at once. When it fails or ctx ends, the accounts deleted by then stay deleted
// and are counted.
//
// It emits no event and logs nothing: its error is the caller's to report.
//
// It returns a [*deskauth.ValidationError] if limit is below 1 or idleSince is in the
// future. It returns an error wrapping [errors.ErrUnsupported] for another kind, or if the
// store lacks an ability: [deskauth.IdlePurger], and without EvenAll
// [deskauth.ActivityReporter].
func PurgeIdle(
	ctx context.Context, store deskauth.UserStore, kind deskauth.Kind, idleSince time.Time, limit int,
	cfg PurgeConfig,
) (deleted int, err error) {
	now := time.Now()
	if err := checkPurge(now, idleSince, limit); err != nil {
		return 0, err
	}
	purger, ok := store.(deskauth.IdlePurger)
	if !ok {
		return 0, fmt.Errorf("accounts: purge: %T does not implement deskauth.IdlePurger: %w",
			store, errors.ErrUnsupported)
	}
	if !cfg.EvenAll {
		last, err := lastActivity(ctx, store, kind, now, idleSince)
		if err != nil {
			return 0, fmt.Errorf("accounts: purge: %w", err)
		}
		if !last.IsZero() { // a clock that is ahead makes nobody older than the newest activity does
			idleSince = last.Add(idleSince.Sub(now))
		}
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

// lastActivity returns when an account of a kind was last active, or zero if there is none.
// It refuses to delete all of them: if all have been idle for so long, it is likelier that
// the clock is wrong.
func lastActivity(
	ctx context.Context, store deskauth.UserStore, kind deskauth.Kind, now, idleSince time.Time,
) (last time.Time, err error) {
	reporter, ok := store.(deskauth.ActivityReporter)
	if !ok {
		return last, fmt.Errorf("%T does not implement deskauth.ActivityReporter, so a wrong clock would not be "+
			"noticed; implement it, or set PurgeConfig.EvenAll: %w", store, errors.ErrUnsupported)
	}
	last, err = reporter.LastActivity(ctx, kind, now)
	if err != nil || last.IsZero() || !last.Before(idleSince) {
		return last, err
	}
	return last, fmt.Errorf("%w: the last activity of a %s was at %s, before %s, and the clock says %s; "+
		"check the clock, or set PurgeConfig.EvenAll",
		ErrAllIdle, kind, last.Format(time.RFC3339), idleSince.Format(time.RFC3339), now.Format(time.RFC3339))
}

func checkPurge(now, idleSince time.Time, limit int) error {
	var bad []deskauth.FieldError
	add := func(field, message string) {
		bad = append(bad, deskauth.FieldError{Field: field, Message: message})
	}
	if idleSince.After(now) {
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
