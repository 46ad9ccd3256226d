package deskauth

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
)

// AnonymousInput is what a visitor signs in with.
type AnonymousInput struct {
	ProjectID string // required
	FirstName string // at most 256 bytes; the default is "guest#" and four characters
	LastName  string // at most 256 bytes

	// Attributes is a JSON object of at most 4 KiB that is kept with the account, or nil.
	// Databases cannot read U+0000, numbers out of the range of a float64, and more than 31
	// levels: such attributes are refused.
	Attributes json.RawMessage

	// Client names the calling client: an IP address, or another name that the client
	// cannot choose. It is for limits and events; empty means that it is not known.
	Client string
}

// SigninAnonymously makes a guest account in a project and returns a session.
//
// It returns a [*ValidationError] for bad fields, [ErrProjectNotFound], or a [*RetryError]
// that wraps [ErrTooManyAttempts].
func (a *Auth) SigninAnonymously(ctx context.Context, in AnonymousInput) (s Session, err error) {
	ctx, op := a.begin(ctx, OperationAnonymous)
	defer op.end(ctx, &err)
	op.event.Client = in.Client

	attributes, err := checkAnonymous(in)
	if err != nil {
		return Session{}, err
	}
	op.event.ProjectID = in.ProjectID
	limits := a.guestLimits(in.Client)
	if err := op.take(ctx, limits[:]...); err != nil {
		return Session{}, err
	}
	if _, err := a.projectKeys(ctx, in.ProjectID); err != nil {
		return Session{}, err
	}
	if err := op.take(ctx, a.projectLimit(in.ProjectID)); err != nil {
		return Session{}, err
	}
	key, err := a.signingKey(ctx)
	if err != nil {
		return Session{}, err
	}
	id := a.cfg.NewID()
	acc, err := a.create(ctx, Account{User: User{
		ID:         id,
		Kind:       KindGuest,
		FirstName:  cmp.Or(in.FirstName, "guest#"+guestMailbox(id)[:4]),
		LastName:   in.LastName,
		ProjectID:  in.ProjectID,
		Attributes: attributes,
	}})
	if errors.Is(err, ErrUserExists) {
		return Session{}, errIDTaken
	}
	if err != nil {
		return Session{}, err
	}
	op.about(acc.User)
	op.event.Type = EventGuestCreated
	return a.startSession(key, acc)
}

func checkAnonymous(in AnonymousInput) (attributes json.RawMessage, err error) {
	var bad fieldErrors
	bad.add("ProjectID", checkRequired(in.ProjectID, checkID))
	bad.add("FirstName", checkName(in.FirstName))
	bad.add("LastName", checkName(in.LastName))
	attributes, message := checkAttributes(in.Attributes, maxAttributesBytes)
	bad.add("Attributes", message)
	return attributes, bad.err()
}
