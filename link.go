package deskauth

import (
	"context"
	"errors"
)

// linkGuest makes an external user of the guest whose token its sign-in brings. A token
// that links nothing does not keep its bearer out: an event says why. A failure of the host
// does, so that the client comes again with both tokens.
func (a *Auth) linkGuest(ctx context.Context, op *operation, token string, to Account) error {
	if token == "" {
		return nil
	}
	link := operation{auth: a, start: op.start} // what is said of the guest's token is not the sign-in's
	link.event = Event{Operation: op.event.Operation, Client: op.event.Client}
	guestID, err := a.link(ctx, &link, token, to)
	if _, refused := err.(*refusal); err != nil && !refused {
		return err
	}
	op.tellLink(ctx, Event{From: guestID, To: to.ID, KeyID: link.event.KeyID}, err)
	return nil
}

// tellLink emits what has become of a guest whose token a sign-in brings, or why it stays.
func (op *operation) tellLink(ctx context.Context, link Event, why error) {
	e := op.event
	e.Type, e.From, e.To, e.KeyID, e.Detail = EventGuestLinked, link.From, link.To, link.KeyID, ""
	if refused, ok := why.(*refusal); ok {
		e.Type, e.Reason, e.Detail = EventGuestNotLinked, refused.reason, refused.detail
	}
	op.emit(ctx, e)
}

// link ends the guest of a token, and keeps who it has become. It returns the guest's ID as
// soon as that is known. The same guest and the same external user may be linked again: the
// host may not have heard of it the first time.
func (a *Auth) link(ctx context.Context, op *operation, token string, to Account) (guestID string, err error) {
	var buf claimsBuf
	e, payload, err := openEnvelope(token, buf[:0], false)
	if err != nil {
		return "", err
	}
	t, err := a.checkSessionToken(ctx, op, e, payload)
	if t.kind() == KindGuest {
		guestID = t.AccountID
	}
	switch {
	case err != nil:
		return guestID, err
	case t.kind() != KindGuest:
		return "", refuse(ErrInvalidToken, ReasonGuestsOnly)
	}
	_, err = a.changeByID(ctx, guestID, func(d *draft) error {
		if err := t.belongsTo(d.Account); err != nil {
			return err
		}
		if d.ProjectID != to.ProjectID {
			return refuse(ErrInvalidToken, ReasonOtherProject)
		}
		if d.state.heir == to.ID && !d.Disabled {
			return nil
		}
		if err := t.check(d.Account, ErrInvalidToken); err != nil {
			return err
		}
		d.state.heir = to.ID
		d.SessionEpoch++
		d.active(a.timestamp()) // no purge of this moment takes it away
		return nil
	})
	return guestID, err
}

// LinkedTo returns the ID of the external account that a guest was linked to, or nothing
// for a guest that was not, and for an account of another Kind. It is for a host that may
// have missed [EventGuestLinked]. That account may have been deleted since.
//
// It returns [ErrUserNotFound]. A linked guest can be purged like any other: before that,
// move what is stored under its ID.
func (a *Auth) LinkedTo(ctx context.Context, guestID string) (userID string, err error) {
	ctx, op := a.begin(ctx, OperationLinkedTo)
	defer op.end(ctx, &err)

	op.event.UserID = guestID
	acc, err := a.userByID(ctx, guestID)
	if errors.Is(err, ErrUserNotFound) {
		return "", refuse(ErrUserNotFound, ReasonAccountGone)
	}
	if err != nil {
		return "", err
	}
	s, err := readState(acc.State)
	if err != nil {
		return "", badState(acc, err)
	}
	return s.heir, nil
}
