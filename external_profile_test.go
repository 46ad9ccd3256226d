package deskauth_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

// A custom token that was issued before the one that the profile came from signs in and
// changes nothing.
func TestS43_OlderTokenChangesNoProfile(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	k.Clock.Advance(24 * time.Hour)
	for i, c := range []struct{ token, want string }{
		{dated(time.Hour, "free"), "free"},
		{dated(0, "gold"), "free"},
		{dated(time.Hour-time.Second, "gold"), "free"},
		{dated(time.Hour, "silver"), "silver"}, // of the same second: the last one counts
		{dated(time.Hour+time.Second, "gold"), "gold"},
		{dated(time.Hour, "free"), "gold"},
		{dated(3*time.Hour, "gold"), "gold"}, // the same profile, and newer
		{dated(2*time.Hour, "free"), "gold"},
		{testkit.TokenA(`"7"`, `"plan":"undated"`), "gold"}, // it may be of before
		{dated(2*time.Hour, "free"), "gold"},
		{dated(4*time.Hour, "free"), "free"},
	} {
		k.Events.Take()
		s := k.MustCustom(t, c.token)
		if want := fmt.Sprintf(`{"plan":%q}`, c.want); string(s.User.Attributes) != want {
			t.Errorf("token %d: the profile is %s, want %s", i, s.User.Attributes, want)
		}
		id, err := k.Verify(t.Context(), s.Token)
		if err != nil || string(id.Claims) != string(s.User.Attributes) {
			t.Errorf("token %d: the session has %s, %v", i, id.Claims, err)
		}
	}
}

// The newest `iat` is written at most once a minute while the profile stays the same.
func TestProfileTimeIsWrittenOnceAMinute(t *testing.T) {
	t.Parallel()
	store := &testkit.CountingStore{UserStore: testkit.New(t, deskauth.Config{}).Store}
	k := testkit.NewOn(t, store, testkit.Secrets(), deskauth.Config{})
	for i := range 181 {
		k.Clock.Set(testkit.Start.Add(time.Duration(i) * time.Second))
		k.MustCustom(t, dated(time.Duration(i)*time.Second, "gold"))
	}
	if got := store.Updates.Load(); got != 3 {
		t.Errorf("page loads each second for three minutes made %d updates, want 3", got)
	}
}

// Whatever another system claims stands under one name in a session token, where it cannot
// mean anything to a service that verifies our tokens.
func TestS44_ClaimsOfOthersStandApart(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{CustomTokenRoles: []string{"admin"}})
	claims := []string{
		`"authorities":["ROLE_ADMIN"]`, `"realm_access":{"roles":["admin"]}`, `"https://hasura.io/jwt/claims":{}`,
		`"preferred_username":"root"`, `"tenant":"x"`, `"admin":true`, `"attributes":{"uid":"x"}`, `"user_id":1`,
		`"email":"a@b.it"`, `"firstname":"A"`, `"role":"admin"`,
	}
	ours := []string{
		"_id", "email", "firstname", "attributes", "id_project", "uid", "iat", "exp", "aud", "iss", "sub", "jti",
		"sid", "auth_time", "epoch",
	}
	guest, err := k.SigninAnonymously(t.Context(), deskauth.AnonymousInput{
		ProjectID: testkit.ProjectA, Attributes: []byte(`{"authorities":["ROLE_ADMIN"],"sub":"user","uid":"x"}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	for what, s := range map[string]deskauth.Session{
		"external": k.MustCustom(t, testkit.TokenA(`"7"`, claims...)), "guest": guest,
	} {
		var names []string
		for _, m := range testkit.Members(t, s.Token) {
			names = append(names, m.Name)
		}
		for _, name := range names {
			if !slices.Contains(ours, name) {
				t.Errorf("%s: %q stands at the top of the token beside %s", what, name, strings.Join(names, ", "))
			}
		}
		if slices.Sort(names); len(slices.Compact(slices.Clone(names))) != len(names) {
			t.Errorf("%s: a name stands twice at the top of the token: %q", what, names)
		}
		if !slices.Contains(names, "attributes") {
			t.Errorf("%s: the token has no attributes", what)
		}
	}
}

// One project's secret makes so many accounts in an hour, and no more. Those who have one
// go on signing in, and other projects make theirs.
func TestS43_NewExternalsAreLimited(t *testing.T) {
	t.Parallel()
	limits := testkit.NoLimits()
	limits.ExternalsPerProject = deskauth.Rate{Attempts: 20, Per: time.Hour}
	k := testkit.New(t, deskauth.Config{Limits: limits})
	for i := range 20 {
		k.MustCustom(t, testkit.TokenA(fmt.Sprint(i)))
	}
	k.Events.Take()
	_, err := k.TryCustom(t, testkit.TokenA("20"))
	retry, limited := errors.AsType[*deskauth.RetryError](err)
	e := k.Events.TakeLast()
	if !limited || !errors.Is(err, deskauth.ErrTooManyAttempts) || retry.After > 3*time.Minute || k.Store.Len() != 20 ||
		e.Reason != deskauth.ReasonRateLimited || e.Limit != "ExternalsPerProject" {
		t.Errorf("the 21st: %v, %d accounts, event %+v; want it to come back later", err, k.Store.Len(), e)
	}
	for i := range 20 {
		k.MustCustom(t, testkit.TokenA(fmt.Sprint(i), `"plan":"gold"`))
	}
	k.MustCustom(t, testkit.Forge(testkit.HS256, testkit.CustomPayload(testkit.ProjectB, `"1"`), testkit.SecretB))
	k.Clock.Advance(3 * time.Minute)
	k.MustCustom(t, testkit.TokenA("20"))
}
