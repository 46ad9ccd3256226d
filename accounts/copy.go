package accounts

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/deskauth/deskauth"
)

const (
	copyPage   = 1000 // accounts that are read and written in one step
	maxWaiting = 1000 // accounts kept in memory, after a page, until their addresses are free
)

// Copy copies every account of one store into another, with its ID, password hash and
// everything else, and returns how many are in place then. Use it to move from SQLite to
// PostgreSQL, say. progress may be nil. It is called after each thousand accounts and at
// the end, with the number so far.
//
// If a copy is interrupted, start it again: it skips what is done. To move a running
// service, copy once while it runs, and again after you stop it. Copy deletes nothing: if
// you delete an account between two runs, delete it in the new store too.
//
// An account is replaced only by a later state of itself:
//
//   - Its Kind is the same and, but for an external user, its CreatedAt. A guest may have
//     become a user.
//   - Its UpdatedAt, LastActiveAt and SessionEpoch do not go back, and a Disabled account
//     stays disabled.
//   - Any other difference comes with a later UpdatedAt. Of two changes the later one wins
//     as a whole.
//
// At the first account that breaks this rule, Copy stops with an error wrapping
// [deskauth.ErrConflict] that says what differs.
//
// An account whose address another account still has in the new store waits until more is
// copied, which may free the address. Up to a thousand accounts wait after each page. If
// nothing frees the address, the error wraps [deskauth.ErrUserExists]. After an error, the
// pages before are copied, but for accounts that wait.
func Copy(
	ctx context.Context, from deskauth.UserLister, to deskauth.UserStore, progress func(accounts int),
) (accounts int, err error) {
	if progress == nil {
		progress = func(int) {}
	}
	c := copier{to: to}
	if err := c.copy(ctx, from, progress); err != nil {
		return c.done, fmt.Errorf("accounts: copy: %w", err)
	}
	return c.done, nil
}

// A copier writes accounts into a store.
type copier struct {
	to      deskauth.UserStore
	done    int
	waiting []deskauth.Account // for their addresses
}

func (c *copier) copy(ctx context.Context, from deskauth.UserLister, progress func(int)) error {
	after := ""
	for more := true; more; {
		page, err := from.ListUsers(ctx, after, copyPage)
		if err != nil {
			return fmt.Errorf("list the accounts after %q: %w", after, err)
		}
		for i := range page {
			dropGuestAddress(&page[i])
		}
		last, err := lastID(page, after)
		if err != nil {
			return err
		}
		if err := c.put(ctx, after, page); err != nil {
			return err
		}
		after, more = last, len(page) == copyPage
		if more || len(c.waiting) == 0 {
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
	return c.stillTaken()
}

// dropGuestAddress takes an address away that an older version stored with a guest.
func dropGuestAddress(acc *deskauth.Account) {
	if acc.Kind == deskauth.KindGuest {
		acc.Email = ""
	}
}

// lastID returns the ID of the last account of a page. A page out of order would be copied
// for ever.
func lastID(page []deskauth.Account, after string) (last string, err error) {
	last = after
	for _, acc := range page {
		if acc.ID <= last {
			return "", fmt.Errorf("ListUsers returned account %q after %q: it must sort by the bytes of the IDs",
				acc.ID, last)
		}
		last = acc.ID
	}
	return last, nil
}

// put writes the page that comes after an ID.
func (c *copier) put(ctx context.Context, after string, page []deskauth.Account) error {
	created, err := create(ctx, c.to, page)
	if err != nil {
		return err
	}
	if created == len(page) {
		c.done += created
		return nil
	}
	// Some were there already, or their addresses were taken. Which ones is not known.
	existing, err := c.existing(ctx, after, page)
	if err != nil {
		return err
	}
	waitingBefore := len(c.waiting)
	for _, acc := range page {
		err := merge(ctx, c.to, acc, existing[acc.ID])
		if errors.Is(err, deskauth.ErrUserExists) {
			c.waiting = append(c.waiting, acc)
		} else if err != nil {
			return err
		}
	}
	c.done += len(page) - (len(c.waiting) - waitingBefore)
	if len(c.waiting) <= maxWaiting {
		return nil
	}
	if err := c.putWaiting(ctx); err != nil {
		return err
	}
	if len(c.waiting) > maxWaiting {
		return c.stillTaken()
	}
	return nil
}

// putWaiting writes the accounts that wait, as long as one of them makes way for another.
// Going backwards, it frees a whole row of accounts, each of which waits for the next one's
// address, in one round.
func (c *copier) putWaiting(ctx context.Context) error {
	for before := 0; len(c.waiting) != before; {
		before = len(c.waiting)
		var waiting []deskauth.Account
		for _, acc := range slices.Backward(c.waiting) {
			target, err := c.find(ctx, acc.ID)
			if err != nil {
				return err
			}
			err = merge(ctx, c.to, acc, target)
			switch {
			case err == nil:
				c.done++
			case errors.Is(err, deskauth.ErrUserExists):
				waiting = append(waiting, acc)
			default:
				return err
			}
		}
		c.waiting = waiting
	}
	return nil
}

// stillTaken is the error of the accounts that wait in vain, or nil if there are none.
func (c *copier) stillTaken() error {
	if len(c.waiting) == 0 {
		return nil
	}
	return fmt.Errorf(
		"account %q: another account has its address in the new store (and %d others wait "+
			"likewise); delete the account that has it, or change its address: %w",
		c.waiting[0].ID, len(c.waiting)-1, deskauth.ErrUserExists)
}
