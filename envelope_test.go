package deskauth_test

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha512"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"hash"
	"io"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// rsaKey and rsaKeyA are made once each: it takes a while.
var rsaKey, rsaKeyA = sync.OnceValue(newRSAKey), sync.OnceValue(newRSAKey)

func newRSAKey() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
}

// doors are the entry points that take a token, each with the last event of the call.
func doors(t *testing.T, k *testkit.Kit) map[string]func(token string) (deskauth.Event, error) {
	through := func(call func(token string) error) func(string) (deskauth.Event, error) {
		return func(token string) (deskauth.Event, error) {
			k.Events.Take()
			err := call(token)
			return k.Events.TakeLast(), err
		}
	}
	return map[string]func(string) (deskauth.Event, error){
		"SigninWithCustomToken": through(func(token string) error { _, err := k.TryCustom(t, token); return err }),
		"Verify":                through(func(token string) error { _, err := k.Verify(t.Context(), token); return err }),
		"VerifyStateless":       through(func(token string) error { _, err := k.VerifyStateless(t.Context(), token); return err }),
	}
}

// nobodyEnters fails the test unless every door refuses the token.
func nobodyEnters(t *testing.T, k *testkit.Kit, token string, reason deskauth.Reason) {
	t.Helper()
	before := k.Store.Len()
	for name, enter := range doors(t, k) {
		e, err := enter(token)
		if !errors.Is(err, deskauth.ErrInvalidToken) || errors.Is(err, deskauth.ErrTokenExpired) {
			t.Errorf("%s: error %v, want ErrInvalidToken", name, err)
		}
		if e.Type != deskauth.EventRefused || e.Reason != reason {
			t.Errorf("%s: event %s, reason %q (%s); want refused, %q", name, e.Type, e.Reason, e.Detail, reason)
		}
	}
	if n := k.Store.Len(); n != before {
		t.Errorf("the store has %d accounts; it had %d", n, before)
	}
}

func TestS01_OnlyCompactTokens(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	session := k.MustGuest(t, testkit.ProjectA).Token
	for kind, token := range map[string]string{"custom token": testkit.TokenA(`"123"`), "session token": session} {
		part := strings.Split(token, ".")
		h, p, s := part[0], part[1], part[2]
		secret := testkit.SecretA
		if kind == "session token" {
			secret = testkit.SessionSecret
		}
		for name, form := range map[string]string{
			"flattened JSON":   fmt.Sprintf(`{"protected":%q,"payload":%q,"signature":%q}`, h, p, s),
			"general JSON":     fmt.Sprintf(`{"payload":%q,"signatures":[{"protected":%q,"signature":%q}]}`, p, h, s),
			"wrapped":          fmt.Sprintf(`{"token":%q,"_id":"admin","sub":"user"}`, token),
			"wrapped, claims":  fmt.Sprintf(`{"protected":%q,"payload":%q,"signature":%q,"_id":"admin","sub":"user"}`, h, p, s),
			"a JSON string":    fmt.Sprintf("%q", token),
			"five parts":       h + "." + p + "." + s + "." + p + "." + s,
			"four parts":       token + "." + s,
			"four, last empty": token + ".",
			"two parts":        h + "." + p,
			"one part":         h,
			"detached payload": h + ".." + s,
			"JWE header":       testkit.Forge(`{"alg":"dir","enc":"A256GCM"}`, testkit.PartOf(t, token, 1), secret),
			"JWE, five parts":  testkit.B64(`{"alg":"dir","enc":"A256GCM"}`) + "..aaaa." + p + "." + s,
			"nested":           testkit.Forge(`{"alg":"HS256","cty":"JWT"}`, token, secret),
			"nested, no cty":   testkit.Forge(testkit.HS256, token, secret),
			"nested string":    testkit.Forge(testkit.HS256, `"`+token+`"`, secret),
			"two tokens":       token + " " + token,
			"two schemes":      "JWT Bearer " + token,
			"trailing newline": token + "\n",
			"leading blank":    " " + token,
			"padded":           token + "=",
			"scheme only":      "JWT ",
			"nothing":          "",
		} {
			t.Run(kind+"/"+name, func(t *testing.T) { nobodyEnters(t, k, form, "malformed token") })
		}
		if _, err := k.TryCustom(t, token); err != nil {
			t.Errorf("the %s itself is refused: %v", kind, err)
		}
	}
}

// forgeWith is forge with another hash.
func forgeWith(newHash func() hash.Hash, header, payload, secret string) string {
	signed := testkit.B64(header) + "." + testkit.B64(payload)
	mac := hmac.New(newHash, []byte(secret))
	mac.Write([]byte(signed))
	return signed + "." + testkit.B64(string(mac.Sum(nil)))
}

