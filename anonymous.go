package deskauth

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/google/uuid"
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

// guestMailbox returns what stands before the @ of a guest's address: a UUIDv8 (RFC 9562
// §5.8) made of SHA-256 over the account's ID. The address is shown and never stored, and
// nothing is ever mailed to it.
func guestMailbox(id string) string { return derivedID("deskauth guest address\x00" + id) }

func (a *Auth) guestAddress(id string) string { return guestMailbox(id) + "@" + a.guestHost }

// isGuestAddress reports whether an address could be shown of a guest.
func (a *Auth) isGuestAddress(email string) bool {
	mailbox, host, _ := strings.Cut(email, "@")
	if len(mailbox) != 36 || !strings.EqualFold(host, a.guestHost) {
		return false
	}
	_, err := uuid.Parse(mailbox)
	return err == nil
}

// shown returns what may be shown of an account.
func (a *Auth) shown(acc Account) User {
	if acc.Kind == KindGuest {
		acc.Email = a.guestAddress(acc.ID)
	}
	return acc.User
}
