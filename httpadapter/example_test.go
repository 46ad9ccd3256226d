package httpadapter_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/httpadapter"
	"github.com/deskauth/deskauth/memstore"
)

// newAuth is what a server makes at its start, with secrets that it reads from its vault.
func newAuth() *deskauth.Auth {
	auth, err := deskauth.New(memstore.New(), deskauth.StaticSecrets{
		Session:  []deskauth.Key{deskauth.NewKey("", "HS256", "32 random bytes or more, kept secret")},
		Projects: map[string][]deskauth.Key{"demo": nil}, // takes guests
	}, deskauth.Config{})
	if err != nil {
		log.Fatal(err)
	}
	return auth
}

// guestToken signs a visitor in, as the chat widget does.
func guestToken(auth *deskauth.Auth, name string) string {
	visitor := deskauth.AnonymousInput{ProjectID: "demo", FirstName: name}
	session, err := auth.SigninAnonymously(context.Background(), visitor)
	if err != nil {
		log.Fatal(err)
	}
	return "JWT " + session.Token
}

// behindProxies serves auth behind proxies whose addresses begin with 10.
func behindProxies(auth *deskauth.Auth) http.Handler {
	return httpadapter.New(auth, httpadapter.Config{
		Client: httpadapter.ForwardedFor(netip.MustParsePrefix("10.0.0.0/8")),
	})
}

func ExampleForwardedFor() {
	client := httpadapter.ForwardedFor(netip.MustParsePrefix("10.0.0.0/8"))
	r := httptest.NewRequest("POST", "/signin", nil)
	r.Header.Add("X-Forwarded-For", "198.51.100.7") // the client sends this
	r.Header.Add("X-Forwarded-For", "203.0.113.9")  // and the proxy appends the client's address
	r.RemoteAddr = "10.0.0.1:4711"
	fmt.Println("through the proxy:", client(r))
	r.RemoteAddr = "203.0.113.10:4711"
	fmt.Println("past the proxy:", client(r))
	// Output:
	// through the proxy: 203.0.113.9
	// past the proxy: 203.0.113.10
}

func ExampleNew() {
	mux := http.NewServeMux()
	mux.Handle("/v1/auth/", httpadapter.New(newAuth(), httpadapter.Config{}))

	r := httptest.NewRequest("POST", "/v1/auth/signup", strings.NewReader(
		`{"email":"ada@example.com","password":"correct horse battery","firstname":"Ada"}`))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	fmt.Println(w.Code, w.Body)
	// Output:
	// 422 {"errors":[{"msg":"must not be empty","param":"lastname","location":"body"}],"code":"invalid_input"}
}

// The clients of Tiledesk want both handlers side by side.
func ExampleMounts() {
	cfg := httpadapter.Config{OpenAPI: httpadapter.Mounts{Auth: "/v1/auth", Users: "/v1/users"}}
	handler := http.StripPrefix("/v1/auth", httpadapter.New(newAuth(), cfg))

	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest("GET", "/v1/auth/openapi.json", nil))
	var document struct{ Paths map[string]any }
	if err := json.Unmarshal(w.Body.Bytes(), &document); err != nil {
		panic(err)
	}
	fmt.Println(w.Code, len(document.Paths), document.Paths["/v1/users/changepsw"] != nil)
	// Output:
	// 200 9 true
}

func ExampleNewUsers() {
	auth := newAuth()
	users := httpadapter.NewUsers(auth, httpadapter.Config{})
	mux := http.NewServeMux()
	mux.Handle("/v1/auth/", httpadapter.New(auth, httpadapter.Config{}))
	mux.Handle("/v1/users", users)
	mux.Handle("/v1/users/", users)

	r := httptest.NewRequest("GET", "/v1/users", nil)
	r.Header.Set("Authorization", guestToken(auth, "Ada"))
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	fmt.Println("a guest:", w.Code, w.Body)
	// Output:
	// a guest: 403 {"success":false,"msg":"Forbidden.","code":"forbidden"}
}

func ExampleAuthenticate() {
	auth := newAuth()
	authenticate := httpadapter.Authenticate(auth, httpadapter.MiddlewareConfig{})
	tickets := authenticate(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "your tickets")
	}))

	for _, authorization := range []string{guestToken(auth, "Ada"), "JWT forged"} {
		r := httptest.NewRequest("GET", "/tickets", nil)
		r.Header.Set("Authorization", authorization)
		w := httptest.NewRecorder()
		tickets.ServeHTTP(w, r)
		fmt.Println(w.Code, w.Body)
	}
	// Output:
	// 200 your tickets
	// 401 {"success":false,"msg":"Unauthorized.","code":"invalid_token"}
}

func ExampleRequire() {
	auth := newAuth()
	authenticate := httpadapter.Authenticate(auth, httpadapter.MiddlewareConfig{})
	agentsOnly := httpadapter.Require(deskauth.KindUser)
	reports := authenticate(agentsOnly(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "reports")
	})))

	r := httptest.NewRequest("GET", "/reports", nil)
	r.Header.Set("Authorization", guestToken(auth, "Ada"))
	w := httptest.NewRecorder()
	reports.ServeHTTP(w, r)
	fmt.Println(w.Code, w.Body)
	// Output:
	// 403 {"success":false,"msg":"Forbidden.","code":"forbidden"}
}

func ExampleOptional() {
	auth := newAuth()
	optional := httpadapter.Optional(auth, httpadapter.MiddlewareConfig{})
	home := optional(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if id, ok := httpadapter.IdentityFrom(r.Context()); ok {
			fmt.Fprintf(w, "Hello %s", id.FirstName)
			return
		}
		fmt.Fprint(w, "Hello stranger")
	}))

	for _, authorization := range []string{guestToken(auth, "Ada"), ""} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Authorization", authorization)
		w := httptest.NewRecorder()
		home.ServeHTTP(w, r)
		fmt.Println(w.Body)
	}
	// Output:
	// Hello Ada
	// Hello stranger
}

// A handler that is tested alone gets its identity from the test.
func ExampleWithIdentity() {
	pay := httpadapter.RequireFresh(10 * time.Minute)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "Thank you, %s", httpadapter.MustIdentity(r.Context()).FirstName)
	}))

	for _, signedIn := range []time.Duration{time.Minute, time.Hour} {
		ada := deskauth.Identity{FirstName: "Ada", AuthTime: time.Now().Add(-signedIn)}
		r := httptest.NewRequest("POST", "/pay", nil)
		w := httptest.NewRecorder()
		pay.ServeHTTP(w, r.WithContext(httpadapter.WithIdentity(r.Context(), ada)))
		fmt.Println(w.Code, w.Body)
	}
	// Output:
	// 200 Thank you, Ada
	// 403 {"success":false,"msg":"Sign in again.","code":"signin_too_old"}
}

func ExampleIdentityFrom() {
	auth := newAuth()
	authenticate := httpadapter.Authenticate(auth, httpadapter.MiddlewareConfig{})
	hello := authenticate(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, _ := httpadapter.IdentityFrom(r.Context())
		fmt.Fprintf(w, "Hello %s, you are a %s of %s.", id.FirstName, id.Kind, id.ProjectID)
	}))

	r := httptest.NewRequest("GET", "/hello", nil)
	r.Header.Set("Authorization", guestToken(auth, "Ada"))
	w := httptest.NewRecorder()
	hello.ServeHTTP(w, r)
	fmt.Println(w.Body)
	// Output:
	// Hello Ada, you are a guest of demo.
}
