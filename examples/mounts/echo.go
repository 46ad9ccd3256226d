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
	router.Any("/v1/auth/*", echo.WrapHandler(httpadapter.New(auth, httpadapter.Config{})))
	users := echo.WrapHandler(httpadapter.NewUsers(auth, httpadapter.Config{}))
	router.Any("/v1/users", users)
	router.Any("/v1/users/*", users)

	guarded := router.Group("",
		echo.WrapMiddleware(httpadapter.Authenticate(auth, httpadapter.MiddlewareConfig{})),
		echo.WrapMiddleware(httpadapter.Require(deskauth.KindUser)))
	guarded.GET("/hello", func(c *echo.Context) error {
		id := httpadapter.MustIdentity(c.Request().Context())
		return c.String(http.StatusOK, "Hello "+id.FirstName)
	})
	return router
}
