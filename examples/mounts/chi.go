package mounts

import (
	"net/http"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/httpadapter"
	"github.com/go-chi/chi/v5"
)

// Chi returns a chi router. Its middlewares have the same type as ours.
func Chi(auth *deskauth.Auth) http.Handler {
	router := chi.NewRouter()
	router.Mount("/v1/auth", httpadapter.New(auth, httpadapter.Config{}))
	router.Mount("/v1/users", httpadapter.NewUsers(auth, httpadapter.Config{}))

	router.Group(func(guarded chi.Router) {
		guarded.Use(httpadapter.Authenticate(auth, httpadapter.MiddlewareConfig{}))
		guarded.Use(httpadapter.Require(deskauth.KindUser))
		guarded.Get("/hello", hello)
	})
	return router
}
