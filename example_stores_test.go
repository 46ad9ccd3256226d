package deskauth_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
)

// Deleting guests who cannot come back any more, from time to time.
func ExampleAuth_PurgeGuests() {
	auth := exampleAuth()
	const guestTTL = 30 * 24 * time.Hour             // Config.GuestTTL, here the default
	const idle = guestTTL + 24*time.Hour + time.Hour // a day, and more than Config.Leeway
	deleted, err := auth.PurgeGuests(context.Background(), time.Now().Add(-idle), 100_000)
	if err != nil {
		log.Print(err) // what was deleted before stays deleted
	}
	fmt.Println(deleted, "guests deleted")
	// Output: 0 guests deleted
}

// Moving to another store, here from one in memory to another. Stopped in the middle, it
// is simply started again.
func ExampleCopyAccounts() {
	ctx := context.Background()
	from, to := memstore.New(), memstore.New()
	for _, id := range []string{"ada", "grace", "edsger"} {
		if err := from.CreateUser(ctx, deskauth.Account{User: deskauth.User{ID: id, Kind: deskauth.KindUser, Email: id + "@example.com"}}); err != nil {
			log.Fatal(err)
		}
	}
	copied, err := deskauth.CopyAccounts(ctx, from, to, func(accounts int) { fmt.Println(accounts, "accounts so far") })
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(copied, "accounts are in place,", to.Len(), "in all")
	// Output:
	// 3 accounts so far
	// 3 accounts are in place, 3 in all
}

// Going through all accounts by page, for an export.
func ExampleUserLister() {
	ctx := context.Background()
	store := memstore.New()
	for i := range 5 {
		if err := store.CreateUser(ctx, deskauth.Account{User: deskauth.User{ID: fmt.Sprint("user-", i), Kind: deskauth.KindUser}}); err != nil {
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
