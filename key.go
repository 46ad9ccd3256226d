package deskauth

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/deskauth/deskauth/internal/jose"
)

// A Key signs or verifies tokens. Make one with [NewKey]: the zero Key is refused wherever
// it is used. A Key is safe for concurrent use. It prints as its ID and algorithm and is
// encoded as JSON the same way, so its secret is never shown.
type Key struct {
	// NotBefore is when a session key begins to sign. It verifies before that, so that
	// every process knows a new key before one of them signs with it. The zero time means
	// at once. A project's key, which signs nothing here, needs none.
	NotBefore time.Time
	// NotAfter is when the key stops verifying and signing. The zero time means never. Set
	// it no earlier than the last token that was signed with the key expires. When the
	// signing key passes it, every sign-in fails until another key signs.
	NotAfter time.Time

	key *jose.Key // a pointer: inside a struct of the host's, fmt prints an address
	err error
}

// NewKey returns a key for one algorithm: HS256, HS384, HS512, RS256, RS384, RS512, PS256,
// ES256, ES384 or EdDSA (RFC 7518 §3.1, RFC 8037).
//
// id is the `kid` in the header of the tokens that the key signs, at most 256 bytes. A
// token that names a kid is checked only with keys of that ID and keys without one. Without
// an id, the tokens of a private key name its thumbprint (RFC 7638), and those of a secret
// none.
//
// material depends on the algorithm:
//
//   - HS…: a []byte or string of 32 bytes or more, which should be random. A text with
//     blanks, a line break or quotes around it is refused: they came from a file, and other
//     signers do not have them. A key or certificate is refused, too, in PEM, DER, base64,
//     hexadecimal, as a JWK or of OpenSSH: with a public key for the secret, everybody
//     could sign.
//   - RS… and PS256: a *rsa.PrivateKey or *rsa.PublicKey of 2048 bits or more.
//   - ES256 and ES384: a *ecdsa.PrivateKey or *ecdsa.PublicKey on P-256 or P-384.
//   - EdDSA: an ed25519.PrivateKey or ed25519.PublicKey.
//
// A public key verifies and cannot sign. Do not change the material afterwards.
//
// Bad material is reported by [Key.Err], by [New] for a key that New can see, and by each
// call that would use the key. NewKey tries the key once. That takes microseconds for a
// secret, so a provider may make keys as it reads secrets from a database, and milliseconds
// for a private RSA key.
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

// problem is Err for callers that say themselves whose key it is.
func (k Key) problem() error {
	if k.err == nil && k.key == nil {
		return errors.New("key is empty: make it with NewKey")
	}
	return k.err
}

// ID returns the kid of what the key signs, empty for none.
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

// usable reports whether the key can be used at all and is in force.
func (k Key) usable(now time.Time) bool {
	return k.key != nil && (k.NotAfter.IsZero() || now.Before(k.NotAfter))
}
