package deskauth_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// Every key of every kind goes in, and public members alone come out.
func TestS22_JWKSHasNothingSecret(t *testing.T) {
	t.Parallel()
	c := newCage()
	secrets := testkit.Secrets()
	secrets.Session = append(privateKeys(t, c),
		testkit.Key("secret", canarySession), deskauth.NewKey("old", "HS512", canaryOld))
	text, err := testkit.NewOn(t, memstore.New(), secrets, deskauth.Config{}).JWKS(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c.check(t, "the set", string(text))
	var set struct{ Keys []map[string]string }
	if err := json.Unmarshal(text, &set); err != nil {
		t.Fatal(err)
	}
	if len(set.Keys) != 3 {
		t.Errorf("the set has %d keys, want the RSA, ECDSA and Ed25519 one", len(set.Keys))
	}
	for _, key := range set.Keys {
		for member := range maps.Keys(key) {
			if !slices.Contains([]string{"alg", "crv", "e", "kid", "kty", "n", "use", "x", "y"}, member) {
				t.Errorf("the key %q has the member %q", key["kid"], member)
			}
		}
		if key["kty"] == "oct" || strings.HasPrefix(key["alg"], "HS") {
			t.Errorf("the secret %q is in the set", key["kid"])
		}
	}
}
