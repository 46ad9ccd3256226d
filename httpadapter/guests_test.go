package httpadapter_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// Beside a Tiledesk server no guest goes up: it stays, and the sign-up is an ordinary one.
func TestSignupWithAGuestBesideTiledesk(t *testing.T) {
	t.Parallel()
	s := start(t, setup{auth: deskauth.Config{BesideTiledesk: true}})
	guest := s.post("/signinAnonymously", asGuest).token(t)
	got := ask(s, http.MethodPost, "/signup", body(), isJSON, "Authorization: "+guest)
	id, err := s.auth.Verify(t.Context(), guest)
	if err != nil || got.status != http.StatusOK || strings.Contains(got.body, id.UserID) {
		t.Errorf("the guest is %+v, %v; got %v, want 200 and another account", id, err, got)
	}
	got = ask(s, http.MethodPost, "/signup", body("email", `"new@example.com"`), isJSON, "Authorization: JWT x")
	refused(t, got, http.StatusUnauthorized, unauthorized)
}

// A failure of the store is none of the answers that make it an ordinary sign-up.
func TestS23_FailingUpgradeIsNoSignup(t *testing.T) {
	t.Parallel()
	host := broken(func() error { return deskauth.ErrGuestsOnly }, "UpdateUser")
	s := start(t, setup{users: host})
	guest := s.post("/signinAnonymously", asGuest).token(t)
	got := ask(s, http.MethodPost, "/signup", body(), isJSON, "Authorization: "+guest)
	refused(t, got, http.StatusInternalServerError, internalError)
	if got := s.post("/signin", body()); got.status != http.StatusUnauthorized {
		t.Errorf("somebody signed up: %v", got)
	}
}

// Which guest goes up, the Authorization header says, and nothing else of the request.
func TestS35_OnlyTheTokenSaysWhichGuestGoesUp(t *testing.T) {
	t.Parallel()
	store := memstore.New()
	s := start(t, setup{users: store})
	guest := s.post("/signinAnonymously", asGuest).token(t)
	id, err := s.auth.Verify(t.Context(), guest)
	if err != nil {
		t.Fatal(err)
	}
	names := []string{"_id", "id", "uid", "guestToken", "guest_token", "GuestToken", "token", "Kind", "id_project"}
	query, fields := url.Values{}, []string{}
	for _, name := range names {
		for _, value := range []string{id.UserID, guest} {
			query.Add(name, value)
		}
		fields = append(fields, name, `"`+guest+`"`)
	}
	for _, path := range []string{"/signup", "/signinWithCustomToken"} {
		edits := fields
		if path != "/signup" { // where guestToken counts, and an ID does not
			edits = append(edits, "guestToken", `"`+id.UserID+`"`)
		}
		r := httptest.NewRequest(http.MethodPost, path+"?"+query.Encode(), strings.NewReader(body(edits...)))
		r.Header.Set("Content-Type", "application/json")
		for _, name := range names {
			r.AddCookie(&http.Cookie{Name: name, Value: id.UserID})
			r.Header.Set("X-"+name, guest)
		}
		if path != "/signup" {
			r.Header.Set("Authorization", "JWT "+testkit.TokenA(`"123"`, `"_id_guest":"`+id.UserID+`"`))
		}
		if got := serve(s, r); got.status != http.StatusOK || strings.Contains(got.body, `"_id":"`+id.UserID) {
			t.Errorf("%s: got %v, want 200 and another account", path, got)
		}
		if now, err := s.auth.Verify(t.Context(), guest); err != nil || now.Kind != deskauth.KindGuest {
			t.Errorf("%s: the guest is %+v, %v; want it as it was", path, now, err)
		}
		if heir, err := s.auth.LinkedTo(t.Context(), id.UserID); heir != "" || err != nil {
			t.Errorf("%s: the guest is linked to %q, %v", path, heir, err)
		}
	}
}

// An Authorization header that is no token makes nobody.
func TestS24_OddHeadersAtSignup(t *testing.T) {
	t.Parallel()
	store := memstore.New()
	s := start(t, setup{users: store})
	guest := strings.TrimPrefix(s.post("/signinAnonymously", asGuest).token(t), "JWT ")
	for name, headers := range map[string][]string{
		"empty": {""}, "a token alone": {guest}, "a scheme alone": {"JWT"}, "Basic": {"Basic " + guest},
		"two": {"JWT " + guest, "JWT " + guest}, "two in one": {"JWT " + guest + ", JWT " + guest},
		"two blanks": {"JWT  " + guest}, "cut off": {"JWT " + guest[:len(guest)-2]}, "null": {"JWT null"},
	} {
		r := httptest.NewRequest(http.MethodPost, "/signup", strings.NewReader(body()))
		r.Header.Set("Content-Type", "application/json")
		r.Header["Authorization"] = headers
		refused(t, serve(s, r), http.StatusUnauthorized, unauthorized)
		if store.Len() != 1 {
			t.Fatalf("%s: the store has %d accounts, want the guest alone", name, store.Len())
		}
	}
}
