package deskauth

import (
	"bytes"
	"context"
	"encoding/json"
	"time"

	"github.com/deskauth/deskauth/internal/claims"
)

// An Identity says to whom a token was issued.
type Identity struct {
	UserID     string // the account; the key to keep data under
	Kind       Kind
	ProjectID  string // of guests and external users
	ExternalID string // of external users: the `_id` in the other system
	Email      string // of users; of guests a made-up one; an external user's is in Claims
	FirstName  string
	LastName   string

	// EmailVerified says that a user has shown to have the mailbox of Email.
	EmailVerified bool

	SessionID string    // the `sid`: stays through renewals; empty in a token of another server
	TokenID   string    // the `jti`: new for each token
	AuthTime  time.Time // when the person signed in; renewals keep it
	Methods   []string  // the `amr` (RFC 8176): what IssueInput.Methods said
	IssuedAt  time.Time
	ExpiresAt time.Time // zero if the token has no end

	// Claims is a JSON object, or nil for none. For an external user it is what that system
	// says beside the names, such as an e-mail address. For others it is the account's
	// attributes, which [Auth.VerifyStateless] knows of guests alone. It proves nothing
	// here. Treat the bytes as read-only.
	Claims json.RawMessage
}

// Verify returns the identity to which a session token was issued, with the account as the
// store has it now. The token may stand behind the scheme "JWT" or "Bearer" and a space.
//
// It returns [ErrTokenExpired] for a token that is good in all but its age. It returns
// [ErrInvalidToken] for every other token that is not good: forged, revoked by the
// account's SessionEpoch, or of an account that is gone or disabled. Any other error is a
// failure of the store or of the keys, and says nothing about the token.
func (a *Auth) Verify(ctx context.Context, token string) (id Identity, err error) {
	ctx, op := a.begin(ctx, OperationVerify)
	defer op.end(ctx, &err)

	var buf claimsBuf
	t, err := a.checkToken(ctx, &op, token, buf[:0])
	if err != nil {
		return Identity{}, err
	}
	acc, err := a.accountOf(ctx, &op, &t, ErrInvalidToken)
	if err != nil {
		return Identity{}, err
	}
	id = a.identity(&t)
	id.ProjectID, id.FirstName, id.LastName = acc.ProjectID, acc.FirstName, acc.LastName
	if acc.Kind != KindGuest { // whose address follows from its ID
		id.Email, id.EmailVerified = acc.Email, acc.EmailVerified
	}
	id.Claims = acc.Attributes
	return id, nil
}

// VerifyStateless weakens [Auth.Verify]: it does not ask the store. A token passes until it
// expires, even if its account is gone, disabled, or has a new SessionEpoch. Use it on
// paths so hot that a look-up counts.
func (a *Auth) VerifyStateless(ctx context.Context, token string) (id Identity, err error) {
	ctx, op := a.begin(ctx, OperationVerify)
	defer op.end(ctx, &err)

	var buf claimsBuf
	t, err := a.checkToken(ctx, &op, token, buf[:0])
	if err != nil {
		return Identity{}, err
	}
	id = a.identity(&t)
	if id.Kind == KindExternal && bytes.Contains(id.Claims, []byte(a.guestHost)) { // see claimedEmail
		id.Claims = claims.WithoutEmail(id.Claims, a.isGuestAddress)
	}
	return id, nil
}

// identity is what a token says. The address in another server's token of a guest is what
// the guest has claimed, so its place has the one that this library makes.
func (a *Auth) identity(t *sessionToken) Identity {
	email := t.Email
	if t.NoEpoch && t.kind() == KindGuest {
		email = a.guestAddress(t.AccountID)
	}
	return Identity{
		UserID:        t.AccountID,
		Kind:          t.kind(),
		ProjectID:     t.ProjectID,
		ExternalID:    t.ExternalID,
		Email:         email,
		FirstName:     t.FirstName,
		LastName:      t.LastName,
		EmailVerified: t.EmailVerified,
		SessionID:     t.ID,
		TokenID:       t.TokenID,
		AuthTime:      t.AuthTime,
		Methods:       t.Methods,
		IssuedAt:      t.IssuedAt,
		ExpiresAt:     t.ExpiresAt,
		Claims:        t.Attributes,
	}
}
