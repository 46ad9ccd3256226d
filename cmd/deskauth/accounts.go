package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/deskauth/deskauth"
	"github.com/spf13/cobra"
)

func (a *app) accountsCommand() *cobra.Command {
	c := group("accounts", "Administer the accounts in a store",
		a.listCommand(), a.showCommand(),
		a.changeCommand(disable), a.changeCommand(enable), a.changeCommand(signout), a.deleteCommand(),
		a.purgeCommand(), a.copyCommand())
	c.Long = `Administer the accounts in a store: sqlite:PATH or postgres://USER@HOST/DATABASE. Name
it with --store, or in the variable DESKAUTH_STORE. A URL with a password belongs in
the variable: an argument shows in ps and in the shell's history. The variable
PGPASSWORD and the file ~/.pgpass work, too.

A look changes nothing, and no command makes or migrates tables without --migrate. No
command writes a password hash or the column state.`
	return c
}

// theStore is the flag of the commands on one store.
func theStore() storeFlag { return storeFlag{name: "store", variable: storeVariable} }

// A shownAccount is what may be seen of an account, as --json writes it.
type shownAccount struct {
	ID            string          `json:"id"`
	Kind          deskauth.Kind   `json:"kind"`
	Email         string          `json:"email,omitempty"`
	EmailVerified bool            `json:"emailVerified"`
	FirstName     string          `json:"firstName,omitempty"`
	LastName      string          `json:"lastName,omitempty"`
	Project       string          `json:"project,omitempty"`
	ExternalID    string          `json:"externalId,omitempty"`
	Disabled      bool            `json:"disabled"`
	HasPassword   bool            `json:"hasPassword"`
	SessionEpoch  int64           `json:"sessionEpoch"`
	CreatedAt     string          `json:"createdAt,omitempty"`
	UpdatedAt     string          `json:"updatedAt,omitempty"`
	LastActiveAt  string          `json:"lastActiveAt,omitempty"`
	Attributes    json.RawMessage `json:"attributes,omitempty"`
}

func shown(acc deskauth.Account) shownAccount {
	return shownAccount{
		ID: acc.ID, Kind: acc.Kind,
		Email: acc.Email, EmailVerified: acc.EmailVerified,
		FirstName: acc.FirstName, LastName: acc.LastName,
		Project: acc.ProjectID, ExternalID: acc.ExternalID,
		Disabled: acc.Disabled, HasPassword: acc.PasswordHash != "", SessionEpoch: acc.SessionEpoch,
		CreatedAt: instant(acc.CreatedAt), UpdatedAt: instant(acc.UpdatedAt), LastActiveAt: instant(acc.LastActiveAt),
		Attributes: acc.Attributes,
	}
}

const whichAccount = "the ID or e-mail address of an account"

func (a *app) showCommand() *cobra.Command {
	f := theStore()
	c := &cobra.Command{
		Use:     "show ID|ADDRESS",
		Short:   "Show an account",
		Long:    "Show an account, by its ID or e-mail address. Its password hash is not shown.",
		Example: "  deskauth accounts show ada@example.com --store sqlite:accounts.db",
		Args:    oneArgument(whichAccount),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := a.openStore(c.Context(), f)
			if err != nil {
				return err
			}
			defer s.close()
			acc, err := s.find(c.Context(), args[0])
			if err != nil {
				return err
			}
			return a.printAccount(acc)
		},
	}
	f.add(c, "the store")
	return c
}

func (a *app) printAccount(acc deskauth.Account) error {
	s := shown(acc)
	if a.json {
		return printJSON(a.out, s)
	}
	t := newTable(a.out)
	for _, field := range [][2]string{
		{"id", s.ID}, {"kind", string(s.Kind)}, {"email", s.Email}, {"email verified", yesNo(s.EmailVerified)},
		{"first name", s.FirstName}, {"last name", s.LastName},
		{"project", s.Project}, {"external id", s.ExternalID},
		{"disabled", yesNo(s.Disabled)}, {"password", yesNo(s.HasPassword)},
		{"session epoch", fmt.Sprint(s.SessionEpoch)},
		{"created", s.CreatedAt}, {"updated", s.UpdatedAt}, {"last active", s.LastActiveAt},
		{"attributes", string(s.Attributes)},
	} {
		if field[1] != "" {
			t.row(field[0], field[1])
		}
	}
	return t.flush()
}

// find returns the account with the ID, or with the address.
func (s *store) find(ctx context.Context, name string) (deskauth.Account, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	acc, err := s.UserByID(ctx, name)
	if errors.Is(err, deskauth.ErrUserNotFound) && strings.Contains(name, "@") {
		address, problem := deskauth.CanonicalEmail(name)
		if problem != nil { // a host may have a rule of its own
			address = name
		}
		acc, err = s.UserByEmail(ctx, address)
	}
	if errors.Is(err, deskauth.ErrUserNotFound) {
		return acc, errors.New("the store has no such account: give its ID or its e-mail address; " +
			"deskauth accounts list shows both")
	}
	return acc, err
}

// auth returns an Auth on the store. What it is used for needs no keys.
func (s *store) auth() (*deskauth.Auth, error) {
	secrets := deskauth.StaticSecrets{Session: []deskauth.Key{throwawayKey()}}
	return deskauth.New(s.users, secrets, deskauth.Config{Logger: slog.New(slog.DiscardHandler), CallTimeout: callTimeout})
}
