package deskauth

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/deskauth/deskauth/internal/claims"
)

// UpdateProfileInput is what an agent changes of its own profile. What is nil stays as it
// is.
type UpdateProfileInput struct {
	Token     Secret  // a session token of the agent
	FirstName *string // 1 to 256 bytes without control characters; kept as it is
	LastName  *string // the same

	// Attributes is a JSON object of at most 8 KiB that replaces the one before. `{}` or
	// `null` leaves none.
	Attributes json.RawMessage

	// Client names the calling client: an IP address, or another name that the client
	// cannot choose. It is for events; empty means that it is not known.
	Client string
}

// UpdateProfile changes an agent's names and attributes, and returns the account as it is
// then. Nothing is written where nothing changes. Sessions go on; their tokens show the new
// names once they are renewed.
//
// It returns [ErrInvalidToken], [ErrUsersOnly] for an account of another Kind, or a
// [*ValidationError].
func (a *Auth) UpdateProfile(ctx context.Context, in UpdateProfileInput) (u User, err error) {
	ctx, op := a.begin(ctx, OperationUpdateProfile)
	defer op.end(ctx, &err)
	op.event.Client = in.Client

	t, acc, err := a.agentOf(ctx, &op, in.Token)
	if err != nil {
		return User{}, err
	}
	attributes, err := checkProfile(in)
	if err != nil {
		return User{}, err
	}
	updated := false
	acc, err = a.change(ctx, acc, func(d *draft) error {
		if err := t.check(d.Account, ErrInvalidToken); err != nil {
			return err
		}
		before := d.User
		if in.FirstName != nil {
			d.FirstName = *in.FirstName
		}
		if in.LastName != nil {
			d.LastName = *in.LastName
		}
		if in.Attributes != nil && !claims.Same(attributes, d.Attributes) {
			d.Attributes = attributes
		}
		updated = !d.User.equals(before)
		return nil
	})
	if errors.Is(err, ErrUserNotFound) {
		return User{}, refuse(ErrInvalidToken, ReasonAccountGone)
	}
	if err != nil {
		return User{}, err
	}
	if updated {
		op.event.Type = EventProfileUpdated
	}
	return a.shown(acc), nil
}

// checkProfile returns the attributes in their compact form.
func checkProfile(in UpdateProfileInput) (attributes json.RawMessage, err error) {
	var bad fieldErrors
	if in.FirstName != nil {
		bad.add("FirstName", checkRequired(*in.FirstName, checkName))
	}
	if in.LastName != nil {
		bad.add("LastName", checkRequired(*in.LastName, checkName))
	}
	attributes, message := checkAttributes(in.Attributes, claims.MaxProfileBytes)
	bad.add("Attributes", message)
	return attributes, bad.err()
}
