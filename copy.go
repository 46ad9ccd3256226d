package deskauth

import (
	"context"
	"errors"
	"fmt"
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
// Nothing of the store that is written is lost: an account is replaced there only by itself,
// and only by a later state of itself. It must be of the same Kind and, but for an external
// user's, of the same CreatedAt; neither its UpdatedAt nor its LastActiveAt nor its
// SessionEpoch may go back; and what else differs must come with a later UpdatedAt. At the
// first account that is otherwise, CopyAccounts stops with an error wrapping [ErrConflict];
// the pages before it are copied. An account whose address another one has waits until the
// others are copied, which may free it; if that does not, the error wraps [ErrUserExists].
func CopyAccounts(ctx context.Context, from UserLister, to UserStore, progress func(accounts int)) (accounts int, err error) {
	c := copier{to: to}
	if err := c.copy(ctx, from, progress); err != nil {
		return c.done, fmt.Errorf("deskauth: copy accounts: %w", err)
	}
	return c.done, nil
}

// A copier writes accounts into a store.
type copier struct {
	to      UserStore
	done    int
	waiting []Account // for their addresses, copyPage of them at most
}

func (c *copier) copy(ctx context.Context, from UserLister, progress func(accounts int)) error {
	if progress == nil {
		progress = func(int) {}
	}
	for last, more := "", true; more; {
		page, err := from.ListUsers(ctx, last, copyPage)
		if err != nil {
			return fmt.Errorf("list those after %q: %w", last, err)
		}
		before := last
		for _, acc := range page {
			if acc.ID <= last {
				return fmt.Errorf("ListUsers gave account %q after %q: it has to sort by the bytes of the IDs", acc.ID, last)
			}
			last = acc.ID
		}
		if err := c.put(ctx, before, page); err != nil {
			return err
		}
		if more = len(page) == copyPage; more || len(c.waiting) == 0 {
			progress(c.done)
		}
	}
	if len(c.waiting) == 0 {
		return nil
	}
	err := c.putWaiting(ctx)
	progress(c.done)
	return err
}

// put writes a page, which comes after the ID before.
func (c *copier) put(ctx context.Context, before string, page []Account) error {
	created, err := importUsers(ctx, c.to, page)
	if err != nil {
		return err
	}
	if created == len(page) {
		c.done += created
		return nil
	}
	// Some could not be created, and which is not known.
	there, err := c.there(ctx, before, page)
	if err != nil {
		return err
	}
	wait := 0
	for _, acc := range page {
		switch err := replace(ctx, c.to, acc, there[acc.ID]); {
		case errors.Is(err, ErrUserExists) && len(c.waiting) < copyPage:
			c.waiting = append(c.waiting, acc)
			wait++
		case err != nil:
			return err
		}
	}
	c.done += len(page) - wait
	return nil
}

// putWaiting writes the accounts that wait, as long as one of them makes way for another.
func (c *copier) putWaiting(ctx context.Context) error {
	for len(c.waiting) > 0 {
		var still []Account
		var taken error
		for _, acc := range c.waiting {
			there, err := c.find(ctx, acc.ID)
			if err != nil {
				return err
			}
			switch err := replace(ctx, c.to, acc, there); {
			case err == nil:
				c.done++
			case errors.Is(err, ErrUserExists):
				still, taken = append(still, acc), err
			default:
				return err
			}
		}
		if len(still) == len(c.waiting) {
			return taken
		}
		c.waiting = still
	}
	return nil
}

// there returns those accounts of a page, which comes after the ID before, that are in the
// store that is written. Most are on one page there, if it can list.
func (c *copier) there(ctx context.Context, before string, page []Account) (map[string]Account, error) {
	there := make(map[string]Account, len(page))
	listed := before // up to here they are known
	if lister, ok := c.to.(UserLister); ok {
		found, err := lister.ListUsers(ctx, before, copyPage)
		if err != nil {
			return nil, err
		}
		for _, acc := range found {
			there[acc.ID], listed = acc, acc.ID
		}
	}
	for _, acc := range page {
		if acc.ID <= listed {
			continue
		}
		found, err := c.find(ctx, acc.ID)
		if err != nil {
			return nil, err
		}
		there[acc.ID] = found
	}
	return there, nil
}

// find returns the account as it is in the store that is written, or one without an ID.
func (c *copier) find(ctx context.Context, id string) (Account, error) {
	acc, err := c.to.UserByID(ctx, id)
	if err != nil && !errors.Is(err, ErrUserNotFound) {
		return Account{}, fmt.Errorf("account %q: %w", id, err)
	}
	return acc, nil
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
