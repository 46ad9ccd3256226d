package deskauth

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

const (
	copyPage   = 1000 // accounts that are read and written in one step
	maxWaiting = 1000 // accounts that are kept in memory until their addresses are free
)

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
// An account is replaced only by itself and by a later state of itself. It must be of the
// same Kind and, but for an external user's, of the same CreatedAt; its UpdatedAt, its
// LastActiveAt and its SessionEpoch must not go back; who is Disabled there stays so; and what else
// differs must come with a later UpdatedAt. Of two changes the later one wins as a whole. At
// the first account that is otherwise, CopyAccounts stops with an error wrapping
// [ErrConflict] that says what differs.
//
// An account whose address another one has waits until others are copied, which may free
// the address, up to a thousand of them at a time. If nothing frees it, the error wraps
// [ErrUserExists]. With any error, the pages before are copied but for those that wait.
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
	waiting []Account // for their addresses; after a page, maxWaiting of them at most
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
	if err := c.putWaiting(ctx); err != nil {
		return err
	}
	progress(c.done)
	return c.taken()
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
	known, err := c.known(ctx, before, page)
	if err != nil {
		return err
	}
	wait := 0
	for _, acc := range page {
		switch err := replace(ctx, c.to, acc, known[acc.ID]); {
		case errors.Is(err, ErrUserExists):
			c.waiting = append(c.waiting, acc)
			wait++
		case err != nil:
			return err
		}
	}
	c.done += len(page) - wait
	if len(c.waiting) > maxWaiting {
		err = c.putWaiting(ctx)
	}
	if err == nil && len(c.waiting) > maxWaiting {
		err = c.taken()
	}
	return err
}

// putWaiting writes the accounts that wait, as long as one of them makes way for another. A
// row of accounts that each wait for the next one's address is written in one or two rounds,
// whichever way it goes.
func (c *copier) putWaiting(ctx context.Context) error {
	for before := 0; len(c.waiting) != before; {
		before = len(c.waiting)
		var still []Account
		for _, acc := range slices.Backward(c.waiting) {
			found, err := c.find(ctx, acc.ID)
			if err != nil {
				return err
			}
			switch err := replace(ctx, c.to, acc, found); {
			case err == nil:
				c.done++
			case errors.Is(err, ErrUserExists):
				still = append(still, acc)
			default:
				return err
			}
		}
		c.waiting = still
	}
	return nil
}

// taken is the error of the accounts that wait in vain, if there are any.
func (c *copier) taken() error {
	if len(c.waiting) == 0 {
		return nil
	}
	return fmt.Errorf("account %q: another one has its address in the store that is written, and so it is with %d others: %w", c.waiting[0].ID, len(c.waiting)-1, ErrUserExists)
}
