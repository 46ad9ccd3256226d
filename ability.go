package deskauth

import (
	"context"
	"time"
)

// What a UserStore may be able to do besides. Each ability is an interface of its own, found
// by a type assertion, so that UserStore never grows; memstore, sqlitestore and pgxstore
// have all of them, and the package storetest checks those that a store has. Like the
// methods of UserStore they are safe for concurrent use.

// A GuestPurger is a [UserStore] that can delete guests who do not come back.
// [Auth.PurgeGuests] uses it.
type GuestPurger interface {
	// PurgeGuests deletes at most limit guests (1 or more) that have been idle since before
	// the instant, and returns how many; fewer than limit means that no more can be deleted
	// now. A guest is idle since its LastActiveAt, or if that is zero, its CreatedAt. One
	// who becomes active while this runs is either deleted or updated, never both. Nobody
	// but guests is deleted.
	PurgeGuests(ctx context.Context, idleSince time.Time, limit int) (deleted int, err error)
}

// A UserDeleter is a [UserStore] that can delete an account of any kind. Its tokens fail
// [Auth.Verify] from then on.
type UserDeleter interface {
	// DeleteUser deletes the account with the ID, whose ID and Email are free again, or
	// returns an error wrapping [ErrUserNotFound].
	DeleteUser(ctx context.Context, id string) error
}

// A UserLister is a [UserStore] that can list its accounts by page, for administration and
// export. [CopyAccounts] reads from it.
type UserLister interface {
	// ListUsers returns the accounts with the least IDs after the given one, at most limit
	// of them (1 or more), sorted by the bytes of their IDs. The first page comes after "",
	// each next one after the last ID of the page before it, and one of fewer than limit
	// accounts is the last. An account that is there all the while is on exactly one page.
	ListUsers(ctx context.Context, after string, limit int) ([]Account, error)
}

// A UserImporter is a [UserStore] that can create many accounts faster than one by one.
// [CopyAccounts] uses it.
type UserImporter interface {
	// ImportUsers creates those of the accounts whose ID and Email nobody has, as CreateUser
	// does, and returns how many those were. It leaves out the others without an error. With
	// an error nothing was created, unless it wraps the context's.
	ImportUsers(ctx context.Context, accounts []Account) (created int, err error)
}
