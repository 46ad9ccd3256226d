// Package gateway checks session tokens with the public key alone. docs/keys.md quotes it.
package gateway

import (
	"crypto/ecdsa"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
)

// newGateway returns an Auth that can only verify. Its store stays empty: VerifyStateless
// does not ask it.
func newGateway(public *ecdsa.PublicKey) (*deskauth.Auth, error) {
	key := deskauth.NewKey("2026-11", "ES256", public)
	secrets := deskauth.StaticSecrets{Session: []deskauth.Key{key}}
	return deskauth.New(memstore.New(), secrets, deskauth.Config{})
}
