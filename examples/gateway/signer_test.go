package gateway

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/examples/internal/sign"
	"github.com/deskauth/deskauth/memstore"
	"github.com/golang-jwt/jwt/v5"
)

const (
	keyID    = "2026-11"
	project  = "shop"
	other    = "lobby" // another project
	password = "a password of this test alone"
	address  = "agent@example.com"
)

func newKey(t *testing.T, curve elliptic.Curve) *ecdsa.PrivateKey {
	t.Helper()
	private, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return private
}

// A signer is a service that signs people in with deskauth.
type signer struct {
	*deskauth.Auth
	agent deskauth.User
}

func newSigner(t *testing.T, session deskauth.Key, cfg deskauth.Config) signer {
	t.Helper()
	cfg.Logger = slog.New(slog.DiscardHandler)
	cfg.Argon2 = deskauth.Argon2Params{Memory: 64, Time: 1, Parallelism: 1}
	auth, err := deskauth.New(memstore.New(), deskauth.StaticSecrets{
		Session: []deskauth.Key{session},
		Projects: map[string][]deskauth.Key{
			project: {deskauth.NewKey("", "HS256", secretOf(project))},
			other:   {deskauth.NewKey("", "HS256", secretOf(other))},
		},
	}, cfg)
	if err != nil {
		t.Fatal(err)
	}
	agent, err := auth.Signup(t.Context(), deskauth.SignupInput{
		Email: address, Password: deskauth.NewSecret(password), FirstName: "Ada", LastName: "Lovelace",
	})
	if err != nil {
		t.Fatal(err)
	}
	return signer{auth, agent}
}

func secretOf(project string) string {
	return "a secret that is shared with the system of the " + project
}

func (s signer) agentToken(t *testing.T) string {
	t.Helper()
	session, err := s.Signin(t.Context(), deskauth.SigninInput{Email: address, Password: deskauth.NewSecret(password)})
	if err != nil {
		t.Fatal(err)
	}
	return session.Token
}

func (s signer) guest(t *testing.T, project string) deskauth.Session {
	t.Helper()
	session, err := s.SigninAnonymously(t.Context(), deskauth.AnonymousInput{ProjectID: project})
	if err != nil {
		t.Fatal(err)
	}
	return session
}

// impostor returns a custom token of a project's system. Its `_id` is the agent's ID, and
// it claims everything that could make an agent of its user.
func (s signer) impostor(t *testing.T, project string) string {
	t.Helper()
	id := s.agent.ID
	claims := map[string]any{
		"_id": id, "sub": "userexternal", "aud": issuer + "/projects/" + project,
		"exp": time.Now().Add(time.Hour).Unix(),
		"iss": issuer, "uid": id, "id": id, "id_project": "staff", "kind": "user", "epoch": 0, "emailverified": true,
		"email": address, "firstname": s.agent.FirstName, "lastname": s.agent.LastName,
		"role": "admin", "roles": []string{"admin"}, "scope": "admin", "groups": []string{"admin"},
		"permissions": []string{"*"}, "amr": []string{"pwd"}, "sid": "1", "auth_time": 1,
		"UID": id, "Uid": id, "SUB": "user", "Sub": "user", "sub ": "user", "user": map[string]any{"uid": id},
		"__proto__":  map[string]any{"uid": id, "sub": "user"},
		"attributes": map[string]any{"uid": id, "sub": "user", "id_project": "staff"},
	}
	token, err := sign.CustomToken(secretOf(project), claims)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func (s signer) exchange(t *testing.T, customToken string) string {
	t.Helper()
	in := deskauth.CustomTokenInput{Token: deskauth.NewSecret(customToken)}
	session, err := s.SigninWithCustomToken(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return session.Token
}

// claimsOf reads a token without checking it.
func claimsOf(t *testing.T, token string) jwt.MapClaims {
	t.Helper()
	claims := jwt.MapClaims{}
	if _, _, err := jwt.NewParser().ParseUnverified(token, claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

// signed returns a token with the claims and the header that deskauth's tokens have.
func signed(t *testing.T, method jwt.SigningMethod, key any, claims jwt.MapClaims) string {
	t.Helper()
	token := jwt.NewWithClaims(method, claims)
	token.Header["kid"] = keyID
	text, err := token.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func changed(claims, change jwt.MapClaims) jwt.MapClaims {
	maps.Copy(claims, change)
	maps.DeleteFunc(claims, func(_ string, value any) bool { return value == nil })
	return claims
}

func signatureOf(token string) string { return token[strings.LastIndexByte(token, '.'):] }

// publicForms returns the public key as an attacker could take it for a secret.
func publicForms(t *testing.T, private *ecdsa.PrivateKey) map[string][]byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(&private.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	point, err := private.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	return map[string][]byte{
		"PEM": text, "PEM without the last line break": text[:len(text)-1], "DER": der, "bytes": point,
	}
}
