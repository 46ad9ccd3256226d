package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/deskauth/deskauth"
	"github.com/golang-jwt/jwt/v5"
	"github.com/spf13/cobra"
)

type mintFlags struct {
	project, audience    string
	id                   string
	firstName, lastName  string
	email, claims        string
	expires              time.Duration
	keyFile              string
	algorithm, keyID, at string
}

func (a *app) mintCommand() *cobra.Command {
	var f mintFlags
	c := &cobra.Command{
		Use:   "mint",
		Short: "Sign a custom token, for trying",
		Long: `Sign a custom token for a user of another system, for trying. The token goes to
standard output, alone on its line. It is short-lived, unless --expires says otherwise.

The project's key comes from --key-file (a secret, or a private key in PEM), or from
the variable DESKAUTH_PROJECT, with ID=SECRET in each line. It is never the value of a
flag: that would show in ps and in the shell's history.

deskauth checks the token before it is written: what it would refuse is not written.`,
		Example: `  deskauth token mint --project shop --id 42 --first-name Ada --key-file shop.key
  deskauth token mint --project shop --id 42 --claims '{"plan":"gold"}' | deskauth token inspect`,
		Args: noArguments("see --help for its flags"),
		RunE: func(c *cobra.Command, _ []string) error { return a.mint(c.Context(), f) },
	}
	flags := c.Flags()
	flags.StringVar(&f.project, "project", "", "the project to sign in to")
	flags.StringVar(&f.id, "id", "", "the claim _id: who the user is in its own system")
	flags.StringVar(&f.firstName, "first-name", "", "the claim firstname")
	flags.StringVar(&f.lastName, "last-name", "", "the claim lastname")
	flags.StringVar(&f.email, "email", "", "the claim email")
	flags.StringVar(&f.claims, "claims", "", "other claims, as a JSON object")
	flags.DurationVar(&f.expires, "expires", 10*time.Minute, "how long the token is good")
	flags.StringVar(&f.keyFile, "key-file", "", "a file with the project's secret or private key")
	flags.StringVar(&f.algorithm, "algorithm", "", "the key's algorithm (default "+usualAlgorithms+")")
	flags.StringVar(&f.keyID, "kid", "", "the kid in the header (default none)")
	flags.StringVar(&f.audience, "audience", "https://tiledesk.com",
		"what the claim aud has before /projects/: the service's issuer")
	flags.StringVar(&f.at, "at", "", "sign as if it were this time, like 2026-11-26T08:00:00Z (default now)")
	return c
}

func (a *app) mint(ctx context.Context, f mintFlags) error {
	now, err := a.at(f.at)
	if err != nil {
		return err
	}
	if err := f.check(); err != nil {
		return err
	}
	claims, err := f.tokenClaims(now)
	if err != nil {
		return err
	}
	key, err := a.mintingKey(f)
	if err != nil {
		return err
	}
	token, err := sign(key, f.keyID, claims)
	if err != nil {
		return err
	}
	q := question{token: token, custom: true, project: f.project, keys: []sourcedKey{key}, config: deskauth.Config{
		CustomTokenAudience: f.audience,
		Now:                 func() time.Time { return now },
	}}
	got, err := q.ask(ctx)
	switch {
	case err != nil:
		return err
	case !got.good():
		return fmt.Errorf("deskauth would refuse the token (%s: %s), so it is not written",
			got.event.Reason, cmp.Or(got.event.Detail, wordsOf(got.event.Reason).means))
	}
	if got.event.Detail != "" {
		fmt.Fprintln(a.err, said(errors.New("a service changes what the token says: "+got.event.Detail)))
	}
	if !a.json {
		_, err = fmt.Fprintln(a.out, token)
		return err
	}
	return printJSON(a.out, struct {
		Token   string        `json:"token"`
		Expires string        `json:"expires"`
		Claims  jwt.MapClaims `json:"claims"`
	}{token, instant(now.Add(f.expires)), claims})
}

// check refuses what no token can have.
func (f mintFlags) check() error {
	if f.project == "" || f.id == "" {
		return errors.New("say who signs in, and where: --id ID --project PROJECT")
	}
	if err := checkProject("project", f.project); err != nil {
		return err
	}
	if f.expires < time.Second {
		return errors.New("--expires is a second or more")
	}
	for _, flag := range [][2]string{
		{"project", f.project}, {"audience", f.audience}, {"id", f.id}, {"first-name", f.firstName},
		{"last-name", f.lastName}, {"email", f.email}, {"claims", f.claims}, {"kid", f.keyID},
	} {
		if !utf8.ValidString(flag[1]) { // JSON would have U+FFFD instead
			return fmt.Errorf("--%s is not in UTF-8", flag[0])
		}
	}
	return checkAlgorithm(f.algorithm)
}

// sign signs claims as the system of the project would.
func sign(key sourcedKey, id string, claims jwt.MapClaims) (token string, err error) {
	unsigned := jwt.NewWithClaims(jwt.GetSigningMethod(key.Algorithm()), claims)
	if id != "" {
		unsigned.Header["kid"] = id
	}
	material := key.material()
	if text, ok := material.(string); ok {
		material = []byte(text)
	}
	token, err = unsigned.SignedString(material)
	if err != nil {
		return "", fmt.Errorf("the key from %s cannot sign: a private key or a secret is needed", key.from)
	}
	return token, nil
}

// mintingKey returns the first key of the project.
func (a *app) mintingKey(f mintFlags) (sourcedKey, error) {
	if f.keyFile != "" {
		keys, err := readKeyFile(f.keyFile, f.algorithm)
		if err != nil {
			return sourcedKey{}, err
		}
		return keys[0], nil
	}
	projects, err := a.projectKeys(f.algorithm)
	switch {
	case err != nil:
		return sourcedKey{}, err
	case len(projects[f.project]) == 0:
		return sourcedKey{}, fmt.Errorf("there is no key of the project that --project names: "+
			"name its file with --key-file, or set %s=ID=SECRET", projectVariable)
	}
	return projects[f.project][0], nil
}
