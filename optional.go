package deskauth

import (
	"context"
	"time"
)

// A UserStore may be able to do more. Each optional ability is an interface of its own with
// one method, found by a type assertion, so that UserStore never grows. memstore,
// sqlitestore and pgxstore have all of them, and storetest checks those that a store has.
// Like the methods of UserStore they are safe for concurrent use.

// An IdlePurger is a [UserStore] that can delete accounts whose owners do not come back.
// [github.com/deskauth/deskauth/accounts.PurgeIdle] uses it.
type IdlePurger interface {
	// PurgeIdle deletes at most limit accounts (1 or more) of the kind that have been idle
	// since before the instant, and returns how many. Fewer than limit means that no more
	// can be deleted now. An account is idle since its LastActiveAt, or its CreatedAt if
	// that is zero. One that becomes active meanwhile is either deleted or updated, never
	// both. No account of another kind is deleted.
	//
	// [KindGuest] and [KindExternal] can be purged: for any other kind PurgeIdle deletes
	// nothing and returns an error wrapping [errors.ErrUnsupported]. An external user that
	// is Disabled is not deleted, because it would come back to a new account.
	PurgeIdle(ctx context.Context, kind Kind, idleSince time.Time, limit int) (deleted int, err error)
}

// An ActivityReporter is a [UserStore] that knows when somebody was last there. By that,
// [github.com/deskauth/deskauth/accounts.PurgeIdle] finds out that its clock is wrong.
type ActivityReporter interface {
	// LastActivity returns the latest instant since which an account of the kind has been
	// idle, as [IdlePurger] sees it, but none that is after the given instant. It returns
	// the zero time if there is none. Kinds that cannot be purged are an error wrapping
	// [errors.ErrUnsupported].
	LastActivity(ctx context.Context, kind Kind, notAfter time.Time) (time.Time, error)
}

// A UserDeleter is a [UserStore] that can delete an account of any kind. The account's
// tokens fail [Auth.Verify] from then on.
type UserDeleter interface {
	// DeleteUser deletes the account with the ID, or returns an error wrapping
	// [ErrUserNotFound]. Its ID and Email are free again.
	DeleteUser(ctx context.Context, id string) error
}

// A UserLister is a [UserStore] that can list its accounts by page, for administration and
// export. [github.com/deskauth/deskauth/accounts.Copy] reads from it.
type UserLister interface {
	// ListUsers returns the accounts with the least IDs after the given one, at most limit
	// of them (1 or more), sorted by the bytes of their IDs. The first page comes after "",
	// and each next one after the last ID of the page before it. A page of fewer than limit
	// accounts is the last. An account that is there all the while is on exactly one page.
	//
	// If the row of an account cannot be read, ListUsers returns the accounts of the page
	// before it, and an error wrapping a [*RowError] with its ID. Whoever wants the others
	// goes on after that ID.
	ListUsers(ctx context.Context, after string, limit int) ([]Account, error)
}

// A UserImporter is a [UserStore] that can create many accounts faster than one by one.
// [github.com/deskauth/deskauth/accounts.Copy] uses it.
type UserImporter interface {
	// ImportUsers creates the accounts that [ImportResult.Screen] returns and whose ID and
	// Email are free, as CreateUser does. The result counts those, and names the ones that
	// Screen refused: by check, or because an account before them has the same ID or Email.
	// The others are left out without an error. With an error nothing was created, unless
	// the error wraps the context's.
	//
	// A nil check is [CheckImport]. A host with a Config.CanonicalEmail of its own passes
	// [Auth.CheckImport]. No other check keeps accounts out that can never sign in.
	ImportUsers(ctx context.Context, accounts []Account, check func(Account) error) (ImportResult, error)
}
