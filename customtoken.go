package deskauth

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/deskauth/deskauth/internal/profile"
	"github.com/deskauth/deskauth/internal/strictjson"
)

// CustomTokenInput is what a user of another system signs in with, or anybody comes back
// with.
type CustomTokenInput struct {
	// Token is a JWT that the other system signed with the project's key, or a session
	// token of ours. It may stand behind the scheme "JWT" or "Bearer" and a space.
	Token string
}

// SigninWithCustomToken signs in a user of another system, and makes its account at the
// first time: one for each `_id` in a project, whose profile is what the token claims that
// came last.
//
// Given a session token of ours, of any kind, it answers with that account and the same
// token, or with a fresh one when half of the token's life is over, up to
// Config.MaxSessionAge after the sign-in.
//
// It returns [ErrInvalidToken] for every token that is not good, and [ErrAccountDisabled].
func (a *Auth) SigninWithCustomToken(ctx context.Context, in CustomTokenInput) (s Session, err error) {
	op := a.begin(ctx, "custom_token")
	defer op.end(&err)

	var few fewMembers
	e, claims, err := openEnvelope(in.Token, few[:0])
	if err != nil {
		return Session{}, err
	}
	if e.audience == a.cfg.Issuer {
		return a.restore(ctx, &op, e, claims)
	}
	c, err := a.checkCustomToken(ctx, &op, e, claims)
	if err != nil {
		return Session{}, err
	}
	var key Key
	if !a.cfg.EchoCustomToken {
		if key, err = a.signingKey(ctx); err != nil {
			return Session{}, err
		}
	}
	acc, err := a.externalAccount(ctx, &op, c)
	if err != nil {
		return Session{}, err
	}
	op.about(acc.User)
	op.event.Type = EventSignedIn
	if a.cfg.EchoCustomToken {
		return Session{Token: e.text, User: acc.User, ExpiresAt: c.asSession().expires}, nil
	}
	return a.issue(key, acc, a.cfg.Now())
}

// restore answers somebody who comes back with a session token.
func (a *Auth) restore(ctx context.Context, op *operation, e envelope, claims members) (Session, error) {
	t, err := a.checkSessionToken(ctx, op, e, claims)
	if err != nil {
		return Session{}, err
	}
	acc, err := a.accountOf(ctx, op, t, ErrAccountDisabled)
	if err != nil {
		return Session{}, err
	}
	key, err := a.signingKey(ctx)
	if err != nil {
		return Session{}, err
	}
	due := a.renewalDue(t, key)
	if due || t.expires.IsZero() { // a token without an end is never renewed
		if err := a.noteActivity(ctx, acc); err != nil {
			return Session{}, err
		}
	}
	if due {
		op.event.Type = EventSessionRenewed
		return a.issue(key, acc, t.authTime)
	}
	op.event.Type = EventSessionRestored
	return Session{Token: e.text, User: acc.User, ExpiresAt: t.expires}, nil
}

// renewalDue reports whether half of the token's life is over and a fresh one would live
// longer. A token without an end is left as it is.
func (a *Auth) renewalDue(t sessionToken, key Key) bool {
	now := a.cfg.Now()
	half := t.issuedAt.Add(t.expires.Sub(t.issuedAt) / 2)
	return !t.expires.IsZero() && !now.Before(half) && a.expiry(t.kind, now, t.authTime, key).After(t.expires)
}

// customToken is what a good custom token says.
type customToken struct {
	projectID  string
	externalID string
	firstName  string
	lastName   string
	attributes []byte // the profile beside the names, a compact JSON object or nil
	sessionID  string
	times      tokenTimes
}

// asSession is the custom token as a session, for Config.EchoCustomToken.
func (c customToken) asSession() sessionToken {
	t := sessionToken{
		kind:       KindExternal,
		accountID:  ExternalUserID(c.projectID, c.externalID),
		externalID: c.externalID,
		projectID:  c.projectID,
		firstName:  c.firstName,
		lastName:   c.lastName,
		sessionID:  c.sessionID,
		claims:     c.attributes,
		custom:     true,
	}
	if c.times.has.iat {
		t.issuedAt = unixTime(c.times.iat)
		t.authTime = t.issuedAt
	}
	if c.times.has.exp {
		t.expires = unixTime(c.times.exp)
	}
	return t
}

