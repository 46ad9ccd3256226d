package sqlitestore

import (
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/deskauth/deskauth"
)

// A column is a column of the table and the field of an account that it holds.
type column struct {
	name  string
	field any // *string, *nullText, *[]byte, *bool, *int64, *instant or *nullInstant
}

// columns returns the columns of the table beside the fields of a. A new column is a line
// here, with a longer array, and a file in migrations. The statements, scan and values
// follow. It returns an array because a slice would cost each call an allocation.
func columns(a *deskauth.Account) [17]column {
	return [...]column{
		{"id", &a.ID},
		{"kind", (*string)(&a.Kind)},
		{"email", &a.Email},
		{"email_verified", &a.EmailVerified},
		{"first_name", &a.FirstName},
		{"last_name", &a.LastName},
		{"project_id", &a.ProjectID},
		{"external_id", &a.ExternalID},
		{"attributes", (*[]byte)(&a.Attributes)},
		{"password_hash", &a.PasswordHash},
		{"disabled", &a.Disabled},
		{"session_epoch", &a.SessionEpoch},
		{"state", (*nullText)(&a.State)},
		{"version", &a.Version},
		{"last_active_at", (*nullInstant)(&a.LastActiveAt)},
		{"created_at", (*instant)(&a.CreatedAt)},
		{"updated_at", (*instant)(&a.UpdatedAt)},
	}
}

// scan reads an account from a row of all columns. If it cannot, the error is a
// [*deskauth.RowError]: the ID is the first column, and drivers name the one that failed.
func scan(row interface{ Scan(dest ...any) error }) (deskauth.Account, error) {
	var a deskauth.Account
	columns := columns(&a)
	fields := make([]any, len(columns))
	for i, c := range columns {
		fields[i] = c.field
	}
	err := row.Scan(fields...)
	if err != nil && a.ID != "" { // else there is no row
		err = &deskauth.RowError{ID: a.ID, Err: err}
	}
	if err != nil {
		return deskauth.Account{}, err
	}
	return a, nil
}

// values returns what a statement is given for each column. It refuses what would not come
// back as it is.
func values(a *deskauth.Account) ([]any, error) {
	columns := columns(a)
	row := make([]any, len(columns))
	for i, c := range columns {
		if err := c.check(); err != nil {
			return nil, err
		}
		row[i] = c.value()
	}
	return row, nil
}

// check refuses a field that would not come back as it is. Its error does not contain the
// value, which may be a password hash.
func (c column) check() error {
	valid, inRange := true, true
	switch field := c.field.(type) {
	case *string:
		valid = isText(*field)
	case *nullText:
		valid = isText(string(*field))
	case *[]byte:
		valid = isText(string(*field))
	case *instant:
		inRange = isInstant(time.Time(*field))
	case *nullInstant:
		inRange = isInstant(time.Time(*field))
	case *bool, *int64:
	default:
		return fmt.Errorf("%s has a field of type %T: add it to value", c.name, field)
	}
	switch {
	case !valid:
		return fmt.Errorf("%s must be valid UTF-8 without NUL bytes", c.name)
	case !inRange:
		return fmt.Errorf("%s must be within 290,000 years of 1970", c.name)
	}
	return nil
}

// value returns what a statement is given for the column.
func (c column) value() any {
	switch field := c.field.(type) {
	case *string:
		return *field
	case *bool:
		return *field
	case *int64:
		return *field
	case *nullText:
		return textOrNull(field)
	case *[]byte:
		return textOrNull(field)
	case *instant:
		return time.Time(*field).UnixMicro()
	case *nullInstant:
		return microsOrNull(field)
	}
	return c.field
}

func textOrNull[T nullText | []byte](field *T) any {
	if len(*field) == 0 {
		return nil
	}
	return string(*field) // a []byte would become a BLOB
}

func microsOrNull(field *nullInstant) any {
	t := time.Time(*field)
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

// isText reports whether SQLite keeps a text as it is. SQLite ends a text at a NUL in many
// places (https://sqlite.org/nulinstr.html), and what it does with invalid UTF-8 is
// undefined (https://sqlite.org/invalidutf.html).
func isText(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }

// isInstant reports whether the Unix microseconds of a time are an int64.
func isInstant(t time.Time) bool {
	return !t.Before(time.UnixMicro(math.MinInt64)) && !t.After(time.UnixMicro(math.MaxInt64))
}

// A nullText is a text that is NULL in the table if it is empty.
type nullText string

// Scan implements [database/sql.Scanner].
func (t *nullText) Scan(src any) error {
	text, ok := src.(string)
	if !ok && src != nil {
		return fmt.Errorf("got a %T, want a text", src)
	}
	*t = nullText(text)
	return nil
}

// An instant is a time that the table has as Unix microseconds.
type instant time.Time

// Scan implements [database/sql.Scanner].
func (t *instant) Scan(src any) error {
	micros, ok := src.(int64)
	if !ok {
		return fmt.Errorf("got a %T, want Unix microseconds", src)
	}
	*t = instant(time.UnixMicro(micros).UTC())
	return nil
}

// A nullInstant is an instant that is NULL in the table if it is zero.
type nullInstant time.Time

// Scan implements [database/sql.Scanner].
func (t *nullInstant) Scan(src any) error {
	if src == nil {
		*t = nullInstant{}
		return nil
	}
	return (*instant)(t).Scan(src)
}
