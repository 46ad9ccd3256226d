package gateway

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/golang-jwt/jwt/v5"
)

// A checker is the check of one library.
type checker func(token string, kinds []string, project string) (identity, error)

// eachLibrary runs a test with the check of each library. Two read the key from PEM, and
// two from the key set of a service that signs with it.
func eachLibrary(t *testing.T, private *ecdsa.PrivateKey, test func(t *testing.T, check checker)) {
	t.Helper()
	text := publicForms(t, private)["PEM"]
	url := serveKeys(t, func() []deskauth.Key { return []deskauth.Key{deskauth.NewKey(keyID, "ES256", private)} })
	t.Run("golang-jwt", func(t *testing.T) {
		t.Parallel()
		key, err := jwt.ParseECPublicKeyFromPEM(text)
		if err != nil {
			t.Fatal(err)
		}
		test(t, func(token string, kinds []string, project string) (identity, error) {
			return check(token, key, kinds, project)
		})
	})
	t.Run("jose", func(t *testing.T) {
		t.Parallel()
		test(t, startNode(t, string(text)))
	})
	for name, start := range remote {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, start(t, url))
		})
	}
}

var (
	agents    = []string{"user"}
	visitors  = []string{"guest", "userexternal"}
	everybody = []string{"user", "guest", "userexternal"}
)

// TestS49_OtherLibrariesKnowWhoItIs gives tokens of deskauth to the checks in docs/keys.md.
// The user of a customer's system is never the agent whose ID it claims.
func TestS49_OtherLibrariesKnowWhoItIs(t *testing.T) {
	t.Parallel()
	private := newKey(t, elliptic.P256())
	s := newSigner(t, deskauth.NewKey(keyID, "ES256", private), deskauth.Config{CustomTokenRoles: []string{"admin"}})
	agent, guest, impostor := s.agentToken(t), s.guest(t, project), s.exchange(t, s.impostor(t, project))
	if id := claimsOf(t, impostor)["_id"]; id != s.agent.ID {
		t.Fatalf("the impostor's token has the _id %v, want the agent's ID %s: it shows nothing", id, s.agent.ID)
	}
	impostorID := deskauth.ExternalUserID(project, s.agent.ID)

	eachLibrary(t, private, func(t *testing.T, check checker) {
		for _, c := range []struct {
			name, token string
			kinds       []string
			want        identity // none: the token is refused
		}{
			{"agent", agent, everybody, identity{s.agent.ID, "user", ""}},
			{"agent, for agents", agent, agents, identity{s.agent.ID, "user", ""}},
			{"agent, for visitors", agent, visitors, identity{}},
			{"guest", guest.Token, everybody, identity{guest.User.ID, "guest", project}},
			{"guest, for visitors", guest.Token, visitors, identity{guest.User.ID, "guest", project}},
			{"guest, for agents", guest.Token, agents, identity{}},
			{"impostor", impostor, everybody, identity{impostorID, "userexternal", project}},
			{"impostor, for visitors", impostor, visitors, identity{impostorID, "userexternal", project}},
			{"impostor, for agents", impostor, agents, identity{}},
		} {
			got, err := check(c.token, c.kinds, project)
			if got != c.want || (err == nil) != (c.want != identity{}) {
				t.Errorf("%s: got %+v and the error %v, want %+v", c.name, got, err, c.want)
			}
		}
	})
}

// TestS49_OtherLibrariesRefuse gives the same checks tokens that are nearly good.
func TestS49_OtherLibrariesRefuse(t *testing.T) {
	t.Parallel()
	private := newKey(t, elliptic.P256())
	key := deskauth.NewKey(keyID, "ES256", private)
	s := newSigner(t, key, deskauth.Config{})
	guest := s.guest(t, project).Token

	elsewhere := newSigner(t, key, deskauth.Config{Issuer: "https://id.example"})
	longAgo := newSigner(t, key, deskauth.Config{Now: func() time.Time { return time.Now().AddDate(0, -2, 0) }})
	foreign := newSigner(t, deskauth.NewKey(keyID, "ES256", newKey(t, elliptic.P256())), deskauth.Config{})
	larger := newSigner(t, deskauth.NewKey(keyID, "ES384", newKey(t, elliptic.P384())), deskauth.Config{})
	secret := newSigner(t, deskauth.NewKey(keyID, "HS256", "a secret in place of a private key"), deskauth.Config{})
	tokens := map[string]string{
		"guest of another project":   s.guest(t, other).Token,
		"external user of another":   s.exchange(t, s.impostor(t, other)),
		"agent of another issuer":    elsewhere.agentToken(t),
		"guest of another issuer":    elsewhere.guest(t, project).Token,
		"expired agent":              longAgo.agentToken(t),
		"expired guest":              longAgo.guest(t, project).Token,
		"expired external user":      longAgo.exchange(t, longAgo.impostor(t, project)),
		"signed with another key":    foreign.agentToken(t),
		"signed ES384":               larger.agentToken(t),
		"signed HS256":               secret.agentToken(t),
		"custom token":               s.impostor(t, project),
		"behind its scheme":          "JWT " + guest,
		"another token's signature":  guest[:strings.LastIndexByte(guest, '.')] + signatureOf(s.agentToken(t)),
		"without a signature":        guest[:strings.LastIndexByte(guest, '.')+1],
		"custom token, with our key": signed(t, jwt.SigningMethodES256, private, claimsOf(t, s.impostor(t, project))),
		"alg none":                   signed(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, claimsOf(t, guest)),
	}
	for form, public := range publicForms(t, private) {
		tokens["signed HS256 with the public key in "+form] = signed(t, jwt.SigningMethodHS256, public, claimsOf(t, guest))
	}
	// A claim that is changed, or with nil taken out.
	for name, change := range map[string]jwt.MapClaims{
		"no exp":                   {"exp": nil},
		"exp in a text":            {"exp": "4102444800"},
		"aud is a list":            {"aud": []string{issuer}},
		"aud is a list with more":  {"aud": []string{issuer, "https://id.example"}},
		"aud of a custom token":    {"aud": issuer + "/projects/" + project},
		"aud is another":           {"aud": "https://id.example"},
		"no aud":                   {"aud": nil},
		"iss is a list":            {"iss": []string{issuer}},
		"iss is another":           {"iss": "https://id.example"},
		"iss with a slash":         {"iss": issuer + "/"},
		"no iss":                   {"iss": nil},
		"no sub":                   {"sub": nil},
		"sub is unknown":           {"sub": "admin"},
		"sub is empty":             {"sub": ""},
		"sub is a list":            {"sub": []string{"guest"}},
		"no uid":                   {"uid": nil},
		"uid is empty":             {"uid": ""},
		"uid is a number":          {"uid": 7},
		"guest without project":    {"id_project": nil},
		"guest with all projects":  {"id_project": []string{project, other}},
		"external without project": {"sub": "userexternal", "id_project": nil},
		"external of another":      {"sub": "userexternal", "id_project": other},
	} {
		tokens[name] = signed(t, jwt.SigningMethodES256, private, changed(claimsOf(t, guest), change))
	}

	eachLibrary(t, private, func(t *testing.T, check checker) {
		control := signed(t, jwt.SigningMethodES256, private, claimsOf(t, guest))
		for name, token := range map[string]string{"guest": guest, "guest, signed again": control} {
			if _, err := check(token, everybody, project); err != nil {
				t.Fatalf("%s: got the error %v, want none: refusals prove nothing", name, err)
			}
		}
		for name, token := range tokens {
			if got, err := check(token, everybody, project); err == nil {
				t.Errorf("%s: got %+v, want an error", name, got)
			}
		}
	})
}
