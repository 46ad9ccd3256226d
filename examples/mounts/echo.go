package mounts

import (
	"net/http"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/httpadapter"
	"github.com/labstack/echo/v5"
)

// Echo returns an echo instance.
func Echo(auth *deskauth.Auth) http.Handler {
	router := echo.New()
	handler := http.StripPrefix("/v1/auth", httpadapter.New(auth, httpadapter.Config{}))
	router.Any("/v1/auth/*", echo.WrapHandler(handler))

	guarded := router.Group("",
		echo.WrapMiddleware(httpadapter.Authenticate(auth, httpadapter.MiddlewareConfig{})),
		echo.WrapMiddleware(httpadapter.Require(deskauth.KindGuest)))
	guarded.GET("/hello", func(c *echo.Context) error {
		id, _ := httpadapter.IdentityFrom(c.Request().Context())
		return c.String(http.StatusOK, "Hello "+id.FirstName)
	})
	return router
}
