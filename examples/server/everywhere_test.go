package main

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/httpadapter"
	"github.com/deskauth/deskauth/memstore"
)

func TestSignoutEverywhere(t *testing.T) {
	t.Parallel()
	p := start(t, "-project", "demo="+projectSecret)
	tokens := p.tokens()
	laptop, phone := tokens["user"], p.post("/signin", adaSignin).token(t)
	for _, token := range []string{"", "JWT garbage"} {
		if got := p.page("POST", "/signouteverywhere", token, ""); got.status != http.StatusUnauthorized {
			t.Errorf("with the token %q: got %v, want 401", token, got)
		}
	}
	if got := p.page("GET", "/signouteverywhere", laptop, ""); got.status != http.StatusMethodNotAllowed {
		t.Errorf("GET: got %v, want 405", got)
	}
	got := p.page("POST", "/signouteverywhere", laptop, `{"userID":"another"}`)
	if got.status != http.StatusOK || strings.TrimSpace(got.body) != `{"success":true}` {
		t.Errorf("got %v, want success", got)
	}
	for device, token := range map[string]string{"laptop": laptop, "phone": phone} {
		if _, me := p.me(token); me.status != http.StatusUnauthorized {
			t.Errorf("/me of the %s: got %v, want 401", device, me)
		}
	}
	if who, me := p.me(tokens["guest"]); who["kind"] != "guest" {
		t.Errorf("/me of somebody else: got %v", me)
	}
}

// A readOnlyStore lets nobody sign out.
type readOnlyStore struct{ *memstore.Store }

var errReadOnly = errors.New("a canary of the store")

func (readOnlyStore) UpdateUser(context.Context, deskauth.Account) error { return errReadOnly }

func TestSignoutEverywhereFails(t *testing.T) {
	t.Parallel()
	auth, err := deskauth.New(readOnlyStore{memstore.New()}, deskauth.StaticSecrets{
		Session:  []deskauth.Key{deskauth.NewKey("", "HS256", sessionSecret)},
		Projects: map[string][]deskauth.Key{"demo": nil},
	}, deskauth.Config{})
	if err != nil {
		t.Fatal(err)
	}
	session, err := auth.SigninAnonymously(t.Context(), deskauth.AnonymousInput{ProjectID: "demo"})
	if err != nil {
		t.Fatal(err)
	}
	logger := newLogger(options{}, t.Output())
	handler := httpadapter.Authenticate(auth, httpadapter.MiddlewareConfig{})(signoutEverywhere(auth, logger))
	r := httptest.NewRequest("POST", "/page/signouteverywhere", nil)
	r.Header.Set("Authorization", "JWT "+session.Token)
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "canary") {
		t.Errorf("got %d %s, want 500 and no details", w.Code, w.Body)
	}
}
