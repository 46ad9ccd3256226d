package accounts_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/accounts"
	"github.com/deskauth/deskauth/memstore"
)

// Delete guests who cannot come back any more, every night for instance.
func ExamplePurgeIdle() {
	store := memstore.New()
	const guestTTL = 30 * 24 * time.Hour             // Config.GuestTTL, here the default
	const idle = guestTTL + 24*time.Hour + time.Hour // a day, and more than Config.Leeway
	idleSince := time.Now().Add(-idle)
	deleted, err := accounts.PurgeIdle(
		context.Background(), store, deskauth.KindGuest, idleSince, 100_000, accounts.PurgeConfig{})
	if err != nil {
		log.Print(err) // what was deleted before stays deleted
	}
	fmt.Println(deleted, "guests deleted")
	// Output: 0 guests deleted
}

// Move to another store, here from one in memory to another. If the copy stops in the
// middle, start it again.
func ExampleCopy() {
	ctx := context.Background()
	from, to := memstore.New(), memstore.New()
	for _, id := range []string{"ada", "grace", "edsger"} {
		user := deskauth.User{ID: id, Kind: deskauth.KindUser, Email: id + "@example.com"}
		if err := from.CreateUser(ctx, deskauth.Account{User: user}); err != nil {
			log.Fatal(err)
		}
	}
	copied, err := accounts.Copy(ctx, from, to, accounts.CopyConfig{
		Progress: func(n int) { fmt.Println(n, "accounts so far") },
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(copied, "accounts are in place,", to.Len(), "in all")
	// Output:
	// 3 accounts so far
	// 3 accounts are in place, 3 in all
}
