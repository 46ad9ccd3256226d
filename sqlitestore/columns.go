package sqlitestore

import (
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/deskauth/deskauth"
)

// scan reads a row of the columns that every SELECT of an account has, in their order,
// straight into the fields.
func scan(row interface{ Scan(dest ...any) error }) (a deskauth.Account, err error) {
	err = row.Scan(&a.ID, (*string)(&a.Kind), &a.Email, &a.EmailVerified, &a.FirstName, &a.LastName,
		&a.ProjectID, &a.ExternalID, (*[]byte)(&a.Attributes), &a.PasswordHash, &a.Disabled,
		&a.SessionEpoch, (*instant)(&a.LastActiveAt), (*instant)(&a.CreatedAt), (*instant)(&a.UpdatedAt),
		&a.Version)
	return a, err
}

// fields returns the values of an account that insertSQL takes, in its order, and with which
// updateSQL begins: it has the ID and the Version in its condition. It refuses what would not
// come back as it is.
func fields(a *deskauth.Account) ([]any, error) {
	if err := check(a); err != nil {
		return nil, err
	}
	var attributes, lastActiveAt any // NULL
	if len(a.Attributes) > 0 {
		attributes = string(a.Attributes) // a []byte would be a BLOB
	}
	if !a.LastActiveAt.IsZero() {
		lastActiveAt = a.LastActiveAt.UnixMicro()
	}
	return []any{string(a.Kind), a.Email, a.EmailVerified, a.FirstName, a.LastName,
		a.ProjectID, a.ExternalID, attributes, a.PasswordHash, a.Disabled,
		a.SessionEpoch, lastActiveAt, a.CreatedAt.UnixMicro(), a.UpdatedAt.UnixMicro(), a.ID, a.Version}, nil
}

// check refuses text that SQLite or a driver may cut or change: SQLite takes a NUL for the
// end of a text in many places (https://sqlite.org/nulinstr.html), and what it does with
// invalid UTF-8 is undefined (https://sqlite.org/invalidutf.html). Values are not told in
// the error, one of them is the password hash.
func check(a *deskauth.Account) error {
	for _, f := range [...]struct{ name, value string }{
		{"ID", a.ID}, {"Kind", string(a.Kind)}, {"Email", a.Email}, {"FirstName", a.FirstName},
		{"LastName", a.LastName}, {"ProjectID", a.ProjectID}, {"ExternalID", a.ExternalID},
		{"PasswordHash", a.PasswordHash},
	} {
		if !isText(f.value) {
			return fmt.Errorf("the %s of the account is no UTF-8 or has a NUL in it, which SQLite does not keep", f.name)
		}
	}
	if !utf8.Valid(a.Attributes) { // a NUL is no JSON
		return fmt.Errorf("the Attributes of account %q are no UTF-8", a.ID)
	}
	for _, t := range [...]time.Time{a.LastActiveAt, a.CreatedAt, a.UpdatedAt} {
		if !inRange(t) {
			return fmt.Errorf("a time of account %q is too far away", a.ID)
		}
	}
	return nil
}

func isText(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }

// inRange reports whether the microseconds since 1970 are an int64, as they are for some
// 290,000 years before and after.
func inRange(t time.Time) bool {
	return !t.Before(time.UnixMicro(math.MinInt64)) && !t.After(time.UnixMicro(math.MaxInt64))
}

// An instant is a time that is stored as Unix microseconds, or as NULL if it is zero.
type instant time.Time

// Scan implements [database/sql.Scanner].
func (t *instant) Scan(src any) error {
	switch src := src.(type) {
	case nil:
		*t = instant{}
	case int64:
		*t = instant(time.UnixMicro(src).UTC())
	default:
		return fmt.Errorf("got a %T, want Unix microseconds", src)
	}
	return nil
}
