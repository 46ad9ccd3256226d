package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/deskauth/deskauth"
)

// storeError turns an error of the driver into the one that the contract names. Drivers do
// not name the context's error: they report an interrupted statement, or a busy database.
func storeError(ctx context.Context, err error) error {
	ended := ctx.Err()
	switch {
	case ended != nil && !errors.Is(err, ended):
		return fmt.Errorf("sqlitestore: %w: %w", ended, err)
	case errors.Is(err, sql.ErrNoRows):
		return fmt.Errorf("sqlitestore: %w", deskauth.ErrUserNotFound)
	}
	return fmt.Errorf("sqlitestore: %w", err)
}
