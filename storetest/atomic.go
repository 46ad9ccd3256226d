package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/deskauth/deskauth"
)

var atomicClauses = []clause{{
	name: "CreateWhileReading",
	says: "each method is atomic: an account is there with all its fields and both its keys, or not at all",
	mend: "write the account and its keys in one transaction or under one lock",
	test: createWhileReading,
}, {
	name: "UpdateWhileReading",
	says: "each method is atomic: nobody sees an account of which a part is from another update",
	mend: "read and write all fields in one statement or under one lock",
	test: updateWhileReading,
}}

// readers is how many goroutines look on while one writes.
const readers = 4

// watch runs write once the readers are there. They go on until it is done or they are
// content. What anybody found is reported. Between its writes it calls turn, which waits until
// a reader asks once more whether it is writing, however slow they are.
func (p *probe) watch(write func(turn func()) error, read func(writing func() bool) error) {
	p.Helper()
	var (
		done  atomic.Bool
		errs  = make([]error, readers+1)
		looks = make(chan struct{}, 1)
		gone  = make(chan struct{})

		ready, wg sync.WaitGroup
	)
	writing := func() bool {
		select {
		case looks <- struct{}{}:
		default:
		}
		runtime.Gosched() // or the writer waits for the end of a reader's time slice, 10 ms a turn
		return !done.Load()
	}
	ready.Add(readers)
	for i := range readers {
		wg.Go(func() {
			ready.Done()
			errs[i] = read(writing)
		})
	}
	go func() {
		wg.Wait()
		close(gone)
	}()
	ready.Wait()
	errs[readers] = write(func() {
		select {
		case <-looks:
		case <-gone:
		}
	})
	done.Store(true)
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			p.Error(err)
		}
	}
}

func createWhileReading(p *probe) {
	const n = 100
	account := func(i int) deskauth.Account { return fullAccount(fmt.Sprintf("new-%d", i)) }
	p.watch(func(turn func()) error {
		for i := range n {
			if err := p.store.CreateUser(p.ctx, account(i)); err != nil {
				return fmt.Errorf("CreateUser: %w", err)
			}
			turn()
		}
		return nil
	}, func(writing func() bool) error {
		for i := 0; i < n; {
			more := writing()
			if whole, err := p.whole(p.ctx, account(i)); err != nil {
				return err
			} else if whole {
				i++
			} else if !more {
				return nil // the writer says why
			}
		}
		return nil
	})
}

// whole reports whether an account is there. Once one of its keys finds it, the other must
// do so too. The keys are read in turns, because it may come between two looks.
func (p *probe) whole(ctx context.Context, want deskauth.Account) (bool, error) {
	seen := ""
	for _, key := range []string{"UserByEmail", "UserByID", "UserByEmail"} {
		var (
			got deskauth.Account
			err error
		)
		if key == "UserByID" {
			got, err = p.store.UserByID(ctx, want.ID)
		} else {
			got, err = p.store.UserByEmail(ctx, want.Email)
		}
		switch {
		case err == nil:
			if d := differences(got, want); d != nil {
				return false, fmt.Errorf("%s found a part of account %q: %s", key, want.ID, strings.Join(d, "; "))
			}
			seen = key
		case !errors.Is(err, deskauth.ErrUserNotFound):
			return false, fmt.Errorf("%s of account %q: %w", key, want.ID, err)
		case seen != "":
			return false, fmt.Errorf("%s found account %q, and %s after it did not: %w", seen, want.ID, key, err)
		}
	}
	return seen != "", nil
}

func updateWhileReading(p *probe) {
	const n = 150
	p.create(revision(0))
	p.watch(func(turn func()) error {
		for i := range int64(n) {
			next := revision(i + 1)
			next.Version = i
			if err := p.store.UpdateUser(p.ctx, next); err != nil {
				return fmt.Errorf("UpdateUser: %w", err)
			}
			turn()
		}
		return nil
	}, func(writing func() bool) error {
		for writing() {
			got, err := p.store.UserByID(p.ctx, revision(0).ID)
			if err != nil {
				return fmt.Errorf("UserByID: %w", err)
			}
			if err := agrees(got); err != nil {
				return err
			}
			// Its address may have changed since.
			got, err = p.store.UserByEmail(p.ctx, got.Email)
			if err != nil && !errors.Is(err, deskauth.ErrUserNotFound) {
				return fmt.Errorf("UserByEmail: %w", err)
			}
			if err == nil {
				if err := agrees(got); err != nil {
					return err
				}
			}
		}
		return nil
	})
	p.holds(revision(n))
}

// revision is an account of which every field tells the number of its update.
func revision(n int64) deskauth.Account {
	a := fullAccount("revised")
	a.Email = fmt.Sprintf("revision-%d@example.com", n)
	a.FirstName, a.LastName = fmt.Sprint("first ", n), fmt.Sprint("last ", n)
	a.Attributes = json.RawMessage(fmt.Sprintf(`{"revision":%d}`, n))
	a.EmailVerified, a.Disabled = n%2 == 0, n%2 == 0
	a.SessionEpoch, a.Version = n, n
	return a
}

func agrees(got deskauth.Account) error {
	if d := differences(got, revision(got.SessionEpoch)); d != nil {
		return fmt.Errorf("a reader saw parts of two updates (SessionEpoch is of update %d): %s", got.SessionEpoch, strings.Join(d, "; "))
	}
	return nil
}
