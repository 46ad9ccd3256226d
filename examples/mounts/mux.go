package mounts

import (
	"fmt"
	"net/http"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/httpadapter"
)

// Mux returns a mux of net/http. Its patterns say where the handlers are mounted.
func Mux(auth *deskauth.Auth) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/v1/auth/", httpadapter.New(auth, httpadapter.Config{}))
	users := httpadapter.NewUsers(auth, httpadapter.Config{})
	mux.Handle("/v1/users", users)
	mux.Handle("/v1/users/", users)

	authenticate := httpadapter.Authenticate(auth, httpadapter.MiddlewareConfig{})
	agentsOnly := httpadapter.Require(deskauth.KindUser)
	mux.Handle("GET /hello", authenticate(agentsOnly(http.HandlerFunc(hello))))
	return mux
}

func hello(w http.ResponseWriter, r *http.Request) {
	fmt.Fprintf(w, "Hello %s", httpadapter.MustIdentity(r.Context()).FirstName)
}
