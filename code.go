package deskauth

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/deskauth/deskauth/internal/jose"
)

// How long a code is good. OWASP's Forgot Password Cheat Sheet asks for a short time.
const (
	resetCodeTTL        = time.Hour
	emailChangeCodeTTL  = time.Hour
	verificationCodeTTL = 24 * time.Hour
)

const (
	codesLabel   = "deskauth codes" // of the secret that is derived from a session key
	sealBytes    = 16
	codeHead     = 1 + 8 + 1 // purpose, end, and the length of the account's ID
	maxCodeBytes = 800       // of its text
)

// A code is what a code says. A mail brings it to a mailbox, and whoever brings it back has
// read that mailbox. In the text it is bytes in base64url:
//
//	purpose, end, account ID, new address | seal | HMAC-SHA256 of all that
//
// The seal is an HMAC of the account as it was. It is in no form that a session token or a
// custom token has, and its key signs nothing else.
type code struct {
	purpose MailKind
	expires time.Time // in whole seconds
	userID  string
	email   string // the new address, of MailEmailChange

	seal   [sealBytes]byte
	signed []byte // all that the HMAC is of
	sum    []byte
}

// purposes are what codes are for, and how they are written in a code.
var purposes = map[MailKind]byte{MailPasswordReset: 'r', MailEmailVerification: 'v', MailEmailChange: 'c'}

// newCode returns the text of a code for the account as it is, and when it ends.
func (a *Auth) newCode(
	key Key, acc Account, purpose MailKind, email string, ttl time.Duration,
) (text Secret, expires time.Time, err error) {
	if wrong := checkID(acc.ID); wrong != "" { // its length has one byte of the code
		return Secret{}, time.Time{}, fmt.Errorf("deskauth: make a code: the ID of account %.50q %s", acc.ID, wrong)
	}
	secret, ok := key.key.Derive(codesLabel)
	if !ok { // signingKey gives none of this kind
		return Secret{}, time.Time{}, fmt.Errorf("deskauth: session key %q makes no codes", key.ID())
	}
	expires = a.cfg.Now().Add(ttl)
	if !key.NotAfter.IsZero() {
		expires = earlier(expires, key.NotAfter)
	}
	expires = expires.UTC().Truncate(time.Second)
	seal, err := a.sealOf(secret, acc)
	if err != nil {
		return Secret{}, time.Time{}, err
	}
	b := make([]byte, 0, codeHead+len(acc.ID)+len(email)+sealBytes+jose.SumBytes)
	b = append(b, purposes[purpose])
	b = binary.BigEndian.AppendUint64(b, uint64(expires.Unix()))
	b = append(append(b, byte(len(acc.ID))), acc.ID...)
	b = append(append(b, email...), seal[:]...)
	return NewSecret(base64.RawURLEncoding.EncodeToString(secret.Sum(b, b))), expires, nil
}

// sealOf is of all that ends a code when it changes, also by another hand than ours: the
// address, the password, and what was raised to end sessions or codes. With the issuer in
// it, no code of another service is good here that has the same session key and a copy of
// the account.
func (a *Auth) sealOf(secret jose.Derived, acc Account) (seal [sealBytes]byte, err error) {
	state, err := readState(acc.State)
	if err != nil {
		return seal, badState(acc, err)
	}
	b := make([]byte, 0, 256)
	b = append(b, 's') // no purpose: a seal is never the HMAC of a code
	for _, text := range [...]string{a.cfg.Issuer, acc.ID, acc.Email, acc.PasswordHash} {
		b = binary.BigEndian.AppendUint64(b, uint64(len(text)))
		b = append(b, text...)
	}
	b = binary.BigEndian.AppendUint64(b, uint64(acc.SessionEpoch))
	b = binary.BigEndian.AppendUint64(b, uint64(state.codeEpoch))
	var sum [jose.SumBytes]byte
	copy(seal[:], secret.Sum(sum[:0], b))
	return seal, nil
}

