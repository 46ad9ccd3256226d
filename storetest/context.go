package storetest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/deskauth/deskauth"
)

var contextClauses = []clause{{
	name: "Cancelled",
	says: "when the context was cancelled, every method returns an error wrapping context.Canceled",
	mend: contextMend,
	test: func(p *probe) {
		ctx, cancel := context.WithCancel(p.ctx)
		cancel()
		p.refuses(ctx)
	},
}, {
	name: "DeadlinePast",
	says: "when the context's deadline has passed, every method returns an error wrapping context.DeadlineExceeded",
	mend: contextMend,
	test: func(p *probe) {
		ctx, cancel := context.WithDeadline(p.ctx, time.Unix(0, 0))
		defer cancel()
		p.refuses(ctx)
	},
}, {
	name: "EndsMidway",
	says: "when the context ends before the work is done, a method returns an error wrapping the context's, and stays atomic: the work was done or not",
	mend: contextMend + "; write in one transaction; a caught interruption has to end as the context's error, not as the driver's",
	test: endsMidway,
}, {
	name: "UpdateEndsMidway",
	says: "when the context of an UpdateUser ends before the work is done, it returns an error wrapping the context's, and the account is the old or the new one, whole",
	mend: contextMend + "; write in one transaction; a caught interruption has to end as the context's error, and give back its connection and its locks",
	test: updateEndsMidway,
}}

const contextMend = "pass ctx on to every call of the driver; a store without one asks ctx.Err() first; return what comes with %w, not as ErrUserNotFound"

// refuses checks that every method does with a context that has ended, for accounts that
// are there and that are not. The store has to work again afterwards.
func (p *probe) refuses(ctx context.Context) {
	p.Helper()
	before, after, unknown := fullAccount("known"), fullAccount("known"), fullAccount("unknown")
	p.create(before)
	after.FirstName = "changed"
	for _, a := range []deskauth.Account{after, unknown} {
		p.wraps(p.store.UpdateUser(ctx, a), ctx.Err(), "UpdateUser of account "+quote(a.ID))
		p.wraps(p.store.CreateUser(ctx, a), ctx.Err(), "CreateUser of account "+quote(a.ID))
		_, err := p.store.UserByID(ctx, a.ID)
		p.wraps(err, ctx.Err(), "UserByID of "+quote(a.ID))
		_, err = p.store.UserByEmail(ctx, a.Email)
		p.wraps(err, ctx.Err(), "UserByEmail of "+quote(a.Email))
	}
	p.create(fullAccount("later"))
	p.holds(fullAccount("later"))

	// Refused as it was, the update may have been made.
	after.Version = 1
	got, err := p.store.UserByID(p.ctx, before.ID)
	if err != nil || differences(got, before) != nil && differences(got, after) != nil {
		p.Errorf("after an UpdateUser that returned the context's error: got the error %v and account %+v, want %+v or %+v", err, got, before, after)
	}
}

// refusesEnded checks what a method of an ability returns when the context has ended.
func (p *probe) refusesEnded(method string, call func(ctx context.Context) error) {
	p.Helper()
	cancelled, cancel := context.WithCancel(p.ctx)
	cancel()
	late, cancel := context.WithDeadline(p.ctx, time.Unix(0, 0))
	defer cancel()
	for _, ctx := range []context.Context{cancelled, late} {
		p.wraps(call(ctx), ctx.Err(), method)
	}
	p.create(fullAccount("after " + method))
	p.holds(fullAccount("after " + method))
}

// endsMidway lets deadlines pass at different moments of a call.
func endsMidway(p *probe) {
	for i := range 40 {
		a := fullAccount(fmt.Sprintf("midway-%d", i))
		ctx, cancel := context.WithTimeout(p.ctx, time.Duration(i)*50*time.Microsecond)
		err := p.store.CreateUser(ctx, a)
		cancel()
		if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			p.Errorf("CreateUser whose deadline passed: got the error %v, want nil or one that wraps %v", err, context.DeadlineExceeded)
		}
		whole, wholeErr := p.whole(p.ctx, a)
		if wholeErr != nil {
			p.Error(wholeErr)
		}
		if err == nil && wholeErr == nil && !whole {
			p.Errorf("CreateUser of account %q returned no error, and the account is not there", a.ID)
		}
	}
}
