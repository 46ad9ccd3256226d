package secrets

import (
	"encoding/json"
	"errors"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/jose"
)

// ParseJWKS returns the public keys of a JSON Web Key Set (RFC 7517 §5), in its order: what
// another system publishes, as the keys of its project, or what [deskauth.Auth.JWKS] does,
// as session keys of a service that only verifies.
//
// Each key has the kid and the algorithm that it names, or the usual algorithm of its kind.
// A member that checks no signature of deskauth's algorithms is left out, as RFC 7517 §5
// asks. So is a secret or a private key: whoever reads the set could sign with it. A set
// that is left without a key is an error, which quotes nothing of it.
func ParseJWKS(text []byte) ([]deskauth.Key, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(text, &set); err != nil || set.Keys == nil {
		return nil, errors.New(`secrets: not a JWK set, which is a JSON object with a list "keys"`)
	}
	var keys []deskauth.Key
	for _, member := range set.Keys {
		if key, ok := keyOfJWK(member); ok {
			keys = append(keys, key)
		}
	}
	if keys == nil {
		return nil, errors.New("secrets: the JWK set has no public key for RS256, RS384, RS512, PS256, ES256, ES384 or EdDSA")
	}
	return keys, nil
}

func keyOfJWK(member []byte) (key deskauth.Key, ok bool) {
	id, algorithm, public, ok := jose.ParsePublicJWK(member)
	if !ok {
		return deskauth.Key{}, false
	}
	if algorithm == "" {
		usual, _, err := algorithmOf(public)
		if err != nil {
			return deskauth.Key{}, false
		}
		algorithm = usual
	}
	key = deskauth.NewKey(id, algorithm, public)
	return key, key.Err() == nil
}
