package jose

import (
	"encoding/json"

	"github.com/lestrrat-go/jwx/v2/jwa"
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

// ParsePublicJWK returns the public key of a JSON Web Key, its kid, and the algorithm that
// it names, if any. A private key gives its public part. ok is false for a secret, and for
// what is not a key.
func ParsePublicJWK(text []byte) (id, algorithm string, public any, ok bool) {
	parsed, err := jwk.ParseKey(text)
	if err != nil || parsed.KeyType() == jwa.OctetSeq {
		return "", "", nil, false
	}
	key, err := parsed.PublicKey()
	if err == nil {
		err = key.Raw(&public)
	}
	if err != nil {
		return "", "", nil, false
	}
	return parsed.KeyID(), parsed.Algorithm().String(), public, true
}
