package deskauth

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/deskauth/deskauth/internal/passhash"
)

// Auth signs people in and checks their tokens. Make one with [New]. It is safe for
// concurrent use.
//
// Beside the store and the keys it has the queue of password hashes and, unless
// Config.Limiter has them, the counters of the limits. It starts no goroutines.
type Auth struct {
	users   UserStore
	secrets SecretProvider
	cfg     Config
	waits   bool // a call of the store, the keys or the limiter may wait
	hooks   bool // there is a Mailer or a PasswordCheck, which may wait, too

	params         passhash.Params
	decoy          passhash.Hash
	gate           *hashGate
	reserved       []string // canonical addresses
	guestHost      string   // what guests' addresses end with
	audiencePrefix string   // what the aud of custom tokens starts with
}

// New returns an Auth on a store and keys, both of which must be safe for concurrent use.
// It checks all that it can see, and returns an error that says what to fix.
//
// It asks the SecretProvider for the session keys once, with the deadline of
// Config.CallTimeout, and returns an error if there is no answer: a service without keys
// would fail every call. It does not ask the store.
func New(users UserStore, secrets SecretProvider, cfg Config) (*Auth, error) {
	if users == nil {
		return nil, errors.New("deskauth: New needs a UserStore, for example memstore.New()")
	}
	if secrets == nil {
		return nil, errors.New("deskauth: New needs a SecretProvider, for example StaticSecrets")
	}
	if err := cfg.checkBeside(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	if err := cfg.check(); err != nil {
		return nil, err
	}
	reserved, err := cfg.reservedEmails()
	if err != nil {
		return nil, err
	}
	a := &Auth{
		users:     users,
		secrets:   secrets,
		cfg:       cfg,
		params:    cfg.Argon2.params(),
		gate:      newHashGate(cfg.HashParallelism, cfg.HashQueue),
		reserved:  reserved,
		guestHost: guestHost(cfg.Issuer),

		audiencePrefix: cfg.CustomTokenAudience + "/projects/",
	}
	a.limitCalls()
	if err := a.checkSecrets(secrets); err != nil {
		return nil, err
	}
	a.decoy, err = passhash.Decoy(a.params)
	return a, err
}

// guestHost returns what stands behind the @ of guests' addresses (RFC 5321 §4.1.3).
func guestHost(issuer string) string {
	u, err := url.Parse(issuer)
	if err != nil { // checkIssuer has parsed it before
		return ""
	}
	host := strings.ToLower(u.Hostname())
	if strings.Contains(host, ":") {
		return "[IPv6:" + host + "]"
	}
	return host
}

// Format implements [fmt.Formatter]: nothing that an Auth holds is printed.
func (a *Auth) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "deskauth.Auth(%s)", a.cfg.Issuer) }

// Now returns the time by Config.Now, the clock of all tokens.
func (a *Auth) Now() time.Time { return a.cfg.Now() }

// HasMailer reports whether Config.Mailer is set, and so whether there are mails with
// codes.
func (a *Auth) HasMailer() bool { return a.cfg.Mailer != nil }
