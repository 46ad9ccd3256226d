package deskauth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/deskauth/deskauth/internal/claims"
	"github.com/deskauth/deskauth/internal/passhash"
	"github.com/google/uuid"
)

const (
	defaultIssuer        = "https://tiledesk.com"
	defaultSessionTTL    = 24 * time.Hour
	defaultGuestTTL      = 30 * 24 * time.Hour
	defaultMaxSessionAge = 30 * 24 * time.Hour
	defaultLeeway        = 30 * time.Second
	defaultHashQueue     = 64 // for each of HashParallelism
	maxHashParallelism   = 1 << 12
	maxHashQueue         = 1 << 20
	defaultCallTimeout   = 5 * time.Second

	maxIssuerBytes = 512
	maxHostBytes   = maxEmailBytes - len("@") - 36 // behind a guest's UUID
	maxLifetime    = 100 * 365 * 24 * time.Hour
	maxLeeway      = 10 * time.Minute
)

// Config holds the settings. The zero value is safe and is what most programs use.
type Config struct {
	// Issuer is the `iss` and `aud` of session tokens: an http or https URL with a host and
	// without a trailing slash. Its host ends the made-up addresses of guests. A new Issuer
	// ends every session. The default is "https://tiledesk.com", which Tiledesk's clients
	// and samples expect.
	Issuer string

	// SessionTTL is how long a session token of a user or an external user lives, in whole
	// seconds: one second to a hundred years. The default is 24 hours.
	SessionTTL time.Duration
	// GuestTTL is the same for guests. The default is 30 days.
	GuestTTL time.Duration
	// MaxSessionAge is how long after the sign-in a session of a user or an external user
	// ends, however often it is renewed: one second to a hundred years. The default is 30
	// days. A guest's session can be renewed for ever, because a guest has no other way to
	// come back.
	MaxSessionAge time.Duration
	// Leeway is how far the clocks of token signers may be off, at most 10 minutes. The
	// default is 30 seconds; a negative value is none.
	Leeway time.Duration

	// CustomTokenAudience is what the `aud` of custom tokens starts with, before
	// "/projects/" and the project ID. The default is Issuer.
	CustomTokenAudience string
	// CustomTokenMaxAge, when it is not zero, refuses custom tokens whose `iat` is older,
	// or that have none. The default is off, because not all signers set `iat`. Set it if
	// yours do: otherwise a token without `exp` never expires.
	CustomTokenMaxAge time.Duration
	// CustomTokenRoles lists the values of the claim `role` that a custom token may carry
	// into the profile. A role is data for your code and grants nothing here. The default
	// is none: the claim is dropped.
	CustomTokenRoles []string

	// EchoCustomToken weakens sessions of external users: [Auth.SigninWithCustomToken]
	// answers with the custom token itself, as Tiledesk does, and Verify takes custom
	// tokens. Such a session lives as long as the token that its signer made, often for
	// ever, and every holder of the project's secret can make one. Raising SessionEpoch
	// does not end it; [Auth.SignoutEverywhere] and [Auth.SetDisabled] do. The default is a
	// session token of our own.
	EchoCustomToken bool
	// BesideTiledesk is for the time that a Tiledesk server shares the session secret. It
	// weakens sessions: it accepts that server's tokens, which have no `exp`. They end only
	// with their key or the account's SessionEpoch. That server knows agents by the form of
	// their IDs. To keep visitors from passing for agents there:
	//
	//   - Users get IDs of 24 hexadecimal digits, and guests UUIDs. So Config.NewID must
	//     not be set.
	//   - A custom token whose `_id` has 24 hexadecimal digits, 12 bytes or 12 units of
	//     UTF-16 is refused, and no session token is made with such an `_id` for a guest or
	//     an external user who was there before.
	//   - Every token has an `email`, a made-up one where none is known.
	//   - No guest becomes a user: [Auth.UpgradeGuest] returns an error that wraps
	//     [ErrGuestsOnly].
	BesideTiledesk bool
	// ReservedEmails lists addresses that no sign-up may use and no custom token may claim,
	// in any spelling. Reserve those with a special meaning in another system, such as its
	// administrator's.
	ReservedEmails []string

	// Argon2 is the cost of password hashes. Stored hashes of a lower cost are replaced
	// when their owner signs in. The default is OWASP's: 19 MiB, 2 passes, 1 lane.
	Argon2 Argon2Params
	// ImportedBcryptCost is the cost of the bcrypt hashes that came with imported accounts,
	// 4 to 14; Tiledesk's is 10. Until the owner of such an account has signed in once, a
	// wrong password for it costs a bcrypt hash, and an unknown address an Argon2id hash:
	// the time tells one from the other. With this set, every refusal costs one of each. If
	// they have several costs, set the highest. Leave it at 0 if there are no imported
	// hashes, or if it is no secret which addresses have accounts.
	ImportedBcryptCost int
	// HashParallelism is how many password hashes are computed at once. Each takes
	// Argon2.Memory meanwhile. At most 4,096. The default is GOMAXPROCS at the time of
	// [New].
	HashParallelism int
	// HashQueue is how many callers may wait, besides those whose hash is computed. A
	// caller takes its place before its account is looked up. Clients take turns; an IPv6
	// address stands for its /48, and the callers without a Client are one. When all places
	// are taken, the client with the most callers makes way for another: its newest caller
	// that waits gets [ErrBusy]. At most 1,048,576. The default is 64 times
	// HashParallelism.
	HashQueue int
	// Limits are how often things may be tried. The defaults are in [Limits]; [NoLimit]
	// switches one off.
	Limits Limits
	// Limiter counts for the Limits. The default counts in memory, for one process.
	Limiter Limiter

	// MinPasswordLength is the least number of characters (Unicode code points after NFC)
	// of a password that is being chosen. The default is 8, the least of NIST SP 800-63B-4
	// (§3.1.1.2) for one of two factors. OWASP and NIST advise 15 where there is no second
	// one.
	MinPasswordLength int
	// PasswordCheck, when set, is asked about each password that is being chosen: the place
	// for a list of breached ones. To refuse, it returns an error wrapping
	// [ErrPasswordRefused], such as fmt.Errorf("%w: it is in a list of stolen passwords",
	// ErrPasswordRefused), and the text is shown. Any other error is a failure of the
	// check, and fails the sign-up. It must return when ctx ends: make a request to a
	// service with http.NewRequestWithContext.
	PasswordCheck func(ctx context.Context, password string) error
	// CanonicalEmail replaces the rule for addresses, for hosts that need international
	// ones. It must give every spelling of one mailbox the same text, of at most 254 bytes,
	// and look nothing up. Its error ends the sentence "the e-mail address …" and is shown.
	// The default is [CanonicalEmail].
	CanonicalEmail func(address string) (string, error)

	// Mailer, when set, sends the mails of password resets, verifications and changes of
	// address, and the notices after them. Without it, the methods that ask for a mail
	// return an error wrapping [errors.ErrUnsupported], and sign-ups send none.
	Mailer Mailer
	// RequireVerifiedEmail keeps agents from signing in until their address is verified.
	// The right password then gets [ErrEmailUnverified] and a mail with a new code. It
	// needs a Mailer. Existing sessions go on, and [Auth.IssueSession] does not check it.
	// The default is off.
	RequireVerifiedEmail bool

	// CallTimeout is how long the calls that an operation makes of the host's code may take
	// together: of the UserStore, the SecretProvider, the Limiter, PasswordCheck and the
	// Mailer. The context of each call ends when the rest of that time is used up. An
	// earlier deadline of the caller's stands. The wait for a password hash and the hash do
	// not count, and giving attempts back has a second of its own. The operation then
	// fails, with [EventFailed] and [ReasonTimeout]. A late Mailer is only an
	// [EventMailFailed]. The default is 5 seconds; 1 ms to 1 hour are allowed.
	CallTimeout time.Duration

	// OnEvent, when set, is called once for each event, before the method that caused it
	// returns. It must be safe for concurrent use and must not block: hand slow work on, to
	// a channel with room for instance. A panic in it is contained and logged.
	OnEvent func(ctx context.Context, e Event)
	// Logger gets the events too: malformed or forged tokens, unusable hashes, used-up
	// limits and a full queue as warnings, failures as errors, the rest at Info or Debug.
	// The default is [slog.Default] at the time of [New].
	Logger *slog.Logger

	// Now replaces the clock, for tests. The default is [time.Now].
	Now func() time.Time
	// NewID makes the IDs of users and guests: 1 to 128 bytes, unique, never derived from
	// what a client sends. The default is a UUIDv7 (RFC 9562).
	NewID func() string
}

