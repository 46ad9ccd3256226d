package deskauth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// A Kind says what an account is and how its owner signs in. As text it is the `sub` of the
// account's session tokens. A guest may become a user; no other Kind changes.
type Kind string

// The kinds of account.
const (
	KindUser     Kind = "user"         // an agent, who signs in with e-mail and password
	KindGuest    Kind = "guest"        // an anonymous visitor
	KindExternal Kind = "userexternal" // a user of another system, known by its custom tokens
)

// A User is what may be shown of an account. The store holds no Email for a guest, and the
// methods of [Auth] return a made-up one: never send mail to it.
type User struct {
	ID            string // 1 to 128 bytes
	Kind          Kind
	Email         string // canonical for users, empty for external users; for guests see above
	EmailVerified bool
	FirstName     string // at most 256 bytes
	LastName      string // at most 256 bytes
	ProjectID     string // for guests and external users
	ExternalID    string // for external users: the `_id` in the other system

	// Attributes is a JSON object, or nil for none: what a guest signed in with (at most 4
	// KiB), what an agent set by [Auth.UpdateProfile] (at most 8 KiB), or the other claims
	// of an external user's token (at most 8 KiB). They are what that side says, and prove
	// nothing here. Treat the bytes as read-only.
	Attributes json.RawMessage

	CreatedAt time.Time // UTC, whole milliseconds
	UpdatedAt time.Time // UTC, whole milliseconds; each change but of LastActiveAt raises it
}

// An Account is a [User] with what only the store and this package may know.
//
// It prints without its password hash and State, and refuses to be encoded as JSON: encode
// the User, or copy the fields into a record of your store's own.
type Account struct {
	User

	// PasswordHash is a PHC string or an imported bcrypt hash (at most 512 bytes), or empty
	// if the account has no password.
	PasswordHash string
	// Disabled ends every way in. Tokens that are checked without the store live on.
	Disabled bool
	// SessionEpoch is in every session token of the account. Raise it, and [Auth.Verify]
	// refuses all tokens that were issued before.
	SessionEpoch int64
	// State is what this package keeps for itself, such as which sessions signed out. To a
	// store it is opaque: printable ASCII of at most 16 KiB, or empty. One text column is
	// enough. Never edit it, and include it in every copy of the account.
	State string
	// LastActiveAt says when the owner last signed in or renewed a token. It may be up to a
	// day too old, and for users and external users older still after a failed write. See
	// [IdlePurger]. UTC, whole milliseconds.
	LastActiveAt time.Time
	// Version tells whether the account is still the one that was read: the store raises it
	// with each update, see [UserStore.UpdateUser]. A new account whose ID may have
	// belonged to a deleted one starts at the time in milliseconds.
	Version int64
}

// Format implements [fmt.Formatter]: no verb prints the password hash or the State.
func (a Account) Format(f fmt.State, verb rune) {
	type account Account
	a.PasswordHash, a.State = redact(a.PasswordHash), redact(a.State)
	fmt.Fprintf(f, fmt.FormatString(f, verb), account(a))
}

// LogValue implements [slog.LogValuer]: an account in a log is its ID and kind.
func (a Account) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", a.ID), slog.String("kind", string(a.Kind)))
}

// MarshalJSON always fails, so that no password hash leaves by mistake.
func (a Account) MarshalJSON() ([]byte, error) {
	return nil, errors.New(
		"deskauth: an Account holds a password hash and is not for JSON: encode its User, or " +
			"copy its fields into a record of your own")
}

// A UserStore keeps accounts. It is the contract that a database has to fulfil. The package
// storetest checks an implementation against all of it.
//
// Each method is atomic by itself and safe for concurrent use. When the context ends before
// the work is done, a method returns an error that wraps ctx.Err(). The work may still have
// been done. An [Auth] gives each call the deadline of Config.CallTimeout. If a method
// ignores it, the Auth waits until the method returns. Any error that is not named here
// means that the store failed: it is logged, and the call that needed the store fails with
// it.
//
// An account comes back with every field as it was stored. Strings are equal to the byte:
// they are compared by bytes, with no case folding, collation or trimming. Times are the
// same instant to the millisecond, and the zero time is zero. Attributes are an equal JSON
// value in which every number keeps its digits; the order of members and white space may
// change. nil Attributes are nil.
//
// The strings of an account are valid UTF-8 without control characters. A store may refuse
// others with an error, but it neither cuts nor changes them. A key that no account can
// have, such as one with a NUL in it, is not found.
type UserStore interface {
	// CreateUser stores a new account, with a.Version as the Version it starts from: any
	// int64. If the ID or the non-empty Email of a is taken, it stores nothing and returns
	// an error wrapping [ErrUserExists]. Any number of accounts may have no Email.
	CreateUser(ctx context.Context, a Account) error

	// UserByID returns the account with the ID, or an error wrapping [ErrUserNotFound]. If
	// its row cannot be read, the error wraps a [*RowError] that names it. So does that of
	// UserByEmail.
	UserByID(ctx context.Context, id string) (Account, error)

	// UserByEmail returns the account with the canonical address, or an error wrapping
	// [ErrUserNotFound]. The empty address is never found.
	UserByEmail(ctx context.Context, email string) (Account, error)

	// UpdateUser replaces the account that has a.ID if its stored Version equals a.Version,
	// and stores a.Version+1 (compare-and-swap). Of any number of concurrent calls with one
	// Version, one succeeds. Otherwise nothing is changed, and it returns an error wrapping
	// [ErrUserNotFound] if there is no such account, [ErrConflict] if the versions differ,
	// or [ErrUserExists] if the Email is another account's. After [math.MaxInt64] comes no
	// Version: such an update fails with another error.
	UpdateUser(ctx context.Context, a Account) error
}
