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
		account.UpdatedAt = time.Now().UTC().Truncate(time.Millisecond)
		err = store.UpdateUser(ctx, account)
		if !errors.Is(err, deskauth.ErrConflict) {
			return err
		}
	}
}
