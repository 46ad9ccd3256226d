package deskauth_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
)

func TestS06_Audience(t *testing.T) {
	t.Parallel()
	k := newAuth(t, deskauth.Config{})
	for _, aud := range []string{
		`null`, `true`, `1`, `{}`, `[]`, `""`, `"*"`, `" "`,
		`["https://tiledesk.com/projects/` + projectA + `"]`,
		`["https://tiledesk.com/projects/` + projectA + `","https://tiledesk.com/projects/` + projectB + `"]`,
		`["https://tiledesk.com","https://tiledesk.com/projects/` + projectA + `"]`,
		`{"0":"https://tiledesk.com/projects/` + projectA + `"}`,
		`"http://tiledesk.com/projects/` + projectA + `"`,
		`"//tiledesk.com/projects/` + projectA + `"`,
		`"/projects/` + projectA + `"`,
		`"projects/` + projectA + `"`,
		`"` + projectA + `"`,
		`"https://tiledesk.com.evil.com/projects/` + projectA + `"`,
		`"https://eviltiledesk.com/projects/` + projectA + `"`,
		`"https://www.tiledesk.com/projects/` + projectA + `"`,
		`"https://tiledesk.com./projects/` + projectA + `"`,
		`"https://tiledesk.com:443/projects/` + projectA + `"`,
		`"https://user@tiledesk.com/projects/` + projectA + `"`,
		`"https://tiledesk.com@evil.com/projects/` + projectA + `"`,
		`"HTTPS://tiledesk.com/projects/` + projectA + `"`,
		`"https://Tiledesk.com/projects/` + projectA + `"`,
		`"https://tiledes\u212a.com/projects/` + projectA + `"`,
		`"https://tiledesk.com/Projects/` + projectA + `"`,
		`"https://tiledesk.com/project/` + projectA + `"`,
		`"https://tiledesk.com/projects/` + projectA + `/"`,
		`"https://tiledesk.com/projects/` + projectA + `?"`,
		`"https://tiledesk.com/projects/` + projectA + `?x=1"`,
		`"https://tiledesk.com/projects/` + projectA + `#"`,
		`"https://tiledesk.com/projects/` + projectA + `#x"`,
		`"https://tiledesk.com/projects/` + projectA + `%2F"`,
		`"https://tiledesk.com/projects%2F` + projectA + `"`,
		`"https://tiledesk.com/projects/%35` + projectA[1:] + `"`,
		`"https://tiledesk.com/projects/` + projectA + `/users"`,
		`"https://tiledesk.com/projects/` + projectA + `/projects/` + projectA + `"`,
		`"https://tiledesk.com/projects/x/../` + projectA + `"`,
		`"https://tiledesk.com/v1/projects/` + projectA + `"`,
		`"https://tiledesk.com//projects/` + projectA + `"`,
		`"https://tiledesk.com/projects//` + projectA + `"`,
		`"https://tiledesk.com/projects\\` + projectA + `"`,
		`"https://tiledesk.com/projects/` + projectA + `\u0000"`,
		`"https://tiledesk.com/projects/` + projectA + ` "`,
		`" https://tiledesk.com/projects/` + projectA + `"`,
		`"https://tiledesk.com/projects/` + projectA + `,` + projectB + `"`,
		`"https://tiledesk.com/projects/` + projectA + `\n"`,
		`"https://tiledesk.com/projects/"`,
		`"https://tiledesk.com/projects"`,
		`"https://tiledesk.com/projects/` + strings.Repeat("a", 129) + `"`,
		`"https://tiledesk.com/"`,
	} {
		t.Run(aud, func(t *testing.T) {
			k.refusedCustom(t, forge(hs256, `{"_id":"123","sub":"userexternal","aud":`+aud+`}`, secretA), "bad claims")
		})
	}
	t.Run("missing", func(t *testing.T) {
		k.refusedCustom(t, forge(hs256, `{"_id":"123","sub":"userexternal"}`, secretA), "bad claims")
		k.refusedCustom(t, forge(hs256, `{"_id":"123","sub":"userexternal","Aud":"https://tiledesk.com/projects/`+projectA+`"}`, secretA), "bad claims")
	})
	t.Run("another case is another project", func(t *testing.T) {
		k.refusedCustom(t, forge(hs256, customPayload(strings.ToUpper(projectA), `"123"`), secretA), "unknown project")
	})
}

