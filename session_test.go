package deskauth_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

var uuidV4 = regexp.MustCompile(`"jti":"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"`)

// The claims of the three kinds, in the order that clients of Tiledesk have always got
// them.
func TestSessionTokenPayload(t *testing.T) {
	t.Parallel()
	n := 0
	cfg := deskauth.Config{NewID: func() string { n++; return fmt.Sprintf("id-%d", n) }}
	k := testkit.New(t, cfg)
	user, err := k.Signup(t.Context(), deskauth.SignupInput{Email: "Andrea.Leo@F22.it", Password: deskauth.NewSecret("a long password"), FirstName: `<Andrea> & "Co"`, LastName: `Leo\ 😀`})
	if err != nil {
		t.Fatal(err)
	}
	testkit.Change(t, k.Store, user.ID, func(a *deskauth.Account) { a.EmailVerified, a.SessionEpoch = true, 7 })
	guest := k.MustGuest(t, testkit.ProjectA)
	named, err := k.SigninAnonymously(t.Context(), deskauth.AnonymousInput{ProjectID: testkit.ProjectB, FirstName: "Anna", LastName: "Blu", Attributes: json.RawMessage(`{"x":1}`)})
	if err != nil {
		t.Fatal(err)
	}
	const day, month = `"iat":1767323045,"exp":1767409445,`, `"iat":1767323045,"exp":1769915045,`
	const ours = `"aud":"https://tiledesk.com","iss":"https://tiledesk.com",`
	const rest = `,"jti":"*","auth_time":1767323045,"epoch":`
	const made = `1767323045000` // an external user's epoch is when its account was made, in milliseconds
	for name, c := range map[string]struct{ token, want string }{
		"user": {
			k.MustSignin(t, "andrea.leo@f22.it", "a long password").Token,
			`{"_id":"id-1","email":"andrea.leo@f22.it","firstname":"<Andrea> & \"Co\"","lastname":"Leo\\ 😀","emailverified":true,` + day + ours + `"sub":"user"` + rest + `7}`,
		},
		"guest": {
			guest.Token,
			`{"_id":"id-2","email":"` + guest.User.Email + `","firstname":"guest#` + guest.User.Email[:4] + `","id_project":"` + testkit.ProjectA + `",` + month + ours + `"sub":"guest"` + rest + `0}`,
		},
		"guest with names": {
			named.Token,
			`{"_id":"id-3","email":"` + named.User.Email + `","firstname":"Anna","lastname":"Blu","id_project":"` + testkit.ProjectB + `",` + month + ours + `"sub":"guest"` + rest + `0}`,
		},
		"external": {
			k.MustCustom(t, testkit.TokenA(`"123"`, `"z":[1, 2],"lastname":"Leo","a":{"b":1.50},"email":"a@b.it","firstname":"Andrea","m":"<&>"`)).Token,
			`{"_id":"123","email":"a@b.it","firstname":"Andrea","lastname":"Leo","z":[1,2],"a":{"b":1.50},"m":"<&>","id_project":"` + testkit.ProjectA +
				`","uid":"` + deskauth.ExternalUserID(testkit.ProjectA, "123") + `",` + day + ours + `"sub":"userexternal"` + rest + made + `}`,
		},
		"external without a profile": {
			k.MustCustom(t, testkit.TokenA(`5`)).Token,
			`{"_id":"5","id_project":"` + testkit.ProjectA + `","uid":"` + deskauth.ExternalUserID(testkit.ProjectA, "5") + `",` + day + ours + `"sub":"userexternal"` + rest + made + `}`,
		},
	} {
		if got := uuidV4.ReplaceAllString(testkit.PartOf(t, c.token, 1), `"jti":"*"`); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", name, got, c.want)
		}
		if got := testkit.PartOf(t, c.token, 0); got != testkit.HS256 {
			t.Errorf("%s: header %s, want %s", name, got, testkit.HS256)
		}
		if want := testkit.ForgeSession(testkit.PartOf(t, c.token, 1)); c.token != want {
			t.Errorf("%s: the token is not what HMAC-SHA-256 of the secret makes of it", name)
		}
	}
}

// sessionOf signs a new account of a kind in.
func sessionOf(t *testing.T, k *testkit.Kit, kind deskauth.Kind) deskauth.Session {
	t.Helper()
	switch kind {
	case deskauth.KindUser:
		k.MustSignup(t, "andrea@f22.it", "a long password")
		return k.MustSignin(t, "andrea@f22.it", "a long password")
	case deskauth.KindGuest:
		return k.MustGuest(t, testkit.ProjectA)
	}
	return k.MustCustom(t, testkit.TokenA(`"123"`, `"firstname":"Andrea"`))
}

