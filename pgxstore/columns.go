package pgxstore

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/deskauth/deskauth"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// A column is a column of the table and the field of an account that it holds.
type column struct {
	name    string
	sqlType string // as in the schema
	field   any    // *string, *nullText, *[]byte, *bool, *int64, *instant or *nullInstant
}

// columns returns the columns of the table beside the fields of a. A new column is a line
// here, with a longer array, and a file in migrations. The statements, scan, values and
// arrays follow. It returns an array because a slice would cost each call an allocation.
func columns(a *deskauth.Account) [17]column {
	return [...]column{
		{"id", "text", &a.ID},
		{"kind", "text", (*string)(&a.Kind)},
		{"email", "text", &a.Email},
		{"email_verified", "boolean", &a.EmailVerified},
		{"first_name", "text", &a.FirstName},
		{"last_name", "text", &a.LastName},
		{"project_id", "text", &a.ProjectID},
		{"external_id", "text", &a.ExternalID},
		{"attributes", "json", (*[]byte)(&a.Attributes)},
		{"password_hash", "text", &a.PasswordHash},
		{"disabled", "boolean", &a.Disabled},
		{"session_epoch", "bigint", &a.SessionEpoch},
		{"state", "text", (*nullText)(&a.State)},
		{"version", "bigint", &a.Version},
		{"last_active_at", "timestamptz", (*nullInstant)(&a.LastActiveAt)},
		{"created_at", "timestamptz", (*instant)(&a.CreatedAt)},
		{"updated_at", "timestamptz", (*instant)(&a.UpdatedAt)},
	}
}

// scan reads an account from a row of all columns. If it cannot, the error is a
// [*deskauth.RowError]: the ID is the first column, and pgx names the one that failed.
func scan(row pgx.Row) (deskauth.Account, error) {
	var a deskauth.Account
	columns := columns(&a)
	fields := make([]any, len(columns))
	for i, c := range columns {
		fields[i] = c.field
	}
	err := row.Scan(fields...)
	if _, broken := errors.AsType[pgx.ScanArgError](err); broken {
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
		return fmt.Errorf("%s has a field of type %T: add it to value and arrays", c.name, field)
	}
	switch {
	case !valid:
		return fmt.Errorf("%s must be valid UTF-8 without NUL bytes", c.name)
	case !inRange:
		return fmt.Errorf("%s must be "+instants, c.name)
	}
	return nil
}

// value returns what a statement is given for the column, which check has not refused.
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
		return field.time()
	}
	return timeOrNull(c.field.(*nullInstant))
}

func textOrNull[T nullText | []byte](field *T) *string {
	if len(*field) == 0 {
		return nil
	}
	text := string(*field)
	return &text
}

func timeOrNull(field *nullInstant) *time.Time {
	t := time.Time(*field)
	if t.IsZero() {
		return nil
	}
	return &t
}

// isText reports whether a text in PostgreSQL can hold s. It can hold no NUL (PostgreSQL
// documentation §8.3).
func isText(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }

// The first and the last second that timestamptz can hold, in whole years (PostgreSQL
// documentation §8.5), and what pgx can send: it would wrap what is beyond.
var (
	firstSecond = time.Date(-4711, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	lastSecond  = time.Date(294276, 1, 1, 0, 0, 0, 0, time.UTC).Unix() - 1
)

// instants says what isInstant demands.
const instants = "within the years 4712 BC and 294275"

// isInstant reports whether a timestamptz can hold a time.
func isInstant(t time.Time) bool { return firstSecond <= t.Unix() && t.Unix() <= lastSecond }

// A nullText is a text that is NULL in the table if it is empty.
type nullText string

// ScanText implements [pgtype.TextScanner].
func (t *nullText) ScanText(v pgtype.Text) error {
	*t = nullText(v.String)
	return nil
}

// An instant is a time that comes back in UTC.
type instant time.Time

func (t *instant) time() time.Time { return time.Time(*t) }

// ScanTimestamptz implements [pgtype.TimestamptzScanner].
func (t *instant) ScanTimestamptz(v pgtype.Timestamptz) error {
	if !v.Valid || v.InfinityModifier != pgtype.Finite {
		return errors.New("got NULL or infinity, want a time")
	}
	*t = instant(v.Time.UTC())
	return nil
}

// A nullInstant is an instant that is NULL in the table if it is zero.
type nullInstant time.Time

// ScanTimestamptz implements [pgtype.TimestamptzScanner].
func (t *nullInstant) ScanTimestamptz(v pgtype.Timestamptz) error {
	if !v.Valid {
		*t = nullInstant{}
		return nil
	}
	return (*instant)(t).ScanTimestamptz(v)
}
