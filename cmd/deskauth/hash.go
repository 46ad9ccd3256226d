package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
	"github.com/spf13/cobra"
)

func (a *app) hashCommand() *cobra.Command {
	var cfg deskauth.Config
	c := &cobra.Command{
		Use:   "hash",
		Short: "Hash a password with Argon2id",
		Long: `Read a password from standard input and write its hash: a PHC string of Argon2id,
for the column password_hash. On a terminal the password is asked for twice and not
shown. From a pipe it is the first line. Unicode is normalised as at a sign-up, and the
password has to be one that a sign-up takes.`,
		Example: `  deskauth hash
  pass show desk/ada | deskauth hash --memory 65536 --time 3`,
		Args: noArguments("the password goes to standard input, so that it is not in the shell's history"),
		RunE: func(c *cobra.Command, _ []string) error { return a.hash(c.Context(), cfg) },
	}
	flags := c.Flags()
	flags.Uint32Var(&cfg.Argon2.Memory, "memory", 19<<10, "memory in KiB")
	flags.Uint32Var(&cfg.Argon2.Time, "time", 2, "passes")
	flags.Uint8Var(&cfg.Argon2.Parallelism, "parallelism", 1, "lanes")
	flags.IntVar(&cfg.MinPasswordLength, "min-length", 8, "the least number of characters, as in Config.MinPasswordLength")
	return c
}

func (a *app) hash(ctx context.Context, cfg deskauth.Config) error {
	if cfg.MinPasswordLength == 0 || cfg.Argon2 == (deskauth.Argon2Params{}) { // which would be the defaults
		return errors.New("--min-length, --memory, --time and --parallelism are 1 or more")
	}
	password, err := a.readPassword(ctx)
	if err != nil {
		return err
	}
	hash, err := hashOf(ctx, password, cfg)
	if err != nil {
		return err
	}
	if a.json {
		return printJSON(a.out, struct {
			Hash string `json:"hash"`
		}{hash})
	}
	_, err = fmt.Fprintln(a.out, hash)
	return err
}

// hashOf lets deskauth hash the password, as that of an account.
func hashOf(ctx context.Context, password string, cfg deskauth.Config) (string, error) {
	cfg.Logger = slog.New(slog.DiscardHandler)
	accounts := memstore.New()
	auth, err := deskauth.New(accounts, deskauth.StaticSecrets{Session: []deskauth.Key{throwawayKey()}}, cfg)
	if err != nil {
		return "", err
	}
	const email = "hash@example.com"
	_, err = auth.Signup(ctx, deskauth.SignupInput{
		Email: email, Password: deskauth.NewSecret(password), FirstName: "-", LastName: "-",
	})
	if err != nil {
		return "", err
	}
	account, err := accounts.UserByEmail(ctx, email)
	return account.PasswordHash, err
}

// readPassword reads a password that is not shown.
func (a *app) readPassword(ctx context.Context) (string, error) {
	if !a.inTerminal {
		text, err := within(ctx, func() ([]byte, error) { return readAll(a.in) })
		if err == nil {
			err = checkEncoding(text)
		}
		if err != nil {
			return "", fmt.Errorf("read the password: %w", err)
		}
		line, _, _ := bytes.Cut(text, []byte("\n"))
		line = bytes.TrimSuffix(line, []byte("\r"))
		if len(line) == 0 {
			return "", errors.New("no password came on standard input: pipe it in, or type it on a terminal")
		}
		return string(line), nil
	}
	var typed [2][]byte
	for i, prompt := range []string{"Password: ", "Again: "} {
		fmt.Fprint(a.err, prompt)
		var err error
		typed[i], err = a.readHidden(ctx)
		fmt.Fprintln(a.err)
		if err != nil {
			return "", fmt.Errorf("read the password: %w", err)
		}
	}
	if !bytes.Equal(typed[0], typed[1]) {
		return "", errors.New("the two passwords differ: try again")
	}
	return string(typed[0]), nil
}
