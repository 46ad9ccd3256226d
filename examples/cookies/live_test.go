package cookies

import (
	"context"
	"iter"
	"net/http"
	"strings"
	"testing"
)

// A WebSocket opens with the token alone: a cookie would let pages of other sites in.
func TestS49_OnlyTheTokenOpensAWebSocket(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	token := s.signIn(t) // so every request here has the cookie
	offer := "Sec-WebSocket-Protocol: "
	for _, headers := range [][]string{
		{offer + protocol + ", " + token},
		{offer + protocol + "," + token, "Origin: https://desk.example.com"},
		{offer + protocol, offer + token},
	} {
		resp, body := s.send(t, "GET", "/live", "", headers...)
		if body != email {
			t.Errorf("%q: got %q, want Ada", headers, body)
		}
		if strings.Contains(resp.Header.Get("Sec-WebSocket-Protocol"), token) {
			t.Error("the token is in the answer")
		}
	}
	for name, headers := range map[string][]string{
		"the cookie":            nil,
		"another site":          {"Origin: https://evil.example", "Sec-Fetch-Site: cross-site"},
		"the protocol alone":    {offer + protocol},
		"no token":              {offer + protocol + ", "},
		"the token alone":       {offer + token},
		"the token first":       {offer + token + ", " + protocol},
		"another protocol":      {offer + "desk.v2, " + token},
		"two tokens":            {offer + protocol + ", " + token + ", " + token},
		"a line too many":       {offer + protocol + ", " + token, offer + token},
		"an edited token":       {offer + protocol + ", " + token + "A"},
		"the header":            {"Authorization: JWT " + token},
		"a name of the cookies": {offer + cookie + ", " + token},
	} {
		t.Run(name, func(t *testing.T) { s.wants(t, http.StatusUnauthorized, "GET", "/live", "", headers...) })
	}
	s.wants(t, http.StatusUnauthorized, "GET", "/live?token="+token, "")
}

func TestStream(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	token := s.signIn(t)
	s.events = func(_ context.Context, userID string) iter.Seq[string] {
		return func(yield func(string) bool) {
			_ = yield("hello") && yield("for "+userID)
		}
	}
	id, err := s.kit.Auth.Verify(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	resp, body := s.send(t, "GET", "/events", "")
	if want := "data: hello\n\ndata: for " + id.UserID + "\n\n"; body != want {
		t.Errorf("the stream is %q, want %q", body, want)
	}
	if got := resp.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Errorf("Content-Type is %q", got)
	}
	s.forget(t)
	s.wants(t, http.StatusUnauthorized, "GET", "/events", "")
}

// What ends the session ends the stream that is open.
func TestS49_StreamEndsWithTheSession(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(s *site, token string){
		"signed out": func(s *site, token string) { s.kit.Signout(token) },
		"disabled": func(s *site, _ string) {
			id, _ := s.kit.User(email)
			s.kit.Disable(id)
		},
	} {
		s := newSite(t)
		token := s.signIn(t)
		s.events = func(context.Context, string) iter.Seq[string] {
			return func(yield func(string) bool) {
				if !yield("before") {
					return
				}
				end(s, token)
				if yield("secret") {
					t.Errorf("%s: the stream goes on", name)
				}
			}
		}
		if _, body := s.send(t, "GET", "/events", ""); body != "data: before\n\n" {
			t.Errorf("%s: the stream is %q, want what was before", name, body)
		}
	}
}
