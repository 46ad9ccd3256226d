package sqlitestore_test

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/sqlitestore"
	"github.com/ncruces/go-sqlite3/driver"
)

// A guest signs in, the program starts again, and the guest is still known.
func ExampleOpen() {
	dir, err := os.MkdirTemp("", "") // only its owner may read it
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	ctx, token := context.Background(), ""
	for range 2 {
		store, err := sqlitestore.Open(filepath.Join(dir, "accounts.db"))
		if err != nil {
			log.Fatal(err)
		}
		auth, err := deskauth.New(store, deskauth.StaticSecrets{
			Session:  []deskauth.Key{deskauth.NewKey("", "HS256", "32 random bytes or more, from your vault")},
			Projects: map[string][]deskauth.Key{"demo": nil},
		}, deskauth.Config{Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			log.Fatal(err)
		}
		if token == "" {
			session, err := auth.SigninAnonymously(ctx, deskauth.AnonymousInput{ProjectID: "demo"})
			if err != nil {
				log.Fatal(err)
			}
			token = session.Token
		} else {
			guest, err := auth.Verify(ctx, token)
			if err != nil {
				log.Fatal(err)
			}
			fmt.Println(guest.Kind, "of", guest.ProjectID)
		}
		if err := store.Close(); err != nil {
			log.Fatal(err)
		}
	}
	// Output: guest of demo
}

// The accounts live in a database that the program has open for other things.
func ExampleNew() {
	// Any driver will do. With this one, connections wait for each other for a minute.
	db, err := driver.Open(":memory:")
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1) // each connection would have a database in memory of its own

	store, err := open(context.Background(), db)
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close() // before the database
	users, err := store.ListUsers(context.Background(), "", 10)
	fmt.Println(len(users), err)
	// Output: 0 <nil>
}

func open(ctx context.Context, db *sql.DB) (*sqlitestore.Store, error) {
	if err := sqlitestore.Migrate(ctx, db); err != nil {
		return nil, err
	}
	return sqlitestore.New(db), nil
}
