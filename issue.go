package deskauth

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// IssueInput says for whom a session is issued.
type IssueInput struct {
	UserID string
	// AuthTime is when the person was authenticated. The zero time stands for now. It may
	// not be in the future, nor longer ago than Config.MaxSessionAge. If all sessions of
	// the account were ended since, no session is issued. That is judged by the clock of
	// the process that ended them, to the millisecond.
	AuthTime time.Time
	// SessionEpoch is what the account had when the person was authenticated by it. If all
	// its sessions were ended since, as a new password does, no session is issued, whatever
	// the clocks say. [Auth.CheckPassword] sets it. With nil, AuthTime alone counts.
	SessionEpoch *int64
	// Methods says how, in the words of RFC 8176, such as "pwd" and "otp". They become the
	// `amr` of the session's tokens and Identity.Methods. At most 8, of 32 bytes each.
	Methods []string
}

const (
	maxMethods     = 8
	maxMethodBytes = 32
)

// IssueSession starts a session for an account of any Kind whose owner the host has
// authenticated in its own way: after a second factor, through OpenID Connect, or in a
// test.
//
// It returns a [*ValidationError]; [ErrUserNotFound], also for a guest that was linked to
// an external user; [ErrAccountDisabled]; [ErrInvalidCredentials] if the account's sessions
// were ended since the person was authenticated; or, with Config.BesideTiledesk,
// [ErrInvalidToken] for an account that can have no token there.
func (a *Auth) IssueSession(ctx context.Context, in IssueInput) (s Session, err error) {
	ctx, op := a.begin(ctx, OperationIssueSession)
	defer op.end(ctx, &err)

	op.event.UserID = in.UserID
	now, given := a.cfg.Now(), in.AuthTime
	if in.AuthTime.IsZero() {
		in.AuthTime = now
	}
	if err := a.checkIssue(in, now); err != nil {
		return Session{}, err
	}
	acc, err := a.userByID(ctx, in.UserID)
	switch {
	case errors.Is(err, ErrUserNotFound):
		return Session{}, refuse(ErrUserNotFound, ReasonAccountGone)
	case err != nil:
		return Session{}, err
	case acc.Disabled:
		return Session{}, refuse(ErrAccountDisabled, ReasonAccountDisabled)
	}
	op.about(acc.User)
	state, err := readState(acc.State)
	switch {
	case err != nil:
		return Session{}, badState(acc, err)
	case state.heir != "":
		return Session{}, refuse(ErrUserNotFound, ReasonGuestLinked)
	case in.SessionEpoch != nil && *in.SessionEpoch != acc.SessionEpoch,
		in.SessionEpoch == nil && !given.IsZero() && state.endsSignin(given, now.Add(a.cfg.Leeway)):
		return Session{}, refuse(ErrInvalidCredentials, ReasonSessionRevoked)
	}
	key, err := a.signingKey(ctx)
	if err != nil {
		return Session{}, err
	}
	if err := a.noteActivity(ctx, acc, ErrUserNotFound); err != nil {
		return Session{}, err
	}
	op.event.Type = EventSignedIn
	return a.issue(key, acc, sessionStart{authTime: in.AuthTime, methods: slices.Clone(in.Methods)})
}

// endsSignin reports whether SessionEpoch was raised since a person was authenticated. A
// raise that is later than latest comes from a clock that was put back, and says nothing of
// what was before it: it would keep the person out until the clock is there again.
func (s *state) endsSignin(authTime, latest time.Time) bool {
	return !authTime.Truncate(time.Millisecond).After(s.raisedAt) && !s.raisedAt.After(latest)
}

func (a *Auth) checkIssue(in IssueInput, now time.Time) error {
	var bad fieldErrors
	bad.add("UserID", checkRequired(in.UserID, checkID))
	switch {
	case in.AuthTime.After(now.Add(a.cfg.Leeway)):
		bad.add("AuthTime", "must not be in the future")
	case !now.Before(in.AuthTime.Add(a.cfg.MaxSessionAge)):
		bad.add("AuthTime", "must not be longer ago than Config.MaxSessionAge")
	}
	if len(in.Methods) > maxMethods {
		bad.add("Methods", fmt.Sprintf("must be %d or fewer", maxMethods))
	} else if slices.ContainsFunc(in.Methods, func(m string) bool { return !isMethod(m) }) {
		bad.add("Methods", fmt.Sprintf("must have 1 to %d printable characters of ASCII each", maxMethodBytes))
	}
	return bad.err()
}

func isMethod(method string) bool {
	printable := !strings.ContainsFunc(method, func(r rune) bool { return r <= ' ' || r > '~' })
	return method != "" && len(method) <= maxMethodBytes && printable
}
