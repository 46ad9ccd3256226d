package deskauth_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"strings"

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

// Accounts of another system are looked at before they are written.
func ExampleCheckImport() {
	for _, a := range []deskauth.Account{
		{
			User:         deskauth.User{ID: "5c81593a", Kind: deskauth.KindUser, Email: "ada@example.com"},
			PasswordHash: "$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy",
		},
		{
			User:         deskauth.User{ID: "5c81593b", Kind: deskauth.KindUser, Email: "Bob@Example.com"},
			PasswordHash: "5f4dcc3b5aa765d61d8327deb882cf99",
		},
	} {
		err := deskauth.CheckImport(a)
		fmt.Println(a.ID, err == nil)
		if flaws, ok := errors.AsType[*deskauth.ValidationError](err); ok {
			for _, f := range flaws.Fields {
				fmt.Println(f.Field, strings.Split(f.Message, ":")[0])
			}
		}
	}
	// Output:
	// 5c81593a true
	// 5c81593b false
	// Email is "Bob@Example.com", and is found as "bob@example.com" only
	// PasswordHash cannot be used
}
