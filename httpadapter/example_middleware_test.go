package httpadapter_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/httpadapter"
	"github.com/deskauth/deskauth/memstore"
)

// A payment needs a sign-in of the last ten minutes, and not a session that was left open.
func ExampleRequireFresh() {
	now := time.Now()
	auth, err := deskauth.New(memstore.New(), deskauth.StaticSecrets{
		Session:  []deskauth.Key{deskauth.NewKey("", "HS256", "32 random bytes or more, kept secret")},
		Projects: map[string][]deskauth.Key{"demo": nil},
	}, deskauth.Config{Now: func() time.Time { return now }})
	if err != nil {
		log.Fatal(err)
	}
	authenticate := httpadapter.Authenticate(auth, httpadapter.MiddlewareConfig{})
	fresh := httpadapter.RequireFresh(10 * time.Minute)
	pay := authenticate(fresh(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "Thank you")
	})))

	token := guestToken(auth, "Ada")
	for _, later := range []time.Duration{time.Minute, time.Hour} {
		now = now.Add(later)
		r := httptest.NewRequest("POST", "/pay", nil)
		r.Header.Set("Authorization", token)
		w := httptest.NewRecorder()
		pay.ServeHTTP(w, r)
		fmt.Println(w.Code, w.Body)
	}
	// Output:
	// 200 Thank you
	// 403 {"success":false,"msg":"Sign in again.","code":"signin_too_old"}
}

// Behind Authenticate there is always an identity.
func ExampleMustIdentity() {
	auth := newAuth()
	authenticate := httpadapter.Authenticate(auth, httpadapter.MiddlewareConfig{})
	hello := authenticate(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := httpadapter.MustIdentity(r.Context())
		fmt.Fprintf(w, "Hello %s, you are a %s.", id.FirstName, id.Kind)
	}))

	r := httptest.NewRequest("GET", "/hello", nil)
	r.Header.Set("Authorization", guestToken(auth, "Ada"))
	w := httptest.NewRecorder()
	hello.ServeHTTP(w, r)
	fmt.Println(w.Body)
	// Output:
	// Hello Ada, you are a guest.
}

// A page keeps the token in a cookie, where no script reads it.
func ExampleMiddlewareConfig_token() {
	auth := newAuth()
	cookie := func(r *http.Request) (string, error) {
		c, err := r.Cookie("__Host-session")
		if err != nil {
			return "", err // http.ErrNoCookie: the answer is 401
		}
		return c.Value, nil
	}
	authenticate := httpadapter.Authenticate(auth, httpadapter.MiddlewareConfig{Token: cookie})
	hello := authenticate(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "Hello %s", httpadapter.MustIdentity(r.Context()).FirstName)
	}))
	page := http.NewCrossOriginProtection().Handler(hello) // a browser sends cookies for other sites, too

	visitor := deskauth.AnonymousInput{ProjectID: "demo", FirstName: "Ada"}
	session, err := auth.SigninAnonymously(context.Background(), visitor)
	if err != nil {
		log.Fatal(err)
	}
	r := httptest.NewRequest("GET", "/hello", nil)
	r.AddCookie(&http.Cookie{Name: "__Host-session", Value: session.Token})
	w := httptest.NewRecorder()
	page.ServeHTTP(w, r)
	fmt.Println(w.Code, w.Body)
	// Output:
	// 200 Hello Ada
}
