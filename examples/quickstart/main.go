package main

import (
	"crypto/rand"
	"fmt"
	"log"
	"net/http"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/httpadapter"
	"github.com/deskauth/deskauth/memstore"
)

func main() {
	auth, err := deskauth.New(memstore.New(), deskauth.StaticSecrets{
		Session:  []deskauth.Key{deskauth.NewKey("", "HS256", rand.Text()+rand.Text())}, // a restart ends sessions
		Projects: map[string][]deskauth.Key{"demo": nil},                                // without a secret: guests only
	}, deskauth.Config{})
	if err != nil {
		log.Fatal(err)
	}
	hello := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := httpadapter.MustIdentity(r.Context())
		fmt.Fprintf(w, "Hello %s, you are a %s.\n", id.FirstName, id.Kind)
	})
	mux := http.NewServeMux()
	mux.Handle("/v1/auth/", httpadapter.New(auth, httpadapter.Config{}))
	mux.Handle("GET /hello", httpadapter.Authenticate(auth, httpadapter.MiddlewareConfig{})(hello))
	srv := http.Server{Addr: "127.0.0.1:8080", Handler: mux, ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second}
	log.Fatal(srv.ListenAndServe())
}
