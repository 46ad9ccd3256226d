// Package cookies keeps the session of a page's user in a cookie, where no script can read
// it, and guards streams and WebSockets. docs/embedding.md quotes it, and its tests attack
// it.
//
// It is for pages that come from the server itself. Tiledesk's widget stands in pages of
// other sites and sends its token in a header.
package cookies

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"net/http"
	"strconv"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/httpadapter"
)

// A Desk is what the program has beside deskauth. Its functions are called for users who
// are signed in.
type Desk struct {
	List   http.HandlerFunc                                          // GET /tickets
	Open   http.HandlerFunc                                          // POST /tickets
	Events func(ctx context.Context, userID string) iter.Seq[string] // GET /events; one line each
	Live   http.HandlerFunc                                          // GET /live, a WebSocket
}

// Routes serves the desk to agents who have the cookie. Anybody can write a guest's token
// into it.
func (d Desk) Routes(auth *deskauth.Auth) http.Handler {
	authenticate := httpadapter.Authenticate(auth, httpadapter.MiddlewareConfig{Token: cookieToken})
	live := httpadapter.Authenticate(auth, httpadapter.MiddlewareConfig{Token: protocolToken})
	agentsOnly := httpadapter.Require(deskauth.KindUser)

	mux := http.NewServeMux()
	mux.HandleFunc("POST /session", signin(auth))
	mux.HandleFunc("DELETE /session", signout(auth))
	mux.Handle("GET /tickets", authenticate(agentsOnly(private(d.List))))
	mux.Handle("POST /tickets", authenticate(agentsOnly(private(d.Open))))
	mux.Handle("GET /events", authenticate(agentsOnly(private(d.stream(auth)))))
	mux.Handle("GET /live", live(agentsOnly(d.Live)))

	// A browser sends the cookie with requests that other sites make, too. Those that may
	// change something are refused here. So no GET may change anything.
	return http.NewCrossOriginProtection().Handler(mux)
}

// cookie is the name of the cookie. Browsers take one that begins with __Host- only over
// HTTPS and only for this host: no other subdomain can set it or see it.
const cookie = "__Host-session"

// setCookie gives the browser a session token to keep.
func setCookie(w http.ResponseWriter, token string, maxAge int) {
	w.Header().Set("Cache-Control", "no-store")
	http.SetCookie(w, &http.Cookie{
		Name:     cookie,
		Value:    token,
		Path:     "/",
		MaxAge:   maxAge, // seconds
		HttpOnly: true,   // no script reads it
		Secure:   true,   // it goes over HTTPS only
		SameSite: http.SameSiteLaxMode,
	})
}

// cookieToken returns the session token in the cookie. Who can plant a second cookie of the
// name does not choose which one counts.
func cookieToken(r *http.Request) (string, error) {
	cookies := r.CookiesNamed(cookie)
	switch len(cookies) {
	case 0:
		return "", http.ErrNoCookie
	case 1:
		return cookies[0].Value, nil
	}
	return "", fmt.Errorf("%d cookies of one name: %w", len(cookies), deskauth.ErrInvalidToken)
}

// private keeps what belongs to one user out of caches. They know that of answers to an
// Authorization header, and not of those to a cookie (RFC 9111 §3.5).
func private(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

const maxForm = 16 << 10 // bytes

// signin takes a form with email and password.
func signin(auth *deskauth.Auth) http.HandlerFunc {
	client := httpadapter.ForwardedFor() // the peer; behind a proxy, give it the proxy's addresses
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		session, err := auth.Signin(r.Context(), deskauth.SigninInput{
			Email:    r.PostFormValue("email"),
			Password: deskauth.NewSecret(r.PostFormValue("password")),
			Client:   client(r),
		})
		if err != nil {
			refuse(w, err)
			return
		}
		setCookie(w, session.Token, int(session.ExpiresAt.Sub(auth.Now()).Seconds()))
		w.WriteHeader(http.StatusNoContent)
	}
}

// refuse says no more of an error than its status, and when to try again.
func refuse(w http.ResponseWriter, err error) {
	status, text := answer(err)
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer") // which no browser asks a person for
	}
	if retry, ok := errors.AsType[*deskauth.RetryError](err); ok {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(retry.After.Seconds()))))
	}
	http.Error(w, text, status)
}

func answer(err error) (status int, text string) {
	_, invalid := errors.AsType[*deskauth.ValidationError](err)
	switch {
	case invalid, errors.Is(err, deskauth.ErrInvalidCredentials):
		return http.StatusUnauthorized, "Wrong email or password."
	case errors.Is(err, deskauth.ErrEmailUnverified): // the password is right
		return http.StatusForbidden, "Verify your e-mail address first. A new link was sent."
	case errors.Is(err, deskauth.ErrTooManyAttempts):
		return http.StatusTooManyRequests, "Too many attempts. Try again later."
	case errors.Is(err, deskauth.ErrBusy):
		return http.StatusServiceUnavailable, "Too busy. Try again soon."
	}
	return http.StatusInternalServerError, "Internal error."
}

// signout ends the session, and not only the cookie, which somebody may have copied.
func signout(auth *deskauth.Auth) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		token, err := cookieToken(r)
		if err == nil {
			err = auth.Signout(r.Context(), token)
		}
		if err != nil && !errors.Is(err, deskauth.ErrInvalidToken) && !errors.Is(err, http.ErrNoCookie) {
			http.Error(w, "Internal error.", http.StatusInternalServerError) // the session goes on
			return
		}
		setCookie(w, "", -1)
		w.WriteHeader(http.StatusNoContent)
	}
}
