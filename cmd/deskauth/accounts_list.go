package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/deskauth/deskauth"
	"github.com/spf13/cobra"
)

const listPage = 1000

type listFlags struct {
	kind, project, emailPrefix string
	disabled                   bool
	limit                      int
	store                      storeFlag
}

func (a *app) listCommand() *cobra.Command {
	f := listFlags{store: theStore()}
	c := &cobra.Command{
		Use:   "list",
		Short: "List accounts",
		Long: `List accounts in the order of their IDs. The flags choose some of them. With --json
there is one line of JSON for each account.

An account whose row cannot be read is named on standard error, and the others are
listed. The exit code is 2 then.`,
		Example: `  deskauth accounts list --store sqlite:accounts.db --kind user
  deskauth accounts list --json --disabled | jq -r .id`,
		Args: noArguments("see --help for its flags"),
		RunE: func(c *cobra.Command, _ []string) error { return a.list(c.Context(), f) },
	}
	flags := c.Flags()
	flags.StringVar(&f.kind, "kind", "", "only accounts of this kind: user, guest or userexternal")
	flags.StringVar(&f.project, "project", "", "only guests and external users of this project")
	flags.StringVar(&f.emailPrefix, "email-prefix", "", "only accounts whose address begins so")
	flags.BoolVar(&f.disabled, "disabled", false, "only accounts that are disabled")
	flags.IntVar(&f.limit, "limit", 0, "end after so many accounts (default all)")
	f.store.add(c, "the store")
	return c
}

func (f listFlags) check() error {
	switch deskauth.Kind(f.kind) {
	case "", deskauth.KindUser, deskauth.KindGuest, deskauth.KindExternal:
	default:
		return errors.New("--kind is user, guest or userexternal")
	}
	if f.limit < 0 {
		return errors.New("--limit is 1 or more, or 0 for all")
	}
	return nil
}

func (f listFlags) chooses(acc deskauth.Account) bool {
	return (f.kind == "" || string(acc.Kind) == f.kind) &&
		(f.project == "" || acc.ProjectID == f.project) &&
		strings.HasPrefix(acc.Email, strings.ToLower(f.emailPrefix)) &&
		(!f.disabled || acc.Disabled)
}

func (a *app) list(ctx context.Context, f listFlags) error {
	if err := f.check(); err != nil {
		return err
	}
	s, err := a.openStore(ctx, f.store)
	if err != nil {
		return err
	}
	defer s.close()
	t := newTable(a.out)
	if !a.json {
		t.row("ID", "KIND", "EMAIL", "PROJECT", "DISABLED", "CREATED", "LAST ACTIVE")
	}
	listed, broken := 0, 0
	err = eachAccount(ctx, s, func(acc deskauth.Account, unread error) (more bool, err error) {
		switch {
		case unread != nil:
			broken++
			fmt.Fprintln(a.err, said(fmt.Errorf("left out: %w", unread)))
			return true, nil
		case !f.chooses(acc):
			return true, nil
		case a.json:
			err = printJSON(a.out, shown(acc))
		default:
			l := shown(acc)
			t.row(l.ID, string(l.Kind), l.Email, l.Project, yesNo(l.Disabled), l.CreatedAt, l.LastActiveAt)
		}
		listed++
		if listed%listPage == 0 && err == nil {
			err = t.flush()
		}
		return listed != f.limit, err
	})
	err = errors.Join(err, t.flush())
	if err == nil && broken > 0 {
		err = fmt.Errorf("%s could not be read: mend the rows, docs/stores.md says how they are", counted(broken, "account"))
	}
	return err
}

// eachAccount calls visit for each account, until it returns false or an error. For an
// account whose row cannot be read, it is called with the reason.
func eachAccount(
	ctx context.Context, from deskauth.UserLister, visit func(acc deskauth.Account, unread error) (more bool, err error),
) error {
	for after := ""; ; {
		page, err := listAfter(ctx, from, after)
		row, isRow := errors.AsType[*deskauth.RowError](err)
		if err != nil && (!isRow || ctx.Err() != nil) {
			return err
		}
		for _, acc := range page {
			if more, err := visit(acc, nil); err != nil || !more {
				return err
			}
			after = acc.ID
		}
		switch {
		case isRow:
			if more, err := visit(deskauth.Account{}, row); err != nil || !more {
				return err
			}
			after = row.ID
		case len(page) < listPage:
			return nil
		}
	}
}

func listAfter(ctx context.Context, from deskauth.UserLister, after string) ([]deskauth.Account, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return from.ListUsers(ctx, after, listPage)
}
