package deskauth_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// In each audience {A} and {B} stand for the projects' IDs.
func TestS06_Audience(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	ids := strings.NewReplacer("{A}", testkit.ProjectA, "{A2}", testkit.ProjectA[1:], "{B}", testkit.ProjectB)
	for _, aud := range []string{
		`null`, `true`, `1`, `{}`, `[]`, `""`, `"*"`, `" "`,
		`["https://tiledesk.com/projects/{A}"]`,
		`["https://tiledesk.com/projects/{A}","https://tiledesk.com/projects/{B}"]`,
		`["https://tiledesk.com","https://tiledesk.com/projects/{A}"]`,
		`{"0":"https://tiledesk.com/projects/{A}"}`,
		`"http://tiledesk.com/projects/{A}"`,
		`"//tiledesk.com/projects/{A}"`,
		`"/projects/{A}"`,
		`"projects/{A}"`,
		`"{A}"`,
		`"https://tiledesk.com.evil.com/projects/{A}"`,
		`"https://eviltiledesk.com/projects/{A}"`,
		`"https://www.tiledesk.com/projects/{A}"`,
		`"https://tiledesk.com./projects/{A}"`,
		`"https://tiledesk.com:443/projects/{A}"`,
		`"https://user@tiledesk.com/projects/{A}"`,
		`"https://tiledesk.com@evil.com/projects/{A}"`,
		`"HTTPS://tiledesk.com/projects/{A}"`,
		`"https://Tiledesk.com/projects/{A}"`,
		`"https://tiledes\u212a.com/projects/{A}"`,
		`"https://tiledesk.com/Projects/{A}"`,
		`"https://tiledesk.com/project/{A}"`,
		`"https://tiledesk.com/projects/{A}/"`,
		`"https://tiledesk.com/projects/{A}?"`,
		`"https://tiledesk.com/projects/{A}?x=1"`,
		`"https://tiledesk.com/projects/{A}#"`,
		`"https://tiledesk.com/projects/{A}#x"`,
		`"https://tiledesk.com/projects/{A}%2F"`,
		`"https://tiledesk.com/projects%2F{A}"`,
		`"https://tiledesk.com/projects/%35{A2}"`,
		`"https://tiledesk.com/projects/{A}/users"`,
		`"https://tiledesk.com/projects/{A}/projects/{A}"`,
		`"https://tiledesk.com/projects/x/../{A}"`,
		`"https://tiledesk.com/v1/projects/{A}"`,
		`"https://tiledesk.com//projects/{A}"`,
		`"https://tiledesk.com/projects//{A}"`,
		`"https://tiledesk.com/projects\\{A}"`,
		`"https://tiledesk.com/projects/{A}\u0000"`,
		`"https://tiledesk.com/projects/{A} "`,
		`" https://tiledesk.com/projects/{A}"`,
		`"https://tiledesk.com/projects/{A},{B}"`,
		`"https://tiledesk.com/projects/{A}\n"`,
		`"https://tiledesk.com/projects/"`,
		`"https://tiledesk.com/projects"`,
		`"https://tiledesk.com/projects/` + strings.Repeat("a", 129) + `"`,
		`"https://tiledesk.com/"`,
	} {
		aud = ids.Replace(aud)
		t.Run(aud, func(t *testing.T) {
			payload := `{"_id":"123","sub":"userexternal","aud":` + aud + `}`
			k.RefusedCustom(t, testkit.ForgeA(payload), "bad claims")
		})
	}
	t.Run("missing", func(t *testing.T) {
		k.RefusedCustom(t, testkit.ForgeA(`{"_id":"123","sub":"userexternal"}`), "bad claims")
		otherCase := strings.Replace(testkit.PayloadA(`"123"`), `"aud"`, `"Aud"`, 1)
		k.RefusedCustom(t, testkit.ForgeA(otherCase), "bad claims")
	})
	t.Run("another case is another project", func(t *testing.T) {
		payload := testkit.CustomPayload(strings.ToUpper(testkit.ProjectA), `"123"`)
		k.RefusedCustom(t, testkit.ForgeA(payload), "unknown project")
	})
}

