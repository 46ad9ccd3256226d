package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/deskauth/deskauth"
	"github.com/spf13/cobra"
)

// A change is what a command does to one account.
type change struct {
	use, short, long string
	done             string // as --json writes it; docs/command.md lists them
	do               func(auth *deskauth.Auth, ctx context.Context, id string) error
}

var (
	disable = change{
		use: "disable", done: "disabled",
		short: "End every way into an account",
		long: `Disable an account. Its sessions end, and the custom tokens that were issued up to
now. Nothing lets its owner in until it is enabled. Services that check tokens without
the store accept them until they expire.`,
		do: func(auth *deskauth.Auth, ctx context.Context, id string) error {
			return auth.SetDisabled(ctx, id, true)
		},
	}
	enable = change{
		use: "enable", done: "enabled",
		short: "Open an account again",
		long:  `Enable an account that was disabled. Sessions of before do not come back.`,
		do: func(auth *deskauth.Auth, ctx context.Context, id string) error {
			return auth.SetDisabled(ctx, id, false)
		},
	}
	signout = change{
		use: "signout", done: "signed_out",
		short: "End every session of an account",
		long: `End every session of an account, and the custom tokens that were issued up to now.
Its owner can sign in again. Custom tokens without iat are refused until the account is
enabled, also one that was never disabled.`,
		do: func(auth *deskauth.Auth, ctx context.Context, id string) error {
			return auth.SignoutEverywhere(ctx, id)
		},
	}
	remove = change{
		use: "delete", done: "deleted",
		do: func(auth *deskauth.Auth, ctx context.Context, id string) error { return auth.DeleteUser(ctx, id) },
	}
)

func (a *app) changeCommand(what change) *cobra.Command {
	f := theStore()
	c := &cobra.Command{
		Use:     what.use + " ID|ADDRESS",
		Short:   what.short,
		Long:    what.long,
		Example: "  deskauth accounts " + what.use + " ada@example.com --store sqlite:accounts.db",
		Args:    oneArgument(whichAccount),
		RunE: func(c *cobra.Command, args []string) error {
			return a.change(c.Context(), f, what, args[0], nil)
		},
	}
	f.add(c, "the store")
	f.addMigrate(c)
	return c
}

func (a *app) deleteCommand() *cobra.Command {
	f := theStore()
	var ask consent
	c := &cobra.Command{
		Use:   "delete ID|ADDRESS",
		Short: "Delete an account",
		Long: `Delete an account with all that is stored of it. Its tokens fail from then on. An
external user comes back to a new account with its next custom token: to ban one,
disable it.`,
		Example: "  deskauth accounts delete ada@example.com --dry-run --store sqlite:accounts.db",
		Args:    oneArgument(whichAccount),
		RunE: func(c *cobra.Command, args []string) error {
			return a.change(c.Context(), f, remove, args[0], &ask)
		},
	}
	ask.add(c)
	f.add(c, "the store")
	f.addMigrate(c)
	return c
}

// change makes a change, after a question where it cannot be taken back.
func (a *app) change(ctx context.Context, f storeFlag, what change, name string, ask *consent) error {
	s, err := a.openStore(ctx, f)
	if err != nil {
		return err
	}
	defer s.close()
	acc, err := s.find(ctx, name)
	if err != nil {
		return err
	}
	if ask != nil {
		yes, err := a.agrees(ctx, *ask, fmt.Sprintf("%s the account %s (%s)", what.use, acc.ID, acc.Kind))
		if err != nil {
			return err
		}
		if !yes {
			return a.printChange(acc.ID, "kept")
		}
	}
	auth, err := s.auth()
	if err != nil {
		return err
	}
	if err := what.do(auth, ctx, acc.ID); err != nil {
		return err
	}
	return a.printChange(acc.ID, what.done)
}

func (a *app) printChange(id, done string) error {
	if a.json {
		return printJSON(a.out, struct {
			ID   string `json:"id"`
			Done string `json:"done"`
		}{id, done})
	}
	_, err := fmt.Fprintf(a.out, "%s  %s\n", printable(id), strings.ReplaceAll(done, "_", " "))
	return err
}

// A consent is how a person agrees to what cannot be taken back.
type consent struct{ yes, dryRun bool }

func (c *consent) add(command *cobra.Command) {
	command.Flags().BoolVar(&c.yes, "yes", false, "do it without a question")
	command.Flags().BoolVar(&c.dryRun, "dry-run", false, "only say what would be done")
}

// agrees asks whether to do something. Without a terminal there is nobody to ask.
func (a *app) agrees(ctx context.Context, c consent, what string) (bool, error) {
	switch {
	case c.dryRun:
		return false, nil
	case c.yes:
		return true, nil
	case !a.inTerminal:
		return false, errors.New("this cannot be taken back, and there is no terminal to ask on: " +
			"look at it with --dry-run, then add --yes")
	}
	fmt.Fprintf(a.err, "%s? It cannot be taken back. Type yes: ", printable(strings.ToUpper(what[:1])+what[1:]))
	typed, err := within(ctx, func() ([]byte, error) { return bufio.NewReader(a.in).ReadBytes('\n') })
	if ctx.Err() != nil {
		return false, err
	}
	if strings.TrimSpace(string(typed)) != "yes" {
		return false, errors.New("nothing was done: you did not type yes")
	}
	return true, nil
}
