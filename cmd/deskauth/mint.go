package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

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
	if f.project == "" || f.id == "" {
		return errors.New("say who signs in, and where: --id ID --project PROJECT")
	}
	key, err := a.mintingKey(f)
	if err != nil {
		return err
	}
	claims, err := f.tokenClaims(now)
	if err != nil {
		return err
	}
	method := jwt.GetSigningMethod(key.Algorithm())
	unsigned := jwt.NewWithClaims(method, claims)
	if f.keyID != "" {
		unsigned.Header["kid"] = f.keyID
	}
	material := key.material()
	if text, ok := material.(string); ok {
		material = []byte(text)
	}
	token, err := unsigned.SignedString(material)
	if err != nil {
		return fmt.Errorf("the key from %s cannot sign: a private key or a secret is needed", key.from)
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

// minted are the claims that have flags of their own.
var minted = []string{"sub", "aud", "iat", "exp", "_id"}

func (f mintFlags) tokenClaims(now time.Time) (jwt.MapClaims, error) {
	claims := jwt.MapClaims{}
	if f.claims != "" {
		d := json.NewDecoder(strings.NewReader(f.claims))
		d.UseNumber()
		if err := d.Decode(&claims); err != nil || d.More() {
			return nil, errors.New(`--claims is not a JSON object like {"plan":"gold"}`)
		}
	}
	for name := range claims {
		if slices.Contains(minted, name) {
			return nil, fmt.Errorf("--claims cannot have %s: it follows from the flags", name)
		}
	}
	for name, text := range map[string]string{"firstname": f.firstName, "lastname": f.lastName, "email": f.email} {
		if text != "" {
			claims[name] = text
		}
	}
	claims["sub"] = deskauth.KindExternal
	claims["aud"] = f.audience + "/projects/" + f.project
	claims["_id"] = f.id
	claims["iat"] = now.Unix()
	claims["exp"] = now.Add(f.expires).Unix()
	return claims, nil
}
