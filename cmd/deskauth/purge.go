package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/accounts"
	"github.com/spf13/cobra"
)

type purgeFlags struct {
	kind    string
	idle    time.Duration
	limit   int
	evenAll bool
	consent consent
	store   storeFlag
}

func (a *app) purgeCommand() *cobra.Command {
	f := purgeFlags{store: theStore()}
	c := &cobra.Command{
		Use:   "purge",
		Short: "Delete guests or external users that do not come back",
		Long: `Delete guests, or external users, that have been idle for so long. The default of 32
days spares every guest with a token that is still good, if the service has the default
GuestTTL of 30 days. The time counts back from the newest activity of the kind, so that a
clock that is ahead deletes nobody who is there. A disabled external user is kept.

It deletes 500 at a time, so that sign-ins get in between. Ctrl-C ends it between two
batches: what is deleted stays deleted, and the same command goes on.`,
		Example: `  deskauth accounts purge --dry-run --store sqlite:accounts.db
  deskauth accounts purge --kind userexternal --idle 8760h --yes`,
		Args: noArguments("see --help for its flags"),
		RunE: func(c *cobra.Command, _ []string) error { return a.purge(c.Context(), f) },
	}
	flags := c.Flags()
	flags.StringVar(&f.kind, "kind", "guest", "guest or userexternal")
	flags.DurationVar(&f.idle, "idle", 32*24*time.Hour, "how long an account has been idle")
	flags.IntVar(&f.limit, "limit", 0, "end after so many accounts (default all)")
	flags.BoolVar(&f.evenAll, "even-all", false, "delete the last account, too, after a look at the clock")
	f.consent.add(c)
	f.store.add(c, "the store")
	f.store.addMigrate(c)
	return c
}

func (a *app) purge(ctx context.Context, f purgeFlags) error {
	kind := deskauth.Kind(f.kind)
	if kind != deskauth.KindGuest && kind != deskauth.KindExternal {
		return errors.New("--kind is guest or userexternal: users are deleted one by one")
	}
	if f.limit < 0 || f.idle <= 0 {
		return errors.New("--limit is 1 or more, or 0 for all, and --idle a time above 0")
	}
	if f.limit == 0 {
		f.limit = math.MaxInt
	}
	s, err := a.openStore(ctx, f.store)
	if err != nil {
		return err
	}
	defer s.close()
	since := time.Now().Add(-f.idle) // PurgeIdle knows no other clock
	purge := func(users deskauth.UserStore) (int, error) {
		deleted, err := accounts.PurgeIdle(ctx, users, kind, since, f.limit, accounts.PurgeConfig{EvenAll: f.evenAll})
		if errors.Is(err, accounts.ErrAllIdle) {
			err = fmt.Errorf("%w (here: --even-all)", err)
		}
		return deleted, err
	}
	total := -1
	if !f.consent.yes || f.consent.dryRun {
		if total, err = purge(&rehearsal{users: s.users, progress: a.progress, count: s.count}); err != nil {
			return err
		}
	}
	yes, err := a.agrees(ctx, f.consent, fmt.Sprintf("delete %s (%s)", counted(max(total, 0), "account"), kind))
	if err != nil {
		return err
	}
	if !yes {
		return a.printPurge(total, 0)
	}
	show, end := a.progress("deleted", total)
	deleted, err := purge(&watched{users: s.users, show: show})
	end()
	switch {
	case ctx.Err() != nil:
		return interrupted(deleted, "deleted")
	case err != nil:
		return fmt.Errorf("%s deleted so far: %w", counted(deleted, "account"), err)
	}
	return a.printPurge(deleted, deleted)
}

func (a *app) printPurge(idle, deleted int) error {
	if a.json {
		return printJSON(a.out, struct {
			Idle    int `json:"idle"`
			Deleted int `json:"deleted"`
		}{idle, deleted})
	}
	_, err := fmt.Fprintf(a.out, "%s idle, %d deleted\n", counted(idle, "account"), deleted)
	return err
}

// watched is a store that shows how many accounts a purge has deleted.
type watched struct {
	users
	show    func(accounts int)
	deleted int
}

func (w *watched) PurgeIdle(ctx context.Context, kind deskauth.Kind, since time.Time, limit int) (int, error) {
	n, err := w.users.PurgeIdle(ctx, kind, since, limit)
	w.deleted += n
	w.show(w.deleted)
	return n, err
}

// A rehearsal is a store in which a purge deletes nothing. It finds by the contract of
// [deskauth.IdlePurger] what would be deleted; the rest is accounts.PurgeIdle itself.
type rehearsal struct {
	users
	count    func(context.Context) (int, error)
	progress func(what string, total int) (done func(accounts int), end func())
	listed   bool
	left     int // that are idle and not counted yet
}

func (r *rehearsal) PurgeIdle(ctx context.Context, kind deskauth.Kind, since time.Time, limit int) (int, error) {
	if !r.listed {
		r.listed = true
		if err := r.list(ctx, kind, since); err != nil {
			return 0, err
		}
	}
	n := min(limit, r.left)
	r.left -= n
	return n, nil
}

// list reads every account, and shows how many it has read.
func (r *rehearsal) list(ctx context.Context, kind deskauth.Kind, since time.Time) error {
	total, err := r.count(ctx)
	if err != nil {
		return err
	}
	show, end := r.progress("read", total)
	defer end()
	read := 0
	return eachAccount(ctx, r.users, func(acc deskauth.Account, unread error) (bool, error) {
		idle := acc.LastActiveAt
		if idle.IsZero() {
			idle = acc.CreatedAt
		}
		kept := acc.Kind != kind || kind == deskauth.KindExternal && acc.Disabled
		if unread == nil && !kept && idle.Before(since) {
			r.left++
		}
		if read++; read%listPage == 0 || read == total {
			show(read)
		}
		return true, nil
	})
}
