package deskauth

import (
	"context"
	"fmt"
	"time"
)

// An operation is one call of a public method: it collects what its event will say.
type operation struct {
	auth  *Auth
	ctx   context.Context
	start time.Time
	event Event
}

func (a *Auth) begin(ctx context.Context, name string) operation {
	return operation{auth: a, ctx: ctx, start: time.Now(), event: Event{Operation: name}}
}

// about notes whose account it is.
func (op *operation) about(u User) {
	op.event.UserID, op.event.Kind, op.event.ProjectID = u.ID, u.Kind, u.ProjectID
}

// end is deferred by each public method. It contains a panic of the host's code, emits the
// event of the outcome, and leaves in err what the caller may know.
func (op *operation) end(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("deskauth: panic: %v", p)
		op.auth.logPanic(op.ctx, op.event.Operation, p)
	}
	if *err == nil {
		if op.event.Type != "" {
			op.emit(op.event)
		}
		return
	}
	e := op.event
	e.Type = EventRefused
	switch failed := (*err).(type) {
	case *refusal:
		e.Reason, e.Detail = failed.reason, failed.detail
		*err = failed.public
	case *ValidationError:
		e.Reason, e.Detail = "invalid input", failed.Error()
	case *RetryError:
		e.Reason = "busy"
	default:
		if e.Err = *err; op.ctx.Err() != nil {
			e.Reason = "canceled"
		} else {
			e.Type = EventFailed
		}
		*err = &failure{*err}
	}
	op.emit(e)
}

// usedKey notes that somebody came with a token by a key that is not the first.
func (op *operation) usedKey(keys []Key, used int) {
	if used > 0 {
		op.event.KeyID = keys[used].ID()
		op.note(EventOldKeyUsed)
	}
}

// note emits an event that is not the outcome.
func (op *operation) note(t EventType) {
	e := op.event
	e.Type = t
	op.emit(e)
}

func (op *operation) emit(e Event) {
	a := op.auth
	defer a.contain(op.ctx, "Config.Now")
	e.Duration = time.Since(op.start)
	e.Time = a.cfg.Now()
	a.log(op.ctx, e)
	if a.cfg.OnEvent != nil {
		a.tell(op.ctx, e)
	}
}
