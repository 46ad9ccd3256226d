package deskauth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/deskauth/deskauth/internal/jose"
)

// A Key signs or verifies tokens. Make one with [NewKey]; the zero Key is refused
// wherever it is used. It is safe for concurrent use, prints as its ID and algorithm
// only, and is encoded as JSON the same way, so its secret is never shown.
type Key struct {
	// NotAfter is when the key stops to verify and to sign. The zero time is never. When
	// it comes for the first session key, nobody can sign in until there is another first.
	// Give an old key as long as its tokens live, or they end with it.
	NotAfter time.Time

	key *jose.Key // a pointer: inside a struct of the host's, fmt prints an address
	err error
}

// NewKey returns a key for one algorithm: HS256, HS384, HS512, RS256, RS384, RS512,
// PS256, ES256, ES384 or EdDSA (RFC 7518 §3.1, RFC 8037).
//
// id is the `kid` in the header of the tokens it signs, at most 256 bytes, empty for
// none. A token that names a kid is checked only against keys of that ID and keys
// without one.
//
// material is a []byte or string of at least 32 bytes for HS…, which should be random;
// a *rsa.PrivateKey or *rsa.PublicKey of at least 2048 bits for RS… and PS256; a
// *ecdsa.PrivateKey or *ecdsa.PublicKey on P-256 or P-384 for ES256 or ES384; an
// ed25519.PrivateKey or ed25519.PublicKey for EdDSA. A public key verifies and cannot
// sign.
//
// Bad material is reported by [Key.Err], by [New] for a key that New can see, and by each
// call that would use the key. A key is tried once as it is made: that costs microseconds
// for a secret, so that a provider may make keys as it reads secrets from a database, and
// milliseconds for a private RSA key. Do not change material after that.
func NewKey(id, algorithm string, material any) Key {
	k, err := jose.NewKey(algorithm, id, material)
	if err != nil {
		return Key{err: fmt.Errorf("key %.64q %w", id, err)}
	}
	return Key{key: k}
}

// Err returns what is wrong with the material that the key was made of, or nil.
func (k Key) Err() error {
	if err := k.problem(); err != nil {
		return fmt.Errorf("deskauth: %w", err)
	}
	return nil
}

// problem is Err for those who say themselves whose key it is.
func (k Key) problem() error {
	if k.err == nil && k.key == nil {
		return errors.New("key is empty: make it with NewKey")
	}
	return k.err
}

// ID returns the key's kid, empty for none.
func (k Key) ID() string {
	if k.key == nil {
		return ""
	}
	return k.key.ID()
}

// Algorithm returns the key's algorithm, empty for a key that cannot be used.
func (k Key) Algorithm() string {
	if k.key == nil {
		return ""
	}
	return k.key.Algorithm()
}

// String returns the ID and the algorithm.
func (k Key) String() string { return fmt.Sprintf("Key(%q %s)", k.ID(), k.Algorithm()) }

// Format implements [fmt.Formatter]: every verb prints what [Key.String] returns.
func (k Key) Format(f fmt.State, _ rune) { fmt.Fprint(f, k.String()) }

// LogValue implements [slog.LogValuer].
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }

// MarshalText implements [encoding.TextMarshaler].
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// usable reports whether k can be used at all and is in force.
func (k Key) usable(now time.Time) bool {
	return k.key != nil && (k.NotAfter.IsZero() || now.Before(k.NotAfter))
}

// A SecretProvider holds the keys. It is asked on each use, so it should answer from
// memory; it must be safe for concurrent use. An error other than [ErrProjectNotFound]
// means that it failed: it is logged, and whoever asked is refused.
//
// Two keys at once are how a secret is changed without signing anybody out: put the new
// key first, give the old one a NotAfter, and drop it after that.
type SecretProvider interface {
	// SessionKeys returns the keys of session tokens, the signing key first; all of them
	// verify. Where there are only public keys, tokens can be verified and nobody can sign
	// in.
	SessionKeys(ctx context.Context) ([]Key, error)

	// ProjectKeys returns the keys that may sign the project's custom tokens, the current
	// one first. It returns an error wrapping [ErrProjectNotFound] for a project that
	// nobody knows, and an empty list for a project that takes guests but no custom
	// tokens. projectID is what a client sent: look it up, and build nothing from it. No
	// project may have a key of sessions: whoever signs its custom tokens could make
	// anybody's session. [New] sees that in StaticSecrets only.
	ProjectKeys(ctx context.Context, projectID string) ([]Key, error)
}

// StaticSecrets is a [SecretProvider] for keys that are known at the start. Do not change
// it after it was given to [New].
type StaticSecrets struct {
	Session  []Key            // at least one; the first signs
	Projects map[string][]Key // by project ID; an empty list is a project without custom tokens
}

// SessionKeys implements [SecretProvider].
func (s StaticSecrets) SessionKeys(context.Context) ([]Key, error) { return s.Session, nil }

// ProjectKeys implements [SecretProvider].
func (s StaticSecrets) ProjectKeys(_ context.Context, projectID string) ([]Key, error) {
	keys, ok := s.Projects[projectID]
	if !ok {
		return nil, ErrProjectNotFound
	}
	return keys, nil
}

// checkStatic checks the keys that [New] can see all of. What only embeds them may have
// others.
func checkStatic(secrets SecretProvider, now time.Time) error {
	switch s := secrets.(type) {
	case StaticSecrets:
		return s.check(now)
	case *StaticSecrets:
		if s == nil {
			return errors.New("deskauth: New got a nil *StaticSecrets")
		}
		return s.check(now)
	}
	return nil
}

func (s StaticSecrets) check(now time.Time) error {
	if err := checkSessionKeys(s.Session); err != nil {
		return err
	}
	if slices.ContainsFunc(s.Session, func(k Key) bool { return k.key.CanSign() }) {
		if err := checkSigningKey(s.Session[0], now); err != nil {
			return err
		}
	} // else it can only verify, and is meant to
	for id, keys := range s.Projects {
		if !validProjectID(id) {
			return fmt.Errorf("deskauth: project ID %.64q cannot be used: it needs 1 to %d letters, digits, or characters of -._~", id, maxIDBytes)
		}
		for _, k := range keys {
			if err := k.problem(); err != nil {
				return fmt.Errorf("deskauth: project %q: %w", id, err)
			}
			for _, session := range s.Session {
				if session.key.Overlaps(k.key) {
					return fmt.Errorf("deskauth: project %q has the key of sessions: whoever signs its custom tokens could make anybody's session; give it one of its own", id)
				}
			}
		}
	}
	return nil
}

func checkSessionKeys(keys []Key) error {
	if len(keys) == 0 {
		return errors.New("deskauth: there is no session key: session tokens need one, for example NewKey(\"\", \"HS256\", 32 random bytes)")
	}
	for _, k := range keys {
		if err := k.problem(); err != nil {
			return fmt.Errorf("deskauth: session %w", err)
		}
	}
	return nil
}

func checkSigningKey(first Key, now time.Time) error {
	switch {
	case !first.key.CanSign():
		return fmt.Errorf("deskauth: session key %q is a public key: the first session key signs and must be a secret or a private key", first.ID())
	case !first.usable(now):
		return fmt.Errorf("deskauth: session key %q signs and is past its NotAfter, %s: put a key in force first", first.ID(), first.NotAfter.Format(time.RFC3339))
	}
	return nil
}
