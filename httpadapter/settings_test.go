package httpadapter_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/httpadapter"
	"github.com/deskauth/deskauth/internal/testkit"
)

// A host that closes sign-up still invites people through the method.
func TestDisableSignup(t *testing.T) {
	t.Parallel()
	s := start(t, setup{http: httpadapter.Config{DisableSignup: true}})
	const ada = `{"email":"ada@example.com","password":"correct horse","firstname":"Ada","lastname":"Lovelace"}`
	for _, body := range []string{ada, `{}`, `not JSON`, ``} {
		got := s.post("/signup", body)
		const want = `{"success":false,"message":"Sign-up is closed","code":"signup_closed"}`
		if got.status != http.StatusForbidden || strings.TrimSpace(got.body) != want {
			t.Errorf("sign-up with %.20q: got %v, want 403 and %s", body, got, want)
		}
	}
	_, err := s.auth.Signup(t.Context(), deskauth.SignupInput{
		Email: "ada@example.com", Password: deskauth.NewSecret("correct horse"), FirstName: "Ada", LastName: "Lovelace",
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := s.post("/signin", `{"email":"ada@example.com","password":"correct horse"}`); got.status != http.StatusOK {
		t.Errorf("sign-in of who was invited: got %v", got)
	}
}

// The made-up address of a guest is left out of the answers, and of no token.
func TestOmitGuestEmail(t *testing.T) {
	t.Parallel()
	for _, omit := range []bool{false, true} {
		s := start(t, setup{http: httpadapter.Config{OmitGuestEmail: omit}})
		first := s.post("/signinAnonymously", `{"id_project":"5c81593adf767b0017d1aa66"}`)
		back := s.custom(first.token(t))
		for what, got := range map[string]answer{"sign-in": first, "a page load": back} {
			if strings.Contains(got.body, `"email":`) == omit || got.status != http.StatusOK {
				t.Errorf("omit %t, %s: got %v", omit, what, got)
			}
		}
		id, err := s.auth.VerifyStateless(t.Context(), first.token(t))
		if err != nil || id.Email == "" {
			t.Errorf("omit %t: the token has the address %q, %v; want one", omit, id.Email, err)
		}
		if got := s.custom(s.tokens(t)[deskauth.KindUser]); !strings.Contains(got.body, `"email":"ada@example.com"`) {
			t.Errorf("omit %t: an agent gets %v, want her address", omit, got)
		}
	}
}

// Whoever posts forged tokens is named in the events, as the client of a password is.
func TestS43_ForgedTokensNameTheirClient(t *testing.T) {
	t.Parallel()
	var events []deskauth.Event
	s := start(t, setup{
		auth: deskauth.Config{OnEvent: func(_ context.Context, e deskauth.Event) { events = append(events, e) }},
		http: httpadapter.Config{Client: func(*http.Request) string { return "192.0.2.66" }},
	})
	for _, token := range []string{
		"JWT x", "JWT " + testkit.Forge(testkit.HS256, testkit.PayloadA(`"1"`), testkit.ForeignSecret),
		"JWT " + testkit.ForgeSession(referenceClaims), "JWT " + testkit.TokenA(`"1"`),
	} {
		events = nil
		s.custom(token)
		for _, e := range events {
			if e.Client != "192.0.2.66" {
				t.Errorf("%.40s: event %+v, want the client in it", token, e)
			}
		}
		if len(events) == 0 {
			t.Errorf("%.40s: no event", token)
		}
	}
}
