package main

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/spf13/cobra"
)

type inspectFlags struct {
	tokenFile string
	keyFiles  []string
	keySet    string
	algorithm string
	project   string
	as        string
	at        string
	config    deskauth.Config
	store     storeFlag
}

func (a *app) inspectCommand() *cobra.Command {
	f := inspectFlags{store: storeFlag{name: "store", variable: storeVariable, askFlag: "ask-store"}}
	c := &cobra.Command{
		Use:   "inspect",
		Short: "Decode a token, and say why it would be refused",
		Long: `Decode a session token or a custom token, and say in words why deskauth would
refuse it. The token comes from standard input or a file, alone or behind the scheme
JWT or Bearer. The verdict is deskauth's own.

Keys come from --key-file (a secret, or PEM), from --jwks (a file or an https URL), or
from the variables of secrets.Env: DESKAUTH_SESSION_SECRET for session tokens, and
DESKAUTH_PROJECT, with ID=SECRET in each line, for custom tokens. A key is never the
value of a flag: that would show in ps and in the shell's history.

Whether a session was signed out, or its account disabled or deleted, only the store
knows. With --store, or with --ask-store for the store in DESKAUTH_STORE, the verdict
takes it into account. The variable alone does nothing. The store is only read.

Exit codes: 0 the token is good; 1 it would be refused; 2 there is no verdict.`,
		Example: `  wl-paste | deskauth token inspect --key-file session.key
  deskauth token inspect --token-file token.txt --jwks https://desk.example.com/auth/.well-known/jwks.json
  deskauth token inspect --json < token.txt | jq .reason`,
		Args: noArguments(tokenGoesIn),
		RunE: func(c *cobra.Command, _ []string) error { return a.inspect(c.Context(), f) },
	}
	flags := c.Flags()
	flags.StringVar(&f.tokenFile, "token-file", "", "read the token from this file")
	flags.StringArrayVar(&f.keyFiles, "key-file", nil, "a file with a secret or with PEM keys; may be given several times")
	flags.StringVar(&f.keySet, "jwks", "", "a JWK set with public keys: a file, or an https URL")
	flags.StringVar(&f.algorithm, "algorithm", "", "the keys' algorithm (default "+usualAlgorithms+")")
	flags.StringVar(&f.project, "project", "",
		"the project that the given keys belong to (default the one that a custom token names)")
	flags.StringVar(&f.as, "as", "", "take the token for a session or a custom token (default by its claims)")
	flags.StringVar(&f.at, "at", "", "check as if it were this time, like 2026-11-26T08:00:00Z (default now)")
	flags.StringVar(&f.config.Issuer, "issuer", "", "Config.Issuer of the service (default https://tiledesk.com)")
	flags.StringVar(&f.config.CustomTokenAudience, "audience", "",
		"Config.CustomTokenAudience of the service (default the issuer)")
	flags.DurationVar(&f.config.CustomTokenMaxAge, "max-age", 0, "Config.CustomTokenMaxAge of the service (default none)")
	flags.BoolVar(&f.config.BesideTiledesk, "beside-tiledesk", false,
		"Config.BesideTiledesk of the service: tokens without exp are taken")
	f.store.add(c, "hold a session token against the store")
	return c
}

func (a *app) inspect(ctx context.Context, f inspectFlags) error {
	now, err := a.at(f.at)
	if err != nil {
		return err
	}
	if err := f.check(); err != nil {
		return err
	}
	if f.store.wanted() {
		if _, err := a.storeName(f.store); err != nil {
			return err
		}
	}
	token, err := a.readToken(ctx, f.tokenFile)
	if err != nil {
		return err
	}
	d := decode(token)
	f.config.Now = func() time.Time { return now }
	q := question{token: token, config: f.config}
	if q.custom, err = f.isCustom(d); err != nil {
		return err
	}
	if q.custom {
		q.audience = cmp.Or(f.config.CustomTokenAudience, f.issuer())
		q.bare = slices.Equal(d.audiences(), []string{f.issuer()})
	}
	if err := a.giveKeys(ctx, &q, f, d); err != nil {
		return err
	}
	q.storeAsked = f.store.wanted()
	if q.storeAsked && !q.custom {
		s, err := a.openStore(ctx, f.store)
		if err != nil {
			return err
		}
		defer s.close()
		q.store = s
	}
	report, err := inspectToken(ctx, q, d, now)
	if err != nil {
		return err
	}
	if err := a.printInspection(report, d, now); err != nil {
		return err
	}
	return report.outcome()
}

func (f inspectFlags) check() error {
	if f.project != "" {
		if err := checkProject("project", f.project); err != nil {
			return err
		}
	}
	return checkAlgorithm(f.algorithm)
}

// at returns the time that a flag names, or the time.
func (a *app) at(value string) (time.Time, error) {
	if value == "" {
		return a.now(), nil
	}
	at, err := time.Parse(time.RFC3339, value)
	if err != nil {
		return at, errNoTime
	}
	return at, nil
}

// isCustom reports whether the token is meant to be a custom token. That decides what it is
// checked as, and not whether it is good.
//
// A session token of ours has sid and iss, and one of a Tiledesk server has iss. A signer
// may forget the project in aud, so aud alone does not make a session token.
func (f inspectFlags) isCustom(d decoded) (custom bool, err error) {
	switch f.as {
	case "session":
		return false, nil
	case "custom":
		return true, nil
	case "":
	default:
		return false, errNoKind
	}
	for _, audience := range d.audiences() {
		if strings.Contains(audience, "/projects/") {
			return true, nil
		}
	}
	if len(d.claims) == 0 || d.claims.has("sid") || d.claims.text("iss") == f.issuer() {
		return false, nil
	}
	sub := deskauth.Kind(d.claims.text("sub"))
	return sub != deskauth.KindUser && sub != deskauth.KindGuest, nil
}

// issuer returns what Config.Issuer of the service is.
func (f inspectFlags) issuer() string { return cmp.Or(f.config.Issuer, defaultIssuer) }

// giveKeys gives the question the keys that the flags name, or else those of the
// environment.
func (a *app) giveKeys(ctx context.Context, q *question, f inspectFlags, d decoded) error {
	for _, file := range f.keyFiles {
		keys, err := readKeyFile(file, f.algorithm)
		if err != nil {
			return err
		}
		q.keys = append(q.keys, keys...)
	}
	if f.keySet != "" {
		keys, err := readKeySet(ctx, f.keySet)
		if err != nil {
			return err
		}
		q.keys = append(q.keys, keys...)
	}
	_, named, _ := strings.Cut(d.claims.text("aud"), "/projects/")
	q.project = cmp.Or(f.project, named)
	var err error
	switch {
	case len(q.keys) == 0 && q.custom:
		err = a.giveProjectKeys(q, f)
	case len(q.keys) == 0:
		q.keys, err = a.sessionKeys(f.algorithm)
	}
	if !projectID.MatchString(q.project) {
		q.project = "-" // which no token names: deskauth says what is wrong with the claim aud
	}
	return err
}

// giveProjectKeys gives the keys that the environment has for the token's project, or for
// another one: then deskauth says that the project is unknown.
func (a *app) giveProjectKeys(q *question, f inspectFlags) error {
	projects, err := a.projectKeys(f.algorithm)
	if err != nil {
		return err
	}
	if keys, ok := projects[q.project]; ok || f.project != "" {
		q.keys = keys
		return nil
	}
	for id, keys := range projects {
		q.project, q.keys = id, keys
	}
	return nil
}
