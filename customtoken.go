package deskauth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/deskauth/deskauth/internal/claims"
)

// CustomTokenInput carries a custom token, or a session token to resume.
type CustomTokenInput struct {
	// Token is a JWT that another system signed with the project's key, or a session token
	// of ours. It may stand behind the scheme "JWT" or "Bearer" and a space.
	Token Secret

	// GuestToken is an optional session token of the person's earlier guest account, with
	// or without a scheme. It links that guest to the external user: the guest's sessions
	// end, and [EventGuestLinked] has both IDs. If it cannot be linked, the sign-in still
	// succeeds and [EventGuestNotLinked] says why. If GuestToken is empty, the claim
	// `guest_token` of the custom token counts. If Token is a session token, nothing is
	// linked.
	GuestToken Secret

	// Client names the calling client: an IP address, or another name that the client
	// cannot choose. It is for events; empty means that it is not known.
	Client string
}

// SigninWithCustomToken signs in a user of another system. The first time it makes an
// account: one for each `_id` in a project. The account's profile is what the newest token
// claims, by its `iat`, to the minute.
//
// Given a session token of ours, of any kind, it returns that account and the same token.
// Once half of the token's life is over, it returns a fresh one. That goes on until
// Config.MaxSessionAge after the sign-in, and for a guest without end.
//
// It returns [ErrInvalidToken] for a bad token and [ErrAccountDisabled] for a good token of
// a disabled account. If the project has had too many new users, it returns a [*RetryError]
// that wraps [ErrTooManyAttempts].
func (a *Auth) SigninWithCustomToken(ctx context.Context, in CustomTokenInput) (s Session, err error) {
	ctx, op := a.begin(ctx, OperationCustomToken)
	defer op.end(ctx, &err)
	op.event.Client = in.Client

	var buf claimsBuf
	e, payload, err := openEnvelope(in.Token.reveal(), buf[:0], true)
	if err != nil {
		return Session{}, err
	}
	if e.audience.Equals(a.cfg.Issuer) {
		s, err := a.restore(ctx, &op, e, payload)
		if err == nil && in.GuestToken.reveal() != "" {
			op.tellLink(ctx, Event{}, refusef(ErrInvalidToken, ReasonInvalidInput, "a session token links no guest"))
		}
		return s, err
	}
	c, err := a.checkCustomToken(ctx, &op, e, payload)
	if err != nil {
		return Session{}, err
	}
	c.GuestToken = cmp.Or(in.GuestToken.reveal(), c.GuestToken)
	if a.cfg.EchoCustomToken {
		return a.echo(ctx, &op, e, c)
	}
	key, err := a.signingKey(ctx)
	if err != nil {
		return Session{}, err
	}
	acc, err := a.externalUser(ctx, &op, c)
	if err != nil {
		return Session{}, err
	}
	return a.startSession(key, acc)
}

// externalUser signs in the user of a good custom token, and links the guest that it was.
func (a *Auth) externalUser(ctx context.Context, op *operation, c customToken) (Account, error) {
	acc, err := a.externalAccount(ctx, op, c)
	if err != nil {
		return Account{}, err
	}
	if err := a.linkGuest(ctx, op, c.GuestToken, acc); err != nil {
		return Account{}, err
	}
	op.event.Type = EventSignedIn
	return acc, nil
}

// echo answers with the custom token itself, for Config.EchoCustomToken.
func (a *Auth) echo(ctx context.Context, op *operation, e envelope, c customToken) (Session, error) {
	acc, err := a.externalUser(ctx, op, c)
	if err != nil {
		return Session{}, err
	}
	return Session{Token: e.text, User: a.shown(acc), ExpiresAt: c.ExpiresAt}, nil
}

// A customToken is what a good custom token says.
type customToken struct {
	claims.Custom
	projectID string
}

// asSession is the custom token as a session, for Config.EchoCustomToken.
func (c customToken) asSession() sessionToken {
	return sessionToken{
		Session: claims.Session{
			AccountID:  ExternalUserID(c.projectID, c.ExternalID),
			ExternalID: c.ExternalID,
			FirstName:  c.FirstName,
			LastName:   c.LastName,
			ProjectID:  c.projectID,
			Attributes: c.Attributes,
			Times:      c.Times,
			Kind:       claims.KindExternal,
			TokenID:    c.TokenID,
			AuthTime:   c.IssuedAt,
		},
		custom: true,
	}
}

// checkCustomToken finds the project by the audience, checks the signature with that
// project's keys, and only then reads what the token claims.
func (a *Auth) checkCustomToken(
	ctx context.Context, op *operation, e envelope, payload claims.Members,
) (customToken, error) {
	if flaw := claims.AudienceFlaw(payload, e.flaws); flaw != "" {
		return customToken{}, refusef(ErrInvalidToken, ReasonBadClaims, "claim aud %s", flaw)
	}
	audience, _ := e.audience.Text()
	projectID, ok := strings.CutPrefix(audience, a.audiencePrefix)
	if !ok || !isProjectID(projectID) {
		problem := cmp.Or(claims.AudienceProblem(e.audience), fmt.Sprintf("is not %q and a project ID", a.audiencePrefix))
		return customToken{}, refusef(ErrInvalidToken, ReasonBadClaims, "claim aud %s", problem)
	}
	op.event.ProjectID, op.event.Kind = projectID, KindExternal
	keys, err := a.projectKeys(ctx, projectID)
	if errors.Is(err, ErrProjectNotFound) {
		return customToken{}, refuse(ErrInvalidToken, ReasonUnknownProject)
	}
	if err != nil {
		return customToken{}, err
	}
	now := a.cfg.Now()
	used, ok := e.verify(keys, now)
	if !ok {
		return customToken{}, e.badSignature(keys, now)
	}
	rules := claims.Rules{Roles: a.cfg.CustomTokenRoles, Reserved: a.isReserved}
	custom, err := claims.ReadCustom(payload, e.flaws, rules)
	op.event.ExternalID = custom.ExternalID
	if err != nil {
		return customToken{}, refusef(ErrInvalidToken, ReasonBadClaims, "%v", err)
	}
	if a.cfg.BesideTiledesk && looksLikeAgent(custom.ExternalID) {
		return customToken{}, refusef(ErrInvalidToken, ReasonBadClaims,
			"claim _id has 24 hexadecimal digits, 12 bytes or 12 UTF-16 units: with Config.BesideTiledesk "+
				"that is the form of an agent's ID")
	}
	if err := a.checkTimes(custom.Times, now); err != nil {
		return customToken{}, err
	}
	if err := a.checkAge(custom.Times, now); err != nil {
		return customToken{}, err
	}
	op.usedKey(ctx, keys, used)
	op.event.Detail = strings.Join(custom.Notes, "; ")
	return customToken{custom, projectID}, nil
}

// checkAge holds a custom token against Config.CustomTokenMaxAge.
func (a *Auth) checkAge(t claims.Times, now time.Time) error {
	most := a.cfg.CustomTokenMaxAge
	switch {
	case most == 0:
		return nil
	case t.IssuedAt.IsZero():
		return refusef(ErrInvalidToken, ReasonBadClaims,
			"claim iat is missing, and Config.CustomTokenMaxAge asks for it")
	case now.After(t.IssuedAt.Add(most + a.cfg.Leeway)):
		return refusef(ErrInvalidToken, ReasonExpired, "the token is older than Config.CustomTokenMaxAge")
	}
	return nil
}
