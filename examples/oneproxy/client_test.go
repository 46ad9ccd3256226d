package oneproxy_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/examples/oneproxy"
	"github.com/deskauth/deskauth/httpadapter"
	"github.com/deskauth/deskauth/memstore"
)

func TestClient(t *testing.T) {
	t.Parallel()
	const peer = "192.0.2.1:1234" // of every httptest.NewRequest
	for _, c := range []struct {
		name  string
		lines []string
		want  string
	}{
		{"one line, as nginx writes it for a client without the header", []string{"203.0.113.9"}, "203.0.113.9"},
		{"one line, which nginx has appended to", []string{"198.51.100.7, 203.0.113.9"}, "203.0.113.9"},
		{"a second line, as HAProxy appends it", []string{"198.51.100.7", "203.0.113.9"}, "203.0.113.9"},
		{"many lines of the client's", []string{"1.1.1.1, 2.2.2.2", "3.3.3.3,", "203.0.113.9"}, "203.0.113.9"},
		{"IPv6", []string{"198.51.100.7", "2001:db8::1"}, "2001:db8::1"},
		{"no header", nil, peer},
		{"an empty header", []string{""}, peer},
		{"an empty last entry", []string{"198.51.100.7,"}, peer},
	} {
		r := httptest.NewRequest("POST", "/signin", nil)
		for _, line := range c.lines {
			r.Header.Add("X-Forwarded-For", line)
		}
		if got := oneproxy.Client(r); got != c.want {
			t.Errorf("%s: the client of %q is %q, want %q", c.name, c.lines, got, c.want)
		}
	}
}

// TestClientCannotChooseWhoItIs guesses a password behind HAProxy. Each guess has another
// line of the client's before the proxy's own.
func TestClientCannotChooseWhoItIs(t *testing.T) {
	t.Parallel()
	auth, err := deskauth.New(memstore.New(), deskauth.StaticSecrets{
		Session: []deskauth.Key{deskauth.NewKey("", "HS256", "32 bytes or more, for this test alone")},
	}, deskauth.Config{
		Argon2: deskauth.Argon2Params{Memory: 64, Time: 1, Parallelism: 1},
		Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	handler := httpadapter.New(auth, httpadapter.Config{Client: oneproxy.Client})
	guess := func(lines ...string) (status int) {
		r := httptest.NewRequest("POST", "/signin", strings.NewReader(`{"email":"ada@example.com","password":"a guess"}`))
		r.Header.Set("Content-Type", "application/json")
		for _, line := range lines {
			r.Header.Add("X-Forwarded-For", line)
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		return w.Code
	}
	const allowed = 10 // the default of Limits.SigninsPerAccountAndClient
	for i := range 2 * allowed {
		want := http.StatusUnauthorized
		if i >= allowed {
			want = http.StatusTooManyRequests
		}
		if got := guess(fmt.Sprintf("198.51.100.%d", i), "203.0.113.9"); got != want {
			t.Errorf("guess %d is answered with %d, want %d", i+1, got, want)
		}
	}
	if got := guess("203.0.113.9", "203.0.113.10"); got != http.StatusUnauthorized {
		t.Errorf("another client's first guess is answered with %d, want 401", got)
	}
}
