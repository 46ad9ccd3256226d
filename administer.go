package deskauth

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/deskauth/deskauth/internal/claims"
)

// UpdateAccount lets update edit an account and stores it. If another change comes first,
// it reads the account again and calls update again, so update should do nothing but edit.
// It returns the account as it is then. An error of update ends the call and is returned as
// it is; nothing is stored.
//
// What follows from a change follows here too. A new PasswordHash or Email ends every
// session. Disabled ends every session and custom token, as [Auth.SetDisabled] does.
// UpdatedAt rises. But no mail goes out: no notice of a new PasswordHash or Email, and no
// code that verifies one. The host knows why it makes the change, and can write to the
// owner itself.
//
// update may not change ID, ProjectID, ExternalID, CreatedAt, UpdatedAt, Version or State,
// nor lower SessionEpoch. A guest may become a user with an Email, which clears its
// ProjectID; no other Kind changes. With Config.BesideTiledesk none does, and the error
// wraps [errors.ErrUnsupported]. What update changes has to be in form: an Email of the
// canonical form, names without control characters, a PasswordHash that [Auth.Signin] can
// check.
// UpdateAccount returns a [*ValidationError] that says which field is not,
// [ErrUserNotFound], or [ErrUserExists] if the Email is another account's.
//
// A new Email is not verified, whatever update says of EmailVerified. To say that it is,
// call UpdateAccount again.
func (a *Auth) UpdateAccount(ctx context.Context, userID string, update func(*Account) error) (u User, err error) {
	ctx, op := a.begin(ctx, OperationUpdateAccount)
	defer op.end(ctx, &err)

	op.event.UserID = userID
	var refused error // of update: the caller's own
	acc, err := a.changeByID(ctx, userID, func(d *draft) error {
		from := d.Account
		d.Attributes = slices.Clone(d.Attributes) // which update may change in place
		if refused = update(&d.Account); refused != nil {
			return refused
		}
		return a.checkUpdate(d, from)
	})
	switch {
	case refused != nil:
		return User{}, refuse(refused, ReasonInvalidInput)
	case errors.Is(err, ErrUserExists):
		return User{}, refuse(ErrUserExists, ReasonAddressTaken)
	case err != nil:
		return User{}, err
	}
	op.about(acc.User)
	op.event.Type = EventAccountUpdated
	return a.shown(acc), nil
}

// checkUpdate checks the form of what an update has changed. What stays was stored before.
func (a *Auth) checkUpdate(d *draft, from Account) error {
	var bad fieldErrors
	if d.Email != from.Email || d.Kind != from.Kind {
		bad.add("Email", a.checkUpdatedEmail(d))
	}
	if d.Email != from.Email {
		d.EmailVerified = false // that was said of another address
	}
	if d.FirstName != from.FirstName {
		bad.add("FirstName", checkName(d.FirstName))
	}
	if d.LastName != from.LastName {
		bad.add("LastName", checkName(d.LastName))
	}
	if d.PasswordHash != from.PasswordHash {
		message := checkHash(d.PasswordHash)
		if d.Kind != KindUser && d.PasswordHash != "" {
			message = "must be empty: only users have a password"
		}
		bad.add("PasswordHash", message)
	}
	if !sameJSON(d.Attributes, from.Attributes) {
		compact, message := checkAttributes(d.Attributes, claims.MaxProfileBytes)
		bad.add("Attributes", message)
		d.Attributes = compact
	}
	if !d.LastActiveAt.Equal(from.LastActiveAt) {
		bad.add("LastActiveAt", checkYear(d.LastActiveAt))
		d.LastActiveAt = d.LastActiveAt.UTC().Truncate(time.Millisecond)
	}
	bad.add("SessionEpoch", checkRises(d.SessionEpoch))
	return bad.err()
}

func (a *Auth) checkUpdatedEmail(d *draft) (message string) {
	if d.Kind != KindUser {
		if d.Email != "" {
			return "must be empty: only users have one"
		}
		return ""
	}
	canonical, message := a.newEmail(d.Email)
	if message == "" && canonical != d.Email {
		message = fmt.Sprintf("must be in its canonical form, %q", canonical)
	}
	return message
}

