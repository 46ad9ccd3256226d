package authtest_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"sync"

	"github.com/deskauth/deskauth/authtest"
)

// claims are those of an honest token, with every claim that the table attacks.
const claims = `{"iss":"https://id.example","aud":"https://api.example/v1","sub":"alice",` +
	`"iat":1700000000,"exp":4102444800,"nbf":1700000000}`

// keys returns the honest keys, by algorithm.
var keys = sync.OnceValue(func() map[string]any {
	secret := []byte("thirty-two bytes and more, that only the signer has")
	private := must(rsa.GenerateKey(rand.Reader, 2048))
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	return map[string]any{
		"HS256": secret, "HS384": secret, "HS512": secret,
		"RS256": private, "RS384": private, "RS512": private,
		"PS256": private, "PS384": private, "PS512": private,
		"ES256": must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)),
		"ES384": must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader)),
		"ES512": must(ecdsa.GenerateKey(elliptic.P521(), rand.Reader)),
		"EdDSA": must(ed, err),
	}
})

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// target returns a target without the tokens of a megabyte, which are slow, most of all
// under the race detector.
func target(alg string, accepts func(string) bool) authtest.Target {
	t := wholeTarget(alg, accepts)
	t.Skip = []string{"size"}
	return t
}

func wholeTarget(alg string, accepts func(string) bool) authtest.Target {
	return authtest.Target{Accepts: accepts, Algorithm: alg, Key: keys()[alg], KeyID: "k1", Claims: []byte(claims)}
}

func names(attacks []authtest.Attack) (list []string) {
	for _, a := range attacks {
		list = append(list, a.Name)
	}
	return list
}

// sameForAll are the groups in which the algorithm only signs. They are large, and RSA is
// slow.
var sameForAll = []string{
	"crit", "header", "form", "syntax", "duplicate", "fold",
	"exp", "nbf", "iat", "range", "aud", "iss", "sub", "sub-value", "size",
}
