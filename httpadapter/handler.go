// Package httpadapter serves a [deskauth.Auth] over HTTP in the wire format of Tiledesk's
// authentication API, so that Tiledesk's widget and clients work against it unchanged. It
// also guards other handlers with the tokens that it issues.
//
//	cfg := httpadapter.Config{}
//	mux.Handle("/v1/auth/", httpadapter.New(auth, cfg))
//	users := httpadapter.NewUsers(auth, cfg)
//	mux.Handle("/v1/users", users)
//	mux.Handle("/v1/users/", users)
//	authenticate := httpadapter.Authenticate(auth, httpadapter.MiddlewareConfig{})
//	mux.Handle("/tickets", authenticate(tickets))
//
// The handler sends no CORS headers, and the widget calls from other origins. Put a
// middleware like github.com/rs/cors around the whole mux, so that errors carry its headers
// too.
package httpadapter

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"

	"github.com/deskauth/deskauth"
)

// Config holds the settings of the handlers that [New] and [NewUsers] return. The zero
// value is safe. One Config may serve both, but for Prefix: NewUsers has no use for
// DisableSignup, OmitGuestEmail and OpenAPI.
type Config struct {
	// Prefix is the path that the handler is mounted at, such as "/v1/auth", for routers
	// that do not say so themselves. By default it is what Request.Pattern says, which
	// [http.ServeMux], chi and echo set, and nothing where [http.StripPrefix] has taken it
	// away. With a Prefix, every other path is answered with 404. [New] panics on one that
	// no request can have: without a slash at its start, a pattern like "/{tenant}/auth",
	// percent-encoded, or not clean.
	Prefix string

	// MaxBodyBytes is the size of the largest request body that is read. A larger one is
	// answered with 413. The default is 64 KiB.
	MaxBodyBytes int64

	// Client returns the client of a request, for limits and events: an IP address, or a
	// name that the client cannot choose. The default is the peer's address. Behind a proxy
	// every peer is the proxy, so all clients would share one client's limits: set
	// [ForwardedFor] with your proxies' addresses.
	Client func(r *http.Request) string

	// DisableSignup closes POST /signup, also to guests: it is answered with 403.
	// [deskauth.Auth.Signup] and [deskauth.Auth.UpgradeGuest] go on working, for
	// invitations of the host's own.
	DisableSignup bool

	// OmitGuestEmail leaves the made-up address out of a guest's `user`. Tiledesk's widget
	// takes it for the visitor's own, and does not ask for one.
	OmitGuestEmail bool

	// OpenAPI says where the handlers are mounted. With it, [New] serves a description of
	// both in OpenAPI 3.1 at GET /openapi.json, to anybody who asks. By default that is a
	// 404. [New] panics on what it would not take as a Prefix.
	OpenAPI Mounts

	// Logger gets what fails here and not in deskauth, such as a panic in Client. The
	// default is [slog.Default] at the time of [New].
	Logger *slog.Logger
}

const defaultMaxBodyBytes = 64 << 10

type adapter struct {
	auth           *deskauth.Auth
	mount          mount
	routes         map[string]route
	maxBodyBytes   int64
	client         func(r *http.Request) string
	logger         *slog.Logger
	signupClosed   bool
	omitGuestEmail bool
	document       json.RawMessage // what GET /openapi.json answers
}

// An endpoint reads a request and returns what is to be answered.
type endpoint func(*adapter, http.ResponseWriter, *http.Request) (any, error)

// A route is the endpoints of a path, in the order in which Allow lists them.
type route []struct {
	method   string
	endpoint endpoint
}

// routes is the table of endpoints of [New].
var routes = map[string]route{
	"/signup":                {{http.MethodPost, (*adapter).signup}},
	"/signin":                {{http.MethodPost, (*adapter).signin}},
	"/signinAnonymously":     {{http.MethodPost, (*adapter).signinAnonymously}},
	"/signinWithCustomToken": {{http.MethodPost, (*adapter).signinWithCustomToken}},
	"/signout":               {{http.MethodPost, (*adapter).signout}},
	"/.well-known/jwks.json": {{http.MethodGet, (*adapter).jwks}, {http.MethodHead, (*adapter).jwks}},
}

