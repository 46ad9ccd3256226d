package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
)

// defaults returns the options without flags and environment, but for those that are
// random.
func defaults() options {
	return options{
		addr: "127.0.0.1:8080", prefix: "/v1/auth", issuer: "https://tiledesk.com", sessionSecrets: []string{"s"},
		projects: []project{{"p", ""}}, store: "memory", limiter: "memory", corsOrigins: []string{"*"}, log: "text",
		requestTimeout: 25 * time.Second,
	}
}

func TestParseOptions(t *testing.T) {
	t.Parallel()
	given := []string{"-session-secret", "s", "-project", "p="}
	for name, c := range map[string]struct {
		args []string
		env  string // NAME=value, and a NUL before the next
		want func(*options)
		err  string
	}{
		"nothing else":               {want: func(*options) {}},
		"addr":                       {args: []string{"-addr", ":9"}, want: func(o *options) { o.addr = ":9" }},
		"with an equals sign":        {args: []string{"-addr=:9"}, want: func(o *options) { o.addr = ":9" }},
		"with two dashes":            {args: []string{"--addr", ":9"}, want: func(o *options) { o.addr = ":9" }},
		"prefix":                     {args: []string{"-prefix", "/auth"}, want: func(o *options) { o.prefix = "/auth" }},
		"prefix with a slash behind": {args: []string{"-prefix", "/auth/"}, want: func(o *options) { o.prefix = "/auth" }},
		"prefix /":                   {args: []string{"-prefix", "/"}, want: func(o *options) { o.prefix = "" }},
		"empty prefix":               {args: []string{"-prefix", ""}, want: func(o *options) { o.prefix = "" }},
		"issuer": {
			args: []string{"-issuer", "https://a.example"},
			want: func(o *options) { o.issuer = "https://a.example" },
		},
		"store": {args: []string{"-store", "memory"}, want: func(*options) {}},
		"store in a file": {
			args: []string{"-store", "sqlite:a b.db"},
			want: func(o *options) { o.store = "sqlite:a b.db" },
		},
		"store in PostgreSQL": {
			args: []string{"-store", "postgres://h/d"},
			want: func(o *options) { o.store = "postgres://h/d" },
		},
		"limiter": {args: []string{"-limiter", "memory"}, want: func(*options) {}},
		"limiter in Redis": {
			args: []string{"-limiter", "redis://me:secret@h:1/2"},
			want: func(o *options) { o.limiter = "redis://me:secret@h:1/2" },
		},
		"limiter over TLS": {
			args: []string{"-limiter", "rediss://h"},
			want: func(o *options) { o.limiter = "rediss://h" },
		},
		"purge": {args: []string{"-purge-guests", "768h"}, want: func(o *options) { o.purgeGuests = 768 * time.Hour }},
		"purge even all": {
			args: []string{"-purge-guests", "768h", "-purge-even-all"},
			want: func(o *options) { o.purgeGuests, o.purgeEvenAll = 768*time.Hour, true },
		},
		"log":  {args: []string{"-log", "json"}, want: func(o *options) { o.log = "json" }},
		"echo": {args: []string{"-echo-custom-token"}, want: func(o *options) { o.echoCustomToken = true }},
		"request timeout": {
			args: []string{"-request-timeout", "1s"},
			want: func(o *options) { o.requestTimeout = time.Second },
		},
		"no limits": {args: []string{"-no-limits"}, want: func(o *options) { o.noLimits = true }},
		"max age": {
			args: []string{"-custom-token-max-age", "90s"},
			want: func(o *options) { o.customTokenMaxAge = 90 * time.Second },
		},
		"one origin": {
			args: []string{"-cors", "https://a.example"},
			want: func(o *options) { o.corsOrigins = []string{"https://a.example"} },
		},
		"two origins": {
			args: []string{"-cors", "https://a.example", "-cors", "https://b.example"},
			want: func(o *options) { o.corsOrigins = []string{"https://a.example", "https://b.example"} },
		},
		"proxies": {
			args: []string{"-trusted-proxy", "10.0.0.0/8, 192.0.2.1", "-trusted-proxy", "2001:db8::1"},
			want: func(o *options) {
				o.trustedProxies = networks("10.0.0.0/8", "192.0.2.1/32", "2001:db8::1/128")
			},
		},
		"proxies as IPv4 in IPv6": {
			args: []string{"-trusted-proxy", "::ffff:192.0.2.1,::ffff:10.0.0.0/104"},
			want: func(o *options) { o.trustedProxies = networks("192.0.2.1/32", "10.0.0.0/8") },
		},
		"more projects": {
			args: []string{"-project", "a=x=y,z", "-project", "b="},
			want: func(o *options) { o.projects = []project{{"p", ""}, {"a", "x=y,z"}, {"b", ""}} },
		},

		"environment": {
			env: "DESKAUTH_ADDR=:9\x00DESKAUTH_PREFIX=/auth\x00DESKAUTH_ISSUER=https://a.example\x00" +
				"DESKAUTH_LIMITER=redis://h\x00DESKAUTH_STORE=memory\x00DESKAUTH_LOG=json\x00DESKAUTH_ECHO_CUSTOM_TOKEN=1\x00" +
				"DESKAUTH_NO_LIMITS=true\x00" +
				"DESKAUTH_CUSTOM_TOKEN_MAX_AGE=2m\x00DESKAUTH_CORS=https://a.example, https://b.example\x00" +
				"DESKAUTH_TRUSTED_PROXY=10.0.0.0/8, fe80::/64",
			want: func(o *options) {
				o.addr, o.prefix, o.issuer, o.log = ":9", "/auth", "https://a.example", "json"
				o.echoCustomToken, o.noLimits, o.customTokenMaxAge = true, true, 2*time.Minute
				o.limiter = "redis://h"
				o.corsOrigins = []string{"https://a.example", "https://b.example"}
				o.trustedProxies = networks("10.0.0.0/8", "fe80::/64")
			},
		},
		"a flag is before the environment": {
			args: []string{"-addr", ":9", "-log", "text"},
			env:  "DESKAUTH_ADDR=:8\x00DESKAUTH_LOG=json",
			want: func(o *options) { o.addr = ":9" },
		},
		"an empty flag too": {
			args: []string{"-prefix", ""},
			env:  "DESKAUTH_PREFIX=/x",
			want: func(o *options) { o.prefix = "" },
		},
		"an empty variable is none": {env: "DESKAUTH_ADDR=\x00DESKAUTH_CORS=", want: func(*options) {}},

		"unknown flag":            {args: []string{"-nope"}, err: "argument 5, behind the value of -project, is not"},
		"an argument":             {args: []string{"x"}, err: "argument 5, behind the value of -project, is not"},
		"an argument before one":  {args: []string{"x", "-addr", ":9"}, err: "argument 5, behind the value of -project"},
		"behind a boolean":        {args: []string{"-no-limits", "false"}, err: "write a value as -no-limits=false"},
		"three dashes":            {args: []string{"---addr", ":9"}, err: "is not an option"},
		"nothing but dashes":      {args: []string{"--"}, err: "is not an option"},
		"help with a value":       {args: []string{"-h=1"}, err: "is not an option"},
		"flag without a value":    {args: []string{"-addr"}, err: "-addr needs a value"},
		"project without =":       {args: []string{"-project", "a"}, err: "a project is ID=SECRET"},
		"project without ID":      {args: []string{"-project", "=x"}, err: "a project is ID=SECRET"},
		"project twice":           {args: []string{"-project", "p=x"}, err: `the projects 1 and 2 have one ID "p"`},
		"relative prefix":         {args: []string{"-prefix", "auth"}, err: `-prefix "auth" is not a path`},
		"prefix users":            {args: []string{"-prefix", "/v1/users/"}, err: "no place beside it for users"},
		"prefix with a query":     {args: []string{"-prefix", "/a?b"}, err: "is not a path"},
		"prefix with a wildcard":  {args: []string{"-prefix", "/{a}"}, err: "is not a path"},
		"prefix with a star":      {args: []string{"-prefix", "/v1/*"}, err: "is not a path"},
		"prefix with a colon":     {args: []string{"-prefix", "/:a/auth"}, err: "is not a path"},
		"prefix with a blank":     {args: []string{"-prefix", "/a b"}, err: "is not a path"},
		"unknown limiter":         {args: []string{"-limiter", "x"}, err: "-limiter is not a limiter"},
		"bad limiter in variable": {env: "DESKAUTH_LIMITER=x", err: "is not a limiter"},
		"unknown store":           {args: []string{"-store", "x"}, err: "-store is not a store"},
		"sqlite without a path":   {args: []string{"-store", "sqlite:"}, err: "needs a path"},
		"a bad URL": {
			args: []string{"-store", "postgres://h:x/d"},
			err: "-store: pgxstore: this is not a URL like postgres://USER:PASSWORD@HOST:5432/DATABASE: " +
				"invalid port",
		},
		"mail": {
			args: []string{"-smtp", "mail.example.com:587", "-mail-from", "Desk <desk@example.com>",
				"-dashboard-url", "https://desk.example.com/dashboard", "-require-verified-email"},
			want: func(o *options) {
				o.smtp, o.mailFrom = "mail.example.com:587", "Desk <desk@example.com>"
				o.dashboardURL, o.requireVerifiedEmail = "https://desk.example.com/dashboard", true
			},
		},
		"mail from nobody": {
			args: []string{"-smtp", "a.example:587", "-dashboard-url", "https://a.example"},
			err:  "-smtp needs -mail-from",
		},
		"mail that leads nowhere": {
			args: []string{"-smtp", "a.example:587", "-mail-from", "a@b.example"}, err: "-smtp needs -dashboard-url",
		},
		"a sender without server": {args: []string{"-mail-from", "a@b.example"}, err: "-mail-from is for -smtp"},
		"a sender that is none": {
			args: []string{"-smtp", "a:25", "-mail-from", "x", "-dashboard-url", "https://a.example"},
			err:  "-mail-from is not an e-mail address",
		},
		"a dashboard without scheme": {args: []string{"-dashboard-url", "desk.example.com"}, err: "-dashboard-url is not"},
		"a dashboard with a password": {
			args: []string{"-dashboard-url", "https://a:b@desk.example.com"}, err: "-dashboard-url is not an address",
		},
		"a dashboard with a fragment": {
			args: []string{"-dashboard-url", "https://desk.example.com/#/"}, err: "-dashboard-url is not an address",
		},
		"purge too early":         {args: []string{"-purge-guests", "767h"}, err: "which last 30 days: use 768h or more"},
		"purge before it is":      {args: []string{"-purge-guests", "-768h"}, err: "use 768h or more"},
		"no network":              {args: []string{"-trusted-proxy", "x"}, err: `"x" is not a network like 10.0.0.0/8`},
		"an empty network":        {args: []string{"-trusted-proxy", "10.0.0.0/8,"}, err: `"" is not a network`},
		"a network too long":      {args: []string{"-trusted-proxy", "10.0.0.0/33"}, err: "is not a network"},
		"a network with a zone":   {args: []string{"-trusted-proxy", "fe80::1%eth0"}, err: "is not a network"},
		"a proxy with a port":     {args: []string{"-trusted-proxy", "10.0.0.1:80"}, err: "is not a network"},
		"all of IPv4":             {args: []string{"-trusted-proxy", "0.0.0.0/0"}, err: "lets every client choose"},
		"all of IPv4 in IPv6":     {args: []string{"-trusted-proxy", "::ffff:0:0/96"}, err: "lets every client"},
		"all of IPv6":             {env: "DESKAUTH_TRUSTED_PROXY=::/0", err: `DESKAUTH_TRUSTED_PROXY: "::/0" lets every`},
		"an address as a network": {args: []string{"-trusted-proxy", "10.0.0.1/8"}, err: "write 10.0.0.0/8 for the network"},
		"purge even all of none":  {args: []string{"-purge-even-all"}, err: "is for -purge-guests, which is not set"},
		"cors with a slash": {
			args: []string{"-cors", "https://a.example/"},
			err:  `-cors "https://a.example/": browsers send no such Origin; write https://a.example`,
		},
		"bad cors in a variable": {
			env: "DESKAUTH_CORS=https://a.example, b.example", err: `-cors "b.example": has no scheme`,
		},
		"empty cors":               {args: []string{"-cors", ""}, err: `-cors "": is empty`},
		"unknown log":              {args: []string{"-log", "x"}, err: "-log is not a format"},
		"bad duration":             {args: []string{"-custom-token-max-age", "1"}, err: "custom-token-max-age"},
		"bad boolean in variable":  {env: "DESKAUTH_NO_LIMITS=x", err: "DESKAUTH_NO_LIMITS: "},
		"bad store in variable":    {env: "DESKAUTH_STORE=x", err: "is not a store"},
		"help":                     {args: []string{"-h"}, err: flag.ErrHelp.Error()},
		"request timeout too long": {args: []string{"-request-timeout", "26s"}, err: "up to 25s are allowed"},
		"no time for a request":    {args: []string{"-request-timeout", "0"}, err: "-request-timeout 0s is out of range"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := parseOptions(append(slices.Clone(given), c.args...), strings.Split(c.env, "\x00"), io.Discard)
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Fatalf("error %v, want one with %q", err, c.err)
				}
				return
			}
			want := defaults()
			c.want(&want)
			if err != nil || fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
				t.Errorf("%v\n got %+v\nwant %+v", err, got, want)
			}
		})
	}
}

