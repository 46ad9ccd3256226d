package deskauth

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync/atomic"

	"github.com/deskauth/deskauth/internal/passhash"
)

// Auth signs people in and checks their tokens. Beside the store and the keys it has the queue
// of password hashes and, unless Config.Limiter has them, the counters of the limits. No
// goroutine lives longer than the call that it is for. Auth is safe for concurrent use.
type Auth struct {
	users   UserStore
	secrets SecretProvider
	cfg     Config

	params    passhash.Params
	decoy     passhash.Hash
	gate      *hashGate
	guestHost string // what guests' addresses end with
	audience  string // what the aud of custom tokens starts with

	stuckHooks atomic.Int64 // calls of Config.OnEvent that nobody waits for any more
}

// New returns an Auth on a store and keys, both of which must be safe for concurrent use.
// It checks all that it can see, and returns an error that says what to mend.
func New(users UserStore, secrets SecretProvider, cfg Config) (*Auth, error) {
	if users == nil {
		return nil, errors.New("deskauth: New needs a UserStore: memstore.New() keeps accounts in memory")
	}
	if secrets == nil {
		return nil, errors.New("deskauth: New needs a SecretProvider: StaticSecrets is one")
	}
	cfg = cfg.withDefaults()
	if err := cfg.check(); err != nil {
		return nil, err
	}
	if err := checkStatic(secrets, cfg.Now()); err != nil {
		return nil, err
	}
	issuer, err := url.Parse(cfg.Issuer)
	if err != nil {
		return nil, fmt.Errorf("deskauth: Config.Issuer: %w", err)
	}
	a := &Auth{
		users:     users,
		secrets:   secrets,
		cfg:       cfg,
		params:    cfg.Argon2.orDefault(),
		gate:      newHashGate(cfg.HashParallelism, cfg.HashQueue),
		guestHost: guestHost(issuer),
		audience:  cfg.CustomTokenAudience + "/projects/",
	}
	a.decoy, err = passhash.Decoy(a.params)
	return a, err
}

// guestHost is what stands behind the @ of guests' addresses (RFC 5321 §4.1.3).
func guestHost(issuer *url.URL) string {
	host := strings.ToLower(issuer.Hostname())
	if strings.Contains(host, ":") {
		return "[IPv6:" + host + "]"
	}
	return host
}

// Format implements [fmt.Formatter]: nothing that an Auth holds is printed.
func (a *Auth) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "deskauth.Auth(%s)", a.cfg.Issuer) }