// Whatever names project B is checked against the keys of project B alone.
func TestS06_ProjectsAreApart(t *testing.T) {
	t.Parallel()
	secrets := deskauth.StaticSecrets{
		Session: []deskauth.Key{deskauth.NewKey("s", "HS256", sessionSecret)},
		Projects: map[string][]deskauth.Key{
			projectA: {deskauth.NewKey("a", "HS256", secretA)},
			projectB: {deskauth.NewKey("b", "HS256", secretB)},
			noTokens: {},
		},
	}
	store := memstore.New()
	k := newAuthOn(t, store, secrets, deskauth.Config{})
	k.store = store
	for _, c := range []struct{ name, header, projectID, secret, reason string }{
		{"A's secret for B", hs256, projectB, secretA, "bad signature"},
		{"A's kid and secret for B", `{"alg":"HS256","kid":"a"}`, projectB, secretA, "bad signature"},
		{"B's kid and A's secret", `{"alg":"HS256","kid":"b"}`, projectB, secretA, "bad signature"},
		{"A's kid and B's secret", `{"alg":"HS256","kid":"a"}`, projectB, secretB, "bad signature"},
		{"an unknown kid and B's secret", `{"alg":"HS256","kid":"c"}`, projectB, secretB, "bad signature"},
		{"the session's kid and secret", `{"alg":"HS256","kid":"s"}`, projectB, sessionSecret, "bad signature"},
		{"kid with a path to A", `{"alg":"HS256","kid":"../` + projectA + `/a"}`, projectB, secretA, "bad signature"},
		{"A's secret for a project without keys", hs256, noTokens, secretA, "bad signature"},
		{"no secret for a project without keys", hs256, noTokens, "", "bad signature"},
		{"A's secret for nobody's project", hs256, "unknown", secretA, "unknown project"},
		{"no secret for nobody's project", hs256, "unknown", "", "unknown project"},
	} {
		t.Run(c.name, func(t *testing.T) {
			k.refusedCustom(t, forge(c.header, customPayload(c.projectID, `"123"`), c.secret), c.reason)
		})
	}
	a := k.custom(t, forge(`{"alg":"HS256","kid":"a"}`, customPayload(projectA, `"123"`), secretA))
	b := k.custom(t, forge(`{"alg":"HS256","kid":"b"}`, customPayload(projectB, `"123"`), secretB))
	if a.User.ID == b.User.ID || store.Len() != 2 || a.User.ProjectID != projectA || b.User.ProjectID != projectB {
		t.Errorf("one _id in two projects: %+v and %+v, %d accounts", a.User, b.User, store.Len())
	}
}

// Who signs a project's custom tokens must not hold what session tokens are signed or
// verified with, in whatever form and for whatever algorithm.
func TestS07_KeysAreNotShared(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ session, project deskauth.Key }{
		"one secret":                {deskauth.NewKey("a", "HS256", secretB), deskauth.NewKey("b", "HS256", secretB)},
		"one secret, two sizes":     {deskauth.NewKey("", "HS256", secretB), deskauth.NewKey("", "HS512", secretB)},
		"zeros at the end":          {deskauth.NewKey("", "HS256", secretB), deskauth.NewKey("", "HS256", secretB+"\x00\x00")},
		"one RSA key":               {deskauth.NewKey("", "RS256", rsaKey()), deskauth.NewKey("", "RS256", rsaKey())},
		"its public half":           {deskauth.NewKey("", "RS256", rsaKey()), deskauth.NewKey("", "RS256", &rsaKey().PublicKey)},
		"one RSA key, two sizes":    {deskauth.NewKey("", "RS256", rsaKey()), deskauth.NewKey("", "RS512", rsaKey())},
		"one RSA key, two paddings": {deskauth.NewKey("", "RS256", rsaKey()), deskauth.NewKey("", "PS256", &rsaKey().PublicKey)},
		"two public halves":         {deskauth.NewKey("", "RS256", &rsaKey().PublicKey), deskauth.NewKey("", "RS256", &rsaKey().PublicKey)},
	} {
		for where, sessions := range map[string][]deskauth.Key{
			"first": {c.session, deskauth.NewKey("", "HS256", sessionSecret)},
			"later": {deskauth.NewKey("", "HS256", sessionSecret), c.session},
		} {
			if where == "first" && name == "two public halves" {
				continue // it could not sign
			}
			secrets := testSecrets()
			secrets.Session = sessions
			secrets.Projects[projectB] = []deskauth.Key{deskauth.NewKey("", "HS256", foreignSecret), c.project}
			_, err := deskauth.New(memstore.New(), secrets, deskauth.Config{})
			if err == nil || !strings.Contains(err.Error(), `project "`+projectB+`" has the key of sessions`) || strings.Contains(err.Error(), secretB) {
				t.Errorf("%s, %s: New: %v; want it to refuse the project's key", name, where, err)
			}
		}
	}
}

