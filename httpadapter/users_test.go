package httpadapter_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/httpadapter"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// own are the requests of an agent about its own account, with good bodies.
var own = []struct{ method, path, body string }{
	{"GET", "/users", ""},
	{"PUT", "/users", `{"firstname":"Augusta"}`},
	{"PUT", "/users/changepsw", `{"oldpsw":"` + adaPassword + `","newpsw":"battery staple"}`},
	{"POST", "/signout", ""},
	{"DELETE", "/users", ""},
}

// Whatever a request says beside its token names nobody, and sets nothing that is not the
// agent's to set.
func TestS35_OnlyTheTokenSaysWhoseAccountItIs(t *testing.T) {
	t.Parallel()
	for _, q := range own {
		t.Run(q.method+" "+q.path, func(t *testing.T) {
			t.Parallel()
			store := memstore.New()
			s := start(t, setup{users: store})
			s.signUpAda(t)
			ada := s.post("/signin", body()).token(t)
			bob := testkit.Put(t, store, "bob@example.com", testkit.WeakHash)
			fields := `"_id":"` + bob.ID + `","id":"` + bob.ID + `","uid":"` + bob.ID + `","user":"` + bob.ID +
				`","email":"bob@example.com","sub":"user","emailverified":true,"EmailVerified":true,"status":100,` +
				`"kind":"guest","Kind":"guest","role":"admin","password":"a chosen password","PasswordHash":"x",` +
				`"disabled":true,"SessionEpoch":9,"State":"{}","EndAll":true,"Token":"x"}`
			text := strings.Replace(strings.TrimSuffix(q.body, "}")+","+fields, "{,", "{", 1)
			if q.body == "" {
				text = "{" + fields
			}
			query := url.Values{"_id": {bob.ID}, "email": {bob.Email}}.Encode()
			r := httptest.NewRequest(q.method, q.path+"?"+query, strings.NewReader(text))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Authorization", ada)
			r.Header.Set("X-User-Id", bob.ID)
			r.AddCookie(&http.Cookie{Name: "token", Value: testkit.AgentToken(bob.ID)})
			got := serve(s.withUsers(httpadapter.Config{}), r)
			if got.status != http.StatusOK || strings.Contains(got.body, "bob") {
				t.Errorf("got %v, want 200 and nothing of another account", got)
			}
			now, err := store.UserByID(t.Context(), bob.ID)
			if err != nil || !reflect.DeepEqual(now, bob) {
				t.Errorf("another account is now %+v, %v", now, err)
			}
			if q.method == "DELETE" {
				return
			}
			acc, err := store.UserByEmail(t.Context(), adaEmail)
			if err != nil || acc.EmailVerified || acc.Kind != deskauth.KindUser || acc.Disabled || acc.Attributes != nil {
				t.Errorf("the agent's own account is now %+v, %v", acc, err)
			}
		})
	}
}

// A header that is no token of the agent's is a 401, and nothing has happened.
func TestS24_OddHeadersAtTheOwnAccount(t *testing.T) {
	t.Parallel()
	store := memstore.New()
	s := start(t, setup{users: store})
	s.signUpAda(t)
	ada := strings.TrimPrefix(s.post("/signin", body()).token(t), "JWT ")
	before, err := store.UserByEmail(t.Context(), adaEmail)
	if err != nil {
		t.Fatal(err)
	}
	h := s.withUsers(httpadapter.Config{})
	for _, q := range own {
		for name, headers := range map[string][]string{
			"none": nil, "empty": {""}, "a token alone": {ada}, "a scheme alone": {"JWT"}, "Basic": {"Basic " + ada},
			"two": {"JWT " + ada, "JWT " + ada}, "two in one": {"JWT " + ada + ", JWT " + ada},
			"two blanks": {"JWT  " + ada}, "cut off": {"JWT " + ada[:len(ada)-2]}, "null": {"JWT null"},
		} {
			r := httptest.NewRequest(q.method, q.path+"?token="+ada, strings.NewReader(q.body))
			if q.body != "" {
				r.Header.Set("Content-Type", "application/json")
			}
			r.Header["Authorization"] = headers
			r.AddCookie(&http.Cookie{Name: "Authorization", Value: "JWT " + ada})
			got := serve(h, r)
			refused(t, got, http.StatusUnauthorized, unauthorized)
			if !strings.HasPrefix(got.header.Get("WWW-Authenticate"), "Bearer") {
				t.Errorf("%s at %s %s: WWW-Authenticate is %q", name, q.method, q.path, got.header.Get("WWW-Authenticate"))
			}
		}
	}
	after, err := store.UserByEmail(t.Context(), adaEmail)
	if err != nil || !reflect.DeepEqual(after, before) {
		t.Errorf("the account is now %+v, %v", after, err)
	}
}

// The dashboard replaces its stored user by `updatedUser`, so what it reads must be there.
func TestUpdatedUserHasWhatClientsRead(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	s.signUpAda(t)
	ada := s.post("/signin", body()).token(t)
	got := ask(s.withUsers(httpadapter.Config{}), http.MethodPut, "/users", `{"firstname":"Augusta"}`, isJSON,
		"Authorization: "+ada)
	var answer struct {
		UpdatedUser map[string]any `json:"updatedUser"`
	}
	if err := json.Unmarshal([]byte(got.body), &answer); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"_id", "email", "firstname", "lastname", "emailverified"} {
		if _, ok := answer.UpdatedUser[name]; !ok {
			t.Errorf("%s is missing in %s", name, got.body)
		}
	}
	if strings.Contains(got.body, "$argon2") || len(answer.UpdatedUser) != 8 {
		t.Errorf("got %s, want eight fields and no hash", got.body)
	}
}
