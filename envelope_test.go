package deskauth_test

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha512"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"hash"
	"io"
	"log/slog"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

func TestS01_OnlyCompactTokens(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	session := k.MustGuest(t, testkit.ProjectA).Token
	for _, c := range []struct{ kind, token, secret string }{
		{"custom token", testkit.TokenA(`"123"`), testkit.SecretA},
		{"session token", session, testkit.SessionSecret},
	} {
		for name, form := range otherForms(t, c.token, c.secret) {
			t.Run(c.kind+"/"+name, func(t *testing.T) { k.RefusedEverywhere(t, form, "malformed token") })
		}
		if _, err := k.TryCustom(t, c.token); err != nil {
			t.Errorf("the %s itself is refused: %v", c.kind, err)
		}
	}
}

// otherForms returns what might be taken for a token that was signed with the secret.
func otherForms(t *testing.T, token, secret string) map[string]string {
	const encrypted = `{"alg":"dir","enc":"A256GCM"}`
	part := strings.Split(token, ".")
	h, p, s := part[0], part[1], part[2]
	flattened := fmt.Sprintf(`"protected":%q,"payload":%q,"signature":%q`, h, p, s)
	return map[string]string{
		"flattened JSON":   "{" + flattened + "}",
		"general JSON":     fmt.Sprintf(`{"payload":%q,"signatures":[{"protected":%q,"signature":%q}]}`, p, h, s),
		"wrapped":          fmt.Sprintf(`{"token":%q,"_id":"admin","sub":"user"}`, token),
		"wrapped, claims":  "{" + flattened + `,"_id":"admin","sub":"user"}`,
		"a JSON string":    fmt.Sprintf("%q", token),
		"five parts":       h + "." + p + "." + s + "." + p + "." + s,
		"four parts":       token + "." + s,
		"four, last empty": token + ".",
		"two parts":        h + "." + p,
		"one part":         h,
		"detached payload": h + ".." + s,
		"JWE header":       testkit.Forge(encrypted, testkit.PartOf(t, token, 1), secret),
		"JWE, five parts":  testkit.B64(encrypted) + "..aaaa." + p + "." + s,
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
	}
}

// forgeWith is [testkit.Forge] with another hash.
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
	custom := testkit.PayloadA(`"123"`)
	for payload, secret := range map[string]string{custom: testkit.SecretA, session: testkit.SessionSecret} {
		for _, alg := range []string{
			`"none"`, `"None"`, `"NONE"`, `"nOnE"`, `"none "`, `""`, `null`, `["HS256"]`, `"hs256"`, `"HS256\u0000"`,
		} {
			header := `{"alg":` + alg + `,"typ":"JWT"}`
			k.RefusedEverywhere(t, testkit.B64(header)+"."+testkit.B64(payload)+".", "malformed token")
			k.RefusedEverywhere(t, testkit.Forge(header, payload, secret), "malformed token")
		}
		k.RefusedEverywhere(t, testkit.Forge(`{"typ":"JWT"}`, payload, secret), "malformed token")
		k.RefusedEverywhere(t, testkit.Forge(`{"Alg":"HS256"}`, payload, secret), "malformed token")
	}
	// Each of these is signed as its header says, or as the key would.
	for _, alg := range []string{"HS384", "HS512", "RS256", "PS256", "ES256", "EdDSA"} {
		header := `{"alg":"` + alg + `","typ":"JWT"}`
		k.RefusedCustom(t, testkit.Forge(header, custom, testkit.SecretA), "bad signature")
		for _, door := range []string{"Verify", "VerifyStateless"} {
			e, err := k.Doors(t)[door](testkit.Forge(header, session, testkit.SessionSecret))
			if err != deskauth.ErrInvalidToken || e.Reason != "bad signature" {
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
	projects, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	secrets := testkit.Secrets()
	secrets.Session = append([]deskauth.Key{deskauth.NewKey("r", "RS256", testkit.RSAKey())}, secrets.Session...)
	secrets.Projects[testkit.ProjectA] = []deskauth.Key{deskauth.NewKey("r", "RS256", &projects.PublicKey)}
	k := testkit.NewOn(t, memstore.New(), secrets, deskauth.Config{})
	guest := testkit.PartOf(t, k.MustGuest(t, testkit.ProjectA).Token, 1)
	custom := testkit.PayloadA(`"123"`)
	ofSession, ofProject := spelledOut(t, &testkit.RSAKey().PublicKey), spelledOut(t, &projects.PublicKey)
	for name := range ofSession {
		for _, header := range []string{testkit.HS256, `{"alg":"HS256","kid":"r"}`, `{"alg":"RS256","kid":"r"}`} {
			t.Run(name+" "+header, func(t *testing.T) {
				k.RefusedEverywhere(t, testkit.Forge(header, guest, ofSession[name]), "bad signature")
				k.RefusedCustom(t, testkit.Forge(header, custom, ofProject[name]), "bad signature")
			})
		}
	}
}

// spelledOut returns the texts of a public key that a verifier might take for a secret.
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
		"three":     strings.Repeat("A", 1<<18) + strings.Repeat("."+strings.Repeat("A", 1<<19), 2),
		"signed":    testkit.TokenA(`"123"`, `"a":"`+strings.Repeat("x", 1<<20)+`"`),
		"schemes":   strings.Repeat("JWT ", 1<<18),
		"few, long": strings.Repeat("A", 16<<10) + ".",
	} {
		const calls = 20
		allocated := testkit.Allocated(func() {
			for range calls {
				k.RefusedEverywhere(t, token, "malformed token")
			}
		})
		if each := allocated / (3 * calls); each >= 64<<10 {
			t.Errorf("%s: %d bytes allocated a call; want under 64 KiB", name, each)
		}
	}
}

