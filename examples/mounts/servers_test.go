package mounts_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/examples/mounts"
	"github.com/deskauth/deskauth/httpadapter"
	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/adaptor"
	"github.com/labstack/echo/v5"
)

// A start starts a server and returns its address.
type start func(t *testing.T, auth *deskauth.Auth) string

// routers serve /v1/auth, /v1/users and /hello.
var routers = map[string]start{
	"mux":         std(mounts.Mux),
	"StripPrefix": std(stripped),
	"chi":         std(mounts.Chi),
	"gin":         std(mounts.Gin),
	"echo":        std(mounts.Echo),
	"fiber":       fast(mounts.Fiber),

	"chi with Prefix": std(prefixed),
	"chi in a mux": std(func(auth *deskauth.Auth) http.Handler {
		mux := http.NewServeMux()
		mux.Handle("/v1/", mounts.Chi(auth))
		mux.Handle("/hello", mounts.Chi(auth))
		return mux
	}),
}

// prefixed is chi with the prefix said twice.
func prefixed(auth *deskauth.Auth) http.Handler {
	router := chi.NewRouter()
	router.Mount("/v1/auth", httpadapter.New(auth, httpadapter.Config{Prefix: "/v1/auth"}))
	router.Mount("/v1/users", httpadapter.NewUsers(auth, httpadapter.Config{Prefix: "/v1/users"}))
	router.Handle("/hello", mounts.Mux(auth))
	return router
}

// stripped is a mux as it was before handlers knew where they are mounted.
func stripped(auth *deskauth.Auth) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/v1/auth/", http.StripPrefix("/v1/auth", httpadapter.New(auth, httpadapter.Config{})))
	users := http.StripPrefix("/v1/users", httpadapter.NewUsers(auth, httpadapter.Config{}))
	mux.Handle("/v1/users", users)
	mux.Handle("/v1/users/", users)
	mux.Handle("/hello", mounts.Mux(auth))
	return mux
}

// forgetful are routers with the handler at /v1/auth that nobody has told it of.
var forgetful = map[string]start{
	"chi, with a pattern of its own": std(func(auth *deskauth.Auth) http.Handler {
		router := chi.NewRouter()
		router.Mount("/{version:v[0-9]}/auth", httpadapter.New(auth, httpadapter.Config{}))
		return router
	}),
	"gin": std(func(auth *deskauth.Auth) http.Handler {
		router := gin.New()
		router.Any("/v1/auth/*endpoint", gin.WrapH(httpadapter.New(auth, httpadapter.Config{})))
		return router
	}),
	"echo, with a parameter": std(func(auth *deskauth.Auth) http.Handler {
		router := echo.New()
		router.Any("/:version/auth/*", echo.WrapHandler(httpadapter.New(auth, httpadapter.Config{})))
		return router
	}),
	"fiber": fast(func(auth *deskauth.Auth) *fiber.App {
		app := fiber.New()
		app.All("/v1/auth/*", adaptor.HTTPHandler(httpadapter.New(auth, httpadapter.Config{})))
		return app
	}),
	"fiber's Use": fast(func(auth *deskauth.Auth) *fiber.App {
		app := fiber.New()
		app.Use("/v1/auth", adaptor.HTTPHandler(httpadapter.New(auth, httpadapter.Config{})))
		return app
	}),
}

func std(newHandler func(*deskauth.Auth) http.Handler) start {
	return func(t *testing.T, auth *deskauth.Auth) string {
		server := httptest.NewServer(newHandler(auth))
		t.Cleanup(server.Close)
		return server.URL
	}
}

// fast starts a fiber app, which speaks to the network without net/http.
func fast(newApp func(*deskauth.Auth) *fiber.App) start {
	return func(t *testing.T, auth *deskauth.Auth) string {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		app, ended := newApp(auth), make(chan error, 1)
		go func() { ended <- app.Listener(listener, fiber.ListenConfig{DisableStartupMessage: true}) }()
		t.Cleanup(func() {
			if err := app.Shutdown(); err != nil {
				t.Error(err)
			}
			if err := <-ended; err != nil {
				t.Error(err)
			}
		})
		return "http://" + listener.Addr().String()
	}
}
