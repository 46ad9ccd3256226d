package storetest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/suite"
)

var contextClauses = []clause{{
	Name: "Cancelled",
	Says: "When the context was cancelled, every method returns an error wrapping context.Canceled.",
	Mend: contextMend,
	Test: func(p *probe) {
		ctx, cancel := context.WithCancel(p.ctx)
		cancel()
		p.everyMethodFails(ctx)
	},
}, {
	Name: "DeadlinePast",
	Says: "When the deadline of the context has passed, every method returns an error wrapping context.DeadlineExceeded.",
	Mend: contextMend,
	Test: func(p *probe) {
		ctx, cancel := context.WithDeadline(p.ctx, time.Unix(0, 0))
		defer cancel()
		p.everyMethodFails(ctx)
	},
}, {
	Name: "EndsMidway",
	Says: "When the context ends before the work is done, a method returns an error wrapping the context's. " +
		"It stays atomic: the work was done or not.",
	Mend: contextMend + " " + midwayMend,
	Test: endsMidway,
}, {
	Name: "UpdateEndsMidway",
	Says: "When the context of an UpdateUser ends before the work is done, it returns an error wrapping the context's. " +
		"The account is the old one or the new one, whole.",
	Mend: contextMend + " " + midwayMend + " Give back the connection and the locks of an interrupted call.",
	Test: updateEndsMidway,
}}

const (
	contextMend = "Pass ctx to every call of the driver. A store without a driver checks ctx.Err() first. " +
		"Return the context's error with %w, not as ErrUserNotFound."
	midwayMend = "Write in one transaction. " +
		"Turn the error of an interrupted statement into the context's error, not the driver's."
)

// everyMethodFails checks what every method does with a context that has ended, for
// accounts that exist and that do not. The store must work again afterwards.
func (p *probe) everyMethodFails(ctx context.Context) {
	p.Helper()
	before, after, unknown := fullAccount("known"), fullAccount("known"), fullAccount("unknown")
	p.create(before)
	after.FirstName = "changed"
	for _, a := range []deskauth.Account{after, unknown} {
		p.wraps(p.store.UpdateUser(ctx, a), ctx.Err(), "UpdateUser of account "+suite.Quote(a.ID))
		p.wraps(p.store.CreateUser(ctx, a), ctx.Err(), "CreateUser of account "+suite.Quote(a.ID))
		_, err := p.store.UserByID(ctx, a.ID)
		p.wraps(err, ctx.Err(), "UserByID of "+suite.Quote(a.ID))
		_, err = p.store.UserByEmail(ctx, a.Email)
		p.wraps(err, ctx.Err(), "UserByEmail of "+suite.Quote(a.Email))
	}
	p.create(fullAccount("later"))
	p.holds(fullAccount("later"))

	// The update may have been made, although it returned an error.
	after.Version = 1
	got, err := p.store.UserByID(p.ctx, before.ID)
	if err != nil || differences(got, before) != nil && differences(got, after) != nil {
		p.Errorf(
			"after an UpdateUser that returned the context's error: got the error %v and account "+
				"%+v, want %+v or %+v",
			err, got, before, after)
	}
}

// endsMidway lets deadlines pass at different moments of a CreateUser.
func endsMidway(p *probe) {
	for i := range 40 {
		a := fullAccount(fmt.Sprintf("midway-%d", i))
		ctx, cancel := context.WithTimeout(p.ctx, time.Duration(i)*50*time.Microsecond)
		err := p.store.CreateUser(ctx, a)
		cancel()
		if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			p.Errorf("CreateUser whose deadline passed: got the error %v, want nil or one that wraps %v",
				err, context.DeadlineExceeded)
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
