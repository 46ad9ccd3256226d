package deskauth_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"syscall"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

func TestS23_CancelledContextIsNoRefusal(t *testing.T) {
	t.Parallel()
	for _, c := range allCalls {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			log := new(testkit.Logbook)
			k, _, p := settle(t, deskauth.Config{Logger: log.Logger()})
			accounts := p.store.Len()
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			got, err := c.do(ctx, k, p)
			testkit.WantFailure(t, got, err)
			if !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want an error that wraps context.Canceled", err)
			}
			if e := k.Events.TakeLast(); e.Type != deskauth.EventRefused || e.Reason != "canceled" {
				t.Errorf("event %+v", e)
			}
			if lines := log.Take(t, slog.LevelError); len(lines) > 0 || p.store.Len() != accounts {
				t.Errorf("%d accounts more, and the log has %+v", p.store.Len()-accounts, lines)
			}
		})
	}
}

// A hostError is a type of error that a host looks for.
type hostError struct{ code int }

func (e *hostError) Error() string { return fmt.Sprint("code ", e.code) }

// A failure keeps what the host's error says and wraps: the host finds its own error again.
// Only the answers that blame a caller are hidden, and they stay in the text.
func TestS23_FailureIsTheHostsError(t *testing.T) {
	t.Parallel()
	k, h, p := settle(t, deskauth.Config{})
	broken := errors.Join(&hostError{code: 7}, testkit.ErrDown, deskauth.ErrConflict,
		deskauth.ErrInvalidToken, &deskauth.RetryError{Err: deskauth.ErrTooManyAttempts}, syscall.ENOTSUP)
	h.Break(testkit.Fault{Fail: func() error { return broken }}, "UserByID")
	id, err := k.Verify(t.Context(), p.session)
	testkit.WantFailure(t, id.UserID, err)
	if want := "deskauth: find user: " + broken.Error(); err == nil || err.Error() != want {
		t.Errorf("the text is %q, want %q", err, want)
	}
	found, ok := errors.AsType[*hostError](err)
	if !ok || found.code != 7 || !errors.Is(err, testkit.ErrDown) || !errors.Is(err, deskauth.ErrConflict) {
		t.Errorf("%v: the host's error is found %t, want all that blames nobody", err, ok)
	}
	if errors.Is(err, errors.ErrUnsupported) || !errors.Is(err, syscall.ENOTSUP) {
		t.Errorf("%v: want the system's error, and not that a method is not supported", err)
	}
	if _, ok := errors.AsType[*deskauth.RetryError](err); ok || errors.Is(err, deskauth.ErrTooManyAttempts) {
		t.Errorf("%v: it tells the caller to try again", err)
	}
	if e := k.Events.TakeLast(); !errors.Is(e.Err, deskauth.ErrInvalidToken) {
		t.Errorf("the event has %v, want the whole error", e.Err)
	}
}
