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
		Session:  []deskauth.Key{deskauth.NewKey("", "HS256", "a secret of 32 bytes or more that nobody knows")},
		Projects: map[string][]deskauth.Key{"demo": nil},
	}, deskauth.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := auth.SigninAnonymously(context.Background(), deskauth.AnonymousInput{ProjectID: "demo"}); err != nil {
		log.Fatal(err)
	}
	fmt.Println(store.Len())
	// Output: 1
}