// With one secret for both, which only a provider of the host's own can bring about, the
// claims still tell the two kinds of token apart.
func TestS07_TokensAreOfOneKind(t *testing.T) {
	t.Parallel()
	keys := []deskauth.Key{deskauth.NewKey("", "HS256", secretA)}
	store := memstore.New()
	k := newAuthOn(t, store, &provider{
		session: func() ([]deskauth.Key, error) { return keys, nil },
		project: func(string) ([]deskauth.Key, error) { return keys, nil },
	}, deskauth.Config{})
	k.store = store
	agent := k.signup(t, "andrea@example.com", "a long password")
	k.custom(t, tokenA(`"123"`)) // its account is there; what it lacks is a session

	t.Run("a custom token is no session token", func(t *testing.T) {
		verify, stateless := doors(t, k)["Verify"], doors(t, k)["VerifyStateless"]
		uid := `"uid":"` + deskauth.ExternalUserID(projectA, "123") + `"`
		for name, payload := range map[string]string{
			"as signed":       customPayload(projectA, `"123"`),
			"with exp":        customPayload(projectA, `"123"`, `"iat":1767323045,"exp":1767323999,"iss":"https://tiledesk.com"`),
			"with everything": customPayload(projectA, `"123"`, `"iat":1767323045,"exp":1767323999,"iss":"https://tiledesk.com","epoch":0,"id_project":"`+projectA+`"`, uid),
		} {
			for door, enter := range map[string]func(string) (deskauth.Event, error){"Verify": verify, "VerifyStateless": stateless} {
				if e, err := enter(forge(hs256, payload, secretA)); !errors.Is(err, deskauth.ErrInvalidToken) || e.Reason != "bad claims" {
					t.Errorf("%s, %s: error %v, reason %q; want ErrInvalidToken, bad claims", name, door, err, e.Reason)
				}
			}
		}
	})
	t.Run("a session token is no custom token", func(t *testing.T) {
		for name, token := range map[string]string{
			"of an agent": k.signin(t, "andrea@example.com", "a long password").Token,
			"of a guest":  k.guest(t, projectA).Token,
		} {
			before := store.Len()
			who, err := k.VerifyStateless(t.Context(), token)
			if err != nil {
				t.Fatal(err)
			}
			s := k.custom(t, token)
			if s.User.ID != who.UserID || s.User.Kind != who.Kind || store.Len() != before {
				t.Errorf("%s: the session of %s %s made one of %s %s, %d accounts more", name, who.Kind, who.UserID, s.User.Kind, s.User.ID, store.Len()-before)
			}
		}
	})
	t.Run("nor is anything between the two", func(t *testing.T) {
		const times = `"iat":1767323045,"exp":1767323999,"iss":"https://tiledesk.com"`
		for _, payload := range []string{
			`{"_id":"123","sub":"userexternal","aud":"https://tiledesk.com",` + times + `}`,
			`{"_id":"123","sub":"userexternal","aud":["https://tiledesk.com","https://tiledesk.com/projects/` + projectA + `"],` + times + `}`,
			`{"_id":"` + agent.ID + `","sub":"user","aud":"https://tiledesk.com/projects/` + projectA + `",` + times + `}`,
			`{"_id":"` + agent.ID + `","sub":"guest","aud":"https://tiledesk.com/projects/` + projectA + `",` + times + `}`,
			`{"_id":"` + agent.ID + `","aud":"https://tiledesk.com/projects/` + projectA + `",` + times + `}`,
			`{"_id":"` + agent.ID + `","sub":["userexternal"],"aud":"https://tiledesk.com/projects/` + projectA + `",` + times + `}`,
			`{"_id":"` + agent.ID + `","sub":"userExternal","aud":"https://tiledesk.com/projects/` + projectA + `",` + times + `}`,
		} {
			nobodyEnters(t, k, forge(hs256, payload, secretA), "bad claims")
		}
	})
}
