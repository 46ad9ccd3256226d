package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/deskauth/deskauth"
)

var atomicClauses = []clause{{
	Name: "CreateWhileReading",
	Says: "Each method is atomic. An account is there with all its fields and under both its keys, or not at all.",
	Mend: "Write the account and its keys in one transaction or under one lock.",
	Test: createWhileReading,
}, {
	Name: "UpdateWhileReading",
	Says: "Each method is atomic. No reader sees an account that is partly from another update.",
	Mend: "Read and write all fields in one statement or under one lock.",
	Test: updateWhileReading,
}}

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
			whole, err := p.whole(p.ctx, account(i))
			switch {
			case err != nil:
				return err
			case whole:
				i++
			case !more:
				return nil // the writer reports why
			}
		}
		return nil
	})
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
			if err := isOneRevision(got); err != nil {
				return err
			}
			got, err = p.store.UserByEmail(p.ctx, got.Email)
			if errors.Is(err, deskauth.ErrUserNotFound) {
				continue // its address has changed since
			}
			if err != nil {
				return fmt.Errorf("UserByEmail: %w", err)
			}
			if err := isOneRevision(got); err != nil {
				return err
			}
		}
		return nil
	})
	p.holds(revision(n))
}

// isOneRevision returns an error for an account whose fields are from several updates.
func isOneRevision(got deskauth.Account) error {
	if d := differences(got, revision(got.SessionEpoch)); d != nil {
		return fmt.Errorf("a reader saw parts of two updates (SessionEpoch is from update %d): %s",
			got.SessionEpoch, strings.Join(d, "; "))
	}
	return nil
}

// whole reports whether an account is there. When one of its keys has found it, the other
// must find it too. It reads the keys in turns, because the account may be created between
// two look-ups.
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
				return false, fmt.Errorf("%s of account %q: got a part of it: %s", key, want.ID, strings.Join(d, "; "))
			}
			seen = key
		case !errors.Is(err, deskauth.ErrUserNotFound):
			return false, fmt.Errorf("%s of account %q: got the error %w, want the account or ErrUserNotFound",
				key, want.ID, err)
		case seen != "":
			return false, fmt.Errorf("%s of account %q: got the error %w after %s had found it, want the account",
				key, want.ID, err, seen)
		}
	}
	return seen != "", nil
}
