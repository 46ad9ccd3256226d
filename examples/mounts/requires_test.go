package mounts_test

import (
	"net/http"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/deskauthtest"
	"github.com/deskauth/deskauth/httpadapter"
	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/adaptor"
	"github.com/labstack/echo/v5"
)

// A middleware has the type that net/http's have.
type middleware = func(http.Handler) http.Handler

func agentsOnly() middleware { return httpadapter.Require(deskauth.KindUser) }

func optional(auth *deskauth.Auth) middleware {
	return httpadapter.Optional(auth, httpadapter.MiddlewareConfig{})
}

func authenticate(auth *deskauth.Auth) middleware {
	return httpadapter.Authenticate(auth, httpadapter.MiddlewareConfig{})
}

func helloTo(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("Hello")) }

// visitors are routers with Optional and Require before /hello.
var visitors = map[string]start{
	"chi": std(func(auth *deskauth.Auth) http.Handler {
		router := chi.NewRouter()
		router.With(optional(auth), agentsOnly()).Get("/hello", helloTo)
		return router
	}),
	"gin": std(func(auth *deskauth.Auth) http.Handler {
		router := gin.New()
		router.Use(passesOn(optional(auth)), passesOn(agentsOnly()))
		router.GET("/hello", func(c *gin.Context) { c.String(200, "Hello") })
		return router
	}),
	"echo": std(func(auth *deskauth.Auth) http.Handler {
		router := echo.New()
		router.GET("/hello", func(c *echo.Context) error { return c.String(200, "Hello") },
			echo.WrapMiddleware(optional(auth)), echo.WrapMiddleware(agentsOnly()))
		return router
	}),
	"fiber": fast(func(auth *deskauth.Auth) *fiber.App {
		app := fiber.New()
		app.Use(adaptor.HTTPMiddleware(optional(auth)), adaptor.HTTPMiddleware(agentsOnly()))
		app.Get("/hello", func(c fiber.Ctx) error { return c.SendString("Hello") })
		return app
	}),
}

// careless are routers whose Require does not get what Authenticate has found out.
var careless = map[string]start{
	"chi, the wrong way round": std(func(auth *deskauth.Auth) http.Handler {
		router := chi.NewRouter()
		router.With(agentsOnly(), authenticate(auth)).Get("/hello", helloTo)
		return router
	}),
	"gin, without c.Request": std(func(auth *deskauth.Auth) http.Handler {
		router := gin.New()
		router.Use(forgets(authenticate(auth)), forgets(agentsOnly()))
		router.GET("/hello", func(c *gin.Context) { c.String(200, "Hello") })
		return router
	}),
	"echo, without c.SetRequest": std(func(auth *deskauth.Auth) http.Handler {
		router := echo.New()
		wrap := func(m middleware) echo.MiddlewareFunc {
			return func(next echo.HandlerFunc) echo.HandlerFunc {
				return func(c *echo.Context) (err error) {
					m(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { err = next(c) })).
						ServeHTTP(c.Response(), c.Request())
					return err
				}
			}
		}
		router.GET("/hello", func(c *echo.Context) error { return c.String(200, "Hello") },
			wrap(authenticate(auth)), wrap(agentsOnly()))
		return router
	}),
	"fiber, without HTTPMiddleware": fast(func(auth *deskauth.Auth) *fiber.App {
		app := fiber.New()
		wrap := func(m middleware) fiber.Handler {
			return func(c fiber.Ctx) error {
				passed := false
				next := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { passed = true })
				if err := adaptor.HTTPHandler(m(next))(c); err != nil || !passed {
					return err
				}
				return c.Next()
			}
		}
		app.Use(wrap(authenticate(auth)), wrap(agentsOnly()))
		app.Get("/hello", func(c fiber.Ctx) error { return c.SendString("Hello") })
		return app
	}),
}

// passesOn is the adapter of gin.go, which is not exported.
func passesOn(m middleware) gin.HandlerFunc {
	return func(c *gin.Context) { run(c, m, func(r *http.Request) { c.Request = r }) }
}

func forgets(m middleware) gin.HandlerFunc {
	return func(c *gin.Context) { run(c, m, func(*http.Request) {}) }
}

func run(c *gin.Context, m middleware, pass func(*http.Request)) {
	passed := false
	m(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		passed = true
		pass(r)
		c.Next()
	})).ServeHTTP(c.Writer, c.Request)
	if !passed {
		c.Abort()
	}
}

// Behind Optional a stranger is refused, also where an adapter carries the context over.
func TestRequireBehindOptional(t *testing.T) {
	for name, start := range visitors {
		t.Run(name, func(t *testing.T) {
			kit := deskauthtest.New(t)
			address := start(t, kit.Auth)
			_, guest := kit.Guest("demo")
			_, ada := kit.User("ada@example.com")
			for _, r := range []request{
				{"a stranger", "GET", "/hello", nil, "", 401, challenge, noToken},
				{"a bad token", "GET", "/hello", []string{ada + "A"}, "", 401, challenge, noToken},
				{"a guest", "GET", "/hello", []string{guest}, "", 403, isJSON, forbidden},
				{"an agent", "GET", "/hello", []string{ada}, "", 200, "", "Hello"},
			} {
				t.Run(r.name, func(t *testing.T) { r.check(t, address) })
			}
		})
	}
}

// Where an adapter loses what Authenticate found out, nobody gets through. The answer to a
// good token is no 401: signing in again would not help.
func TestRequireThatGetsNothing(t *testing.T) {
	const broken = `{"success":false,"msg":"Internal error.","code":"internal_error"}`
	for name, start := range careless {
		t.Run(name, func(t *testing.T) {
			kit := deskauthtest.New(t)
			address := start(t, kit.Auth)
			_, ada := kit.User("ada@example.com")
			request{"", "GET", "/hello", []string{ada}, "", 500, isJSON, broken}.check(t, address)
		})
	}
}
