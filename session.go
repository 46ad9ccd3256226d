package deskauth

import (
	"crypto/rand"
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
	if err := a.checkBesideID(acc); err != nil {
		return Session{}, err
	}
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
	if len(a.reserved) > 0 {
		token.Reserved = a.isReserved
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
