package deskauth

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/deskauth/deskauth/internal/claims"
)

// CheckImport returns what would keep an account from ever signing in, or nil. It is the
// rule of [UserImporter] for accounts that come from elsewhere. Its error is a
// [*ValidationError] that lists every field, and quotes no password hash.
//
// The account of a user has an Email in the form that [CanonicalEmail] returns: in any
// other, sign-in would not find it, and somebody could sign up with the same mailbox. A
// PasswordHash is a bcrypt hash ($2a$, $2b$ or $2y$) of cost 14 or less, or a PHC string of
// Argon2id, with nothing around it. It may be empty. A guest has a ProjectID. An external
// user has no Email, and the ID that [ExternalUserID] derives. IDs, names and Attributes
// have the form and size that a sign-in gives them, and times are of the years 1 to 9999,
// or zero.
func CheckImport(acc Account) error { return checkImport(acc, CanonicalEmail) }

// CheckImport is the function [CheckImport] with Config.CanonicalEmail as the rule for
// addresses.
func (a *Auth) CheckImport(acc Account) error { return checkImport(acc, a.cfg.CanonicalEmail) }

// An ImportResult says what became of accounts that were imported. An account that is
// neither created nor refused was left out, because its ID or Email was taken in the store:
// len(accounts) - Created - len(Refused) of them.
type ImportResult struct {
	Created int
	Refused []*RowError // in the order of the accounts; Row is the place among them
}

// Screen is for implementations of [UserImporter]. It returns the accounts that can be
// imported, and adds the others to r.Refused: those that check refuses, and those whose ID
// or Email is that of an account before them. If check is nil, it is [CheckImport].
//
// A guest loses a stored address: the one that it shows is made from its ID. A guest or an
// external user without a LastActiveAt was active when it was made or changed last, so that
// no purge takes it for idle since it was made.
func (r *ImportResult) Screen(accounts []Account, check func(Account) error) (good []Account) {
	if check == nil {
		check = CheckImport
	}
	good = make([]Account, 0, len(accounts))
	first := make(firstRows, 2*len(accounts))
	for i, acc := range accounts {
		err := check(acc)
		if acc.Kind == KindGuest {
			acc.Email = ""
		}
		if err == nil {
			err = first.check(i, acc)
		}
		if err != nil {
			r.Refused = append(r.Refused, &RowError{Row: i, ID: acc.ID, Err: err})
			continue
		}
		if acc.Kind != KindUser && acc.LastActiveAt.IsZero() {
			acc.LastActiveAt = acc.CreatedAt
			if acc.UpdatedAt.After(acc.CreatedAt) {
				acc.LastActiveAt = acc.UpdatedAt
			}
		}
		good = append(good, acc)
	}
	return good
}

// firstRows are the rows of an import by the name and the value of a field.
type firstRows map[[2]string]int

// check refuses an account whose ID or Email an account before it has.
func (f firstRows) check(row int, acc Account) error {
	id, email := [2]string{"ID", acc.ID}, [2]string{"Email", acc.Email}
	for _, key := range [][2]string{id, email} {
		if first, taken := f[key]; taken {
			return fmt.Errorf("has the %s of the account in row %d: %w", key[0], first, ErrUserExists)
		}
	}
	f[id] = row
	if acc.Email != "" {
		f[email] = row
	}
	return nil
}

func checkImport(acc Account, canonical func(string) (string, error)) error {
	var bad fieldErrors
	bad.add("ID", checkRequired(acc.ID, checkID))
	switch acc.Kind {
	case KindUser:
		bad.add("Email", checkImportedEmail(acc.Email, canonical))
	case KindGuest:
		bad.add("ProjectID", checkProjectID(acc.ProjectID))
	case KindExternal:
		checkExternal(&bad, acc.User)
	default:
		bad.add("Kind", fmt.Sprintf("is %.40q; use %q, %q or %q", acc.Kind, KindUser, KindGuest, KindExternal))
	}
	bad.add("FirstName", checkName(acc.FirstName))
	bad.add("LastName", checkName(acc.LastName))
	if acc.Kind == KindUser {
		bad.add("ProjectID", checkID(acc.ProjectID))
	}
	if acc.Kind != KindExternal {
		bad.add("ExternalID", checkID(acc.ExternalID))
	}
	bad.add("Attributes", checkStoredAttributes(acc.Attributes))
	bad.add("CreatedAt", checkYear(acc.CreatedAt))
	bad.add("UpdatedAt", checkYear(acc.UpdatedAt))
	bad.add("PasswordHash", checkHash(acc.PasswordHash))
	bad.add("SessionEpoch", checkRises(acc.SessionEpoch))
	bad.add("State", checkState(acc))
	bad.add("LastActiveAt", checkYear(acc.LastActiveAt))
	bad.add("Version", checkRises(acc.Version))
	return bad.err()
}

func checkImportedEmail(address string, canonical func(string) (string, error)) (message string) {
	email, message := canonicalForm(address, canonical)
	if message == "" && email != address {
		message = fmt.Sprintf("is %q, and is found as %[2]q only: write that", address, email)
	}
	return message
}

func checkProjectID(id string) (message string) {
	if !isProjectID(id) {
		return fmt.Sprintf("must be 1 to %d letters, digits, or characters of -._~", maxIDBytes)
	}
	return ""
}

// checkExternal checks that the tokens of an external user lead to its account.
func checkExternal(bad *fieldErrors, u User) {
	derived := ExternalUserID(u.ProjectID, u.ExternalID)
	switch {
	case !isProjectID(u.ProjectID):
		bad.add("ProjectID", checkProjectID(u.ProjectID))
	case checkID(u.ExternalID) != "" || !claims.IsExternalID(u.ExternalID):
		bad.add("ExternalID", fmt.Sprintf("must be the _id of custom tokens: 1 to %d bytes, not blank, "+
			"without control characters", maxIDBytes))
	case u.ID != derived:
		bad.add("ID", fmt.Sprintf("must be the one that ExternalUserID derives, %s", derived))
	}
	if u.Email != "" {
		bad.add("Email", "must be empty: the address of an external user is a claim among its Attributes")
	}
}

// checkStoredAttributes checks those that an account of any kind has.
func checkStoredAttributes(raw json.RawMessage) (message string) {
	if string(raw) == "null" { // which is not nil when it is read again
		return "must be a JSON object, or nil for none"
	}
	_, message = checkAttributes(raw, claims.MaxProfileBytes)
	return message
}

// checkState allows the State of an account that this library has made.
func checkState(acc Account) (message string) {
	printable := !strings.ContainsFunc(acc.State, func(r rune) bool { return r < ' ' || r > '~' })
	state, err := readState(acc.State)
	switch {
	case err != nil || !printable || len(acc.State) > maxStateBytes:
		return "cannot be read: copy it as it was, or leave it empty"
	case state.heir != "" && acc.Kind != KindGuest:
		return "is that of a guest who was linked to an external user: leave it empty"
	}
	return ""
}
