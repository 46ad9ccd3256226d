package deskauth_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

func TestS06_Audience(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	for _, aud := range []string{
		`null`, `true`, `1`, `{}`, `[]`, `""`, `"*"`, `" "`,
		`["https://tiledesk.com/projects/` + testkit.ProjectA + `"]`,
		`["https://tiledesk.com/projects/` + testkit.ProjectA + `","https://tiledesk.com/projects/` + testkit.ProjectB + `"]`,
		`["https://tiledesk.com","https://tiledesk.com/projects/` + testkit.ProjectA + `"]`,
		`{"0":"https://tiledesk.com/projects/` + testkit.ProjectA + `"}`,
		`"http://tiledesk.com/projects/` + testkit.ProjectA + `"`,
		`"//tiledesk.com/projects/` + testkit.ProjectA + `"`,
		`"/projects/` + testkit.ProjectA + `"`,
		`"projects/` + testkit.ProjectA + `"`,
		`"` + testkit.ProjectA + `"`,
		`"https://tiledesk.com.evil.com/projects/` + testkit.ProjectA + `"`,
		`"https://eviltiledesk.com/projects/` + testkit.ProjectA + `"`,
		`"https://www.tiledesk.com/projects/` + testkit.ProjectA + `"`,
		`"https://tiledesk.com./projects/` + testkit.ProjectA + `"`,
		`"https://tiledesk.com:443/projects/` + testkit.ProjectA + `"`,
		`"https://user@tiledesk.com/projects/` + testkit.ProjectA + `"`,
		`"https://tiledesk.com@evil.com/projects/` + testkit.ProjectA + `"`,
		`"HTTPS://tiledesk.com/projects/` + testkit.ProjectA + `"`,
		`"https://Tiledesk.com/projects/` + testkit.ProjectA + `"`,
		`"https://tiledes\u212a.com/projects/` + testkit.ProjectA + `"`,
		`"https://tiledesk.com/Projects/` + testkit.ProjectA + `"`,
		`"https://tiledesk.com/project/` + testkit.ProjectA + `"`,
		`"https://tiledesk.com/projects/` + testkit.ProjectA + `/"`,
		`"https://tiledesk.com/projects/` + testkit.ProjectA + `?"`,
		`"https://tiledesk.com/projects/` + testkit.ProjectA + `?x=1"`,
		`"https://tiledesk.com/projects/` + testkit.ProjectA + `#"`,
		`"https://tiledesk.com/projects/` + testkit.ProjectA + `#x"`,
		`"https://tiledesk.com/projects/` + testkit.ProjectA + `%2F"`,
		`"https://tiledesk.com/projects%2F` + testkit.ProjectA + `"`,
		`"https://tiledesk.com/projects/%35` + testkit.ProjectA[1:] + `"`,
		`"https://tiledesk.com/projects/` + testkit.ProjectA + `/users"`,
		`"https://tiledesk.com/projects/` + testkit.ProjectA + `/projects/` + testkit.ProjectA + `"`,
		`"https://tiledesk.com/projects/x/../` + testkit.ProjectA + `"`,
		`"https://tiledesk.com/v1/projects/` + testkit.ProjectA + `"`,
		`"https://tiledesk.com//projects/` + testkit.ProjectA + `"`,
		`"https://tiledesk.com/projects//` + testkit.ProjectA + `"`,
		`"https://tiledesk.com/projects\\` + testkit.ProjectA + `"`,
		`"https://tiledesk.com/projects/` + testkit.ProjectA + `\u0000"`,
		`"https://tiledesk.com/projects/` + testkit.ProjectA + ` "`,
		`" https://tiledesk.com/projects/` + testkit.ProjectA + `"`,
		`"https://tiledesk.com/projects/` + testkit.ProjectA + `,` + testkit.ProjectB + `"`,
		`"https://tiledesk.com/projects/` + testkit.ProjectA + `\n"`,
		`"https://tiledesk.com/projects/"`,
		`"https://tiledesk.com/projects"`,
		`"https://tiledesk.com/projects/` + strings.Repeat("a", 129) + `"`,
		`"https://tiledesk.com/"`,
	} {
		t.Run(aud, func(t *testing.T) {
			k.RefusedCustom(t, testkit.Forge(testkit.HS256, `{"_id":"123","sub":"userexternal","aud":`+aud+`}`, testkit.SecretA), "bad claims")
		})
	}
	t.Run("missing", func(t *testing.T) {
		k.RefusedCustom(t, testkit.Forge(testkit.HS256, `{"_id":"123","sub":"userexternal"}`, testkit.SecretA), "bad claims")
		k.RefusedCustom(t, testkit.Forge(testkit.HS256, `{"_id":"123","sub":"userexternal","Aud":"https://tiledesk.com/projects/`+testkit.ProjectA+`"}`, testkit.SecretA), "bad claims")
	})
	t.Run("another case is another project", func(t *testing.T) {
		k.RefusedCustom(t, testkit.Forge(testkit.HS256, testkit.CustomPayload(strings.ToUpper(testkit.ProjectA), `"123"`), testkit.SecretA), "unknown project")
	})
}

