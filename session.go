package deskauth

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/deskauth/deskauth/internal/claims"
	"github.com/google/uuid"
)

// A Session is the outcome of a sign-in. Encoded as JSON it shows its token, because
// handing that out is what it is for. Printed or logged it does not.
type Session struct {
	Token     string // compact JWS, without a scheme like "JWT " before it
	User      User
	ExpiresAt time.Time // zero if the token has no end
}

// Format implements [fmt.Formatter]: no verb prints the token.
func (s Session) Format(f fmt.State, verb rune) {
	type session Session
	s.Token = redact(s.Token)
	fmt.Fprintf(f, fmt.FormatString(f, verb), session(s))
}

// LogValue implements [slog.LogValuer].
func (s Session) LogValue() slog.Value { return slog.StringValue(fmt.Sprintf("%+v", s)) }

// A sessionStart is what stays the same in all tokens of a session.
type sessionStart struct {
	id       string // `sid`; empty for a new session
	authTime time.Time
	methods  []string // `amr`
}

// startSession starts a session for an account whose owner signs in now.
func (a *Auth) startSession(key Key, acc Account) (Session, error) {
	return a.issue(key, acc, sessionStart{authTime: a.cfg.Now()})
}

// issue makes a token for a session. It is the only maker of session tokens.
func (a *Auth) issue(key Key, acc Account, start sessionStart) (Session, error) {
	tokenID, sessionID := newIDs(start.id)
	now := a.cfg.Now()
	expires := a.expiry(acc.Kind, now, start.authTime, key)
	user := a.shown(acc)
	token := claims.Session{
		AccountID:     acc.ID,
		ExternalID:    acc.ExternalID,
		Email:         a.claimedEmail(user),
		FirstName:     acc.FirstName,
		LastName:      acc.LastName,
		EmailVerified: acc.EmailVerified,
		ProjectID:     acc.ProjectID,
		Attributes:    acc.Attributes,
		Times:         claims.Times{IssuedAt: now, ExpiresAt: expires},
		Issuer:        a.cfg.Issuer,
		Kind:          string(acc.Kind),
		TokenID:       tokenID,
		ID:            sessionID,
		AuthTime:      start.authTime,
		Methods:       start.methods,
		Epoch:         acc.SessionEpoch,
	}
	var buf [768]byte // holds most payloads without an allocation
	payload, err := token.Append(buf[:0])
	if err != nil {
		return Session{}, fmt.Errorf("deskauth: make a token for account %s: %w", acc.ID, err)
	}
	signed, err := key.key.Sign(payload)
	if err != nil {
		return Session{}, fmt.Errorf("deskauth: %w", err)
	}
	return Session{Token: signed, User: user, ExpiresAt: expires}, nil
}

// claimedEmail returns the address in a token. Beside a Tiledesk server that of an external
// user who has none is made up.
func (a *Auth) claimedEmail(shown User) string {
	if shown.Kind == KindExternal && a.cfg.BesideTiledesk {
		return a.guestAddress(shown.ID)
	}
	return shown.Email
}

// newIDs returns a new `jti`, and the `sid` or a new one. Both are random UUIDs.
func newIDs(session string) (token, sid string) {
	var random [2 * len(uuid.UUID{})]byte
	rand.Read(random[:]) // which does not fail
	if session == "" {
		session = randomUUID(random[16:]).String()
	}
	return randomUUID(random[:16]).String(), session
}

// randomUUID makes a UUIDv4 (RFC 9562 §5.4) of 16 random bytes.
func randomUUID(random []byte) uuid.UUID {
	id := uuid.UUID(random)
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	return id
}

// expiry is when a session token ends that key signs now: in whole seconds, and not after
// anything that would end it.
func (a *Auth) expiry(kind Kind, now, authTime time.Time, key Key) time.Time {
	expires := now.Add(a.cfg.SessionTTL)
	if kind == KindGuest {
		expires = now.Add(a.cfg.GuestTTL)
	} else {
		expires = earlier(expires, authTime.Add(a.cfg.MaxSessionAge))
	}
	if !key.NotAfter.IsZero() {
		expires = earlier(expires, key.NotAfter)
	}
	return expires.UTC().Truncate(time.Second)
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

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
	if len(e.flaws) > 0 {
		return sessionToken{}, badPayload(e.flaws[0].Err)
	}
	keys, err := a.sessionKeys(ctx)
	if err != nil {
		return sessionToken{}, err
	}
	now := a.cfg.Now()
	used, ok := e.verify(keys, now)
	if !ok {
		return sessionToken{}, e.badSignature(keys)
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
	case acc.Kind != t.kind() || acc.ExternalID != t.ExternalID || acc.ProjectID != t.ProjectID && t.ProjectID != "":
		return refusef(ErrInvalidToken, ReasonBadClaims,
			"the account has another kind, project or external ID than the token")
	}
	return nil
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

// checkFresh refuses a session whose sign-in is longer ago than freshSignin.
func (a *Auth) checkFresh(t *sessionToken) error {
	// A token says whole seconds of its sign-in.
	if a.cfg.Now().Truncate(time.Second).Sub(t.AuthTime) > freshSignin {
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
