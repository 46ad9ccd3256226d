// Package httpadapter serves a [deskauth.Auth] over HTTP in the wire format of Tiledesk's
// authentication API, so that Tiledesk's widget and clients work against it unchanged. It
// also guards other handlers with the tokens that it issues.
//
//	handler := httpadapter.New(auth, httpadapter.Config{})
//	mux.Handle("/v1/auth/", http.StripPrefix("/v1/auth", handler))
//	authenticate := httpadapter.Authenticate(auth, httpadapter.MiddlewareConfig{})
//	mux.Handle("/tickets", authenticate(tickets))
//
// The handler sends no CORS headers, and the widget calls from other origins. Put a
// middleware like github.com/rs/cors around the whole mux, so that errors carry its headers
// too.
package httpadapter

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"runtime/debug"

	"github.com/deskauth/deskauth"
)

// Config holds the settings of the handler that [New] returns. The zero value is safe.
type Config struct {
	// MaxBodyBytes is the size of the largest request body that is read. A larger one is
	// answered with 413. The default is 64 KiB.
	MaxBodyBytes int64

	// Client returns the client of a request, for limits and events: an IP address, or a
	// name that the client cannot choose. The default is the peer's address. Behind a proxy
	// every peer is the proxy, so all clients would share one client's limits: set
	// [ForwardedFor] with your proxies' addresses.
	Client func(r *http.Request) string

	// DisableSignup closes POST /signup: it is answered with 403. [deskauth.Auth.Signup]
	// goes on working, for invitations of the host's own.
	DisableSignup bool

	// OmitGuestEmail leaves the made-up address out of a guest's `user`. Tiledesk's widget
	// takes it for the visitor's own, and does not ask for one.
	OmitGuestEmail bool

	// Logger gets what fails here and not in deskauth, such as a panic in Client. The
	// default is [slog.Default] at the time of [New].
	Logger *slog.Logger
}

const defaultMaxBodyBytes = 64 << 10

type adapter struct {
	auth           *deskauth.Auth
	maxBodyBytes   int64
	client         func(r *http.Request) string
	logger         *slog.Logger
	signupClosed   bool
	omitGuestEmail bool
}

// An endpoint reads a request and returns what is to be answered.
type endpoint func(*adapter, http.ResponseWriter, *http.Request) (any, error)

// routes is the table of endpoints. All are POST.
var routes = map[string]endpoint{
	"/signup":                (*adapter).signup,
	"/signin":                (*adapter).signin,
	"/signinAnonymously":     (*adapter).signinAnonymously,
	"/signinWithCustomToken": (*adapter).signinWithCustomToken,
}

// New returns a handler for POST /signup, /signin, /signinAnonymously and
// /signinWithCustomToken. It is safe for concurrent use. To mount it under a prefix, put
// [http.StripPrefix] around it. New panics on a nil Auth.
func New(auth *deskauth.Auth, cfg Config) http.Handler {
	if auth == nil {
		panic("httpadapter: New needs an Auth: check the error that deskauth.New returned")
	}
	if cfg.MaxBodyBytes <= 0 {
		cfg.MaxBodyBytes = defaultMaxBodyBytes
	}
	if cfg.Client == nil {
		cfg.Client = peer
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	return &adapter{
		auth:           auth,
		maxBodyBytes:   cfg.MaxBodyBytes,
		client:         cfg.Client,
		logger:         cfg.Logger,
		signupClosed:   cfg.DisableSignup,
		omitGuestEmail: cfg.OmitGuestEmail,
	}
}

// peer returns the address that the connection comes from. It returns nothing for one
// without, such as a Unix socket: else all of its clients would be one.
func peer(r *http.Request) string {
	if address, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		return address.Addr().String()
	}
	if address, err := netip.ParseAddr(r.RemoteAddr); err == nil {
		return address.String()
	}
	return ""
}

func (a *adapter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	endpoint, ok := routes[r.URL.Path]
	switch {
	case !ok:
		writeError(w, r, refusef(http.StatusNotFound, "Not found."))
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", http.MethodPost)
		writeError(w, r, refusef(http.StatusMethodNotAllowed, "Method not allowed. Use POST."))
	default:
		answer, err := a.call(endpoint, w, r)
		if err != nil {
			writeError(w, r, err)
			return
		}
		if err := write(w, http.StatusOK, answer); err != nil {
			a.logger.ErrorContext(r.Context(), "httpadapter: encode an answer", "error", err)
		}
	}
}

// call contains a panic of the host's code that deskauth has not called: Config.Client.
func (a *adapter) call(endpoint endpoint, w http.ResponseWriter, r *http.Request) (answer any, err error) {
	defer func() {
		if p := recover(); p != nil {
			a.logger.ErrorContext(r.Context(), "httpadapter: panic",
				"panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = errPanic
		}
	}()
	answer, err = endpoint(a, w, r)
	if unmade, ok := errors.AsType[*answerError](err); ok {
		a.logger.ErrorContext(r.Context(), "httpadapter: make an answer", "error", unmade.error)
	}
	return answer, err
}

var errPanic = errors.New("httpadapter: panic")
