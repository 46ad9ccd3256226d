package deskauthtest_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/deskauthtest"
	"github.com/deskauth/deskauth/httpadapter"
)

// An exampleT stands in the examples for the argument of a test.
type exampleT struct{ testing.TB }

func (exampleT) Helper()                           {}
func (exampleT) Cleanup(func())                    {}
func (exampleT) Context() context.Context          { return context.Background() }
func (exampleT) Output() io.Writer                 { return io.Discard }
func (exampleT) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

// The test of a handler that is for agents.
func ExampleNew() {
	var t testing.TB = exampleT{} // the argument of TestReports

	kit := deskauthtest.New(t)
	authenticate := httpadapter.Authenticate(kit.Auth, httpadapter.MiddlewareConfig{})
	agentsOnly := httpadapter.Require(deskauth.KindUser)
	reports := authenticate(agentsOnly(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "reports for ", httpadapter.MustIdentity(r.Context()).FirstName)
	})))

	_, ada := kit.User("ada@example.com")
	_, guest := kit.Guest("shop")
	for _, token := range []string{ada, guest, ""} {
		w := httptest.NewRecorder()
		reports.ServeHTTP(w, kit.Request("GET", "/reports", token))
		fmt.Println(w.Code, w.Body)
	}
	// Output:
	// 200 reports for ada
	// 403 {"success":false,"msg":"Forbidden.","code":"forbidden"}
	// 401 {"success":false,"msg":"Unauthorized.","code":"invalid_token"}
}

// Edits make the user that a test needs.
func ExampleKit_User() {
	var t testing.TB = exampleT{} // the argument of TestProfile

	kit := deskauthtest.New(t)
	ada, _ := kit.User("ada@example.com", func(a *deskauth.Account) {
		a.FirstName, a.LastName = "Ada", "Lovelace"
		a.EmailVerified = false
	})
	fmt.Println(ada.Kind, ada.FirstName, ada.LastName, ada.EmailVerified)
	// Output:
	// user Ada Lovelace false
}

// A session ends while the test looks on: the clock is the test's.
func ExampleKit_Request() {
	var t testing.TB = exampleT{} // the argument of TestSessionEnds

	kit := deskauthtest.New(t)
	authenticate := httpadapter.Authenticate(kit.Auth, httpadapter.MiddlewareConfig{})
	hello := authenticate(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello") }))

	_, token := kit.User("ada@example.com")
	for _, later := range []time.Duration{0, 25 * time.Hour} {
		kit.Clock.Advance(later)
		w := httptest.NewRecorder()
		hello.ServeHTTP(w, kit.Request("GET", "/hello", token))
		fmt.Println(w.Code)
	}
	// Output:
	// 200
	// 401
}
