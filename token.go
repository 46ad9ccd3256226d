package deskauth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// A Session is the outcome of a sign-in. Encoded as JSON it shows its token, because
// handing that out is what it is for; printed or logged it does not.
type Session struct {
	Token     string // compact JWS, without a scheme like "JWT " before it
	User      User
	ExpiresAt time.Time // zero if the token has no end
}

// An Identity is who a token was issued to.
type Identity struct {
	UserID     string // the account; the key to keep data under
	Kind       Kind
	ProjectID  string // of guests and external users
	ExternalID string // the `_id` in the other system, of external users
	Email      string // of users and guests; what an external user's system claims is in Claims
	FirstName  string
	LastName   string

	SessionID string    // the token's `jti`
	AuthTime  time.Time // when the person signed in; renewals keep it
	IssuedAt  time.Time
	ExpiresAt time.Time // zero if the token has no end

	// Claims is a JSON object of what an external user's system says of it beside the
	// names, such as its e-mail address; nil for none, and for other kinds. It proves
	// nothing here. Treat the bytes as read-only.
	Claims json.RawMessage
}

// Verify returns who a session token was issued to, with the account as the store has it
// now. The token may stand behind the scheme "JWT" or "Bearer" and a space.
//
// It returns [ErrTokenExpired], or else [ErrInvalidToken] for every token that is not
// good: forged, revoked by the account's SessionEpoch, of an account that is gone or
// disabled. Any other error is a failure of the store or of the keys, and says nothing of
// the token.
func (a *Auth) Verify(ctx context.Context, token string) (id Identity, err error) {
	op := a.begin(ctx, "verify")
	defer op.end(&err)

	var few fewMembers
	t, err := a.open(ctx, &op, token, few[:0])
	if err != nil {
		return Identity{}, err
	}
	acc, err := a.accountOf(ctx, &op, t, ErrInvalidToken)
	if err != nil {
		return Identity{}, err
	}
	id = t.identity()
	id.ProjectID, id.Email, id.FirstName, id.LastName = acc.ProjectID, acc.Email, acc.FirstName, acc.LastName
	if acc.Kind == KindExternal {
		id.Claims = acc.Attributes
	}
	return id, nil
}

// VerifyStateless weakens [Auth.Verify]: it asks no store, so a token passes until it
// expires, also when its account is gone, disabled, or has a new SessionEpoch. It is for
// paths so hot that a look-up counts.
func (a *Auth) VerifyStateless(ctx context.Context, token string) (id Identity, err error) {
	op := a.begin(ctx, "verify")
	defer op.end(&err)

	var few fewMembers
	t, err := a.open(ctx, &op, token, few[:0])
	if err != nil {
		return Identity{}, err
	}
	return t.identity(), nil
}

// open checks all of a token that can be checked without the store. Custom tokens are
// taken only when they serve as sessions.
func (a *Auth) open(ctx context.Context, op *operation, token string, few members) (sessionToken, error) {
	e, claims, err := openEnvelope(token, few)
	if err != nil {
		return sessionToken{}, err
	}
	var t sessionToken
	if a.cfg.EchoCustomToken && e.audience != a.cfg.Issuer {
		var c customToken
		c, err = a.checkCustomToken(ctx, op, e, claims)
		t = c.asSession()
	} else {
		t, err = a.checkSessionToken(ctx, op, e, claims)
	}
	if expired, ok := errors.AsType[*refusal](err); ok && expired.reason == "expired" {
		expired.public = ErrTokenExpired
	}
	return t, err
}

// accountOf returns the account of a session token as it is now, if the token still
// counts.
func (a *Auth) accountOf(ctx context.Context, op *operation, t sessionToken, whenDisabled error) (Account, error) {
	acc, err := a.userByID(ctx, t.accountID)
	switch {
	case errors.Is(err, ErrUserNotFound):
		return Account{}, refuse(ErrInvalidToken, "account gone")
	case err != nil:
		return Account{}, err
	case acc.Kind != t.kind || acc.ExternalID != t.externalID || acc.ProjectID != t.projectID && t.projectID != "":
		return Account{}, refusef(ErrInvalidToken, "bad claims", "the token and its account are not of one kind, project and external ID")
	}
	op.about(acc.User)
	switch {
	case acc.Disabled:
		return Account{}, refuse(whenDisabled, "account disabled")
	case acc.SessionEpoch != t.epoch && !t.custom:
		return Account{}, refuse(ErrInvalidToken, "session revoked")
	}
	return acc, nil
}

func (a *Auth) userByID(ctx context.Context, id string) (Account, error) {
	acc, err := a.users.UserByID(ctx, id)
	if err != nil {
		return Account{}, fmt.Errorf("deskauth: find user: %w", err)
	}
	if acc.ID != id {
		return Account{}, errors.New("deskauth: find user: the store answered with another account")
	}
	return acc, nil
}

// issue makes a session for an account whose owner signed in at authTime, with the signing
// key. It is the only maker of session tokens.
func (a *Auth) issue(key Key, acc Account, authTime time.Time) (Session, error) {
	id, err := uuid.NewRandom()
	if err != nil {
		return Session{}, fmt.Errorf("deskauth: make a session ID: %w", err)
	}
	now := a.cfg.Now()
	expires := a.expiry(acc.Kind, now, authTime, key)
	var buf [768]byte // holds most payloads without an allocation
	payload, err := a.appendPayload(buf[:0], &acc, sessionTimes{
		id:       id.String(),
		issuedAt: now.Unix(),
		authTime: authTime.Unix(),
		expires:  expires.Unix(),
	})
	if err != nil {
		return Session{}, err
	}
	token, err := key.key.Sign(payload)
	if err != nil {
		return Session{}, fmt.Errorf("deskauth: %w", err)
	}
	return Session{Token: token, User: acc.User, ExpiresAt: expires}, nil
}

// expiry is when a session token ends that key signs now: whole seconds, and not after
// anything that would end it.
func (a *Auth) expiry(kind Kind, now, authTime time.Time, key Key) time.Time {
	expires := now.Add(a.cfg.SessionTTL)
	if kind == KindGuest {
		expires = now.Add(a.cfg.GuestTTL)
	} else if last := authTime.Add(a.cfg.MaxSessionAge); last.Before(expires) {
		expires = last
	}
	if end := key.NotAfter; !end.IsZero() && end.Before(expires) {
		expires = end
	}
	return expires.UTC().Truncate(time.Second)
}

// sessionKeys asks the provider, and refuses what could sign nothing or anything.
func (a *Auth) sessionKeys(ctx context.Context) ([]Key, error) {
	keys, err := a.secrets.SessionKeys(ctx)
	if err != nil {
		return nil, fmt.Errorf("deskauth: get session keys: %w", err)
	}
	if err := checkSessionKeys(keys); err != nil {
		return nil, err
	}
	return keys, nil
}

// signingKey returns the key that signs session tokens now. It is asked for before anything
// is stored: an account whose owner gets no token would be of no use.
func (a *Auth) signingKey(ctx context.Context) (Key, error) {
	keys, err := a.sessionKeys(ctx)
	if err != nil {
		return Key{}, err
	}
	return keys[0], checkSigningKey(keys[0], a.cfg.Now())
}
