package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/deskauth/deskauth"
)

// updateEndsMidway ends contexts at different moments of an update, by deadlines and by
// cancelling them.
func updateEndsMidway(p *probe) {
	p.create(revision(0))
	stored := revision(0)
	for i := range int64(40) {
		next := revision(stored.Version + 1)
		next.Version = stored.Version
		after := time.Duration(i/2) * 100 * time.Microsecond
		ctx, cancel, want := p.endsAfter(after, i%2 != 0)
		err := p.store.UpdateUser(ctx, next)
		cancel()
		if err != nil && !errors.Is(err, want) {
			p.Errorf("UpdateUser whose context ended: got the error %v, want nil or one that wraps %v", err, want)
		}
		next.Version++
		got, settleErr := p.settle(stored, next)
		if settleErr != nil {
			p.Fatal(settleErr)
		}
		if err == nil && got.SessionEpoch < next.SessionEpoch {
			p.Errorf("UpdateUser to update %d returned no error, and the account is as of update %d",
				next.SessionEpoch, got.SessionEpoch)
		}
		stored = got
	}
}

// endsAfter returns a context that is cancelled, or whose deadline passes, and its error.
func (p *probe) endsAfter(d time.Duration, cancelled bool) (context.Context, context.CancelFunc, error) {
	if !cancelled {
		ctx, cancel := context.WithTimeout(p.ctx, d)
		return ctx, cancel, context.DeadlineExceeded
	}
	ctx, cancel := context.WithCancel(p.ctx)
	time.AfterFunc(d, cancel)
	return ctx, cancel, context.Canceled
}

// settle reads an account whose update may have been made: it must be the old one or the
// new one, whole. Then it updates the account, changing nothing but its Version, and
// returns it.
//
// A server may carry an update out after its caller has gone. So the old account may become
// the new one between the look-up and the update, once.
func (p *probe) settle(before, after deskauth.Account) (deskauth.Account, error) {
	for tries := 0; ; tries++ {
		got, err := p.store.UserByID(p.ctx, before.ID)
		if err != nil {
			return got, fmt.Errorf("UserByID after an update whose context ended: got the error %w, want the account",
				err)
		}
		if d, e := differences(got, before), differences(got, after); d != nil && e != nil {
			return got, fmt.Errorf("after an update whose context ended: got a part of it; "+
				"it is not as before, %s, and not as after, %s", strings.Join(d, "; "), strings.Join(e, "; "))
		}
		found, err := p.whole(p.ctx, got)
		if err == nil && found {
			err = p.store.UpdateUser(p.ctx, got)
		}
		late := tries == 0 && differences(got, after) != nil
		switch {
		case err == nil && found:
			got.Version++
			return got, nil
		case !late:
			return got, fmt.Errorf("look-ups, and an UpdateUser with the Version %d that was just read: "+
				"got the error %v, want nil", got.Version, err)
		}
	}
}
