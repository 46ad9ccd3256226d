package deskauth

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"
)

// An EventType says what happened.
type EventType string

// The types of event. The first five are outcomes, the next four happen on the way to one,
// and every call that did not do what was asked ends in one of the last two.
const (
	EventSignedUp        EventType = "signed_up"        // an agent has an account
	EventSignedIn        EventType = "signed_in"        // an agent or external user has a session
	EventGuestCreated    EventType = "guest_created"    // a visitor has an account and a session
	EventSessionRestored EventType = "session_restored" // somebody came back with a session token
	EventSessionRenewed  EventType = "session_renewed"  // the same, and got a fresh token

	EventExternalCreated  EventType = "external_created"  // first sign-in of an external user
	EventProfileUpdated   EventType = "profile_updated"   // an external user's claims changed
	EventPasswordRehashed EventType = "password_rehashed" // a legacy or weaker hash was replaced
	EventOldKeyUsed       EventType = "old_key_used"      // a token by a key that is not the first: KeyID

	EventRefused EventType = "refused" // whoever asked has to change something: Reason
	EventFailed  EventType = "failed"  // something of the host's failed, and nobody got in: Err
)

// An Event is one thing that happened, for logs, audit and metrics. There is no secret in
// it. A successful [Auth.Verify] or [Auth.VerifyStateless] makes none but EventOldKeyUsed, a
// successful [Auth.PurgeGuests] none.
type Event struct {
	Type      EventType
	Operation string // "signup", "signin", "anonymous", "custom_token", "verify" or "purge"
	Time      time.Time
	Duration  time.Duration // since the call began

	// Who, as far as it is known. Of a refused call it is what was asked for, not what
	// was proven: a signin names the account of the address, a token the project of its
	// audience.
	UserID    string
	Kind      Kind
	ProjectID string
	Client    string // as the input has it

	// Reason is the precise reason of a refusal, which the caller is never told:
	// "invalid input", "address taken", "unknown project", "rate limited", "busy", "canceled";
	// of a signin "unknown address", "wrong password", "account disabled", "no password",
	// "unusable hash"; of tokens "malformed token", "bad signature", "bad claims",
	// "expired", "account gone", "account disabled", "session revoked".
	Reason string
	Detail string // for a person, such as which claim is bad; may change
	KeyID  string // of EventOldKeyUsed, and of the outcome after it
	Err    error  // of EventFailed, and of a refusal that had one
}

const (
	hookTimeout   = time.Second
	maxStuckHooks = 64
)

// tell calls the host's hook and waits for it, but not for ever: one that blocks holds up
// its caller for hookTimeout, and once maxStuckHooks calls of it are stuck, events are
// dropped until it moves again.
func (a *Auth) tell(ctx context.Context, e Event) {
	if a.stuckHooks.Load() >= maxStuckHooks {
		a.cfg.Logger.ErrorContext(ctx, "deskauth: Config.OnEvent blocks: an event was dropped", "type", e.Type)
		return
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer a.contain(ctx, "Config.OnEvent")
		a.cfg.OnEvent(ctx, e)
	}()
	timer := time.NewTimer(hookTimeout)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
		a.stuckHooks.Add(1)
		go func() {
			<-done
			a.stuckHooks.Add(-1)
		}()
		a.cfg.Logger.ErrorContext(ctx, "deskauth: Config.OnEvent blocks: nobody waits for it any more", "type", e.Type)
	}
}

// contain is deferred around a hook of the host's whose panic must not reach the caller.
func (a *Auth) contain(ctx context.Context, where string) {
	if p := recover(); p != nil {
		a.logPanic(ctx, where, p)
	}
}

func (a *Auth) logPanic(ctx context.Context, operation string, p any) {
	defer func() { _ = recover() }()
	a.cfg.Logger.ErrorContext(ctx, "deskauth: panic", "operation", operation, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
}

// log writes an event to the host's log. A handler that panics has nowhere to be reported.
func (a *Auth) log(ctx context.Context, e Event) {
	defer func() { _ = recover() }()
	level := e.level()
	if !a.cfg.Logger.Enabled(ctx, level) {
		return
	}
	attrs := make([]slog.Attr, 0, 10)
	attrs = append(attrs, slog.String("operation", e.Operation))
	for _, f := range [...]struct{ key, value string }{
		{"reason", e.Reason}, {"detail", e.Detail}, {"user", e.UserID}, {"kind", string(e.Kind)},
		{"project", e.ProjectID}, {"client", e.Client}, {"key", e.KeyID},
	} {
		if f.value != "" {
			attrs = append(attrs, slog.String(f.key, f.value))
		}
	}
	if e.Err != nil {
		attrs = append(attrs, slog.String("error", e.Err.Error()))
	}
	attrs = append(attrs, slog.Duration("took", e.Duration))
	a.cfg.Logger.LogAttrs(ctx, level, "deskauth: "+string(e.Type), attrs...)
}

func (e Event) level() slog.Level {
	switch e.Type {
	case EventFailed:
		return slog.LevelError
	case EventSessionRestored, EventOldKeyUsed: // as often as pages are loaded
		return slog.LevelDebug
	case EventRefused:
		switch e.Reason {
		case "malformed token", "bad signature", "bad claims", "unusable hash", "rate limited", "busy":
			return slog.LevelWarn
		case "invalid input", "expired", "canceled":
			return slog.LevelDebug
		}
	}
	return slog.LevelInfo
}
