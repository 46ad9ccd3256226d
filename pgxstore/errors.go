package pgxstore

import (
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
)

// What PostgreSQL calls its errors (PostgreSQL documentation, Appendix A).
const (
	uniqueViolation      = "23505"
	serializationFailure = "40001"
	deadlockDetected     = "40P01"
	undefinedTable       = "42P01"
	undefinedColumn      = "42703"
)

func hasCode(err error, code string) bool {
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && e.Code == code
}

// errLostRace is an update that did nothing to a row which was there when it began.
var errLostRace = errors.New("another transaction changed or deleted the account at the same moment")

// lostRace reports whether a statement did nothing because of a concurrent one.
func lostRace(err error) bool {
	return errors.Is(err, errLostRace) || hasCode(err, serializationFailure) || hasCode(err, deadlockDetected)
}