func TestSessionTokenExpires(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{SessionTTL: time.Hour, GuestTTL: 2 * time.Hour, Leeway: 10 * time.Second})
	k.MustSignup(t, "andrea@f22.it", "a long password")
	for name, s := range map[string]deskauth.Session{
		"user": k.MustSignin(t, "andrea@f22.it", "a long password"), "guest": k.MustGuest(t, testkit.ProjectA), "external": k.MustCustom(t, testkit.TokenA(`"123"`)),
	} {
		if ttl := map[string]time.Duration{"user": time.Hour, "guest": 2 * time.Hour, "external": time.Hour}[name]; !s.ExpiresAt.Equal(testkit.Start.Add(ttl)) {
			t.Errorf("%s: ExpiresAt %v, want after %v", name, s.ExpiresAt, ttl)
		}
		for _, edge := range []struct {
			after time.Duration
			want  error
		}{{-time.Second, nil}, {0, nil}, {9*time.Second + 999*time.Millisecond, nil}, {10 * time.Second, deskauth.ErrTokenExpired}, {time.Hour, deskauth.ErrTokenExpired}} {
			k.Clock.Set(s.ExpiresAt.Add(edge.after))
			_, verify := k.Verify(t.Context(), s.Token)
			_, stateless := k.VerifyStateless(t.Context(), s.Token)
			if verify != edge.want || stateless != edge.want || edge.want != nil && !errors.Is(verify, deskauth.ErrInvalidToken) {
				t.Errorf("%s, %v after its end: Verify %v, VerifyStateless %v; want %v", name, edge.after, verify, stateless, edge.want)
			}
		}
		k.Events.Take()
		if _, err := k.TryCustom(t, s.Token); err != deskauth.ErrInvalidToken || k.Events.TakeLast().Reason != "expired" {
			t.Errorf("%s: coming back with an expired token: %v, want ErrInvalidToken", name, err)
		}
		k.Clock.Set(testkit.Start)
	}
}

// No token outlives the key that signed it.
func TestSessionEndsWithItsKey(t *testing.T) {
	t.Parallel()
	end := testkit.Start.Add(90*time.Minute + 700*time.Millisecond)
	key := deskauth.NewKey("k", "HS256", testkit.SessionSecret)
	key.NotAfter = end
	secrets := testkit.Secrets()
	secrets.Session = []deskauth.Key{key}
	k := testkit.NewOn(t, memstore.New(), secrets, deskauth.Config{})
	for _, kind := range []deskauth.Kind{deskauth.KindUser, deskauth.KindGuest, deskauth.KindExternal} {
		s := sessionOf(t, k, kind)
		if want := end.Truncate(time.Second); !s.ExpiresAt.Equal(want) {
			t.Errorf("%s: ends %v, want %v", kind, s.ExpiresAt, want)
		}
		if id, err := k.Verify(t.Context(), s.Token); err != nil || !id.ExpiresAt.Equal(s.ExpiresAt) {
			t.Errorf("%s: the token ends %v, %v; want %v", kind, id.ExpiresAt, err, s.ExpiresAt)
		}
	}
}

// A Tiledesk server's session tokens have no exp, epoch or auth_time.
func TestAcceptNoExpiry(t *testing.T) {
	t.Parallel()
	lax := testkit.New(t, deskauth.Config{AcceptNoExpiry: true})
	strict := testkit.NewOn(t, lax.Store, testkit.Secrets(), deskauth.Config{})
	agent, guest := lax.MustSignup(t, "andrea@f22.it", "a long password"), lax.MustGuest(t, testkit.ProjectA).User
	const rest = `,"iat":1600000000,"aud":"https://tiledesk.com","iss":"https://tiledesk.com","jti":"5d5aa1c6-8ae5-4e53-8d4a-5fb2aa6a0ac2"`
	tokens := map[string]string{
		agent.ID: testkit.ForgeSession(`{"_id":"` + agent.ID + `","email":"andrea@f22.it","firstname":"Andrea","lastname":"Leo","emailverified":true` + rest + `,"sub":"user"}`),
		guest.ID: testkit.ForgeSession(`{"_id":"` + guest.ID + `","email":"` + guest.Email + `","firstname":"guest#1","emailverified":false` + rest + `,"sub":"guest"}`),
	}
	for id, token := range tokens {
		strict.RefusedEverywhere(t, token, "bad claims")
		lax.Clock.Set(testkit.Start.Add(20 * 365 * 24 * time.Hour))
		who, err := lax.Verify(t.Context(), token)
		if err != nil || who.UserID != id || !who.ExpiresAt.IsZero() || !who.AuthTime.Equal(time.Unix(1600000000, 0)) {
			t.Errorf("Verify = %+v, %v; want %s without an end", who, err, id)
		}
		if s := lax.MustCustom(t, token); s.Token != token || !s.ExpiresAt.IsZero() || s.User.ID != id {
			t.Errorf("coming back: ends %v, user %s; want the same token", s.ExpiresAt, s.User.ID)
		}
		lax.Clock.Set(testkit.Start)
		testkit.Change(t, lax.Store, id, func(a *deskauth.Account) { a.SessionEpoch = 1 })
		if _, err := lax.Verify(t.Context(), token); !errors.Is(err, deskauth.ErrInvalidToken) {
			t.Errorf("Verify after the epoch was raised: %v, want ErrInvalidToken", err)
		}
	}
	if id, err := lax.VerifyStateless(t.Context(), strings.Replace(tokens[agent.ID], ".", ".x", 1)); err == nil {
		t.Errorf("a changed token is taken: %+v", id)
	}
	s := lax.MustGuest(t, testkit.ProjectA)
	lax.Clock.Set(s.ExpiresAt.Add(time.Minute))
	if _, err := lax.Verify(t.Context(), s.Token); err != deskauth.ErrTokenExpired {
		t.Errorf("a token that has an exp: %v, want ErrTokenExpired", err)
	}
	lax.RefusedEverywhere(t, testkit.ForgeSession(`{"_id":"`+agent.ID+`","sub":"user","aud":"https://tiledesk.com","iss":"https://tiledesk.com"}`), "bad claims")
}
