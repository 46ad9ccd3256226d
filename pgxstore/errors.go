package pgxstore

import (
	"context"
	"errors"
	"fmt"

	"github.com/deskauth/deskauth"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// The codes of errors, as in the PostgreSQL documentation, Appendix A.
const (
	uniqueViolation       = "23505"
	serializationFailure  = "40001"
	deadlockDetected      = "40P01"
	undefinedTable        = "42P01"
	undefinedColumn       = "42703"
	invalidParameterValue = "22023"
	queryCanceled         = "57014"
	readOnlyTransaction   = "25006"
	idleSessionTimeout    = "57P05"
	lockNotAvailable      = "55P03"
)

// errLostRace is the error of an update that found the right version and changed nothing.
var errLostRace = errors.New("another transaction changed the account at the same moment")

// storeError turns an error of the driver into the one that the contract names.
func storeError(ctx context.Context, err error) error {
	ended := ctx.Err()
	switch {
	case ended != nil && !errors.Is(err, ended):
		return fmt.Errorf("pgxstore: %w: %w", ended, err)
	case errors.Is(err, pgx.ErrNoRows):
		return fmt.Errorf("pgxstore: %w", deskauth.ErrUserNotFound)
	case hasCode(err, uniqueViolation):
		return fmt.Errorf("pgxstore: %w", deskauth.ErrUserExists)
	case hasCode(err, undefinedTable):
		return fmt.Errorf("pgxstore: the table does not exist; call Migrate, or run Schema: %w", err)
	}
	return fmt.Errorf("pgxstore: %w", err)
}

// lostRace reports whether a statement did nothing because of one at the same moment.
func lostRace(err error) bool {
	return errors.Is(err, errLostRace) || hasCode(err, serializationFailure) ||
		hasCode(err, deadlockDetected)
}

func hasCode(err error, code string) bool {
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && e.Code == code
}