// mailRoutes are there only where the Auth has a Mailer. A path that ends in a slash stands
// for all that goes on from there: see rest.
var mailRoutes = map[string]route{
	"/requestresetpsw":   {{http.MethodPut, (*adapter).requestPasswordReset}},
	"/checkpswresetkey/": {{http.MethodGet, (*adapter).checkResetCode}},
	"/resetpsw/":         {{http.MethodPut, (*adapter).resetPassword}},
	"/verifyemail/":      {{http.MethodPut, (*adapter).verifyEmail}},
	"/changeemail/":      {{http.MethodPut, (*adapter).changeEmail}},
}

// New returns a handler for POST /signup, /signin, /signinAnonymously,
// /signinWithCustomToken and /signout, and for GET /.well-known/jwks.json. With a Mailer it
// has PUT /requestresetpsw, GET /checkpswresetkey/{code}, PUT /resetpsw/{code}, PUT
// /verifyemail/{userid}/{code} and PUT /changeemail/{code}, too. Config.OpenAPI adds GET
// /openapi.json. It is safe for concurrent use. New panics on a nil Auth.
//
// It finds out where it is mounted: mux.Handle("/v1/auth/", New(auth, cfg)) is enough for
// [http.ServeMux], and Mount for chi. For routers that leave no pattern in the request, set
// Config.Prefix, or put [http.StripPrefix] around it.
func New(auth *deskauth.Auth, cfg Config) http.Handler {
	if auth == nil {
		panic("httpadapter: New needs an Auth: check the error that deskauth.New returned")
	}
	a := newAdapter(auth, cfg, routes, mailRoutes)
	if cfg.OpenAPI != (Mounts{}) {
		cfg.OpenAPI.check()
		a.routes[openAPIPath] = route{{http.MethodGet, (*adapter).openAPI}}
		a.document = describe(cfg.OpenAPI, map[string]bool{
			needsMailer: !auth.HasMailer(), needsSignup: cfg.DisableSignup,
		})
	}
	return a
}

func newAdapter(auth *deskauth.Auth, cfg Config, always, withMail map[string]route) *adapter {
	routes := maps.Clone(always)
	if auth.HasMailer() {
		maps.Copy(routes, withMail)
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
		mount:          newMount(cfg.Prefix),
		routes:         routes,
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
	route, r := a.resolve(r)
	if route == nil {
		writeError(w, r, a.notFound(r))
		return
	}
	endpoint, allowed := route.find(r.Method)
	if endpoint == nil {
		w.Header().Set("Allow", allowed)
		writeError(w, r, refusef(errMethod, "Method not allowed. Use %s.", allowed))
		return
	}
	answer, err := a.call(endpoint, w, r)
	set, isKeySet := answer.(keySet)
	switch {
	case err != nil:
		writeError(w, r, err)
	case isKeySet:
		set.ServeHTTP(w, r)
	default:
		err = write(w, http.StatusOK, answer)
	}
	if unmade, ok := errors.AsType[*answerError](err); ok {
		a.logger.ErrorContext(r.Context(), "httpadapter: make an answer",
			"user", unmade.user.ID, "project", unmade.user.ProjectID, "error", unmade.Error())
	}
}

// rest returns what a request has behind the endpoint's name in its path, such as a code.
func rest(r *http.Request) string { return behindSecondSlash(r.URL.Path) }

func behindSecondSlash(path string) string {
	path, ok := strings.CutPrefix(path, "/")
	if !ok {
		return ""
	}
	_, rest, _ := strings.Cut(path, "/")
	return rest
}

// language returns the language that a client likes best, for mails. The use case refuses
// what cannot be one. A mail may wait longer than the request lives, and fasthttp, below
// fiber, uses the memory of a header again: so it is a copy.
func language(r *http.Request) string {
	first, _, _ := strings.Cut(r.Header.Get("Accept-Language"), ",")
	tag, _, _ := strings.Cut(first, ";")
	return strings.Clone(strings.TrimSpace(tag))
}

// find returns the endpoint of a method, or nil and the methods that there are.
func (r route) find(method string) (found endpoint, allowed string) {
	methods := make([]string, 0, 3)
	for _, e := range r {
		if e.method == method {
			return e.endpoint, ""
		}
		methods = append(methods, e.method)
	}
	return nil, strings.Join(methods, ", ")
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
	return endpoint(a, w, r)
}

var errPanic = errors.New("httpadapter: panic")