// A token that names project B is checked against the keys of project B alone.
func TestS06_ProjectsAreApart(t *testing.T) {
	t.Parallel()
	secrets := deskauth.StaticSecrets{
		Session: []deskauth.Key{testkit.Key("s", testkit.SessionSecret)},
		Projects: map[string][]deskauth.Key{
			testkit.ProjectA: {testkit.Key("a", testkit.SecretA)},
			testkit.ProjectB: {testkit.Key("b", testkit.SecretB)},
			testkit.NoTokens: {},
		},
	}
	store := memstore.New()
	k := testkit.NewOn(t, store, secrets, deskauth.Config{})
	for _, c := range []struct {
		name, kid, projectID, secret string
		reason                       deskauth.Reason
	}{
		{"A's secret for B", "", testkit.ProjectB, testkit.SecretA, "bad signature"},
		{"A's kid and secret for B", "a", testkit.ProjectB, testkit.SecretA, "bad signature"},
		{"B's kid and A's secret", "b", testkit.ProjectB, testkit.SecretA, "bad signature"},
		{"A's kid and B's secret", "a", testkit.ProjectB, testkit.SecretB, "bad signature"},
		{"an unknown kid and B's secret", "c", testkit.ProjectB, testkit.SecretB, "bad signature"},
		{"the session's kid and secret", "s", testkit.ProjectB, testkit.SessionSecret, "bad signature"},
		{"kid with a path to A", "../" + testkit.ProjectA + "/a", testkit.ProjectB, testkit.SecretA, "bad signature"},
		{"A's secret for a project without keys", "", testkit.NoTokens, testkit.SecretA, "bad signature"},
		{"no secret for a project without keys", "", testkit.NoTokens, "", "bad signature"},
		{"A's secret for nobody's project", "", "unknown", testkit.SecretA, "unknown project"},
		{"no secret for nobody's project", "", "unknown", "", "unknown project"},
	} {
		t.Run(c.name, func(t *testing.T) {
			payload := testkit.CustomPayload(c.projectID, `"123"`)
			k.RefusedCustom(t, testkit.Forge(headerOf(c.kid), payload, c.secret), c.reason)
		})
	}
	signin := func(kid, projectID, secret string) deskauth.User {
		payload := testkit.CustomPayload(projectID, `"123"`)
		return k.MustCustom(t, testkit.Forge(headerOf(kid), payload, secret)).User
	}
	a, b := signin("a", testkit.ProjectA, testkit.SecretA), signin("b", testkit.ProjectB, testkit.SecretB)
	if a.ID == b.ID || store.Len() != 2 || a.ProjectID != testkit.ProjectA || b.ProjectID != testkit.ProjectB {
		t.Errorf("one _id in two projects: %+v and %+v, %d accounts", a, b, store.Len())
	}
}

// headerOf is the header of a token with a kid, or without one if it is empty.
func headerOf(kid string) string {
	if kid == "" {
		return testkit.HS256
	}
	return `{"alg":"HS256","kid":"` + kid + `"}`
}

// A provider of the host's own may give one secret to both. Even then the claims tell the
// two kinds of token apart.
func TestS07_TokensAreOfOneKind(t *testing.T) {
	t.Parallel()
	keys := []deskauth.Key{testkit.Key("", testkit.SecretA)}
	store := memstore.New()
	k := testkit.NewOn(t, store, &testkit.Provider{
		Session: func() ([]deskauth.Key, error) { return keys, nil },
		Project: func(string) ([]deskauth.Key, error) { return keys, nil },
	}, deskauth.Config{})
	agent := k.MustSignup(t, "andrea@example.com", "a long password")
	k.MustCustom(t, testkit.TokenA(`"123"`)) // its account is there; what it lacks is a session

	t.Run("a custom token is no session token", func(t *testing.T) { customIsNoSession(t, k) })
	t.Run("a session token is no custom token", func(t *testing.T) {
		for name, token := range map[string]string{
			"of an agent": k.MustSignin(t, "andrea@example.com", "a long password").Token,
			"of a guest":  k.MustGuest(t, testkit.ProjectA).Token,
		} {
			before := store.Len()
			who, err := k.VerifyStateless(t.Context(), token)
			if err != nil {
				t.Fatal(err)
			}
			u := k.MustCustom(t, token).User
			if made := store.Len() - before; u.ID != who.UserID || u.Kind != who.Kind || made != 0 {
				t.Errorf("%s: the session of %s %s made one of %s %s, %d accounts more",
					name, who.Kind, who.UserID, u.Kind, u.ID, made)
			}
		}
	})
	t.Run("nor is anything between the two", func(t *testing.T) {
		const (
			times   = `,"iat":1767323045,"exp":1767323999,"iss":"https://tiledesk.com"}`
			ours    = `"https://tiledesk.com"`
			project = `"https://tiledesk.com/projects/` + testkit.ProjectA + `"`
		)
		agents := `{"_id":"` + agent.ID + `"`
		for _, payload := range []string{
			`{"_id":"123","sub":"userexternal","aud":` + ours + times,
			`{"_id":"123","sub":"userexternal","aud":[` + ours + `,` + project + `]` + times,
			agents + `,"sub":"user","aud":` + project + times,
			agents + `,"sub":"guest","aud":` + project + times,
			agents + `,"aud":` + project + times,
			agents + `,"sub":["userexternal"],"aud":` + project + times,
			agents + `,"sub":"userExternal","aud":` + project + times,
		} {
			k.RefusedEverywhere(t, testkit.ForgeA(payload), "bad claims")
		}
	})
}

func customIsNoSession(t *testing.T, k *testkit.Kit) {
	const (
		times = `"iat":1767323045,"exp":1767323999,"iss":"https://tiledesk.com"`
		rest  = `"epoch":0,"id_project":"` + testkit.ProjectA + `"`
	)
	uid := `"uid":"` + deskauth.ExternalUserID(testkit.ProjectA, "123") + `"`
	for name, token := range map[string]string{
		"as signed":       testkit.TokenA(`"123"`),
		"with exp":        testkit.TokenA(`"123"`, times),
		"with everything": testkit.TokenA(`"123"`, times, rest, uid),
	} {
		for _, door := range []string{"Verify", "VerifyStateless"} {
			e, err := k.Doors(t)[door](token)
			if !errors.Is(err, deskauth.ErrInvalidToken) || e.Reason != "bad claims" {
				t.Errorf("%s, %s: error %v, reason %q; want ErrInvalidToken, bad claims", name, door, err, e.Reason)
			}
		}
	}
}
