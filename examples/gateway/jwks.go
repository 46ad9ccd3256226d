package gateway

import (
	"context"
	"time"

	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
	"golang.org/x/time/rate"
)

// keysAt reads the keys at a URL, PREFIX/.well-known/jwks.json: at once, every five
// minutes, and for a token that names another key. It does so until ctx ends. Call it once.
func keysAt(ctx context.Context, url string) (keyfunc.Keyfunc, error) {
	return keyfunc.NewDefaultOverrideCtx(ctx, []string{url}, keyfunc.Override{
		RefreshInterval:   5 * time.Minute,
		RefreshUnknownKID: rate.NewLimiter(rate.Every(30*time.Second), 1),
		RateLimitWaitMax:  2 * time.Second, // by default a forged token may wait for a minute
	})
}

// checkWith does what check does, with those keys. No algorithm of the list may begin with
// HS.
func checkWith(keys keyfunc.Keyfunc, token string, kinds []string, project string) (identity, error) {
	claims := jwt.MapClaims{}
	_, err := jwt.ParseWithClaims(token, claims, keys.Keyfunc,
		jwt.WithValidMethods([]string{"ES256", "RS256", "EdDSA"}),
		jwt.WithStrictDecoding(),
		jwt.WithExpirationRequired())
	if err != nil {
		return identity{}, err
	}
	return identify(claims, kinds, project)
}
