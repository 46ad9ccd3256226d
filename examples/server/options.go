package main

import (
	"cmp"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path"
	"strings"
	"time"

	"github.com/google/uuid"
)

// options are the settings of the server, from the flags and the environment.
type options struct {
	addr              string
	prefix            string // without a slash at its end; empty for none
	issuer            string
	sessionSecrets    []string // the first signs, all verify
	projects          []project
	store             string
	limiter           string
	corsOrigins       []string
	trustedProxies    []netip.Prefix
	customTokenMaxAge time.Duration // 0 for no maximum
	echoCustomToken   bool
	besideTiledesk    bool
	reservedEmails    []string
	omitGuestEmail    bool
	disableSignup     bool
	noLimits          bool
	smtp              string // HOST:PORT; empty to print mail
	mailFrom          string
	dashboardURL      string

	requireVerifiedEmail bool

	requestTimeout time.Duration
	purgeGuests    time.Duration // 0 for never
	purgeEvenAll   bool
	log            string // text or json

	randomSecret     bool     // no session secret was given
	demo             bool     // no project was given
	demoFlag         choice   // of -demo
	unknownVariables []string // names that begin with DESKAUTH_ and are no option
}

// parseOptions reads the flags. For a flag that is absent it reads the environment variable
// of the same name, such as DESKAUTH_SESSION_SECRET for -session-secret. Help goes to
// usage.
func parseOptions(args, environ []string, usage io.Writer) (options, error) {
	var o options
	flags := o.flagSet()
	err := parseArguments(flags, args)
	if errors.Is(err, flag.ErrHelp) {
		flags.SetOutput(usage)
		flags.Usage()
	}
	if err != nil {
		return o, err
	}
	if o.unknownVariables, err = fromEnvironment(flags, environ); err != nil {
		return o, err
	}
	return o.complete()
}

// flagSet returns the flags that set the options.
func (o *options) flagSet() *flag.FlagSet {
	f := flag.NewFlagSet("server", flag.ContinueOnError)
	f.StringVar(&o.addr, "addr", "127.0.0.1:8080", "listen on `HOST:PORT`; port 0 takes a free one")
	f.StringVar(&o.prefix, "prefix", "/v1/auth", "serve the endpoints under `PATH`, and users beside its last element")
	f.StringVar(&o.issuer, "issuer", "https://tiledesk.com",
		"the issuer of session tokens and the audience of custom tokens, a `URL`")
	f.Func("session-secret", "sign session tokens with `TEXT`, 32 bytes or more; repeatable: "+
		"the first signs, all verify; in the environment, one per line "+
		"(default random: a restart ends every session)",
		func(text string) error {
			o.sessionSecrets = append(o.sessionSecrets, text)
			return nil
		})
	f.Var(&o.demoFlag, "demo", "make a project, and let the page at / show every mail with its code and sign custom "+
		"tokens for any name: everybody who reaches -addr can then take over every account; the default without "+
		"-project is to do so where -addr is a loopback address and -store is memory, without -smtp and -trusted-proxy")
	f.Func("project", "a project, as `ID=SECRET`, or as ID= for guests only; repeatable, "+
		"or a list with commas or line breaks in the environment (default a demo project)", o.addProject)
	f.StringVar(&o.store, "store", "memory",
		"keep accounts in `STORE`: memory, sqlite:PATH or postgres://USER@HOST/DATABASE")
	f.StringVar(&o.limiter, "limiter", "memory",
		"count attempts in `LIMITER`: memory, or redis://HOST:PORT/DATABASE for several servers together")
	f.Func("cors", "let pages of this `ORIGIN` call; repeatable (default *)", o.addOrigin)
	f.Func("trusted-proxy", "read clients from X-Forwarded-For behind the proxies at this `CIDR` or address; "+
		"repeatable, or a list with commas (default: each peer is a client)", o.addProxies)
	f.DurationVar(&o.customTokenMaxAge, "custom-token-max-age", 0,
		"refuse custom tokens whose iat is missing or older than this `DURATION` (default off)")
	f.BoolVar(&o.echoCustomToken, "echo-custom-token", false,
		"return a custom token instead of a session token, as Tiledesk does")
	f.BoolVar(&o.besideTiledesk, "beside-tiledesk", false,
		"run beside a Tiledesk server with the same session secret: take its tokens, and keep visitors from "+
			"looking like its agents")
	f.Func("reserved-email", "an `ADDRESS` that nobody signs up with or claims; repeatable, or a list with commas "+
		"in the environment", func(address string) error {
		o.reservedEmails = append(o.reservedEmails, address)
		return nil
	})
	f.BoolVar(&o.omitGuestEmail, "omit-guest-email", false, "leave the made-up address out of a guest's user")
	f.BoolVar(&o.disableSignup, "disable-signup", false, "answer POST /signup with 403")
	f.BoolVar(&o.noLimits, "no-limits", false,
		"switch the rate limits off: passwords can be guessed as fast as they are hashed")
	f.StringVar(&o.smtp, "smtp", "", "send mail through the server at `HOST:PORT` (default: print it, codes and all)")
	f.StringVar(&o.mailFrom, "mail-from", "", "the `ADDRESS` that mails come from, with -smtp")
	f.StringVar(&o.dashboardURL, "dashboard-url", "",
		"the `URL` that links in mails begin with: where Tiledesk's dashboard is (default, without -smtp: "+
			"this server's page)")
	f.BoolVar(&o.requireVerifiedEmail, "require-verified-email", false,
		"let nobody sign in with an e-mail address that is not verified")
	f.DurationVar(&o.requestTimeout, "request-timeout", requestTimeout,
		"answer 503 to a request that takes longer than this `DURATION`, at most 25s")
	f.DurationVar(&o.purgeGuests, "purge-guests", 0,
		"delete guests who have been idle for this `DURATION`, every hour; 768h or more (default off)")
	f.BoolVar(&o.purgeEvenAll, "purge-even-all", false,
		"let -purge-guests delete every guest when none has been active for so long; check the clock first")
	f.StringVar(&o.log, "log", "text", "log in this `FORMAT`: text or json")
	return f
}

