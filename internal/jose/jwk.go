package jose

import (
	"encoding/json"
	"slices"

	"github.com/lestrrat-go/jwx/v2/jwk"
)

// PublicJWK returns the public key as a JSON Web Key (RFC 7517, RFC 7518 §6, RFC 8037 §2),
// with the members kid, alg and use. It never has a private part. ok is false for a secret,
// which has no public part.
func (k *Key) PublicJWK() (text []byte, ok bool, err error) {
	public := k.material().public
	if _, secret := public.([]byte); secret {
		return nil, false, nil
	}
	key, err := jwk.FromRaw(public)
	if err != nil {
		return nil, false, err
	}
	for name, value := range map[string]any{
		jwk.KeyIDKey: k.shownID, jwk.AlgorithmKey: k.alg, jwk.KeyUsageKey: jwk.ForSignature,
	} {
		if err := key.Set(name, value); err != nil {
			return nil, false, err
		}
	}
	text, err = json.Marshal(key)
	return text, err == nil, err
}

// ParsePublicJWK returns the key of a JSON Web Key that checks signatures, its kid, and the
// algorithm that it names, if any. ok is false for a secret, a private key, a key for
// another use (RFC 7517 §4.2, §4.3), and what is not a key.
func ParsePublicJWK(text []byte) (id, algorithm string, public any, ok bool) {
	key, err := jwk.ParseKey(text)
	if err != nil || !verifies(key) {
		return "", "", nil, false
	}
	if err := key.Raw(&public); err != nil {
		return "", "", nil, false
	}
	return key.KeyID(), key.Algorithm().String(), public, true
}

func verifies(key jwk.Key) bool {
	private, err := jwk.IsPrivateKey(key)
	operations := key.KeyOps()
	return err == nil && !private &&
		(key.KeyUsage() == "" || key.KeyUsage() == string(jwk.ForSignature)) &&
		(len(operations) == 0 || slices.Contains(operations, jwk.KeyOpVerify))
}
