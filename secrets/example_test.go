package secrets_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
	"github.com/deskauth/deskauth/secrets"
)

func ExampleEnv() {
	keys, err := secrets.Env(secrets.EnvConfig{Environ: []string{
		"DESKAUTH_SESSION_SECRET=32 random bytes or more: from your vault",
		"DESKAUTH_PROJECT=shop=the secret that the system of the shop has,lobby=",
	}})
	if err != nil {
		log.Fatal(err)
	}
	auth, err := deskauth.New(memstore.New(), keys, deskauth.Config{})
	fmt.Println(auth, err, len(keys.Session), len(keys.Projects))
	// Output: deskauth.Auth(https://tiledesk.com) <nil> 1 2
}

// A key is changed by changing its file, without a restart.
func ExampleFiles() {
	folder, err := os.MkdirTemp("", "secrets")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	session := filepath.Join(folder, "session")
	if err := os.WriteFile(session, []byte("32 random bytes or more: from your vault\n"), 0o600); err != nil {
		log.Fatal(err)
	}
	keys, err := secrets.Files([]string{session}, secrets.FilesConfig{})
	if err != nil {
		log.Fatal(err)
	}
	auth, err := deskauth.New(memstore.New(), keys, deskauth.Config{})
	fmt.Println(auth, err)
	// Output: deskauth.Auth(https://tiledesk.com) <nil>
}

// slowVault stands for a provider that asks over a network.
type slowVault struct{ deskauth.StaticSecrets }

func (v slowVault) SessionKeys(ctx context.Context) ([]deskauth.Key, error) {
	fmt.Println("the vault is asked")
	return v.StaticSecrets.SessionKeys(ctx)
}

func ExampleCached() {
	vault := slowVault{deskauth.StaticSecrets{Session: []deskauth.Key{
		deskauth.NewKey("", "HS256", "32 random bytes or more: from your vault"),
	}}}
	keys := secrets.Cached(vault, secrets.CachedConfig{})
	for range 3 {
		if _, err := keys.SessionKeys(context.Background()); err != nil {
			log.Fatal(err)
		}
	}
	// Output: the vault is asked
}

// The system of the shop publishes the keys that check its custom tokens.
func ExampleParseJWKS() {
	published := []byte(`{"keys":[{"kty":"EC","use":"sig","crv":"P-256","kid":"shop-1",
		"x":"zW7RY-_uYpSOe4AkW1kacw8yKmaEKM84RKc5g8ob5iY",
		"y":"05_QCHaAInFvRyn1pwTCrFJfvg4ZG4bOKb-qTPE3DDo"}]}`)
	shop, err := secrets.ParseJWKS(published)
	if err != nil {
		log.Fatal(err)
	}
	auth, err := deskauth.New(memstore.New(), deskauth.StaticSecrets{
		Session:  []deskauth.Key{deskauth.NewKey("", "HS256", "32 random bytes or more: from your vault")},
		Projects: map[string][]deskauth.Key{"shop": shop},
	}, deskauth.Config{})
	fmt.Println(auth, err, shop[0].ID(), shop[0].Algorithm())
	// Output: deskauth.Auth(https://tiledesk.com) <nil> shop-1 ES256
}
