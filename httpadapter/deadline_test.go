package httpadapter_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// A hangingLimiter waits in Take until its context ends.
type hangingLimiter struct{ deskauth.Limiter }

func (hangingLimiter) Take(ctx context.Context, _ ...deskauth.Attempt) (int, time.Duration, error) {
	<-ctx.Done()
	return -1, 0, fmt.Errorf("redis: %w", ctx.Err())
}

// hanging is what of the host's hangs until its context ends, and the endpoints that use
// it.
var hanging = map[string]struct {
	methods []string // of the store or the keys
	auth    deskauth.Config
	uses    string
}{
	"store": {
		methods: testkit.StoreMethods,
		uses:    "signup signin anonymous custom restore me",
	},
	"keys": {
		methods: testkit.KeyMethods,
		uses:    "anonymous custom restore me",
	},
	"limiter": {
		auth: deskauth.Config{Limiter: hangingLimiter{deskauth.NewMemoryLimiter(nil)}},
		uses: "signup signin anonymous custom",
	},
	"PasswordCheck": {
		auth: deskauth.Config{PasswordCheck: func(ctx context.Context, _ string) error {
			<-ctx.Done()
			return ctx.Err()
		}},
		uses: "signup",
	},
}

// Whatever of the host's hangs, each endpoint answers: 500 after Config.CallTimeout, or 503
// after an earlier deadline of the request.
func TestS40_HangingHostOverHTTP(t *testing.T) {
	t.Parallel()
	for what, h := range hanging {
		for endpoint := range strings.FieldsSeq(h.uses) {
			for _, deadline := range []time.Duration{0, 2 * time.Second} {
				t.Run(fmt.Sprint(what, "/", endpoint, "/", deadline), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						host := &testkit.Host{Users: memstore.New(), Secrets: testkit.Secrets()}
						before := start(t, setup{users: host, secrets: host})
						token := before.tokens(t)[deskauth.KindUser]
						s := start(t, setup{users: host, secrets: host, auth: h.auth})
						host.Break(testkit.Fault{Hangs: true}, h.methods...)

						ctx, status, msg, after := t.Context(), http.StatusInternalServerError, internalError, 5*time.Second
						if deadline > 0 {
							var cancel context.CancelFunc
							ctx, cancel = context.WithTimeout(ctx, deadline)
							defer cancel()
							status, msg, after = http.StatusServiceUnavailable, "It took too long. Try again.", deadline
						}
						begin := time.Now()
						refused(t, serve(s.door(endpoint, ctx, token)), status, msg)
						if took := time.Since(begin); took != after {
							t.Errorf("the answer came after %v, want %v", took, after)
						}
					})
				})
			}
		}
	}
}

// door returns a handler and a request for it.
func (s *service) door(endpoint string, ctx context.Context, token string) (http.Handler, *http.Request) {
	request := func(path, content string) *http.Request {
		r := httptest.NewRequestWithContext(ctx, http.MethodPost, path, strings.NewReader(content))
		r.Header.Set("Content-Type", "application/json")
		return r
	}
	authorized := func(path, token string) *http.Request {
		r := httptest.NewRequestWithContext(ctx, http.MethodPost, path, http.NoBody)
		r.Header.Set("Authorization", token)
		return r
	}
	switch endpoint {
	case "signup":
		return s, request("/signup", body("email", `"new@example.com"`))
	case "signin":
		return s, request("/signin", body())
	case "anonymous":
		return s, request("/signinAnonymously", asGuest)
	case "custom":
		return s, authorized("/signinWithCustomToken", "JWT "+testkit.TokenA(`"new"`))
	case "restore":
		return s, authorized("/signinWithCustomToken", token)
	}
	return guard(s.authenticate()), authorized("/me", token)
}
