package memstore_test

import (
	"context"
	"fmt"
	"log"
	"log/slog"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
)

func ExampleNew() {
	store := memstore.New()
	auth, err := deskauth.New(store, deskauth.StaticSecrets{
		Session:  []deskauth.Key{deskauth.NewKey("", "HS256", "32 random bytes or more, from your vault")},
		Projects: map[string][]deskauth.Key{"demo": nil},
	}, deskauth.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		log.Fatal(err)
	}
	guest := deskauth.AnonymousInput{ProjectID: "demo"}
	if _, err := auth.SigninAnonymously(context.Background(), guest); err != nil {
		log.Fatal(err)
	}
	fmt.Println(store.Len())
	// Output: 1
}
