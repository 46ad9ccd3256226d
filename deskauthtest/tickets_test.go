package deskauthtest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/deskauthtest"
	"github.com/deskauth/deskauth/httpadapter"
)

// This file is the documentation's: a program, and its tests.

// routes is the program.
func routes(auth *deskauth.Auth) http.Handler {
	authenticate := httpadapter.Authenticate(auth, httpadapter.MiddlewareConfig{})
	agentsOnly := httpadapter.Require(deskauth.KindUser)
	mux := http.NewServeMux()
	mux.Handle("GET /tickets", authenticate(agentsOnly(http.HandlerFunc(tickets))))
	return mux
}

func tickets(w http.ResponseWriter, r *http.Request) {
	fmt.Fprintf(w, "tickets of %s", httpadapter.MustIdentity(r.Context()).Email)
}

func TestTickets(t *testing.T) {
	kit := deskauthtest.New(t)
	_, token := kit.User("ada@example.com")

	w := httptest.NewRecorder()
	routes(kit.Auth).ServeHTTP(w, kit.Request("GET", "/tickets", token))
	if w.Code != http.StatusOK || w.Body.String() != "tickets of ada@example.com" {
		t.Errorf("got %d %s, want Ada's tickets", w.Code, w.Body)
	}
}

func TestTicketsAreForAgents(t *testing.T) {
	kit := deskauthtest.New(t)
	_, guest := kit.Guest("shop")
	_, external := kit.External("shop", "123")
	ada, disabled := kit.User("ada@example.com")
	kit.Disable(ada)
	_, signedOut := kit.User("grace@example.com")
	kit.Signout(signedOut)

	for token, want := range map[string]int{guest: 403, external: 403, disabled: 401, signedOut: 401, "": 401} {
		w := httptest.NewRecorder()
		routes(kit.Auth).ServeHTTP(w, kit.Request("GET", "/tickets", token))
		if w.Code != want {
			t.Errorf("got %d %s, want %d", w.Code, w.Body, want)
		}
	}
}

func TestTicketsOfYesterday(t *testing.T) {
	kit := deskauthtest.New(t)
	_, token := kit.User("ada@example.com")
	kit.Clock.Advance(25 * time.Hour)

	w := httptest.NewRecorder()
	routes(kit.Auth).ServeHTTP(w, kit.Request("GET", "/tickets", token))
	if w.Code != http.StatusUnauthorized {
		t.Errorf("got %d %s, want 401", w.Code, w.Body)
	}
}

func TestForgottenPassword(t *testing.T) {
	kit := deskauthtest.New(t)
	kit.User("ada@example.com")
	err := kit.Auth.RequestPasswordReset(t.Context(), deskauth.MailInput{Email: "ada@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	code := kit.LastMail("ada@example.com").CodeText() // as the link in the mail has it
	_, err = kit.Auth.CheckCode(t.Context(), deskauth.CheckCodeInput{
		Purpose: deskauth.MailPasswordReset, Code: deskauth.NewSecret(code),
	})
	if err != nil {
		t.Errorf("the code of the mail: %v", err)
	}
}

func TestTicketsAlone(t *testing.T) {
	ada := deskauth.Identity{UserID: "1", Email: "ada@example.com"}
	r := httptest.NewRequest("GET", "/tickets", nil)
	w := httptest.NewRecorder()
	tickets(w, r.WithContext(httpadapter.WithIdentity(r.Context(), ada)))
	if w.Body.String() != "tickets of ada@example.com" {
		t.Errorf("got %s, want Ada's tickets", w.Body)
	}
}
