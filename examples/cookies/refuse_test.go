package cookies

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
)

// The right password of an address that is not verified is not a failure of the server.
func TestSigninOfAnUnverifiedAddress(t *testing.T) {
	t.Parallel()
	s := newSiteWith(t, deskauth.Config{RequireVerifiedEmail: true})
	s.kit.User(email, func(a *deskauth.Account) { a.EmailVerified = false })
	resp, body := s.send(t, "POST", "/session", password)
	if resp.StatusCode != http.StatusForbidden || !strings.HasPrefix(body, "Verify your e-mail address first.") ||
		resp.Header["Set-Cookie"] != nil {
		t.Errorf("got status %d, %q and the cookies %q; want 403, what to do, and no cookie",
			resp.StatusCode, body, resp.Header["Set-Cookie"])
	}
	s.wants(t, http.StatusUnauthorized, "POST", "/session", "email="+email+"&password=wrong")
}

// A limit says when to try again.
func TestSigninOfTooManyAttempts(t *testing.T) {
	t.Parallel()
	limits := deskauth.NoLimits()
	limits.SigninsPerAccount = deskauth.Rate{Attempts: 1, Per: time.Hour}
	s := newSiteWith(t, deskauth.Config{Limits: limits})
	s.kit.User(email)
	s.wants(t, http.StatusUnauthorized, "POST", "/session", "email="+email+"&password=wrong")
	resp, _ := s.send(t, "POST", "/session", password)
	if got := resp.Header.Get("Retry-After"); resp.StatusCode != http.StatusTooManyRequests || got != "3600" {
		t.Errorf("got status %d and Retry-After %q, want 429 and 3600 seconds", resp.StatusCode, got)
	}
}

// What auth returns decides the answer. No text of an error is in it.
func TestRefuse(t *testing.T) {
	t.Parallel()
	later := func(err error, after time.Duration) error {
		return fmt.Errorf("secret: %w", &deskauth.RetryError{Err: err, After: after})
	}
	for _, c := range []struct {
		err        error
		status     int
		retryAfter string
	}{
		{&deskauth.ValidationError{}, http.StatusUnauthorized, ""},
		{deskauth.ErrInvalidCredentials, http.StatusUnauthorized, ""},
		{fmt.Errorf("secret: %w", deskauth.ErrEmailUnverified), http.StatusForbidden, ""},
		{later(deskauth.ErrTooManyAttempts, 90*time.Second), http.StatusTooManyRequests, "90"},
		{later(deskauth.ErrBusy, 1500*time.Millisecond), http.StatusServiceUnavailable, "2"},
		{errors.New("secret"), http.StatusInternalServerError, ""},
	} {
		w := httptest.NewRecorder()
		refuse(w, c.err)
		if got := w.Header().Get("Retry-After"); w.Code != c.status || got != c.retryAfter {
			t.Errorf("%v: got status %d and Retry-After %q, want %d and %q", c.err, w.Code, got, c.status, c.retryAfter)
		}
		if challenge := w.Header().Get("WWW-Authenticate"); (challenge != "") != (w.Code == http.StatusUnauthorized) {
			t.Errorf("%v: got status %d with the challenge %q", c.err, w.Code, challenge)
		}
		if strings.Contains(w.Body.String(), "secret") {
			t.Errorf("%v: got the body %q, want nothing of the error", c.err, w.Body)
		}
	}
}
