package deskauth

import (
	"context"
	"errors"
	"time"

	"github.com/deskauth/deskauth/internal/claims"
)

// A sessionToken is what a good session token says.
type sessionToken struct {
	claims.Session
	endless bool // it has no `exp`; ExpiresAt may be its key's
	custom  bool // it is a custom token that serves as a session
}

func (t *sessionToken) kind() Kind { return Kind(t.Kind) }

// checkSessionToken checks the signature first, so that nothing else is ever said of a
// token that is not ours, and then the claims. It returns what an expired token says, too.
func (a *Auth) checkSessionToken(
	ctx context.Context, op *operation, e envelope, payload claims.Members,
) (sessionToken, error) {
	if e.flawed != nil {
		return sessionToken{}, e.flawed
	}
	keys, err := a.sessionKeys(ctx)
	if err != nil {
		return sessionToken{}, err
	}
	now := a.cfg.Now()
	used, ok := e.verify(keys, now)
	if !ok {
		return sessionToken{}, e.badSignature(keys, now)
	}
	session, err := claims.ReadSession(payload, a.cfg.Issuer)
	if err != nil {
		return sessionToken{}, refusef(ErrInvalidToken, ReasonBadClaims, "%v", err)
	}
	t := sessionToken{Session: session, endless: session.ExpiresAt.IsZero()}
	if err := a.checkSessionTimes(&t, now); err != nil {
		return t, err
	}
	op.event.UserID, op.event.Kind, op.event.ProjectID = t.AccountID, t.kind(), t.ProjectID
	op.usedKey(ctx, keys, used)
	end := keys[used].NotAfter
	if !end.IsZero() && (t.ExpiresAt.IsZero() || end.Before(t.ExpiresAt)) {
		t.ExpiresAt = end.UTC().Truncate(time.Second) // the token ends with its key
	}
	return t, nil
}

func (a *Auth) checkSessionTimes(t *sessionToken, now time.Time) error {
	if t.endless && !a.cfg.BesideTiledesk {
		return refusef(ErrInvalidToken, ReasonBadClaims, "claim exp is missing")
	}
	times := t.Times
	times.IssuedAt = time.Time{} // our own key vouches for it, and our clock may have gone back
	if err := a.checkTimes(times, now); err != nil {
		return err
	}
	last := t.AuthTime.Add(a.cfg.MaxSessionAge + a.cfg.Leeway)
	if t.kind() != KindGuest && !t.endless && now.After(last) {
		return refusef(ErrInvalidToken, ReasonExpired, "the sign-in is longer ago than Config.MaxSessionAge")
	}
	return nil
}

// checkTimes checks a token's times against the clock, which may be off by Config.Leeway.
func (a *Auth) checkTimes(t claims.Times, now time.Time) error {
	err := t.Check(now, a.cfg.Leeway)
	switch {
	case errors.Is(err, claims.ErrExpired):
		return refuse(ErrInvalidToken, ReasonExpired)
	case err != nil:
		return refusef(ErrInvalidToken, ReasonBadClaims, "%v", err)
	}
	return nil
}

// accountOf returns the account of a session token as it is now, if the token still counts.
// With the error whenDisabled it returns the account, too.
func (a *Auth) accountOf(ctx context.Context, op *operation, t *sessionToken, whenDisabled error) (Account, error) {
	acc, err := a.userByID(ctx, t.AccountID)
	switch {
	case errors.Is(err, ErrUserNotFound):
		return Account{}, refuse(ErrInvalidToken, ReasonAccountGone)
	case err != nil:
		return Account{}, err
	}
	if err := t.belongsTo(acc); err != nil {
		return Account{}, err
	}
	op.about(acc.User)
	return acc, t.check(acc, whenDisabled)
}

// belongsTo refuses a token of an account that is of another sort than when the token was
// issued.
func (t *sessionToken) belongsTo(acc Account) error {
	switch {
	case acc.Kind == KindUser && t.kind() == KindGuest:
		return refusef(ErrInvalidToken, ReasonSessionRevoked, "the guest has become a user")
	case acc.Kind != t.kind() || !t.isOf(acc.ExternalID) || acc.ProjectID != t.ProjectID && t.ProjectID != "":
		return refusef(ErrInvalidToken, ReasonBadClaims,
			"the account has another kind, project or external ID than the token")
	}
	return nil
}

// isOf reports whether the token is of an account with that ExternalID. The tokens of users
// and guests do not say theirs.
func (t *sessionToken) isOf(externalID string) bool {
	return t.kind() != KindExternal || t.ExternalID == externalID
}

// check refuses a token of an account that is disabled, or that has ended the session.
func (t *sessionToken) check(acc Account, whenDisabled error) error {
	if acc.Disabled {
		return refuse(whenDisabled, ReasonAccountDisabled)
	}
	why, err := t.hasEnded(acc)
	switch {
	case err != nil:
		return badState(acc, err)
	case why != "":
		return refuse(ErrInvalidToken, why)
	}
	return nil
}

