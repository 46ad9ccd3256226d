package deskauth

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/deskauth/deskauth/internal/claims"
	"github.com/deskauth/deskauth/internal/passhash"
	"github.com/deskauth/deskauth/internal/strictjson"
	"golang.org/x/text/unicode/norm"
)

const (
	maxIDBytes         = claims.MaxIDBytes
	maxNameBytes       = claims.MaxNameBytes
	maxAttributesBytes = 4 << 10

	defaultMinPassword = 8    // characters; NIST SP 800-63B-4 §3.1.1.2 as one of two factors
	maxPasswordBytes   = 4096 // bounds the work of normalising; nobody types more
)

// fieldErrors collects what is wrong with the fields of one input.
type fieldErrors []FieldError

func (e *fieldErrors) add(field, message string) {
	if message != "" {
		*e = append(*e, FieldError{field, message})
	}
}

// err returns a [*ValidationError], or nil if every field is good.
func (e fieldErrors) err() error {
	if len(e) == 0 {
		return nil
	}
	return &ValidationError{Fields: e}
}

// The checks below return a message for the person who filled in the field, and an empty
// one for a value that can be taken.

func checkRequired(value string, check func(string) string) (message string) {
	if value == "" {
		return "must not be empty"
	}
	return check(value)
}

// checkName allows a single blank: clients send it for a last name that they do not have.
func checkName(name string) (message string) {
	switch {
	case !utf8.ValidString(name):
		return "must be valid UTF-8"
	case len(name) > maxNameBytes:
		return fmt.Sprintf("must have %d bytes or fewer", maxNameBytes)
	case claims.HasControl(name):
		return "must have no control characters"
	}
	return ""
}

func checkID(id string) (message string) {
	switch {
	case len(id) > maxIDBytes:
		return fmt.Sprintf("must have %d bytes or fewer", maxIDBytes)
	case !utf8.ValidString(id) || claims.HasControl(id):
		return "must be valid UTF-8 without control characters"
	}
	return ""
}

// isProjectID allows what needs no escaping in a URL (RFC 3986 §2.3), so that a project has
// one spelling in an audience.
func isProjectID(id string) bool {
	for i := range len(id) {
		c := id[i]
		if !isLowerOrDigit(c) && !('A' <= c && c <= 'Z') && !strings.ContainsRune("-._~", rune(c)) {
			return false
		}
	}
	return 0 < len(id) && len(id) <= maxIDBytes && id != "." && id != ".."
}

func isLowerOrDigit(c byte) bool { return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' }

// canonicalEmail returns the canonical address, or what is wrong with the given one.
func (a *Auth) canonicalEmail(address string) (email, message string) {
	return canonicalForm(address, a.cfg.CanonicalEmail)
}

// canonicalForm is canonicalEmail with a rule for addresses.
func canonicalForm(
	address string, canonical func(string) (string, error),
) (email, message string) {
	switch {
	case address == "":
		return "", "must not be empty"
	case !utf8.ValidString(address):
		return "", "must be valid UTF-8"
	}
	email, err := canonical(address)
	if err != nil {
		return "", err.Error()
	}
	if email == "" || len(email) > maxEmailBytes || !utf8.ValidString(email) || claims.HasControl(email) {
		return "", errEmailForm.Error()
	}
	return email, ""
}

// newEmail is canonicalEmail for an address that an account is to have.
func (a *Auth) newEmail(address string) (email, message string) {
	email, message = a.canonicalEmail(address)
	if message == "" && a.isReserved(email) {
		return "", "must be another one: this address is reserved"
	}
	return email, message
}

// checkGivenPassword checks a password that is compared with a hash. One that is too long
// is refused before it is hashed.
func checkGivenPassword(password string) (message string) {
	switch {
	case password == "":
		return "must not be empty"
	case len(password) > maxPasswordBytes:
		return fmt.Sprintf("must have %d bytes or fewer", maxPasswordBytes)
	case !utf8.ValidString(password):
		return "must be valid UTF-8"
	}
	return ""
}

// checkNewPassword checks the form of a password that is being chosen.
func (a *Auth) checkNewPassword(password string) (message string) {
	if message := checkGivenPassword(password); message != "" {
		return message
	}
	characters := utf8.RuneCountInString(norm.NFC.String(password))
	if characters < a.cfg.MinPasswordLength {
		return fmt.Sprintf("must have %d characters or more", a.cfg.MinPasswordLength)
	}
	return ""
}

// samePassword reports whether two texts are one password (RFC 8265 §4.2.2).
func samePassword(a, b string) bool { return norm.NFC.String(a) == norm.NFC.String(b) }

// checkAttributes returns the compact object, nil for none, or what is wrong with it.
func checkAttributes(
	raw json.RawMessage, maxBytes int,
) (attributes json.RawMessage, message string) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, ""
	}
	var buf [16]strictjson.Member
	members, err := strictjson.Object(raw, buf[:0])
	switch {
	case errors.Is(err, strictjson.ErrNotObject):
		return nil, "must be a JSON object"
	case err != nil:
		return nil, "cannot be taken: " + err.Error()
	}
	if err := strictjson.Value(raw).Portable(); err != nil {
		return nil, "cannot be taken: " + err.Error()
	}
	attributes = strictjson.Value(raw).Compact()
	switch {
	case len(attributes) > maxBytes:
		return nil, fmt.Sprintf("must have %d bytes of JSON or fewer", maxBytes)
	case len(members) == 0:
		return nil, ""
	}
	return attributes, ""
}

func checkHash(encoded string) (message string) {
	if encoded == "" {
		return ""
	}
	_, err := passhash.Parse(encoded)
	if err == nil {
		return ""
	}
	message = "cannot be used: " + err.Error()
	bare := strings.Trim(encoded, " \t\r\n\v\f\x00\"'`\ufeff\u00a0")
	if _, err := passhash.Parse(bare); err == nil {
		return message + "; without the blanks, quotes or line breaks around it, it can be"
	}
	return message + "; take bcrypt ($2a$, $2b$, $2y$) or Argon2id hashes, or leave it empty"
}

// checkYear allows the times that every database and encoding/json can hold.
func checkYear(t time.Time) (message string) {
	if year := t.UTC().Year(); year < 1 || year > 9999 {
		return fmt.Sprintf("is in the year %d; 1 to 9999 are allowed", year)
	}
	return ""
}

// checkRises allows a number that can be raised.
func checkRises(n int64) (message string) {
	if n == math.MaxInt64 {
		return "is the last int64, so it could not be raised"
	}
	return ""
}
