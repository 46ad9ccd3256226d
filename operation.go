package deskauth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"
)

// An operation is one call of a public method. It collects what the event of its outcome
// says.
type operation struct {
	auth     *Auth
	start    time.Time
	event    Event
	attempts attempts
}

// begin returns the context for all that the operation does.
func (a *Auth) begin(ctx context.Context, name Operation) (context.Context, operation) {
	if a.waits || a.hooks && name.callsHooks() {
		ctx = withCallBudget(ctx)
	}
	return ctx, operation{auth: a, start: time.Now(), event: Event{Operation: name}}
}

// callsHooks reports whether the operation may call the Mailer or Config.PasswordCheck. All
// may but those that every request and every visitor makes.
func (o Operation) callsHooks() bool {
	switch o {
	case OperationVerify, OperationAnonymous, OperationCustomToken, OperationJWKS:
		return false
	}
	return true
}

// about notes whose account it is.
func (op *operation) about(u User) {
	op.event.UserID, op.event.Kind, op.event.ProjectID = u.ID, u.Kind, u.ProjectID
}

// end is deferred by each public method. It contains a panic of the host's code, gives
// attempts back, emits the event of the outcome, and leaves in err what the caller may
// know.
func (op *operation) end(ctx context.Context, err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("deskauth: panic: %v", p)
		op.auth.logPanic(ctx, string(op.event.Operation), p)
	}
	op.settle(ctx, *err)
	if *err == nil {
		if op.event.Type != "" {
			op.event.Ends = true
			op.emit(ctx, op.event)
		}
		return
	}
	e := op.event
	e.Type, e.Ends = EventRefused, true
	switch refused := (*err).(type) {
	case *refusal:
		e.Reason, e.Detail, e.Limit = refused.reason, refused.detail, refused.limit
		*err = refused.public
	case *ValidationError:
		e.Reason, e.Detail = ReasonInvalidInput, refused.Error()
	case *RetryError:
		e.Reason = ReasonBusy
	default:
		e.Err = *err
		late, timedOut := errors.AsType[*lateError](*err)
		switch {
		case timedOut:
			e.Type, e.Reason, e.Detail = EventFailed, ReasonTimeout, late.detail()
		case ctx.Err() != nil:
			e.Reason = ReasonCanceled
		default:
			e.Type = EventFailed
		}
		*err = &failure{*err}
	}
	op.emit(ctx, e)
}

// usedKey notes that a token came with a key behind the one that signs.
func (op *operation) usedKey(ctx context.Context, keys []Key, used int) {
	if used > 0 && used > signing(keys, op.auth.cfg.Now()) {
		op.event.KeyID = keys[used].ID()
		op.note(ctx, EventOldKeyUsed)
	}
}

// note emits an event that is not the outcome.
func (op *operation) note(ctx context.Context, t EventType) {
	e := op.event
	e.Type = t
	op.emit(ctx, e)
}

// emit writes an event to the log and hands it to the host's hook. A panic of either, or of
// the clock, changes nothing for the caller.
func (op *operation) emit(ctx context.Context, e Event) {
	a := op.auth
	defer a.contain(ctx, "Config.Now")
	e.Duration = time.Since(op.start)
	e.Time = a.cfg.Now()
	a.log(ctx, e)
	a.tell(ctx, e)
}

func (a *Auth) tell(ctx context.Context, e Event) {
	if a.cfg.OnEvent == nil {
		return
	}
	defer a.contain(ctx, "Config.OnEvent")
	a.cfg.OnEvent(ctx, e)
}

// log writes an event to the host's log. A handler that panics cannot be reported anywhere.
func (a *Auth) log(ctx context.Context, e Event) {
	defer func() { _ = recover() }()
	level := e.level()
	if !a.cfg.Logger.Enabled(ctx, level) {
		return
	}
	attrs := make([]slog.Attr, 0, 14)
	attrs = append(attrs, slog.String("operation", string(e.Operation)))
	for _, f := range [...]struct{ key, value string }{
		{"reason", string(e.Reason)}, {"limit", e.Limit}, {"detail", e.Detail}, {"user", e.UserID},
		{"kind", string(e.Kind)}, {"project", e.ProjectID}, {"external", e.ExternalID}, {"client", e.Client},
		{"key", e.KeyID}, {"from", e.From}, {"to", e.To}, {"mail", string(e.Mail)},
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

// contain is deferred around a hook of the host's whose panic must not reach the caller.
func (a *Auth) contain(ctx context.Context, where string) {
	if p := recover(); p != nil {
		a.logPanic(ctx, where, p)
	}
}

func (a *Auth) logPanic(ctx context.Context, where string, p any) {
	defer func() { _ = recover() }()
	a.cfg.Logger.ErrorContext(ctx, "deskauth: panic",
		"operation", where, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
}

// A refusal is an error on its way out: what the caller is told, and why, which only the
// event tells.
type refusal struct {
	public error
	reason Reason
	detail string
	limit  string
}

func (r *refusal) Error() string { return r.public.Error() + ": " + string(r.reason) }
func (r *refusal) Unwrap() error { return r.public }

func refuse(public error, reason Reason) error { return &refusal{public: public, reason: reason} }

func refusef(public error, reason Reason, format string, args ...any) error {
	return &refusal{public: public, reason: reason, detail: fmt.Sprintf(format, args...)}
}

// isRefusal reports whether err is a refusal of this package that tells the caller public.
// Code of the host's may return the same answer: that is a failure.
func isRefusal(err, public error) bool {
	refused, ok := err.(*refusal)
	return ok && refused.public == public
}

// unsupported is an error that wraps [errors.ErrUnsupported]: Config or the store lacks
// what the method needs.
type unsupported struct{ error }

func (u *unsupported) Unwrap() error { return u.error }

func unsupportedf(format string, args ...any) error {
	return &unsupported{fmt.Errorf(format+": %w", append(args, errors.ErrUnsupported)...)}
}

// A failure is an error of the host's code on its way out. Whatever it wraps, it is none of
// the answers that blame the caller.
type failure struct{ err error }

func (f *failure) Error() string { return f.err.Error() }

// Is finds what the host's error wraps, such as [context.Canceled].
func (f *failure) Is(target error) bool {
	if target == errors.ErrUnsupported { // which a system's error may be, such as ENOTSUP
		_, ours := errors.AsType[*unsupported](f.err)
		return ours
	}
	for _, answer := range [...]error{
		ErrInvalidToken, ErrTokenExpired, ErrInvalidCredentials, ErrAccountDisabled,
		ErrUserExists, ErrUserNotFound, ErrProjectNotFound, ErrBusy, ErrTooManyAttempts,
		ErrUsersOnly, ErrGuestsOnly, ErrPasswordUnchanged, ErrSigninTooOld,
		ErrInvalidCode, ErrOtherAccount, ErrEmailUnverified,
	} {
		if target == answer {
			return false
		}
	}
	return errors.Is(f.err, target)
}

// As finds the host's own types of error.
func (f *failure) As(target any) bool {
	switch target.(type) {
	case **ValidationError, **RetryError:
		return false
	}
	return errors.As(f.err, target)
}
