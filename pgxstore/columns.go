package pgxstore

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/deskauth/deskauth"
	"github.com/jackc/pgx/v5"
)

// columns are those of an account, in the order in which scan reads them and values has them.
const columns = "id, kind, email, email_verified, first_name, last_name, project_id, external_id, attributes, " +
	"password_hash, disabled, session_epoch, version, last_active_at, created_at, updated_at"

// scan reads an account from a row of columns.
func scan(row pgx.Row, a *deskauth.Account) error {
	var active *time.Time
	err := row.Scan(&a.ID, (*string)(&a.Kind), &a.Email, &a.EmailVerified, &a.FirstName, &a.LastName, &a.ProjectID, &a.ExternalID, (*[]byte)(&a.Attributes),
		&a.PasswordHash, &a.Disabled, &a.SessionEpoch, &a.Version, &active, &a.CreatedAt, &a.UpdatedAt)
	if err != nil {
		return err
	}
	a.CreatedAt, a.UpdatedAt = a.CreatedAt.UTC(), a.UpdatedAt.UTC()
	if active != nil {
		a.LastActiveAt = active.UTC()
	}
	return nil
}

// values returns an account's values of columns: the parameters $1 to $16.
func values(a deskauth.Account) []any {
	return []any{a.ID, string(a.Kind), a.Email, a.EmailVerified, a.FirstName, a.LastName, a.ProjectID, a.ExternalID, orNull(a.Attributes),
		a.PasswordHash, a.Disabled, a.SessionEpoch, a.Version, timeOrNull(a.LastActiveAt), a.CreatedAt, a.UpdatedAt}
}

// orNull returns JSON as text, which every protocol of pgx sends alike.
func orNull(attributes json.RawMessage) *string {
	if len(attributes) == 0 {
		return nil
	}
	text := string(attributes)
	return &text
}

func timeOrNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// isText reports whether PostgreSQL can keep a text in UTF8: it knows no NUL.
func isText(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }

// checkTexts says which text of an account cannot be kept, before anything is sent.
func checkTexts(a deskauth.Account) error {
	for _, f := range [...]struct{ name, value string }{
		{"ID", a.ID}, {"Kind", string(a.Kind)}, {"Email", a.Email}, {"FirstName", a.FirstName}, {"LastName", a.LastName},
		{"ProjectID", a.ProjectID}, {"ExternalID", a.ExternalID}, {"PasswordHash", a.PasswordHash},
	} {
		if !isText(f.value) {
			return fmt.Errorf("pgxstore: %s must be valid UTF-8 without NUL", f.name)
		}
	}
	if !utf8.Valid(a.Attributes) {
		return fmt.Errorf("pgxstore: Attributes must be valid UTF-8")
	}
	return nil
}
