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

// CopyConfig holds the settings of [Copy]. The zero value is safe.
type CopyConfig struct {
	// Progress, when set, is called after each thousand accounts and at the end, with the
	// number so far.
	Progress func(accounts int)
	// Check returns why an account cannot be copied, or nil. The default is
	// [deskauth.CheckImport]. A host with a Config.CanonicalEmail of its own sets
	// [deskauth.Auth.CheckImport].
	Check func(deskauth.Account) error
	// SkipBroken, when set, is told of each account that is left out, and why: its row
	// cannot be read in one of the stores (a [*deskauth.RowError]), or Check refuses it.
	// The others are copied. By default, Copy stops at such an account.
	SkipBroken func(id string, err error)
}

// Copy copies every account of one store into another, with its ID, password hash and
// everything else, and returns how many are in place then. Use it to move from SQLite to
// PostgreSQL, say. A guest or external user without a LastActiveAt gets one
// ([deskauth.ImportResult.Screen]).
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
// An account whose row cannot be read, or that could never sign in, stops Copy too. The
// error names it and its like among the next thousand, with the reasons. Mend them, or set
// CopyConfig.SkipBroken.
//
// An account whose address another account still has in the new store waits until more is
// copied, which may free the address. Up to a thousand accounts wait after each page. If
// nothing frees the address, the error wraps [deskauth.ErrUserExists]. After an error, the
// pages before are copied, but for accounts that wait.
func Copy(
	ctx context.Context, from deskauth.UserLister, to deskauth.UserStore, cfg CopyConfig,
) (accounts int, err error) {
	if cfg.Progress == nil {
		cfg.Progress = func(int) {}
	}
	c := copier{to: to, cfg: cfg}
	if err := c.copy(ctx, from); err != nil {
		return c.done, fmt.Errorf("accounts: copy: %w", err)
	}
	return c.done, nil
}

// A copier writes accounts into a store.
type copier struct {
	to      deskauth.UserStore
	cfg     CopyConfig
	done    int
	waiting []deskauth.Account // for their addresses
}

func (c *copier) copy(ctx context.Context, from deskauth.UserLister) error {
	after := ""
	for more := true; more; {
		page, last, full, err := c.read(ctx, from, after)
		if err != nil {
			return err
		}
		if err := c.put(ctx, after, page); err != nil {
			return err
		}
		after, more = last, full
		if more || len(c.waiting) == 0 {
			c.cfg.Progress(c.done)
		}
	}
	if len(c.waiting) == 0 {
		return nil
	}
	if err := c.putWaiting(ctx); err != nil {
		return err
	}
	c.cfg.Progress(c.done)
	return c.stillTaken()
}

// dropGuestAddress takes an address away that an older version stored with a guest.
func dropGuestAddress(acc *deskauth.Account) {
	if acc.Kind == deskauth.KindGuest {
		acc.Email = ""
	}
}

// read returns the next page without the accounts that are left out, the ID to go on after,
// and whether there may be more.
func (c *copier) read(
	ctx context.Context, from deskauth.UserLister, after string,
) (page []deskauth.Account, last string, more bool, err error) {
	page, err = from.ListUsers(ctx, after, copyPage)
	broken, ok := brokenRow(ctx, err)
	if err != nil && !ok {
		return nil, "", false, fmt.Errorf("list the accounts after %q: %w", after, err)
	}
	last, err = lastID(page, after)
	if err != nil {
		return nil, "", false, err
	}
	more = len(page) == copyPage
	var screened deskauth.ImportResult
	good := screened.Screen(page, c.cfg.Check) // which also takes guests' addresses away
	if broken != nil {
		if broken.ID <= last { // it would be read again and again
			return nil, "", false, fmt.Errorf("list the accounts after %q: %w", last, broken)
		}
		screened.Refused = append(screened.Refused, broken)
		last, more = broken.ID, true
	}
	return good, last, more, c.leaveOut(screened.Refused)
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
	created, err := c.create(ctx, page)
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
	merged := 0
	for _, acc := range page {
		target, readable := existing[acc.ID]
		if !readable {
			continue
		}
		err := merge(ctx, c.to, acc, target)
		switch {
		case err == nil:
			merged++
		case errors.Is(err, deskauth.ErrUserExists):
			c.waiting = append(c.waiting, acc)
		default:
			return err
		}
	}
	c.done += merged
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
			target, readable, err := c.findReadable(ctx, acc.ID)
			if err != nil {
				return err
			}
			if !readable {
				continue
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