// The event says what is wrong with a token that is none: its form, or what is in it.
func TestMalformedTokenDetail(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	for token, inPayload := range map[string]bool{
		"no.token":                 false,
		testkit.ForgeSession(`[]`): true,
	} {
		k.Events.Take()
		if _, err := k.Verify(t.Context(), token); err == nil {
			t.Errorf("%q is taken", token)
		}
		e := k.Events.TakeLast()
		if e.Reason != deskauth.ReasonMalformedToken || strings.Contains(e.Detail, "payload") != inPayload {
			t.Errorf("%q: %s, %q; want the payload named: %t", token, e.Reason, e.Detail, inPayload)
		}
	}
}

// The event says whether a key could have signed the token at all, so that its reader knows
// what to mend: the choice of the key, or the key. It quotes little of what the token says.
func TestBadSignatureDetail(t *testing.T) {
	t.Parallel()
	secrets := testkit.Secrets()
	ended := testkit.Key("old", strings.Repeat("o", 32))
	ended.NotAfter = testkit.Start
	secrets.Projects[testkit.ProjectA] = []deskauth.Key{
		testkit.Key("k1", testkit.SecretA), ended, deskauth.NewKey("r", "RS256", &testkit.RSAKey().PublicKey),
	}
	secrets.Projects["keyless"] = nil
	k := testkit.NewOn(t, memstore.New(), secrets, deskauth.Config{})
	long := strings.Repeat("\u2028", 99)
	for _, c := range []struct{ project, header, want string }{
		{testkit.ProjectA, `{"alg":"HS256"}`, ""},
		{testkit.ProjectA, `{"alg":"HS256","kid":"k1"}`, ""},
		{testkit.ProjectA, `{"alg":"HS256","kid":"k2"}`,
			`the token names the key "k2" (kid), and no key for its algorithm "HS256" (alg) has that ID`},
		{testkit.ProjectA, `{"alg":"RS256","kid":"k1"}`,
			`the token names the key "k1" (kid), and no key for its algorithm "RS256" (alg) has that ID`},
		{testkit.ProjectA, `{"alg":"HS256","kid":"` + long + `"}`,
			`the token names the key "` + strings.Repeat(`\u2028`, 40) + `" (kid), and no key for its algorithm "HS256" ` +
				`(alg) has that ID`},
		{testkit.ProjectA, `{"alg":"HS256","kid":"a\n\u001b\"=b"}`,
			`the token names the key "a\n\x1b\"=b" (kid), and no key for its algorithm "HS256" (alg) has that ID`},
		{testkit.ProjectA, `{"alg":"ES256","kid":"k1"}`,
			`the token names the algorithm "ES256" (alg; its kid is "k1"), and the keys are for HS256, RS256`},
		{testkit.ProjectA, `{"alg":"HS512"}`,
			`the token names the algorithm "HS512" (alg; its kid is ""), and the keys are for HS256, RS256`},
		{testkit.ProjectA, `{"alg":"HS256","kid":"old"}`,
			`each key that the token may mean has ended by its NotAfter (alg "HS256", kid "old")`},
		{"keyless", `{"alg":"HS256","kid":"k1"}`,
			`the project has no key, and the token is signed with one (alg "HS256", kid "k1")`},
	} {
		k.Events.Take()
		_, err := k.TryCustom(t, testkit.Forge(c.header, testkit.CustomPayload(c.project, `"123"`), testkit.SecretB))
		e := k.Events.TakeLast()
		if err != deskauth.ErrInvalidToken || e.Reason != deskauth.ReasonBadSignature || e.Detail != c.want {
			t.Errorf("%s: %v, %s,\n got %q\nwant %q", c.header, err, e.Reason, e.Detail, c.want)
		}
	}
}
