// Package disable shows how a program changes an account. docs/stores.md quotes it.
package disable

import (
	"context"
	"errors"
	"time"

	"github.com/deskauth/deskauth"
)

// disable ends every way into an account. When another change comes first, it reads the
// account again.
func disable(ctx context.Context, store deskauth.UserStore, id string) error {
	for {
		account, err := store.UserByID(ctx, id)
		if err != nil {
			return err
		}
		account.Disabled = true
		account.UpdatedAt = later(account.UpdatedAt)
		err = store.UpdateUser(ctx, account)
		if !errors.Is(err, deskauth.ErrConflict) {
			return err
		}
	}
}

// later returns the time, or a millisecond after the last change if another clock is ahead.
func later(last time.Time) time.Time {
	now := time.Now().UTC().Truncate(time.Millisecond)
	if now.After(last) {
		return now
	}
	return last.Add(time.Millisecond)
}
