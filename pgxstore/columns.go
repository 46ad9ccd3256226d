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
	field   any    // *string, *bool, *int64, *[]byte, *instant or *nullInstant
}

// columns returns the columns of the table beside the fields of a. A new column is a line
// here, with a longer array, and a file in migrations. The statements, scan, values and
// arrays follow. It returns an array because a slice would cost each call an allocation.
func columns(a *deskauth.Account) [16]column {
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
		{"version", "bigint", &a.Version},
		{"last_active_at", "timestamptz", (*nullInstant)(&a.LastActiveAt)},
		{"created_at", "timestamptz", (*instant)(&a.CreatedAt)},
		{"updated_at", "timestamptz", (*instant)(&a.UpdatedAt)},
	}
}

// scan reads an account from a row of all columns.
func scan(row pgx.Row) (deskauth.Account, error) {
	var a deskauth.Account
	columns := columns(&a)
	fields := make([]any, len(columns))
	for i, c := range columns {
		fields[i] = c.field
	}
	if err := row.Scan(fields...); err != nil {
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
		value, err := c.value()
		if err != nil {
			return nil, fmt.Errorf("%s %w", c.name, err)
		}
		row[i] = value
	}
	return row, nil
}

// value returns what a statement is given for the column. Its error does not contain the
// value, which may be a password hash.
func (c column) value() (any, error) {
	switch field := c.field.(type) {
	case *string:
		return *field, checkText(*field)
	case *bool:
		return *field, nil
	case *int64:
		return *field, nil
	case *[]byte:
		if len(*field) == 0 {
			return (*string)(nil), nil // NULL
		}
		text := string(*field)
		return &text, checkText(text)
	case *instant:
		return time.Time(*field), nil
	case *nullInstant:
		t := time.Time(*field)
		if t.IsZero() {
			return (*time.Time)(nil), nil // NULL
		}
		return &t, nil
	}
	return nil, fmt.Errorf("has a field of type %T: add it to value and arrays", c.field)
}

// arrays returns one array for each column, with a value of every account.
func arrays(accounts []deskauth.Account) ([]any, error) {
	rows := make([][]any, len(accounts))
	for i := range accounts {
		row, err := values(&accounts[i])
		if err != nil {
			return nil, err
		}
		rows[i] = row
	}
	columns := columns(new(deskauth.Account))
	arrays := make([]any, len(columns))
	for i, c := range columns {
		switch c.field.(type) {
		case *string:
			arrays[i] = array[string](rows, i)
		case *bool:
			arrays[i] = array[bool](rows, i)
		case *int64:
			arrays[i] = array[int64](rows, i)
		case *[]byte:
			arrays[i] = array[*string](rows, i)
		case *instant:
			arrays[i] = array[time.Time](rows, i)
		case *nullInstant:
			arrays[i] = array[*time.Time](rows, i)
		}
	}
	return arrays, nil
}

// array returns the values that column i has in the rows, in a type that pgx sends.
func array[T any](rows [][]any, i int) []T {
	all := make([]T, len(rows))
	for n, row := range rows {
		all[n] = row[i].(T)
	}
	return all
}

func checkText(s string) error {
	if !isText(s) {
		return errors.New("must be valid UTF-8 without NUL bytes")
	}
	return nil
}

// isText reports whether a text in PostgreSQL can hold s. It can hold no NUL (PostgreSQL
// documentation §8.3).
func isText(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }

// An instant is a time that comes back in UTC.
type instant time.Time

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
