package deskauth

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"
)

// copyPage is how many accounts are read and written in one step.
const copyPage = 1000

// CopyAccounts copies every account of one store into another, with its ID, password hash
// and everything else, and returns how many are in place then. It is how people move from
// SQLite to PostgreSQL, say. progress, which may be nil, is called after each thousand
// accounts and at the end with the number so far.
//
// Interrupted, it is started again: what is there already is left as it is. So it may also
// run twice, first while people sign in to the store that is read, and once more when
// nobody does, which brings what has changed since. What was deleted between the two runs is
// not deleted from the copy: delete it there too, or empty the copy and start over.
//
// Nothing of the store that is written is lost: an account is replaced there only by one
// with a later UpdatedAt or LastActiveAt. CopyAccounts stops with an error wrapping
// [ErrConflict] at an account that differs and is not older there, and [ErrUserExists] at
// one whose address another account has there; the pages before it are copied.
func CopyAccounts(ctx context.Context, from UserLister, to UserStore, progress func(accounts int)) (accounts int, err error) {
	last := ""
	for {
		before := last
		page, err := from.ListUsers(ctx, before, copyPage)
		if err != nil {
			return accounts, fmt.Errorf("deskauth: copy accounts: list those after %q: %w", last, err)
		}
		for _, acc := range page {
			if acc.ID <= last {
				return accounts, fmt.Errorf("deskauth: copy accounts: %w", errNotSorted(acc.ID, last))
			}
			last = acc.ID
		}
		if err := putAccounts(ctx, to, before, page); err != nil {
			return accounts, fmt.Errorf("deskauth: copy accounts: %w", err)
		}
		accounts += len(page)
		if progress != nil {
			progress(accounts)
		}
		if len(page) < copyPage {
			return accounts, nil
		}
	}
}

// putAccounts creates the accounts that are not there and brings the others up to date. The
// page comes after the ID before.
func putAccounts(ctx context.Context, to UserStore, before string, page []Account) error {
	created, err := importUsers(ctx, to, page)
	if err != nil || created == len(page) {
		return err
	}
	// Some were there, and which is not known.
	there, err := accountsThere(ctx, to, before, page)
	if err != nil {
		return err
	}
	for _, acc := range page {
		if err := bringUpToDate(ctx, to, acc, there[acc.ID]); err != nil {
			return fmt.Errorf("account %q: %w", acc.ID, err)
		}
	}
	return nil
}

// accountsThere returns the accounts of a page as they are in the store that is written: a
// page at a time, if it can list.
func accountsThere(ctx context.Context, to UserStore, before string, page []Account) (map[string]Account, error) {
	there := make(map[string]Account, len(page))
	lister, ok := to.(UserLister)
	if !ok {
		for _, acc := range page {
			found, err := to.UserByID(ctx, acc.ID)
			if errors.Is(err, ErrUserNotFound) {
				continue
			}
			if err != nil {
				return nil, fmt.Errorf("account %q: %w", acc.ID, err)
			}
			there[acc.ID] = found
		}
		return there, nil
	}
	for last := page[len(page)-1].ID; before < last; {
		found, err := lister.ListUsers(ctx, before, copyPage)
		if err != nil {
			return nil, err
		}
		for _, acc := range found {
			if acc.ID <= before {
				return nil, errNotSorted(acc.ID, before)
			}
			there[acc.ID], before = acc, acc.ID
		}
		if len(found) < copyPage {
			break
		}
	}
	return there, nil
}

func errNotSorted(id, after string) error {
	return fmt.Errorf("ListUsers gave account %q after %q: it has to sort by the bytes of the IDs", id, after)
}

// importUsers creates the accounts that can be created.
func importUsers(ctx context.Context, to UserStore, accounts []Account) (created int, err error) {
	if importer, ok := to.(UserImporter); ok && len(accounts) > 0 {
		return importer.ImportUsers(ctx, accounts)
	}
	for _, acc := range accounts {
		switch err := to.CreateUser(ctx, acc); {
		case err == nil:
			created++
		case !errors.Is(err, ErrUserExists):
			return created, fmt.Errorf("account %q: %w", acc.ID, err)
		}
	}
	return created, nil
}

// bringUpToDate replaces an account that is there, as it says, if it differs and is older.
func bringUpToDate(ctx context.Context, to UserStore, acc, there Account) error {
	switch {
	case there.ID == "":
		return fmt.Errorf("its address is another account's in the store that is written: %w", ErrUserExists)
	case sameAccount(acc, there):
		return nil
	case !changedAt(acc).After(changedAt(there)):
		return fmt.Errorf("it differs in the store that is written, where it was changed at %s, and at %s in the store that is read: %w",
			changedAt(there).Format(time.RFC3339Nano), changedAt(acc).Format(time.RFC3339Nano), ErrConflict)
	}
	acc.Version = there.Version
	return to.UpdateUser(ctx, acc)
}

// changedAt is when the account was last written, as far as it tells.
func changedAt(a Account) time.Time {
	if a.LastActiveAt.After(a.UpdatedAt) {
		return a.LastActiveAt
	}
	return a.UpdatedAt
}

// sameAccount compares all but the Version, times to the millisecond.
func sameAccount(a, b Account) bool {
	for _, t := range [...][2]*time.Time{{&a.CreatedAt, &b.CreatedAt}, {&a.UpdatedAt, &b.UpdatedAt}, {&a.LastActiveAt, &b.LastActiveAt}} {
		if t[0].UnixMilli() != t[1].UnixMilli() {
			return false
		}
		*t[0] = *t[1]
	}
	if !sameJSON(a.Attributes, b.Attributes) {
		return false
	}
	a.Attributes, a.Version = b.Attributes, b.Version
	return reflect.DeepEqual(a, b)
}