func (o *options) addOrigin(origin string) error {
	o.corsOrigins = append(o.corsOrigins, origin)
	return nil
}

// complete checks what the library does not, and fills in the defaults that are made anew.
func (o options) complete() (options, error) {
	o.prefix = strings.TrimRight(o.prefix, "/")
	if !isPath(o.prefix) {
		return o, fmt.Errorf("-prefix %q is not a path like /v1/auth", o.prefix)
	}
	if o.prefix == o.users() {
		return o, fmt.Errorf("-prefix %q has no place beside it for users: choose another last element", o.prefix)
	}
	if o.purgeGuests != 0 && o.purgeGuests < leastIdle {
		return o, fmt.Errorf("-purge-guests %v would end sessions of guests, which last 30 days: use 768h or more",
			o.purgeGuests)
	}
	if o.purgeEvenAll && o.purgeGuests == 0 {
		return o, errors.New("-purge-even-all is for -purge-guests, which is not set")
	}
	if o.requestTimeout <= 0 || o.requestTimeout > requestTimeout {
		return o, fmt.Errorf("-request-timeout %v is out of range: up to %v are allowed", o.requestTimeout, requestTimeout)
	}
	if o.log != "text" && o.log != "json" {
		return o, errors.New("-log is not a format: choose text or json")
	}
	if err := checkSessionSecrets(o.sessionSecrets); err != nil {
		return o, err
	}
	err := cmp.Or(checkStore(o.store), checkLimiter(o.limiter), checkOrigins(o.corsOrigins), o.checkMail(), o.checkDemo())
	if err != nil {
		return o, err
	}
	if len(o.sessionSecrets) == 0 {
		o.sessionSecrets, o.randomSecret = []string{rand.Text() + rand.Text()}, true
	}
	if len(o.projects) == 0 {
		o.projects, o.demo = []project{{"demo", uuid.NewString()}}, true
	}
	if len(o.corsOrigins) == 0 {
		o.corsOrigins = []string{"*"}
	}
	return o, nil
}

// users is the path of an agent's own account: beside the last element of the prefix, where
// Tiledesk's clients look for it.
func (o options) users() string { return path.Join("/", path.Dir(o.prefix), "users") }

// isPath reports whether a prefix is a clean path, or empty, and means nothing more to the
// patterns of net/http and to httpadapter.
func isPath(prefix string) bool {
	return prefix == "" || path.Clean("/"+prefix) == prefix && !strings.ContainsAny(prefix, "{}*:? #%")
}

// exit ends the program and prints the error, unless the user asked for help.
func exit(err error) {
	if errors.Is(err, flag.ErrHelp) {
		os.Exit(0)
	}
	fmt.Fprintln(os.Stderr, "server:", err)
	os.Exit(2)
}