// Whatever names project B is checked against the keys of project B alone.
func TestS06_ProjectsAreApart(t *testing.T) {
	t.Parallel()
	secrets := deskauth.StaticSecrets{
		Session: []deskauth.Key{deskauth.NewKey("s", "HS256", testkit.SessionSecret)},
		Projects: map[string][]deskauth.Key{
			testkit.ProjectA: {deskauth.NewKey("a", "HS256", testkit.SecretA)},
			testkit.ProjectB: {deskauth.NewKey("b", "HS256", testkit.SecretB)},
			testkit.NoTokens: {},
		},
	}
	store := memstore.New()
	k := testkit.NewOn(t, store, secrets, deskauth.Config{})
	k.Store = store
	for _, c := range []struct {
		name, header, projectID, secret string
		reason                          deskauth.Reason
	}{
		{"A's secret for B", testkit.HS256, testkit.ProjectB, testkit.SecretA, "bad signature"},
		{"A's kid and secret for B", `{"alg":"HS256","kid":"a"}`, testkit.ProjectB, testkit.SecretA, "bad signature"},
		{"B's kid and A's secret", `{"alg":"HS256","kid":"b"}`, testkit.ProjectB, testkit.SecretA, "bad signature"},
		{"A's kid and B's secret", `{"alg":"HS256","kid":"a"}`, testkit.ProjectB, testkit.SecretB, "bad signature"},
		{"an unknown kid and B's secret", `{"alg":"HS256","kid":"c"}`, testkit.ProjectB, testkit.SecretB, "bad signature"},
		{"the session's kid and secret", `{"alg":"HS256","kid":"s"}`, testkit.ProjectB, testkit.SessionSecret, "bad signature"},
		{"kid with a path to A", `{"alg":"HS256","kid":"../` + testkit.ProjectA + `/a"}`, testkit.ProjectB, testkit.SecretA, "bad signature"},
		{"A's secret for a project without keys", testkit.HS256, testkit.NoTokens, testkit.SecretA, "bad signature"},
		{"no secret for a project without keys", testkit.HS256, testkit.NoTokens, "", "bad signature"},
		{"A's secret for nobody's project", testkit.HS256, "unknown", testkit.SecretA, "unknown project"},
		{"no secret for nobody's project", testkit.HS256, "unknown", "", "unknown project"},
	} {
		t.Run(c.name, func(t *testing.T) {
			k.RefusedCustom(t, testkit.Forge(c.header, testkit.CustomPayload(c.projectID, `"123"`), c.secret), c.reason)
		})
	}
	a := k.MustCustom(t, testkit.Forge(`{"alg":"HS256","kid":"a"}`, testkit.CustomPayload(testkit.ProjectA, `"123"`), testkit.SecretA))
	b := k.MustCustom(t, testkit.Forge(`{"alg":"HS256","kid":"b"}`, testkit.CustomPayload(testkit.ProjectB, `"123"`), testkit.SecretB))
	if a.User.ID == b.User.ID || store.Len() != 2 || a.User.ProjectID != testkit.ProjectA || b.User.ProjectID != testkit.ProjectB {
		t.Errorf("one _id in two projects: %+v and %+v, %d accounts", a.User, b.User, store.Len())
	}
}

