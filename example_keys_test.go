package deskauth_test

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"log"
	"log/slog"
	"strings"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
)

// A secret is changed without signing anybody out: the new key comes first and signs, and
// the old one verifies until its NotAfter.
func ExampleNewKey() {
	ctx := context.Background()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	store := memstore.New()
	cfg := deskauth.Config{Now: func() time.Time { return now }, Logger: slog.New(slog.DiscardHandler)}
	projects := map[string][]deskauth.Key{"5c81593a": nil}

	old := deskauth.NewKey("2025", "HS256", "the secret of the year before, from your vault")
	secrets := deskauth.StaticSecrets{Session: []deskauth.Key{old}, Projects: projects}
	before, err := deskauth.New(store, secrets, cfg)
	if err != nil {
		log.Fatal(err)
	}
	session, err := before.SigninAnonymously(ctx, deskauth.AnonymousInput{ProjectID: "5c81593a"})
	if err != nil {
		log.Fatal(err)
	}

	old.NotAfter = now.Add(30 * 24 * time.Hour) // as long as its last tokens may live
	current := deskauth.NewKey("2026", "HS256", "the secret of this year, from your vault")
	secrets.Session = []deskauth.Key{current, old}
	after, err := deskauth.New(store, secrets, cfg)
	if err != nil {
		log.Fatal(err)
	}
	_, err = after.Verify(ctx, session.Token)
	fmt.Println("in January:", err)

	now = old.NotAfter
	_, err = after.Verify(ctx, session.Token)
	fmt.Println("in February:", err)
	fmt.Println(current, old) // a key never prints its secret
	// Output:
	// in January: <nil>
	// in February: deskauth: invalid token
	// Key("2026" HS256) Key("2025" HS256)
}

func ExampleStaticSecrets() {
	secrets := deskauth.StaticSecrets{
		Session: []deskauth.Key{
			deskauth.NewKey("", "HS256", "32 random bytes or more, from your vault"),
		},
		Projects: map[string][]deskauth.Key{
			"5c81593a": {deskauth.NewKey("", "HS256", "8a1c8f4e-9a5e-4f1e-b7d1-0a2f3e4d5c6b")},
			"6d92604b": nil, // takes guests, and no custom tokens
		},
	}
	if _, err := deskauth.New(memstore.New(), secrets, deskauth.Config{}); err != nil {
		log.Fatal(err)
	}

	// The signer of custom tokens must not be able to sign session tokens.
	secrets.Projects["6d92604b"] = secrets.Session
	_, err := deskauth.New(memstore.New(), secrets, deskauth.Config{})
	fmt.Println(strings.ReplaceAll(err.Error(), "; ", ";\n"))
	// Output:
	// deskauth: project "6d92604b" has a session key: the signer of its custom tokens could make any session;
	// give it a key of its own
}

// The account of an external user can be found without its token.
func ExampleExternalUserID() {
	fmt.Println(deskauth.ExternalUserID("5c81593a", "123"))
	fmt.Println(deskauth.ExternalUserID("5c81593a", "123") == deskauth.ExternalUserID("6d92604b", "123"))
	// Output:
	// 2412162f-2156-8282-9175-98e341c7bbc7
	// false
}

func ExampleCanonicalEmail() {
	for _, address := range []string{
		"Andrea.Leo@F22.it", "andrea+chat@f22.it", "andrea@localhost", " andrea@f22.it", "andrea@ｆ22.it",
	} {
		email, err := deskauth.CanonicalEmail(address)
		if err != nil {
			fmt.Printf("the e-mail address %q %v\n", address, err)
			continue
		}
		fmt.Println(email)
	}
	// Output:
	// andrea.leo@f22.it
	// andrea+chat@f22.it
	// the e-mail address "andrea@localhost" is not a valid e-mail address
	// the e-mail address " andrea@f22.it" has a blank at its beginning: remove it
	// the e-mail address "andrea@ｆ22.it" must be written in ASCII letters, digits and signs only
}

// Other services check session tokens with the public keys alone.
func ExampleAuth_JWKS() {
	private := ed25519.NewKeyFromSeed([]byte("32 random bytes, from your vault"))
	secrets := deskauth.StaticSecrets{Session: []deskauth.Key{
		deskauth.NewKey("2026", "EdDSA", private),
		deskauth.NewKey("2025", "HS256", "the secret of the year before, from your vault"),
	}}
	auth, err := deskauth.New(memstore.New(), secrets, deskauth.Config{})
	if err != nil {
		log.Fatal(err)
	}
	set, err := auth.JWKS(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(strings.ReplaceAll(string(set), `,"`, "\n\""))
	// Output:
	// {"keys":[{"alg":"EdDSA"
	// "crv":"Ed25519"
	// "kid":"2026"
	// "kty":"OKP"
	// "use":"sig"
	// "x":"Or57H7qlFtC1LXJQ5kH9SdJ62puyScxcS9BvLB7LiKI"}]}
}
