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

var randomIDs = regexp.MustCompile(`"(jti|sid)":"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"`)

// The claims of the three kinds, in the order in which clients of Tiledesk have always got
// them.
func TestSessionTokenPayload(t *testing.T) {
	t.Parallel()
	n := 0
	cfg := deskauth.Config{NewID: func() string { n++; return fmt.Sprintf("id-%d", n) }}
	k := testkit.New(t, cfg)
	user, err := k.Signup(t.Context(), deskauth.SignupInput{
		Email:     "Andrea.Leo@F22.it",
		Password:  deskauth.NewSecret("a long password"),
		FirstName: `<Andrea> & "Co"`,
		LastName:  `Leo\ 😀`,
	})
	if err != nil {
		t.Fatal(err)
	}
	testkit.Change(t, k.Store, user.ID, func(a *deskauth.Account) { a.EmailVerified, a.SessionEpoch = true, 7 })
	guest := k.MustGuest(t, testkit.ProjectA)
	named, err := k.SigninAnonymously(t.Context(), deskauth.AnonymousInput{
		ProjectID: testkit.ProjectB, FirstName: "Anna", LastName: "Blu", Attributes: json.RawMessage(`{"x":1}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	const (
		day   = `"iat":1767323045,"exp":1767409445,`
		month = `"iat":1767323045,"exp":1769915045,`
		ours  = `"aud":"https://tiledesk.com","iss":"https://tiledesk.com",`
		rest  = `,"jti":"*","sid":"*","auth_time":1767323045,"epoch":`
		made  = `1767323045000` // when the account was made, in milliseconds

		ofProjectA = `"id_project":"` + testkit.ProjectA + `",`
		ofProjectB = `"id_project":"` + testkit.ProjectB + `",`
		guestsEnd  = month + ours + `"sub":"guest"` + rest + `0}`
	)
	externalsEnd := func(id string) string {
		uid := `"uid":"` + deskauth.ExternalUserID(testkit.ProjectA, id) + `",`
		return ofProjectA + uid + day + ours + `"sub":"userexternal"` + rest + made + `}`
	}
	for name, c := range map[string]struct{ token, want string }{
		"user": {
			k.MustSignin(t, "andrea.leo@f22.it", "a long password").Token,
			`{"_id":"id-1","uid":"id-1","email":"andrea.leo@f22.it","firstname":"<Andrea> & \"Co\"","lastname":"Leo\\ 😀",` +
				`"emailverified":true,` + day + ours + `"sub":"user"` + rest + `7}`,
		},
		"guest": {
			guest.Token,
			`{"_id":"id-2","uid":"id-2","email":"` + guest.User.Email + `","firstname":"guest#` + guest.User.Email[:4] + `",` +
				ofProjectA + guestsEnd,
		},
		"guest with names": {
			named.Token,
			`{"_id":"id-3","uid":"id-3","email":"` + named.User.Email + `","firstname":"Anna","lastname":"Blu",` +
				`"attributes":{"x":1},` +
				ofProjectB + guestsEnd,
		},
		"external": {
			k.MustCustom(t, testkit.TokenA(`"123"`, `"z":[1, 2],"lastname":"Leo"`, `"a":{"b":1.50}`,
				`"email":"a@b.it","firstname":"Andrea","m":"<&>"`)).Token,
			`{"_id":"123","email":"a@b.it","firstname":"Andrea","lastname":"Leo",` +
				`"attributes":{"z":[1,2],"a":{"b":1.50},"m":"<&>"},` + externalsEnd("123"),
		},
		"external without a profile": {
			k.MustCustom(t, testkit.TokenA(`5`)).Token,
			`{"_id":"5",` + externalsEnd("5"),
		},
	} {
		if got := randomIDs.ReplaceAllString(testkit.PartOf(t, c.token, 1), `"$1":"*"`); got != c.want {
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

func TestSessionTokenExpires(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{
		SessionTTL: time.Hour, GuestTTL: 2 * time.Hour, Leeway: 10 * time.Second,
	})
	for _, c := range []struct {
		kind deskauth.Kind
		ttl  time.Duration
	}{{deskauth.KindUser, time.Hour}, {deskauth.KindGuest, 2 * time.Hour}, {deskauth.KindExternal, time.Hour}} {
		k.Clock.Set(testkit.Start)
		s := k.MustSession(t, c.kind)
		if !s.ExpiresAt.Equal(testkit.Start.Add(c.ttl)) {
			t.Errorf("%s: ExpiresAt %v, want after %v", c.kind, s.ExpiresAt, c.ttl)
		}
		for _, edge := range []struct {
			after time.Duration
			want  error
		}{
			{-time.Second, nil},
			{0, nil},
			{9*time.Second + 999*time.Millisecond, nil},
			{10 * time.Second, deskauth.ErrTokenExpired},
			{time.Hour, deskauth.ErrTokenExpired},
		} {
			k.Clock.Set(s.ExpiresAt.Add(edge.after))
			_, verify := k.Verify(t.Context(), s.Token)
			_, stateless := k.VerifyStateless(t.Context(), s.Token)
			if verify != edge.want || stateless != edge.want {
				t.Errorf("%s, %v after its end: Verify %v, VerifyStateless %v; want %v",
					c.kind, edge.after, verify, stateless, edge.want)
			}
		}
		k.Events.Take()
		_, err := k.TryCustom(t, s.Token)
		if err != deskauth.ErrInvalidToken || k.Events.TakeLast().Reason != "expired" {
			t.Errorf("%s: coming back with an expired token: %v, want ErrInvalidToken", c.kind, err)
		}
	}
}

// No token outlives the key that signed it.
func TestSessionEndsWithItsKey(t *testing.T) {
	t.Parallel()
	end := testkit.Start.Add(90*time.Minute + 700*time.Millisecond)
	key := testkit.Key("k", testkit.SessionSecret)
	key.NotAfter = end
	secrets := testkit.Secrets()
	secrets.Session = []deskauth.Key{key}
	k := testkit.NewOn(t, memstore.New(), secrets, deskauth.Config{})
	for _, kind := range []deskauth.Kind{deskauth.KindUser, deskauth.KindGuest, deskauth.KindExternal} {
		s := k.MustSession(t, kind)
		if want := end.Truncate(time.Second); !s.ExpiresAt.Equal(want) {
			t.Errorf("%s: ends %v, want %v", kind, s.ExpiresAt, want)
		}
		if id, err := k.Verify(t.Context(), s.Token); err != nil || !id.ExpiresAt.Equal(s.ExpiresAt) {
			t.Errorf("%s: the token ends %v, %v; want %v", kind, id.ExpiresAt, err, s.ExpiresAt)
		}
	}
}

// A Tiledesk server's session tokens have no exp, epoch or auth_time.
func TestBesideTiledesk(t *testing.T) {
	t.Parallel()
	lax := testkit.New(t, deskauth.Config{BesideTiledesk: true})
	strict := testkit.NewOn(t, lax.Store, testkit.Secrets(), deskauth.Config{})
	agent, guest := lax.MustSignup(t, "andrea@f22.it", "a long password"), lax.MustGuest(t, testkit.ProjectA).User
	const ours = `"aud":"https://tiledesk.com","iss":"https://tiledesk.com"`
	const rest = `,"iat":1600000000,` + ours + `,"jti":"5d5aa1c6-8ae5-4e53-8d4a-5fb2aa6a0ac2"`
	tokens := map[string]string{
		agent.ID: testkit.ForgeSession(`{"_id":"` + agent.ID + `","email":"andrea@f22.it","firstname":"Andrea",` +
			`"lastname":"Leo","emailverified":true` + rest + `,"sub":"user"}`),
		guest.ID: testkit.ForgeSession(`{"_id":"` + guest.ID + `","email":"` + guest.Email + `",` +
			`"firstname":"guest#1","emailverified":false` + rest + `,"sub":"guest"}`),
	}
	for id, token := range tokens {
		strict.RefusedEverywhere(t, token, "bad claims")
		lax.Clock.Set(testkit.Start.Add(20 * 365 * testkit.Day))
		who, err := lax.Verify(t.Context(), token)
		issued, email := time.Unix(1600000000, 0), map[string]string{agent.ID: agent.Email, guest.ID: guest.Email}[id]
		if err != nil || who.UserID != id || !who.ExpiresAt.IsZero() || !who.AuthTime.Equal(issued) {
			t.Errorf("Verify = %+v, %v; want %s without an end", who, err, id)
		}
		if who, err := lax.VerifyStateless(t.Context(), token); err != nil || who.Email != email {
			t.Errorf("VerifyStateless = %+v, %v; want the address %s", who, err, email)
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
	changed := strings.Replace(tokens[agent.ID], ".", ".x", 1)
	if id, err := lax.VerifyStateless(t.Context(), changed); err == nil {
		t.Errorf("a changed token is taken: %+v", id)
	}
	s := lax.MustGuest(t, testkit.ProjectA)
	lax.Clock.Set(s.ExpiresAt.Add(time.Minute))
	if _, err := lax.Verify(t.Context(), s.Token); err != deskauth.ErrTokenExpired {
		t.Errorf("a token that has an exp: %v, want ErrTokenExpired", err)
	}
	withoutTimes := testkit.ForgeSession(`{"_id":"` + agent.ID + `","sub":"user",` + ours + `}`)
	lax.RefusedEverywhere(t, withoutTimes, "bad claims")
}

// A token ends with its `exp` or with its key, whatever comes first.
func TestTokenEndsWithExpOrKey(t *testing.T) {
	t.Parallel()
	key := testkit.Key("k", testkit.SessionSecret)
	key.NotAfter = testkit.Start.Add(1000 * testkit.Day)
	secrets := testkit.Secrets()
	secrets.Session = []deskauth.Key{key}
	k := testkit.NewOn(t, memstore.New(), secrets, deskauth.Config{BesideTiledesk: true})
	s := k.MustGuest(t, testkit.ProjectA)
	if id, err := k.Verify(t.Context(), s.Token); err != nil || !id.ExpiresAt.Equal(s.ExpiresAt) {
		t.Errorf("a token that ends before its key: ends %v, %v; want %v", id.ExpiresAt, err, s.ExpiresAt)
	}
	endless := testkit.EndlessGuest(s.User)
	if id, err := k.Verify(t.Context(), endless); err != nil || !id.ExpiresAt.Equal(key.NotAfter) {
		t.Errorf("a token without exp: ends %v, %v; want %v", id.ExpiresAt, err, key.NotAfter)
	}
}

// A guest whose token has no end is never renewed. When it comes back it is active all the
// same, and no purge takes it.
func TestEndlessGuestIsActive(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{BesideTiledesk: true})
	guest := k.MustGuest(t, testkit.ProjectA).User
	k.Clock.Advance(40 * testkit.Day)
	k.MustCustom(t, testkit.EndlessGuest(guest))
	a, err := k.Store.UserByID(t.Context(), guest.ID)
	if want := testkit.Start.Add(40 * testkit.Day); err != nil || !a.LastActiveAt.Equal(want) {
		t.Errorf("active at %v, %v; want %v", a.LastActiveAt, err, want)
	}
}

// The token of another server may lack the project. The event has the account's.
func TestRestoreEventNamesTheAccountsProject(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{BesideTiledesk: true})
	guest := k.MustGuest(t, testkit.ProjectA).User
	k.Events.Take()
	k.MustCustom(t, testkit.EndlessGuest(guest))
	if e := k.Events.TakeLast(); e.ProjectID != testkit.ProjectA || e.UserID != guest.ID {
		t.Errorf("the event is of account %q in project %q, want %q in %q",
			e.UserID, e.ProjectID, guest.ID, testkit.ProjectA)
	}
}

// An account that cannot stand in a token signs nobody in: its owner would get a token that
// is none.
func TestUnwritableAccountGetsNoToken(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	first := k.MustCustom(t, testkit.TokenA(`"7"`))
	k.Clock.Advance(20 * time.Hour) // a fresh token is due
	testkit.Change(t, k.Store, first.User.ID, func(a *deskauth.Account) { a.Attributes = []byte(`{"plan":`) })
	s, err := k.TryCustom(t, first.Token)
	testkit.WantFailure(t, s.Token, err)
	want := "make a token for account " + first.User.ID + ": the stored attributes"
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want an error that says %q", err, want)
	}
}

// A clock that was ahead when a session began, and is put back, refuses none of our own
// tokens. What others sign is refused as before.
func TestS45_OurOwnTokenFromTheFuture(t *testing.T) {
	t.Parallel()
	for _, kind := range testkit.Kinds {
		for _, ahead := range []time.Duration{31 * time.Second, time.Hour, 400 * testkit.Day} {
			k := testkit.New(t, deskauth.Config{})
			k.Clock.Set(testkit.Start.Add(ahead))
			s := k.MustSession(t, kind)
			k.Clock.Set(testkit.Start)
			k.GoesOn(t, fmt.Sprintf("%s, %v ahead", kind, ahead), s.Token)
			if back := k.MustCustom(t, s.Token); back.Token != s.Token {
				t.Errorf("%s, %v ahead: got another token", kind, ahead)
			}
		}
	}
	k := testkit.New(t, deskauth.Config{})
	k.RefusedCustom(t, testkit.TokenA(`"7"`, fmt.Sprintf(`"iat":%d`, testkit.Start.Add(time.Hour).Unix())),
		deskauth.ReasonBadClaims)
}
