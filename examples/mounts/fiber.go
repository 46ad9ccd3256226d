package mounts

import (
	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/httpadapter"
	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/adaptor"
)

// Fiber returns a fiber app. Its adaptor carries the identity over to fiber's own context.
func Fiber(auth *deskauth.Auth) *fiber.App {
	app := fiber.New()
	app.Use(oneAuthorization)
	app.All("/v1/auth/*", adaptor.HTTPHandler(httpadapter.New(auth, httpadapter.Config{Prefix: "/v1/auth"})))
	users := adaptor.HTTPHandler(httpadapter.NewUsers(auth, httpadapter.Config{Prefix: "/v1/users"}))
	app.All("/v1/users", users)
	app.All("/v1/users/*", users)

	guarded := app.Group("",
		adaptor.HTTPMiddleware(httpadapter.Authenticate(auth, httpadapter.MiddlewareConfig{})),
		adaptor.HTTPMiddleware(httpadapter.Require(deskauth.KindUser)))
	guarded.Get("/hello", func(c fiber.Ctx) error {
		id := httpadapter.MustIdentity(c.RequestCtx())
		return c.SendString("Hello " + id.FirstName)
	})
	return app
}

// oneAuthorization takes away the Authorization headers of a request that has several. It
// is then refused for having none. The adaptor would pass the last one on, as if it were
// alone.
func oneAuthorization(c fiber.Ctx) error {
	header := &c.Request().Header
	if len(header.PeekAll(fiber.HeaderAuthorization)) > 1 {
		header.Del(fiber.HeaderAuthorization)
	}
	return c.Next()
}