// With one secret for both, which only a provider of the host's own can bring about, the
// claims still tell the two kinds of token apart.
func TestS07_TokensAreOfOneKind(t *testing.T) {
	t.Parallel()
	keys := []deskauth.Key{deskauth.NewKey("", "HS256", testkit.SecretA)}
	store := memstore.New()
	k := testkit.NewOn(t, store, &testkit.Provider{
		Session: func() ([]deskauth.Key, error) { return keys, nil },
		Project: func(string) ([]deskauth.Key, error) { return keys, nil },
	}, deskauth.Config{})
	k.Store = store
	agent := k.MustSignup(t, "andrea@example.com", "a long password")
	k.MustCustom(t, testkit.TokenA(`"123"`)) // its account is there; what it lacks is a session

	t.Run("a custom token is no session token", func(t *testing.T) {
		verify, stateless := doors(t, k)["Verify"], doors(t, k)["VerifyStateless"]
		uid := `"uid":"` + deskauth.ExternalUserID(testkit.ProjectA, "123") + `"`
		for name, payload := range map[string]string{
			"as signed":       testkit.CustomPayload(testkit.ProjectA, `"123"`),
			"with exp":        testkit.CustomPayload(testkit.ProjectA, `"123"`, `"iat":1767323045,"exp":1767323999,"iss":"https://tiledesk.com"`),
			"with everything": testkit.CustomPayload(testkit.ProjectA, `"123"`, `"iat":1767323045,"exp":1767323999,"iss":"https://tiledesk.com","epoch":0,"id_project":"`+testkit.ProjectA+`"`, uid),
		} {
			for door, enter := range map[string]func(string) (deskauth.Event, error){"Verify": verify, "VerifyStateless": stateless} {
				if e, err := enter(testkit.Forge(testkit.HS256, payload, testkit.SecretA)); !errors.Is(err, deskauth.ErrInvalidToken) || e.Reason != "bad claims" {
					t.Errorf("%s, %s: error %v, reason %q; want ErrInvalidToken, bad claims", name, door, err, e.Reason)
				}
			}
		}
	})
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
			s := k.MustCustom(t, token)
			if s.User.ID != who.UserID || s.User.Kind != who.Kind || store.Len() != before {
				t.Errorf("%s: the session of %s %s made one of %s %s, %d accounts more", name, who.Kind, who.UserID, s.User.Kind, s.User.ID, store.Len()-before)
			}
		}
	})
	t.Run("nor is anything between the two", func(t *testing.T) {
		const times = `"iat":1767323045,"exp":1767323999,"iss":"https://tiledesk.com"`
		for _, payload := range []string{
			`{"_id":"123","sub":"userexternal","aud":"https://tiledesk.com",` + times + `}`,
			`{"_id":"123","sub":"userexternal","aud":["https://tiledesk.com","https://tiledesk.com/projects/` + testkit.ProjectA + `"],` + times + `}`,
			`{"_id":"` + agent.ID + `","sub":"user","aud":"https://tiledesk.com/projects/` + testkit.ProjectA + `",` + times + `}`,
			`{"_id":"` + agent.ID + `","sub":"guest","aud":"https://tiledesk.com/projects/` + testkit.ProjectA + `",` + times + `}`,
			`{"_id":"` + agent.ID + `","aud":"https://tiledesk.com/projects/` + testkit.ProjectA + `",` + times + `}`,
			`{"_id":"` + agent.ID + `","sub":["userexternal"],"aud":"https://tiledesk.com/projects/` + testkit.ProjectA + `",` + times + `}`,
			`{"_id":"` + agent.ID + `","sub":"userExternal","aud":"https://tiledesk.com/projects/` + testkit.ProjectA + `",` + times + `}`,
		} {
			nobodyEnters(t, k, testkit.Forge(testkit.HS256, payload, testkit.SecretA), "bad claims")
		}
	})
}