// withDefaults returns c with every default in its place.
func (c Config) withDefaults() Config {
	c.Issuer = cmp.Or(c.Issuer, defaultIssuer)
	c.SessionTTL = cmp.Or(c.SessionTTL, defaultSessionTTL)
	c.GuestTTL = cmp.Or(c.GuestTTL, defaultGuestTTL)
	c.MaxSessionAge = cmp.Or(c.MaxSessionAge, defaultMaxSessionAge)
	c.Leeway = max(cmp.Or(c.Leeway, defaultLeeway), 0)
	c.CustomTokenAudience = cmp.Or(c.CustomTokenAudience, c.Issuer)
	c.HashParallelism = cmp.Or(c.HashParallelism, runtime.GOMAXPROCS(0))
	c.HashQueue = cmp.Or(c.HashQueue, defaultHashQueue*c.HashParallelism)
	c.CallTimeout = cmp.Or(c.CallTimeout, defaultCallTimeout)
	c.MinPasswordLength = cmp.Or(c.MinPasswordLength, defaultMinPassword)
	c.Logger = cmp.Or(c.Logger, slog.Default())
	c.Limits = c.Limits.withDefaults()
	c.CustomTokenRoles = slices.Clone(c.CustomTokenRoles)
	if c.CanonicalEmail == nil {
		c.CanonicalEmail = CanonicalEmail
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Limiter == nil {
		c.Limiter = NewMemoryLimiter(c.Now)
	}
	if c.NewID == nil {
		c.NewID = func() string { return uuid.Must(uuid.NewV7()).String() }
	}
	return c
}

// check says which field is wrong and what it may be. It needs the defaults in place.
func (c Config) check() error {
	return cmp.Or(c.checkAudiences(), c.checkDurations(), c.checkHashing(), c.Limits.check(), c.checkMail())
}

func (c Config) checkAudiences() error {
	if err := checkIssuer(c.Issuer); err != nil {
		return fmt.Errorf("deskauth: Config.Issuer %.200q %w", c.Issuer, err)
	}
	audience := c.CustomTokenAudience
	if len(audience) > maxIssuerBytes || strings.TrimRight(audience, "/ ") != audience || claims.HasControl(audience) {
		return fmt.Errorf(
			"deskauth: Config.CustomTokenAudience %.200q must be what stands before /projects/, "+
				"of at most %d bytes",
			audience, maxIssuerBytes)
	}
	if strings.HasPrefix(c.Issuer, audience+"/projects/") {
		return fmt.Errorf("deskauth: Config.Issuer %.200q is the audience of a project's custom tokens: choose another",
			c.Issuer)
	}
	return nil
}

func checkIssuer(issuer string) error {
	u, err := url.Parse(issuer)
	switch {
	case err != nil || len(issuer) > maxIssuerBytes || !utf8.ValidString(issuer):
		return fmt.Errorf("is not a URL of at most %d bytes", maxIssuerBytes)
	case u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || len(u.Hostname()) > maxHostBytes:
		return fmt.Errorf("must start with http:// or https:// and a host of at most %d bytes", maxHostBytes)
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || issuer[len(issuer)-1] == '/':
		return fmt.Errorf(
			"must have no user, query, fragment or trailing slash: tokens are compared with it " +
				"to the byte")
	}
	return nil
}

func (c Config) checkDurations() error {
	for _, d := range []struct {
		field       string
		value       time.Duration
		least, most time.Duration
	}{
		{"SessionTTL", c.SessionTTL, time.Second, maxLifetime},
		{"GuestTTL", c.GuestTTL, time.Second, maxLifetime},
		{"MaxSessionAge", c.MaxSessionAge, time.Second, maxLifetime},
		{"Leeway", c.Leeway, 0, maxLeeway},
		{"CustomTokenMaxAge", c.CustomTokenMaxAge, 0, maxLifetime},
		{"CallTimeout", c.CallTimeout, time.Millisecond, time.Hour},
	} {
		if d.value < d.least || d.value > d.most {
			return fmt.Errorf("deskauth: Config.%s is %v; %v to %v are allowed", d.field, d.value, d.least, d.most)
		}
	}
	return nil
}

func (c Config) checkMail() error {
	if c.RequireVerifiedEmail && c.Mailer == nil {
		return errors.New("deskauth: Config.RequireVerifiedEmail needs Config.Mailer: " +
			"nobody could verify an address, or sign in")
	}
	return nil
}

func (c Config) checkHashing() error {
	if err := c.Argon2.params().Check(); err != nil {
		return fmt.Errorf("deskauth: Config.Argon2: %w", err)
	}
	bcrypt, least := c.ImportedBcryptCost, c.MinPasswordLength
	switch {
	case bcrypt != 0 && (bcrypt < 4 || bcrypt > passhash.MaxBcryptCost):
		return fmt.Errorf("deskauth: Config.ImportedBcryptCost is %d; 4 to %d are allowed, and 0 for none",
			bcrypt, passhash.MaxBcryptCost)
	case c.HashParallelism < 1 || c.HashParallelism > maxHashParallelism:
		return fmt.Errorf("deskauth: Config.HashParallelism is %d; 1 to %d are allowed",
			c.HashParallelism, maxHashParallelism)
	case c.HashQueue < 0 || c.HashQueue > maxHashQueue:
		return fmt.Errorf("deskauth: Config.HashQueue is %d; 0, for the default, to %d are allowed",
			c.HashQueue, maxHashQueue)
	case least < 1 || least > maxPasswordBytes:
		return fmt.Errorf("deskauth: Config.MinPasswordLength is %d; 1 to %d are allowed", least, maxPasswordBytes)
	}
	return nil
}
