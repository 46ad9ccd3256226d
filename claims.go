package deskauth

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/deskauth/deskauth/internal/jose"
	"github.com/deskauth/deskauth/internal/profile"
	"github.com/deskauth/deskauth/internal/strictjson"
)

type (
	members    = []strictjson.Member
	fewMembers = [24]strictjson.Member // as many as most tokens have, on the caller's stack
)

// An envelope is a token taken apart: well-formed, and not yet believed.
type envelope struct {
	text     string
	token    jose.Token
	audience string // empty if it is not one string
}

// openEnvelope returns a token's claims beside its envelope, appended to few: together
// they would have to be on the heap.
func openEnvelope(token string, few members) (envelope, members, error) {
	text := withoutScheme(token)
	t, err := jose.Parse(text)
	if err != nil {
		return envelope{}, nil, refusef(ErrInvalidToken, "malformed token", "%v", err)
	}
	claims, err := strictjson.Object(t.Payload, few)
	if err != nil {
		return envelope{}, nil, refusef(ErrInvalidToken, "malformed token", "the token's payload: %v", err)
	}
	e := envelope{text: text, token: t}
	for _, m := range claims {
		if string(m.Name) == "aud" {
			e.audience, _ = m.Value.Text()
		}
	}
	return e, claims, nil
}

// withoutScheme returns the token of "JWT <token>" or "Bearer <token>".
func withoutScheme(token string) string {
	for _, scheme := range [...]string{"JWT ", "Bearer "} {
		if len(token) > len(scheme) && strings.EqualFold(token[:len(scheme)], scheme) {
			return token[len(scheme):]
		}
	}
	return token
}

// verify looks for the key that signed the token, in keys that are in force. index says
// which it is.
func (e *envelope) verify(keys []Key, now time.Time) (index int, ok bool) {
	for i, k := range keys {
		if k.usable(now) && e.token.VerifiedBy(k.key) {
			return i, true
		}
	}
	return 0, false
}

// A sessionToken is what a good session token says.
type sessionToken struct {
	kind       Kind
	accountID  string
	externalID string
	projectID  string
	email      string
	firstName  string
	lastName   string
	sessionID  string
	epoch      int64
	issuedAt   time.Time
	authTime   time.Time
	expires    time.Time // zero for never
	claims     json.RawMessage
	custom     bool // it is a custom token that serves as a session
}

func (t sessionToken) identity() Identity {
	return Identity{
		UserID:     t.accountID,
		Kind:       t.kind,
		ProjectID:  t.projectID,
		ExternalID: t.externalID,
		Email:      t.email,
		FirstName:  t.firstName,
		LastName:   t.lastName,
		SessionID:  t.sessionID,
		AuthTime:   t.authTime,
		IssuedAt:   t.issuedAt,
		ExpiresAt:  t.expires,
		Claims:     t.claims,
	}
}

// checkSessionToken checks the signature first, so that nothing else is ever said of a
// token that is not ours, and then the claims.
func (a *Auth) checkSessionToken(ctx context.Context, op *operation, e envelope, claims members) (sessionToken, error) {
	keys, err := a.sessionKeys(ctx)
	if err != nil {
		return sessionToken{}, err
	}
	now := a.cfg.Now()
	used, ok := e.verify(keys, now)
	if !ok {
		return sessionToken{}, refuse(ErrInvalidToken, "bad signature")
	}
	t, times, err := a.readSessionToken(claims)
	if err != nil {
		return sessionToken{}, err
	}
	if err := a.checkTimes(times, now); err != nil {
		return sessionToken{}, err
	}
	if t.kind != KindGuest && times.has.exp && now.After(t.authTime.Add(a.cfg.MaxSessionAge+a.cfg.Leeway)) {
		return sessionToken{}, refusef(ErrInvalidToken, "expired", "the sign-in is longer ago than MaxSessionAge")
	}
	op.event.UserID, op.event.Kind, op.event.ProjectID = t.accountID, t.kind, t.projectID
	op.usedKey(keys, used)
	if end := keys[used].NotAfter; !end.IsZero() && (t.expires.IsZero() || end.Before(t.expires)) {
		t.expires = end.UTC().Truncate(time.Second) // the token ends with its key
	}
	return t, nil
}

// readSessionToken reads the claims of a token whose signature is good.
func (a *Auth) readSessionToken(claims members) (t sessionToken, times tokenTimes, err error) {
	bad := func(name string) error { return refusef(ErrInvalidToken, "bad claims", "claim %s", name) }
	var aud, iss, id, uid string
	var authTime float64
	var few [8]strictjson.Member
	rest := few[:0] // what only an external user's token has, its e-mail address included
	for _, m := range claims {
		ok := true
		switch name := string(m.Name); name {
		case "aud":
			ok = m.Value.Equals(a.cfg.Issuer)
			aud = a.cfg.Issuer
		case "iss":
			ok = m.Value.Equals(a.cfg.Issuer)
			iss = a.cfg.Issuer
		case "sub":
			t.kind, ok = kindOf(m.Value)
		case "_id":
			id, ok = m.Value.Text()
		case "uid":
			uid, ok = m.Value.Text()
		case "id_project":
			t.projectID, ok = optionalText(m.Value)
		case "firstname":
			t.firstName, ok = optionalText(m.Value)
		case "lastname":
			t.lastName, ok = optionalText(m.Value)
		case "jti":
			t.sessionID, ok = optionalText(m.Value)
		case "epoch":
			t.epoch, err = strconv.ParseInt(string(m.Value), 10, 64)
			ok = err == nil
		case "auth_time":
			authTime, ok = numericDate(m.Value)
		case "iat", "exp", "nbf":
			ok = times.read(name, m.Value)
		case "email":
			t.email, ok = optionalText(m.Value)
			rest = append(rest, m)
		case "emailverified":
		default:
			rest = append(rest, m)
		}
		if !ok {
			return sessionToken{}, times, bad(string(m.Name))
		}
	}
	switch {
	case aud == "":
		return sessionToken{}, times, bad("aud")
	case iss == "":
		return sessionToken{}, times, bad("iss")
	case t.kind == "":
		return sessionToken{}, times, bad("sub")
	case id == "":
		return sessionToken{}, times, bad("_id")
	case !times.has.iat:
		return sessionToken{}, times, bad("iat")
	case !times.has.exp && !a.cfg.AcceptNoExpiry:
		return sessionToken{}, times, bad("exp")
	case t.kind == KindExternal && (uid == "" || t.projectID == ""):
		return sessionToken{}, times, bad("uid")
	}
	return t.complete(id, uid, authTime, times, rest), times, nil
}

// complete puts together what depends on more than one claim.
func (t sessionToken) complete(id, uid string, authTime float64, times tokenTimes, rest members) sessionToken {
	t.accountID = id
	if t.kind == KindExternal {
		t.accountID, t.externalID, t.email = uid, id, ""
		t.claims = profile.Join(rest)
	}
	t.issuedAt = unixTime(times.iat)
	t.authTime = t.issuedAt
	if authTime > 0 {
		t.authTime = unixTime(authTime)
	}
	if times.has.exp {
		t.expires = unixTime(times.exp)
	}
	return t
}

func kindOf(v strictjson.Value) (Kind, bool) {
	for _, k := range [...]Kind{KindUser, KindGuest, KindExternal} {
		if v.Equals(string(k)) {
			return k, true
		}
	}
	return "", false
}

// optionalText returns a string; null is the empty one.
func optionalText(v strictjson.Value) (string, bool) {
	if v.IsNull() {
		return "", true
	}
	return v.Text()
}