func networks(list ...string) (prefixes []netip.Prefix) {
	for _, text := range list {
		prefixes = append(prefixes, netip.MustParsePrefix(text))
	}
	return prefixes
}

func TestParseOptionsMakesWhatIsNotGiven(t *testing.T) {
	t.Parallel()
	seen := make(map[string]bool)
	for range 2 {
		o, err := parseOptions(nil, nil, io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		if !o.randomSecret || !o.demo || len(o.projects) != 1 || o.projects[0].id != "demo" {
			t.Errorf("got %+v, want a random secret and a demo project", o)
		}
		for _, secret := range []string{o.sessionSecrets[0], o.projects[0].secret} {
			if len(secret) < 32 || seen[secret] {
				t.Errorf("a secret of %d bytes is short, or not random", len(secret))
			}
			seen[secret] = true
		}
	}
	o, err := parseOptions([]string{"-session-secret", "s"}, []string{"DESKAUTH_PROJECT=a=1, b="}, io.Discard)
	if err != nil || o.randomSecret || o.demo || fmt.Sprint(o.projects) != "[{a 1} {b }]" {
		t.Errorf("got %+v, %v, want what was given", o, err)
	}
}

func TestParseOptionsUsage(t *testing.T) {
	t.Parallel()
	var usage strings.Builder
	if _, err := parseOptions([]string{"-help"}, nil, &usage); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("error %v, want flag.ErrHelp", err)
	}
	new(options).flagSet().VisitAll(func(f *flag.Flag) {
		if !strings.Contains(usage.String(), "\n  -"+f.Name) || f.Usage == "" {
			t.Errorf("-%s is not in\n%s", f.Name, usage.String())
		}
	})
}