func TestS02_AlgorithmIsTheKeys(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	session := testkit.PartOf(t, k.MustGuest(t, testkit.ProjectA).Token, 1)
	custom := testkit.CustomPayload(testkit.ProjectA, `"123"`)
	for _, payload := range []struct{ kind, text, secret string }{{"custom", custom, testkit.SecretA}, {"session", session, testkit.SessionSecret}} {
		for _, alg := range []string{`"none"`, `"None"`, `"NONE"`, `"nOnE"`, `"none "`, `""`, `null`, `["HS256"]`, `"hs256"`, `"HS256\u0000"`} {
			header := `{"alg":` + alg + `,"typ":"JWT"}`
			nobodyEnters(t, k, testkit.B64(header)+"."+testkit.B64(payload.text)+".", "malformed token")
			nobodyEnters(t, k, testkit.Forge(header, payload.text, payload.secret), "malformed token")
		}
		nobodyEnters(t, k, testkit.Forge(`{"typ":"JWT"}`, payload.text, payload.secret), "malformed token")
		nobodyEnters(t, k, testkit.Forge(`{"Alg":"HS256"}`, payload.text, payload.secret), "malformed token")
	}
	// Each of these is signed as its header says, or as the key would.
	for _, alg := range []string{"HS384", "HS512", "RS256", "PS256", "ES256", "EdDSA"} {
		header := `{"alg":"` + alg + `","typ":"JWT"}`
		k.RefusedCustom(t, testkit.Forge(header, custom, testkit.SecretA), "bad signature")
		for _, door := range []func(string) (deskauth.Event, error){doors(t, k)["Verify"], doors(t, k)["VerifyStateless"]} {
			if e, err := door(testkit.Forge(header, session, testkit.SessionSecret)); err != deskauth.ErrInvalidToken || e.Reason != "bad signature" {
				t.Errorf("%s session token: %v, reason %q", alg, err, e.Reason)
			}
		}
	}
	k.RefusedCustom(t, forgeWith(sha512.New384, `{"alg":"HS384"}`, custom, testkit.SecretA), "bad signature")
	k.RefusedCustom(t, forgeWith(sha512.New, `{"alg":"HS512"}`, custom, testkit.SecretA), "bad signature")
	k.RefusedCustom(t, forgeWith(sha512.New, testkit.HS256, custom, testkit.SecretA), "bad signature")
}

func TestS02_PublicKeyIsNoSecret(t *testing.T) {
	t.Parallel()
	secrets := testkit.Secrets()
	secrets.Session = append([]deskauth.Key{deskauth.NewKey("r", "RS256", rsaKey())}, secrets.Session...)
	secrets.Projects = map[string][]deskauth.Key{testkit.ProjectA: {deskauth.NewKey("r", "RS256", &rsaKeyA().PublicKey)}}
	store := memstore.New()
	k := testkit.NewOn(t, store, secrets, deskauth.Config{})
	k.Store = store
	guest := testkit.PartOf(t, k.MustGuest(t, testkit.ProjectA).Token, 1)
	sessions, projects := spelledOut(t, &rsaKey().PublicKey), spelledOut(t, &rsaKeyA().PublicKey)
	for name := range sessions {
		for _, header := range []string{testkit.HS256, `{"alg":"HS256","kid":"r"}`, `{"alg":"RS256","kid":"r"}`} {
			t.Run(name+" "+header, func(t *testing.T) {
				nobodyEnters(t, k, testkit.Forge(header, guest, sessions[name]), "bad signature")
				k.RefusedCustom(t, testkit.Forge(header, testkit.CustomPayload(testkit.ProjectA, `"123"`), projects[name]), "bad signature")
			})
		}
	}
}

// spelledOut returns the texts of a public key that somebody might take for a secret.
func spelledOut(t *testing.T, public *rsa.PublicKey) map[string]string {
	t.Helper()
	pkix, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	text := string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: pkix}))
	return map[string]string{
		"PEM":             text,
		"PEM, trimmed":    strings.TrimSpace(text),
		"PKIX":            string(pkix),
		"PKCS #1":         string(x509.MarshalPKCS1PublicKey(public)),
		"modulus":         string(public.N.Bytes()),
		"modulus in text": public.N.String(),
		"nothing":         "",
	}
}

// Not parallel: it measures what the calls between two readings allocate.
func TestS11_OverlongTokensCostNothing(t *testing.T) {
	k := testkit.New(t, deskauth.Config{Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
	for name, token := range map[string]string{
		"dots":      strings.Repeat(".", 1<<20),
		"base64":    strings.Repeat("A", 1<<20),
		"three":     strings.Repeat("A", 1<<18) + "." + strings.Repeat("A", 1<<19) + "." + strings.Repeat("A", 1<<18),
		"signed":    testkit.TokenA(`"123"`, `"a":"`+strings.Repeat("x", 1<<20)+`"`),
		"schemes":   strings.Repeat("JWT ", 1<<18),
		"few, long": strings.Repeat("A", 16<<10) + ".",
	} {
		const calls = 20
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range calls {
			nobodyEnters(t, k, token, "malformed token")
		}
		runtime.ReadMemStats(&after)
		if each := (after.TotalAlloc - before.TotalAlloc) / (3 * calls); each >= 64<<10 {
			t.Errorf("%s: %d bytes allocated a call; want under 64 KiB", name, each)
		}
	}
}
