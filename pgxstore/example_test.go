package pgxstore_test

import (
	"context"
	"log"
	"os"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/pgxstore"
	"github.com/jackc/pgx/v5/pgxpool"
)

// A program keeps its accounts in the database that it has anyway.
func ExampleNew() {
	ctx := context.Background()
	pool, err := pgxpool.New(ctx, os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()
	if err := pgxstore.Migrate(ctx, pool); err != nil {
		log.Fatal(err)
	}
	auth, err := deskauth.New(pgxstore.New(pool), deskauth.StaticSecrets{
		Session: []deskauth.Key{deskauth.NewKey("", "HS256", os.Getenv("SESSION_SECRET"))},
	}, deskauth.Config{})
	if err != nil {
		log.Fatal(err)
	}
	_ = auth // goes to httpadapter.New
}

// Each tenant has accounts of its own, in a schema of its own.
func ExampleNewTable() {
	ctx := context.Background()
	pool, err := pgxpool.New(ctx, os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()
	for _, tenant := range []string{"acme", "globex"} {
		store, err := pgxstore.NewTable(pool, tenant, "accounts")
		if err != nil {
			log.Fatal(err)
		}
		if err := store.Migrate(ctx); err != nil { // makes the schema too
			log.Fatal(err)
		}
	}
}
