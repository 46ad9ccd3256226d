package deskauth_test

import (
	"context"
	"fmt"
	"log"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
)

// Going through all accounts by page, for an export.
func ExampleUserLister() {
	ctx := context.Background()
	store := memstore.New()
	for i := range 5 {
		user := deskauth.User{ID: fmt.Sprint("user-", i), Kind: deskauth.KindUser}
		if err := store.CreateUser(ctx, deskauth.Account{User: user}); err != nil {
			log.Fatal(err)
		}
	}
	const limit = 2
	for after := ""; ; {
		page, err := store.ListUsers(ctx, after, limit)
		if err != nil {
			log.Fatal(err)
		}
		for _, a := range page {
			fmt.Println(a.ID)
			after = a.ID
		}
		if len(page) < limit {
			break
		}
	}
	// Output:
	// user-0
	// user-1
	// user-2
	// user-3
	// user-4
}
