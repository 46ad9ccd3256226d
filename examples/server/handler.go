package main

import (
	"cmp"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/httpadapter"
	"github.com/rs/cors"
)

// newAuth configures the library.
func newAuth(
	o options, users deskauth.UserStore, limiter deskauth.Limiter, mail deskauth.Mailer, logger *slog.Logger,
) (*deskauth.Auth, error) {
	secrets, err := o.keys()
	if err != nil {
		return nil, err
	}
	cfg := deskauth.Config{
		Issuer:            o.issuer,
		CustomTokenMaxAge: o.customTokenMaxAge,
		EchoCustomToken:   o.echoCustomToken,
		BesideTiledesk:    o.besideTiledesk,
		ReservedEmails:    o.reservedEmails,

		RequireVerifiedEmail: o.requireVerifiedEmail,

		Limiter: limiter,
		Mailer:  mail,
		Logger:  logger,
	}
	if o.noLimits {
		cfg.Limits = deskauth.NoLimits()
	}
	return deskauth.New(users, secrets, cfg)
}

// newHandler serves the endpoints of the library, /me, /healthz, /readyz and the page.
func newHandler(o options, auth *deskauth.Auth, users *store, box *outbox, logger *slog.Logger) http.Handler {
	mux := http.NewServeMux()
	probe := func(path string, answer http.HandlerFunc) {
		mux.Handle(path, only([]string{http.MethodGet, http.MethodHead}, answer))
	}
	probe("/healthz", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok") })
	probe("/readyz", readyz(users, logger))
	if o.prefix != "" { // else the library answers what nothing is at
		mux.HandleFunc("/", notFound)
	}
	cfg := httpadapter.Config{
		Client:         httpadapter.ForwardedFor(o.trustedProxies...), // without any, each peer is a client
		DisableSignup:  o.disableSignup,
		OmitGuestEmail: o.omitGuestEmail,
		OpenAPI:        httpadapter.Mounts{Auth: cmp.Or(o.prefix, "/"), Users: o.users()},
		Logger:         logger,
	}
	mux.Handle(o.prefix+"/", httpadapter.New(auth, cfg))
	own := httpadapter.NewUsers(auth, cfg)
	mux.Handle(o.users(), own)
	mux.Handle(o.users()+"/", own)
	authenticate := httpadapter.Authenticate(auth, httpadapter.MiddlewareConfig{})
	mux.Handle("GET "+o.prefix+"/me", authenticate(http.HandlerFunc(me)))

	// CORS goes around all of them, errors included. A page of another origin sees no
	// status without its headers.
	api := cors.New(cors.Options{
		AllowedOrigins: o.corsOrigins,
		AllowedMethods: []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete},
		AllowedHeaders: []string{"*"}, // no header of a request grants anything but Authorization
		ExposedHeaders: []string{"Retry-After"},
		MaxAge:         600, // seconds
	}).Handler(mux)
	return withDeadline(o.requestTimeout, pageOr(newPage(o, auth, box, logger), api))
}

// me answers with the identity that the request's token proves.
func me(w http.ResponseWriter, r *http.Request) {
	id := httpadapter.MustIdentity(r.Context())
	answerJSON(w, http.StatusOK, struct {
		UserID        string          `json:"userID"`
		Kind          deskauth.Kind   `json:"kind"`
		ProjectID     string          `json:"projectID"`
		ExternalID    string          `json:"externalID"`
		Email         string          `json:"email"`
		EmailVerified bool            `json:"emailVerified"`
		Claims        json.RawMessage `json:"claims"`
		FirstName     string          `json:"firstName"`
		LastName      string          `json:"lastName"`
		SessionID     string          `json:"sessionID"`
		AuthTime      time.Time       `json:"authTime,omitzero"`
		IssuedAt      time.Time       `json:"issuedAt,omitzero"`
		ExpiresAt     time.Time       `json:"expiresAt,omitzero"`
	}{
		id.UserID, id.Kind, id.ProjectID, id.ExternalID, id.Email, id.EmailVerified, id.Claims,
		id.FirstName, id.LastName, id.SessionID, id.AuthTime, id.IssuedAt, id.ExpiresAt,
	})
}