// SetPassword gives an agent a new password, which ends every session and every code of the
// account. The password has to be in form and to pass Config.PasswordCheck, as at sign-up.
// With Config.Mailer a notice goes to the account's address, in the Mailer's default
// language.
//
// It returns a [*ValidationError] for the password, [ErrUserNotFound], or a [*RetryError]
// that wraps [ErrBusy]. An account of another Kind has no password: that is an error too.
func (a *Auth) SetPassword(ctx context.Context, userID, password string) (err error) {
	ctx, op := a.begin(ctx, OperationSetPassword)
	defer op.end(ctx, &err)

	op.event.UserID = userID
	var bad fieldErrors
	bad.add("Password", a.checkNewPassword(password))
	if err := bad.err(); err != nil {
		return err
	}
	if err := a.gate.turnAway(""); err != nil {
		return err
	}
	if err := a.askPasswordCheck(ctx, "Password", password); err != nil {
		return err
	}
	place, err := a.gate.enter("", &op.event)
	if err != nil {
		return err
	}
	defer place.leave()
	hash, err := a.hashPassword(ctx, place, password)
	if err != nil {
		return err
	}
	acc, err := a.changeByID(ctx, userID, func(d *draft) error {
		if d.Kind != KindUser {
			return fmt.Errorf("deskauth: account %s is a %s: only users have a password", d.ID, d.Kind)
		}
		d.PasswordHash = hash
		return nil
	})
	if err != nil {
		return err
	}
	op.about(acc.User)
	a.notifyPassword(ctx, &op, acc.User, "")
	op.event.Type = EventPasswordSet
	return nil
}

// SetDisabled ends every way into an account, or opens them again. Either change ends every
// session that there was, and every custom token that was issued up to now, and so does
// disabling an account that is disabled. Enabling one that is enabled ends nothing: see
// [Auth.SignoutEverywhere].
//
// While an account is disabled, custom tokens without `iat` are refused. Enabling it, also
// one that is enabled already, takes them again, with the profile that they claim.
//
// To ban an external user, disable its account: a deleted one comes back with its next
// custom token. SetDisabled returns [ErrUserNotFound].
func (a *Auth) SetDisabled(ctx context.Context, userID string, disabled bool) (err error) {
	ctx, op := a.begin(ctx, OperationSetDisabled)
	defer op.end(ctx, &err)

	op.event.UserID = userID
	acc, err := a.changeByID(ctx, userID, func(d *draft) error {
		if disabled && d.Disabled { // by another hand, which has ended nothing
			d.SessionEpoch++
			d.state.endCustomTokens(a.timestamp())
		}
		d.Disabled = disabled
		if !disabled {
			d.state.admitCustomTokens(a.timestamp(), a.cfg.Leeway)
		}
		return nil
	})
	if err != nil {
		return err
	}
	op.about(acc.User)
	op.event.Type = EventAccountEnabled
	if disabled {
		op.event.Type = EventAccountDisabled
	}
	return nil
}

// DeleteUser deletes an account of any Kind, with all that is stored of it. Its tokens fail
// [Auth.Verify] from then on, and its Email is free. An external user comes back to a new
// account with its next custom token, even one that was issued before: to ban it, call
// [Auth.SetDisabled].
//
// It returns [ErrUserNotFound], or an error wrapping [errors.ErrUnsupported] if the store
// is not a [UserDeleter].
func (a *Auth) DeleteUser(ctx context.Context, userID string) (err error) {
	ctx, op := a.begin(ctx, OperationDeleteUser)
	defer op.end(ctx, &err)

	op.event.UserID = userID
	err = a.deleteUser(ctx, userID)
	if errors.Is(err, ErrUserNotFound) {
		return refuse(ErrUserNotFound, ReasonAccountGone)
	}
	if err != nil {
		return err
	}
	op.event.Type = EventAccountDeleted
	return nil
}
