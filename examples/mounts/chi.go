package mounts

import (
	"fmt"
	"net/http"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/httpadapter"
	"github.com/go-chi/chi/v5"
)

// Chi returns a chi router. Its middlewares have the same type as ours.
func Chi(auth *deskauth.Auth) http.Handler {
	router := chi.NewRouter()
	router.Mount("/v1/auth", http.StripPrefix("/v1/auth", httpadapter.New(auth, httpadapter.Config{})))

	router.Group(func(guarded chi.Router) {
		guarded.Use(httpadapter.Authenticate(auth, httpadapter.MiddlewareConfig{}))
		guarded.Use(httpadapter.Require(deskauth.KindGuest))
		guarded.Get("/hello", func(w http.ResponseWriter, r *http.Request) {
			id, _ := httpadapter.IdentityFrom(r.Context())
			fmt.Fprintf(w, "Hello %s", id.FirstName)
		})
	})
	return router
}
