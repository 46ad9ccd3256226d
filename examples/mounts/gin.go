package mounts

import (
	"net/http"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/httpadapter"
	"github.com/gin-gonic/gin"
)

// Gin returns a gin engine.
func Gin(auth *deskauth.Auth) http.Handler {
	router := gin.New()
	router.Any("/v1/auth/*endpoint", gin.WrapH(httpadapter.New(auth, httpadapter.Config{Prefix: "/v1/auth"})))
	users := gin.WrapH(httpadapter.NewUsers(auth, httpadapter.Config{Prefix: "/v1/users"}))
	router.Any("/v1/users", users)
	router.Any("/v1/users/*endpoint", users)

	guarded := router.Group("/",
		ginMiddleware(httpadapter.Authenticate(auth, httpadapter.MiddlewareConfig{})),
		ginMiddleware(httpadapter.Require(deskauth.KindUser)))
	guarded.GET("/hello", func(c *gin.Context) {
		id := httpadapter.MustIdentity(c.Request.Context())
		c.String(http.StatusOK, "Hello %s", id.FirstName)
	})
	return router
}

// ginMiddleware makes a gin middleware of one for net/http. If that answers the request
// itself, the handlers behind it do not run.
func ginMiddleware(middleware func(http.Handler) http.Handler) gin.HandlerFunc {
	return func(c *gin.Context) {
		passed := false
		next := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			passed = true
			c.Request = r // which has the identity
			c.Next()
		})
		middleware(next).ServeHTTP(c.Writer, c.Request)
		if !passed {
			c.Abort()
		}
	}
}