// hasEnded returns why the account says that the session is over, if it does: the guest was
// linked, the session signed out, or SessionEpoch was raised and the session is not the one
// that outlived it.
func (t *sessionToken) hasEnded(acc Account) (why Reason, err error) {
	s, signedOut, err := stateOfSession(acc.State, t.ID)
	over := false
	switch {
	case err != nil:
		return "", err
	case s.heir != "":
		return ReasonGuestLinked, nil
	case t.custom:
		over = s.endsCustomToken(t.IssuedAt)
	case signedOut:
		over = true
	case t.NoEpoch: // another server's
		over = s.raisedEpoch != acc.SessionEpoch || !t.IssuedAt.After(s.raisedAt)
	case acc.SessionEpoch != t.Epoch:
		over = t.ID == "" || s.keptSession != t.ID || s.keptEpoch != acc.SessionEpoch
	}
	if over {
		return ReasonSessionRevoked, nil
	}
	return "", nil
}

// freshSignin is how long after a sign-in an agent may do what a thief of its token must
// not.
const freshSignin = 10 * time.Minute

// checkFresh refuses a session whose sign-in is longer ago than freshSignin, or in the
// future: a clock that was ahead says nothing of how long ago it is.
func (a *Auth) checkFresh(t *sessionToken) error {
	// A token says whole seconds of its sign-in.
	age := a.cfg.Now().Truncate(time.Second).Sub(t.AuthTime)
	if age > freshSignin || age < -a.cfg.Leeway {
		return refuse(ErrSigninTooOld, ReasonSigninTooOld)
	}
	return nil
}

// restore answers a client that comes back with a session token: with the same token, or
// with a fresh one where that is due.
func (a *Auth) restore(ctx context.Context, op *operation, e envelope, payload claims.Members) (Session, error) {
	t, err := a.checkSessionToken(ctx, op, e, payload)
	if err != nil {
		return Session{}, err
	}
	acc, err := a.accountOf(ctx, op, &t, ErrAccountDisabled)
	if err != nil {
		return Session{}, err
	}
	key, err := a.signingKey(ctx)
	if err != nil {
		return Session{}, err
	}
	due := a.renewalDue(&t, key)
	if due || t.endless { // which may never be renewed, and its guest would look idle
		if err := a.noteActivity(ctx, acc, ErrInvalidToken); err != nil {
			return Session{}, err
		}
	}
	if due {
		op.event.Type = EventSessionRenewed
		return a.issue(key, acc, sessionStart{t.ID, t.AuthTime, t.Methods})
	}
	op.event.Type = EventSessionRestored
	return Session{Token: e.text, User: a.shown(acc), ExpiresAt: t.ExpiresAt}, nil
}

// renewalDue reports whether half of the token's life is over and a fresh token would live
// longer. A token without an end is left as it is.
func (a *Auth) renewalDue(t *sessionToken, key Key) bool {
	if t.ExpiresAt.IsZero() {
		return false
	}
	now := a.cfg.Now()
	half := t.IssuedAt.Add(t.ExpiresAt.Sub(t.IssuedAt) / 2)
	return !now.Before(half) && a.expiry(t.kind(), now, t.AuthTime, key).After(t.ExpiresAt)
}

// agentOf returns a good session token of an agent, and its account as it is now. A token
// of another Kind is refused once it is known to be good.
func (a *Auth) agentOf(ctx context.Context, op *operation, token Secret) (sessionToken, Account, error) {
	return a.ownerOf(ctx, op, token, KindUser, refuse(ErrUsersOnly, ReasonUsersOnly))
}

// guestOf is agentOf for a guest.
func (a *Auth) guestOf(ctx context.Context, op *operation, token Secret) (sessionToken, Account, error) {
	return a.ownerOf(ctx, op, token, KindGuest, refuse(ErrGuestsOnly, ReasonGuestsOnly))
}

func (a *Auth) ownerOf(
	ctx context.Context, op *operation, token Secret, kind Kind, otherKind error,
) (sessionToken, Account, error) {
	var buf claimsBuf
	t, err := a.checkToken(ctx, op, token.reveal(), buf[:0])
	if err != nil {
		return sessionToken{}, Account{}, err
	}
	acc, err := a.accountOf(ctx, op, &t, ErrInvalidToken)
	if err != nil {
		return sessionToken{}, Account{}, err
	}
	if acc.Kind != kind {
		return sessionToken{}, Account{}, otherKind
	}
	return t, acc, nil
}

// checkToken checks all of a token that can be checked without the store. Custom tokens are
// taken only where they serve as sessions.
func (a *Auth) checkToken(ctx context.Context, op *operation, token string, buf claims.Members) (sessionToken, error) {
	e, payload, err := openEnvelope(token, buf, a.cfg.EchoCustomToken)
	if err != nil {
		return sessionToken{}, err
	}
	if a.cfg.EchoCustomToken && !e.audience.Equals(a.cfg.Issuer) {
		c, err := a.checkCustomToken(ctx, op, e, payload)
		if err != nil {
			return sessionToken{}, tellExpired(err)
		}
		return c.asSession(), nil
	}
	t, err := a.checkSessionToken(ctx, op, e, payload)
	return t, tellExpired(err)
}

// tellExpired lets the caller know that a token is good in all but its age.
func tellExpired(err error) error {
	refused, ok := errors.AsType[*refusal](err)
	if ok && refused.reason == ReasonExpired {
		refused.public = ErrTokenExpired
	}
	return err
}
