package jose

import (
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/base64"
	"math/big"
	"strings"
	"testing"
)

// The examples of RFC 7638 §3.1 and RFC 8037 §A.3.
func TestThumbprint(t *testing.T) {
	t.Parallel()
	decode := func(text string) []byte {
		b, err := base64.RawURLEncoding.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	n := decode("0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjB" +
		"ZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZg" +
		"nYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw" +
		"0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw")
	for _, c := range []struct {
		alg   string
		given any
		want  string
	}{
		{RS256, &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: 65537}, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"},
		{
			EdDSA, ed25519.PublicKey(decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")),
			"kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
		},
		{HS256, strings.Repeat("s", 32), ""},
	} {
		k, err := NewKey(c.alg, "", c.given)
		if err != nil {
			t.Fatalf("%s: %v", c.alg, err)
		}
		if k.ID() != c.want {
			t.Errorf("the ID of a %s key is %q, want %q", c.alg, k.ID(), c.want)
		}
		named, err := NewKey(c.alg, "own", c.given)
		if err != nil || named.ID() != "own" {
			t.Errorf("the ID of a %s key that was given one is %q, %v", c.alg, named.ID(), err)
		}
	}
}

// A key that was given no ID verifies tokens that name any.
func TestThumbprintIsNoCondition(t *testing.T) {
	t.Parallel()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := NewKey(EdDSA, "theirs", private)
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]bool{"": true, "theirs": true, "other": false} {
		k, err := NewKey(EdDSA, id, public)
		if err != nil {
			t.Fatal(err)
		}
		text, err := signer.Sign([]byte("{}"))
		if err != nil {
			t.Fatal(err)
		}
		token, err := Parse(text)
		if err != nil || token.VerifiedBy(k) != want {
			t.Errorf("a key with the ID %q: %t, %v; want %t", id, !want, err, want)
		}
	}
}
