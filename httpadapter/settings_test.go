package httpadapter_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/httpadapter"
)

// A host that closes sign-up still invites people through the method.
func TestDisableSignup(t *testing.T) {
	t.Parallel()
	s := start(t, setup{http: httpadapter.Config{DisableSignup: true}})
	const ada = `{"email":"ada@example.com","password":"correct horse","firstname":"Ada","lastname":"Lovelace"}`
	for _, body := range []string{ada, `{}`, `not JSON`, ``} {
		got := s.post("/signup", body)
		const want = `{"success":false,"message":"Sign-up is closed"}`
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