// checkCustomToken finds the project by the audience, checks the signature by that
// project's keys, and only then reads what the token claims.
func (a *Auth) checkCustomToken(ctx context.Context, op *operation, e envelope, claims members) (customToken, error) {
	projectID, ok := strings.CutPrefix(e.audience, a.audience)
	if !ok || !validProjectID(projectID) {
		return customToken{}, refusef(ErrInvalidToken, "bad claims", "claim aud is not %q and a project ID", a.audience)
	}
	op.event.ProjectID, op.event.Kind = projectID, KindExternal
	keys, err := a.projectKeys(ctx, projectID)
	if errors.Is(err, ErrProjectNotFound) {
		return customToken{}, refuse(ErrInvalidToken, "unknown project")
	}
	if err != nil {
		return customToken{}, err
	}
	now := a.cfg.Now()
	used, ok := e.verify(keys, now)
	if !ok {
		return customToken{}, refuse(ErrInvalidToken, "bad signature")
	}
	c, err := a.readCustomToken(claims)
	if err != nil {
		return customToken{}, err
	}
	c.projectID = projectID
	if err := a.checkTimes(c.times, now); err != nil {
		return customToken{}, err
	}
	if most := a.cfg.CustomTokenMaxAge; most > 0 {
		if !c.times.has.iat {
			return customToken{}, refusef(ErrInvalidToken, "bad claims", "claim iat is missing, and Config.CustomTokenMaxAge asks for it")
		}
		if now.After(unixTime(c.times.iat).Add(most + a.cfg.Leeway)) {
			return customToken{}, refusef(ErrInvalidToken, "expired", "the token is older than Config.CustomTokenMaxAge")
		}
	}
	op.usedKey(keys, used)
	return c, nil
}

// readCustomToken reads the claims of a token whose signature is good.
func (a *Auth) readCustomToken(claims members) (c customToken, err error) {
	var few [16]strictjson.Member
	kept := few[:0]
	external := false
	for _, m := range claims {
		ok := true
		switch name := string(m.Name); name {
		case "sub":
			external = m.Value.Equals(string(KindExternal))
		case "_id":
			c.externalID, ok = externalID(m.Value)
		case "firstname":
			c.firstName, ok = claimedName(m.Value)
		case "lastname":
			c.lastName, ok = claimedName(m.Value)
		case "iat", "exp", "nbf":
			ok = c.times.read(name, m.Value)
		case "jti":
			c.sessionID, _ = m.Value.Text()
		case "email":
			if ok = m.Value.IsString() || m.Value.IsNull(); m.Value.IsString() {
				kept = append(kept, m)
			}
		case "role":
			if role, ok := m.Value.Text(); ok && slices.Contains(a.cfg.CustomTokenRoles, role) {
				kept = append(kept, m)
			}
		default:
			if profile.Allowed(m.Name) && profile.Fold(name) != "role" {
				kept = append(kept, m)
			}
		}
		if !ok {
			return customToken{}, refusef(ErrInvalidToken, "bad claims", "claim %s", m.Name)
		}
	}
	switch c.attributes = profile.Join(kept); {
	case !external:
		return customToken{}, refusef(ErrInvalidToken, "bad claims", "claim sub is not %q", KindExternal)
	case c.externalID == "":
		return customToken{}, refusef(ErrInvalidToken, "bad claims", "claim _id is missing")
	case len(c.attributes) > maxProfileBytes:
		return customToken{}, refusef(ErrInvalidToken, "bad claims", "the profile has %d bytes; %d are allowed", len(c.attributes), maxProfileBytes)
	}
	return c, nil
}

// externalID returns a claimed `_id`: a text that is not blank, or an integer, which is
// the text of its digits.
func externalID(v strictjson.Value) (string, bool) {
	id, ok := v.Text()
	if !ok && v.Integer() {
		id, ok = string(v), true
	}
	return id, ok && strings.TrimSpace(id) != "" && checkID(id) == ""
}

// claimedName returns a claimed name; null is none.
func claimedName(v strictjson.Value) (string, bool) {
	name, ok := optionalText(v)
	return name, ok && checkName(name) == ""
}

// projectKeys asks the provider, and refuses keys that could verify anything.
func (a *Auth) projectKeys(ctx context.Context, projectID string) ([]Key, error) {
	if !validProjectID(projectID) {
		return nil, refuse(ErrProjectNotFound, "unknown project")
	}
	keys, err := a.secrets.ProjectKeys(ctx, projectID)
	if errors.Is(err, ErrProjectNotFound) {
		return nil, refuse(ErrProjectNotFound, "unknown project")
	}
	if err != nil {
		return nil, fmt.Errorf("deskauth: get keys of project %q: %w", projectID, err)
	}
	for _, k := range keys {
		if err := k.problem(); err != nil {
			return nil, fmt.Errorf("deskauth: project %q: %w", projectID, err)
		}
	}
	return keys, nil
}

// validProjectID takes what needs no escaping in a URL (RFC 3986 §2.3), so that a project
// has one spelling in an audience.
func validProjectID(id string) bool {
	for i := range len(id) {
		if c := id[i]; !isAlphanumeric(c) && !('A' <= c && c <= 'Z') && !strings.ContainsRune("-._~", rune(c)) {
			return false
		}
	}
	return 0 < len(id) && len(id) <= maxIDBytes && id != "." && id != ".."
}
