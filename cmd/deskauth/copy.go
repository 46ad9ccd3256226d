package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/accounts"
	"github.com/spf13/cobra"
)

// targetVariable names the store that a copy writes to.
const targetVariable = "DESKAUTH_COPY_TO"

func (a *app) copyCommand() *cobra.Command {
	from := theStore()
	to := storeFlag{name: "to", variable: targetVariable}
	var skip bool
	c := &cobra.Command{
		Use:   "copy",
		Short: "Copy every account into another store",
		Long: `Copy every account into another store, with its ID, password hash and everything else,
so that tokens stay good. Nothing is deleted in either, and an account is replaced only by
a later state of itself.

Ctrl-C ends it between two accounts. Run the same command again, and it goes on: what is
there already is left. To move a running service, copy once while it runs, stop it, and
copy again. docs/stores.md has the rules.`,
		Example: `  deskauth accounts copy --store sqlite:accounts.db --to postgres://app@db/app --migrate`,
		Args:    noArguments("see --help for its flags"),
		RunE: func(c *cobra.Command, _ []string) error {
			return a.copy(c.Context(), from, to, skip)
		},
	}
	from.add(c, "the store to copy from")
	to.add(c, "the store to copy to")
	to.addMigrate(c)
	c.Flags().BoolVar(&skip, "skip-broken", false,
		"leave out accounts that cannot be read or could never sign in, and name them")
	return c
}

func (a *app) copy(ctx context.Context, from, to storeFlag, skip bool) error {
	source, err := a.openStore(ctx, from)
	if err != nil {
		return err
	}
	defer source.close()
	target, err := a.openStore(ctx, to)
	if err != nil {
		return err
	}
	defer target.close()
	total, err := source.count(ctx)
	if err != nil {
		return err
	}
	show, end := a.progress("copied", total)
	skipped := 0
	cfg := accounts.CopyConfig{Progress: show}
	if skip {
		cfg.SkipBroken = func(_ string, err error) {
			skipped++
			fmt.Fprintln(a.err, said(fmt.Errorf("left out: %w", err)))
		}
	}
	copied, err := accounts.Copy(ctx, source, target, cfg)
	end()
	switch {
	case ctx.Err() != nil:
		return interrupted(copied, "in place")
	case errors.Is(err, deskauth.ErrConflict), errors.Is(err, deskauth.ErrUserExists):
		return fmt.Errorf("%w (docs/stores.md says what to do)", err)
	case err != nil:
		return err
	}
	if a.json {
		return printJSON(a.out, struct {
			Accounts int `json:"accounts"`
			Skipped  int `json:"skipped"`
		}{copied, skipped})
	}
	_, err = fmt.Fprintf(a.out, "%s in place, %d left out\n", counted(copied, "account"), skipped)
	return err
}
