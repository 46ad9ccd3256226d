package main

import (
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
	"time"

	"github.com/google/uuid"
)

// options is what the flags and the environment say.
type options struct {
	addr              string
	prefix            string
	issuer            string
	sessionSecret     string
	projects          []project
	store             string
	corsOrigins       []string
	customTokenMaxAge time.Duration
	echoCustomToken   bool
	noLimits          bool
	purgeGuests       time.Duration // 0 for never
	log               string

	randomSecret bool // no session secret was given
	demo         bool // no project was given
}

type project struct{ id, secret string }

// parseOptions reads the flags, and for those that are absent the environment variables
// DESKAUTH_ADDR, DESKAUTH_SESSION_SECRET and so on; repeatable ones are separated there by
// commas.
func parseOptions(args []string, getenv func(string) string, usage io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("server", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // what is wrong is said once, by whoever gets the error
	flags.StringVar(&o.addr, "addr", "127.0.0.1:8080", "listen on `HOST:PORT`; port 0 takes a free one")
	flags.StringVar(&o.prefix, "prefix", "/v1/auth", "serve the endpoints under `PATH`")
	flags.StringVar(&o.issuer, "issuer", "https://tiledesk.com", "the issuer of session tokens and the audience of custom tokens, a `URL`")
	flags.StringVar(&o.sessionSecret, "session-secret", "", "sign session tokens with `TEXT` of 32 bytes or more (default random: a restart signs everybody out)")
	flags.Func("project", "a project as `ID=SECRET`, or ID= for one without custom tokens; repeatable, in the environment separated by commas (default a demo project)", o.addProject)
	flags.StringVar(&o.store, "store", "memory", "keep accounts in `STORE`: memory, sqlite:PATH or postgres://USER@HOST/DATABASE")
	flags.Func("cors", "let pages of this `ORIGIN` call; repeatable (default *)", func(origin string) error {
		o.corsOrigins = append(o.corsOrigins, origin)
		return nil
	})
	flags.DurationVar(&o.customTokenMaxAge, "custom-token-max-age", 0, "refuse custom tokens whose iat is older than this `DURATION` (default off)")
	flags.BoolVar(&o.echoCustomToken, "echo-custom-token", false, "answer a custom token with itself, as Tiledesk does")
	flags.BoolVar(&o.noLimits, "no-limits", false, "switch the rate limits off: anybody may guess passwords as fast as they are hashed")
	flags.DurationVar(&o.purgeGuests, "purge-guests", 0, "delete guests who have been idle for this `DURATION`, by the hour; 768h or more (default off)")
	flags.StringVar(&o.log, "log", "text", "log as `FORMAT`: text or json")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			flags.SetOutput(usage)
			flags.Usage()
		}
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q: every option starts with -", flags.Arg(0))
	}
	if err := fromEnvironment(flags, getenv); err != nil {
		return o, err
	}
	return o.complete()
}

// fromEnvironment sets the flags that the command line did not.
func fromEnvironment(flags *flag.FlagSet, getenv func(string) string) (err error) {
	given := make(map[string]bool)
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	flags.VisitAll(func(f *flag.Flag) {
		name := "DESKAUTH_" + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		value := getenv(name)
		if value == "" || given[f.Name] || err != nil {
			return
		}
		values := []string{value}
		if f.Name == "project" || f.Name == "cors" {
			values = strings.Split(value, ",")
		}
		for _, v := range values {
			if e := flags.Set(f.Name, strings.TrimSpace(v)); e != nil {
				err = fmt.Errorf("%s: %w", name, e)
			}
		}
	})
	return err
}

func (o *options) addProject(text string) error {
	id, secret, ok := strings.Cut(text, "=")
	if !ok || id == "" {
		return errors.New("a project is ID=SECRET, or ID= for one without custom tokens")
	}
	for _, p := range o.projects {
		if p.id == id {
			return fmt.Errorf("the project %q is there twice", id)
		}
	}
	o.projects = append(o.projects, project{id, secret})
	return nil
}

// complete checks what the library does not, and fills in what was left out.
func (o options) complete() (options, error) {
	o.prefix = strings.TrimRight(o.prefix, "/")
	switch {
	case o.prefix != "" && path.Clean("/"+o.prefix) != o.prefix || strings.ContainsAny(o.prefix, "{}? #%"):
		return o, fmt.Errorf("-prefix %q is not a path like /v1/auth", o.prefix)
	case o.purgeGuests != 0 && o.purgeGuests < leastIdle:
		return o, fmt.Errorf("-purge-guests %v: the tokens of guests live for 30 days; 768h, which is two days longer, is the least", o.purgeGuests)
	case o.log != "text" && o.log != "json":
		return o, fmt.Errorf("-log %q is not known: the formats are text and json", o.log)
	}
	if err := checkStore(o.store); err != nil {
		return o, err
	}
	if o.sessionSecret == "" {
		o.sessionSecret, o.randomSecret = rand.Text()+rand.Text(), true
	}
	if len(o.projects) == 0 {
		o.projects, o.demo = []project{{"demo", uuid.NewString()}}, true
	}
	if len(o.corsOrigins) == 0 {
		o.corsOrigins = []string{"*"}
	}
	return o, nil
}

// exit ends the program for a reason that the person who started it can mend.
func exit(err error) {
	if errors.Is(err, flag.ErrHelp) {
		os.Exit(0)
	}
	fmt.Fprintln(os.Stderr, "server:", err)
	os.Exit(2)
}
