package deskauth

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/deskauth/deskauth/internal/claims"
)

// ExternalUserID returns the ID of the account of a project's external user: a UUIDv8 (RFC
// 9562 §5.8) made of SHA-256 over both IDs. An external user reaches this account and no
// other, whatever its tokens claim. Both IDs are without control characters, as every ID is
// that signs in.
func ExternalUserID(projectID, externalID string) string {
	// Neither ID has a NUL in it, so no two pairs make one text.
	return derivedID("deskauth external user\x00" + projectID + "\x00" + externalID)
}

// externalAccount returns the account of an external user with the profile of its token,
// and makes the account the first time.
func (a *Auth) externalAccount(ctx context.Context, op *operation, c customToken) (Account, error) {
	id := ExternalUserID(c.projectID, c.ExternalID)
	op.event.UserID = id
	acc, err := a.userByID(ctx, id)
	if errors.Is(err, ErrUserNotFound) {
		acc, err = a.createExternal(ctx, op, id, c)
	}
	if err != nil {
		return Account{}, err
	}
	var updated, stale bool
	acc, err = a.changeIfQuiet(ctx, acc, func(d *draft) (err error) {
		if err := c.mayUse(d); err != nil {
			return err
		}
		updated, stale = c.describe(d, a.timestamp(), a.cfg.Leeway)
		d.active(a.timestamp())
		return nil
	})
	switch {
	case errors.Is(err, errContended): // the profile of another sign-in stands until the next
		return acc, nil
	case errors.Is(err, ErrUserNotFound): // deleted since it was found; the next sign-in makes it anew
		return Account{}, refuse(ErrInvalidToken, ReasonAccountGone)
	case err != nil:
		return Account{}, err
	}
	if stale {
		op.event.Detail = strings.TrimPrefix(op.event.Detail+"; "+staleProfile, "; ")
	}
	if updated {
		op.note(ctx, EventProfileUpdated)
	}
	return acc, nil
}

// createExternal makes the account. Of two first sign-ins at once, one makes it and the
// other finds it.
//
// The ID may have belonged to a deleted account, whose tokens and pending updates must stay
// invalid. So the epoch and the Version start at the time.
func (a *Auth) createExternal(ctx context.Context, op *operation, id string, c customToken) (Account, error) {
	if err := op.take(ctx, a.externalsLimit(c.projectID)); err != nil {
		return Account{}, err
	}
	now := a.timestamp().UnixMilli()
	profile := state{profileFrom: c.IssuedAt}
	state, err := profile.text()
	if err != nil {
		return Account{}, err
	}
	acc, err := a.create(ctx, Account{
		State: state,
		User: User{
			ID:         id,
			Kind:       KindExternal,
			FirstName:  c.FirstName,
			LastName:   c.LastName,
			ProjectID:  c.projectID,
			ExternalID: c.ExternalID,
			Attributes: c.Attributes,
		},
		SessionEpoch: now,
		Version:      now,
	})
	if errors.Is(err, ErrUserExists) {
		return a.userByID(ctx, id)
	}
	if err != nil {
		return Account{}, err
	}
	op.note(ctx, EventExternalCreated)
	return acc, nil
}

// mayUse refuses an account that is not the token's, that is disabled, or that has ended
// the token.
func (c customToken) mayUse(acc *draft) error {
	switch {
	case acc.Kind != KindExternal || acc.ProjectID != c.projectID || acc.ExternalID != c.ExternalID:
		return fmt.Errorf(
			"deskauth: account %s does not belong to the external user whose derived ID it has: "+
				"give no other account such an ID",
			acc.ID)
	case acc.Disabled:
		return refuse(ErrAccountDisabled, ReasonAccountDisabled)
	case acc.state.endsCustomToken(c.IssuedAt):
		return refusef(ErrInvalidToken, ReasonSessionRevoked,
			"custom tokens that were issued up to %s, or that have no iat, were ended",
			acc.state.customAfter.Format(time.RFC3339))
	}
	return nil
}

// endCustomTokens ends the custom tokens that were issued up to now, and those that have
// signed in although the clock of their signer is ahead. A time that is further ahead than
// such a clock may be comes from a clock of ours that was put back, and counts for nothing.
func (s *state) endCustomTokens(now time.Time) {
	after := now
	for _, seen := range [...]time.Time{s.customAfter, s.profileFrom} {
		if seen.After(after) && !seen.After(now.Add(maxLeeway)) {
			after = seen
		}
	}
	s.customAfter, s.undatedRefused = after, true
}

// admitCustomTokens takes back what keeps out custom tokens that are issued from now on, or
// their profile: a bound or a profile from a time that has not come, and the refusal of
// tokens without `iat`.
func (s *state) admitCustomTokens(now time.Time, leeway time.Duration) {
	if s.customAfter.After(now.Add(leeway)) {
		s.customAfter = now
	}
	s.undatedRefused, s.profileFrom = false, time.Time{}
}

// endsCustomToken reports whether a custom token with that `iat`, or without one, has
// ended.
func (s *state) endsCustomToken(issuedAt time.Time) bool {
	if issuedAt.IsZero() {
		return s.undatedRefused
	}
	return !s.customAfter.IsZero() && !issuedAt.Truncate(time.Millisecond).After(s.customAfter)
}

// profileInterval is how exactly the newest `iat` is kept while the profile stays the same.
const profileInterval = time.Minute

// staleProfile is what the event of a sign-in says whose token claims another profile than
// the account has and keeps.
const staleProfile = "the profile stays that of a token with a later iat"

// describe gives the account the profile that the token claims, unless a newer token was
// there before. A token without `iat` is older than every token with one. describe reports
// whether the profile has changed, or was left although the token claims another.
func (c customToken) describe(d *draft, now time.Time, leeway time.Duration) (updated, stale bool) {
	if d.state.profileFrom.After(now.Add(leeway)) { // a clock was ahead
		d.state.profileFrom = time.Time{}
	}
	from, differs := d.state.profileFrom, !c.describes(d.User)
	if c.IssuedAt.Before(from) {
		return false, differs
	}
	if differs {
		d.FirstName, d.LastName, d.Attributes = c.FirstName, c.LastName, c.Attributes
	}
	exact := differs || c.IssuedAt.After(now) // which endCustomTokens has to know
	if c.IssuedAt.After(from) && (exact || c.IssuedAt.Sub(from) >= profileInterval) {
		d.state.profileFrom = c.IssuedAt
	}
	return differs, false
}

// describes reports whether the stored profile is what the token claims.
func (c customToken) describes(u User) bool {
	return c.FirstName == u.FirstName && c.LastName == u.LastName && claims.Same(c.Attributes, u.Attributes)
}