// readCode reads a text in the form of a code. A code has one spelling.
func readCode(text string) (c code, ok bool) {
	if len(text) > maxCodeBytes || strings.ContainsAny(text, "\r\n") { // which the decoder skips
		return code{}, false
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(b) < codeHead+1+sealBytes+jose.SumBytes {
		return code{}, false
	}
	for purpose, letter := range purposes {
		if b[0] == letter {
			c.purpose = purpose
		}
	}
	c.signed, c.sum = b[:len(b)-jose.SumBytes], b[len(b)-jose.SumBytes:]
	said, seal := c.signed[:len(c.signed)-sealBytes], c.signed[len(c.signed)-sealBytes:]
	c.expires = time.Unix(int64(binary.BigEndian.Uint64(said[1:])), 0).UTC()
	idEnd := codeHead + int(said[codeHead-1])
	if c.purpose == "" || idEnd == codeHead || idEnd > len(said) {
		return code{}, false
	}
	c.userID, c.email = string(said[codeHead:idEnd]), string(said[idEnd:])
	if checkID(c.userID) != "" {
		return code{}, false
	}
	copy(c.seal[:], seal)
	return c, true
}

// A checkedCode is a code that one of our keys has made.
type checkedCode struct {
	code
	secret jose.Derived
}

// checkCode is where every code is checked that arrives. It returns what the code says and
// its account as it is now. Every code that is not good gets ErrInvalidCode.
func (a *Auth) checkCode(
	ctx context.Context, op *operation, purpose MailKind, text Secret, client string,
) (checkedCode, Account, error) {
	c, wellFormed := readCode(text.reveal())
	limits := a.codeLimits(c.userID, client)
	if err := op.take(ctx, limits[:]...); err != nil {
		return checkedCode{}, Account{}, err
	}
	if !wellFormed {
		return checkedCode{}, Account{}, refuse(ErrInvalidCode, ReasonMalformedCode)
	}
	op.event.UserID = c.userID
	keys, err := a.sessionKeys(ctx)
	if err != nil {
		return checkedCode{}, Account{}, err
	}
	now := a.cfg.Now()
	checked := checkedCode{code: c}
	if !checked.madeBy(keys, now) {
		return checkedCode{}, Account{}, refuse(ErrInvalidCode, ReasonBadSignature)
	}
	switch {
	case c.purpose != purpose:
		return checkedCode{}, Account{}, refusef(ErrInvalidCode, ReasonWrongPurpose, "it is for %s", c.purpose)
	case !now.Before(c.expires):
		return checkedCode{}, Account{}, refuse(ErrInvalidCode, ReasonExpired)
	}
	acc, err := a.userByID(ctx, c.userID)
	if errors.Is(err, ErrUserNotFound) {
		return checkedCode{}, Account{}, refuse(ErrInvalidCode, ReasonAccountGone)
	}
	if err != nil {
		return checkedCode{}, Account{}, err
	}
	op.about(acc.User)
	return checked, acc, a.checkAgainst(&checked, acc)
}

// madeBy reports whether one of the keys that are in force has made the code.
func (c *checkedCode) madeBy(keys []Key, now time.Time) bool {
	for _, k := range keys {
		if !k.usable(now) {
			continue
		}
		secret, ok := k.key.Derive(codesLabel)
		if ok && secret.Verifies(c.signed, c.sum) {
			c.secret = secret
			return true
		}
	}
	return false
}

// checkAgainst refuses a code that is not good for the account as it is. The edit of a
// change asks again, so that of many uses at once one wins.
func (a *Auth) checkAgainst(c *checkedCode, acc Account) error {
	seal, err := a.sealOf(c.secret, acc)
	switch {
	case err != nil:
		return err
	case acc.Disabled:
		return refuse(ErrInvalidCode, ReasonAccountDisabled)
	case acc.Kind != KindUser:
		return refuse(ErrInvalidCode, ReasonUsersOnly)
	case seal != c.seal:
		return refuse(ErrInvalidCode, ReasonSpentCode)
	case c.purpose == MailEmailVerification && acc.EmailVerified:
		return refuse(ErrInvalidCode, ReasonSpentCode)
	}
	return nil
}

// useCode changes the account that a code is for, if the code is still good then.
func (a *Auth) useCode(
	ctx context.Context, c *checkedCode, acc Account, edit func(*draft),
) (Account, error) {
	changed, err := a.change(ctx, acc, func(d *draft) error {
		if err := a.checkAgainst(c, d.Account); err != nil {
			return err
		}
		edit(d)
		d.active(a.timestamp())
		return nil
	})
	if errors.Is(err, ErrUserNotFound) {
		return Account{}, refuse(ErrInvalidCode, ReasonAccountGone)
	}
	return changed, err
}

const needsCode = "must be a kind of mail that has a code: " + string(MailPasswordReset) + ", " +
	string(MailEmailVerification) + " or " + string(MailEmailChange)

// CheckCodeInput is a code to look at.
type CheckCodeInput struct {
	Purpose MailKind // of the mail that the code came with
	Code    Secret

	// Client names the calling client: an IP address, or another name that the client
	// cannot choose. It is for limits and events; empty means that it is not known.
	Client string
}

// CheckCode reports whether a code would be taken now, for pages that look before they ask
// for a new password. It uses the code up for nothing and returns the code's account.
//
// It returns a [*ValidationError] for a Purpose that has no codes, [ErrInvalidCode] for
// every code that is not good, whatever the reason, or a [*RetryError] that wraps
// [ErrTooManyAttempts]. The attempt counts as a sign-in of the client.
func (a *Auth) CheckCode(ctx context.Context, in CheckCodeInput) (u User, err error) {
	ctx, op := a.begin(ctx, OperationCheckCode)
	defer op.end(ctx, &err)
	op.event.Client = in.Client

	if purposes[in.Purpose] == 0 {
		return User{}, &ValidationError{Fields: []FieldError{{"Purpose", needsCode}}}
	}
	_, acc, err := a.checkCode(ctx, &op, in.Purpose, in.Code, in.Client)
	if err != nil {
		return User{}, err
	}
	op.event.Type = EventCodeChecked
	return a.shown(acc), nil
}
