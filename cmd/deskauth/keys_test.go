package main

import (
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
	"github.com/deskauth/deskauth/secrets"
	"github.com/golang-jwt/jwt/v5"
)

// block writes a PEM block.
func block(t *testing.T, kind string, der []byte, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// pemTexts are PEM blocks of every usual kind.
type pemTexts struct {
	p256, p256Public, parameters, p384, ed, edPublic, rsa, rsaPublic, p521 string
}

func newPEMTexts(t *testing.T) (p pemTexts) {
	t.Helper()
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p521, err := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	edPublic, edPrivate, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	_, p.p256, p.p256Public = pemPair(t)
	p.parameters = block(t, "EC PARAMETERS", []byte{6, 5}, nil)
	der, err := x509.MarshalECPrivateKey(p384)
	p.p384 = block(t, "EC PRIVATE KEY", der, err)
	der, err = x509.MarshalECPrivateKey(p521)
	p.p521 = block(t, "EC PRIVATE KEY", der, err)
	der, err = x509.MarshalPKCS8PrivateKey(edPrivate)
	p.ed = block(t, "PRIVATE KEY", der, err)
	der, err = x509.MarshalPKIXPublicKey(edPublic)
	p.edPublic = block(t, "PUBLIC KEY", der, err)
	p.rsa = block(t, "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey), nil)
	p.rsaPublic = block(t, "RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(&rsaKey.PublicKey), nil)
	return p
}

// keyTexts are texts of files and variables, good ones and others.
func keyTexts(t *testing.T) []string {
	p := newPEMTexts(t)
	const hex = "0123456789abcdef0123456789abcdef"
	der, _ := pem.Decode([]byte(p.rsaPublic))
	inLines := strings.Join(strings.Split(p.rsaPublic, "\n")[1:], "\n")
	return []string{
		shopSecret, shopSecret + "\n", shopSecret + "\r\n", shopSecret + "\n\n" + sessionSecret + "\n", "\n\r\n" + shopSecret,
		shopSecret + "\r" + sessionSecret, "\ufeff" + shopSecret, shopSecret + " ", " " + shopSecret, `"` + shopSecret + `"`,
		shopSecret + `\n`, "a phrase, of several words; it has blanks, and is long", strings.Repeat("s", 31), "",
		"\n\n", " ", "\x00",
		hex + "," + hex, hex + " " + hex, hex + "\t" + hex + "\n" + shopSecret, strings.Repeat("\x00", 32),
		strings.Repeat("\xff\n\x00\n", 8), strings.Repeat("\xff", 31) + "\n",
		"\xff\xfes\x00e\x00" + strings.Repeat("x\x00", 16),
		p.p256, p.p256Public, p.p384, p.parameters + p.p384, p.ed, p.edPublic, p.rsa, p.rsaPublic, p.p521, p.parameters,
		p.p256 + p.parameters + p.p384 + p.ed + p.rsa, p.p256Public + p.edPublic + p.rsaPublic,
		shopSecret + "\n" + p.p256 + sessionSecret, p.p256 + "\n\n" + p.ed + "\r\n", strings.ReplaceAll(p.p256, "\n", "\r\n"),
		"\ufeff" + p.p256, "a comment\n" + p.p256, p.p256[:len(p.p256)-20], p.p256[:60] + p.ed, "-----BEGIN " + shopSecret,
		block(t, "X", nil, nil), block(t, "CERTIFICATE", nil, nil), block(t, "ENCRYPTED PRIVATE KEY", nil, nil),
		block(t, "PRIVATE KEY", []byte(shopSecret), nil), " " + p.p256,
		string(der.Bytes), inLines, shopSecret + "\n" + strings.ReplaceAll(inLines, "\n", ""),
		`{"keys":[{"kty":"OKP","crv":"Ed25519","x":"canary"}]}`,
	}
}

// What is a key, and which, is what package secrets says, of files and of variables.
func TestKeysAreThoseOfPackageSecrets(t *testing.T) {
	t.Parallel()
	good := 0
	for _, text := range keyTexts(t) {
		var want []deskauth.Key
		files, err := secrets.Files([]string{file(t, "key", text)},
			secrets.FilesConfig{Logger: slog.New(slog.DiscardHandler)})
		if err == nil {
			want, err = files.SessionKeys(t.Context())
		}
		got, problem := readKeys("here", "", []byte(text))
		if (err == nil) != (problem == nil) || len(got) != len(want) {
			t.Errorf("%q: %d keys and the error %v, want %d and %v", text, len(got), problem, len(want), err)
			continue
		}
		if problem != nil {
			_, said, _ := strings.Cut(err.Error(), "/key ")
			if problem.Error() != "here "+said || strings.Contains(problem.Error(), "canary") {
				t.Errorf("%q: the error is %q, want %q", text, problem, said)
			}
			continue
		}
		good++
		for i, key := range got {
			again := deskauth.NewKey("", key.Algorithm(), key.material())
			if again.Err() != nil || again.String() != want[i].String() || key.String() != want[i].String() {
				t.Errorf("%q: key %d is %v, of %v; want %v", text, i, key, again, want[i])
			}
			if token, err := sign(key, "", jwt.MapClaims{}); err == nil && !signs(t, want[i], token) {
				t.Errorf("%q: what key %d signs, secrets.Files does not verify", text, i)
			}
		}
	}
	if good < 20 {
		t.Errorf("%d texts are good: the table has lost some", good)
	}
}

// signs reports whether a key has signed a token.
func signs(t *testing.T, key deskauth.Key, token string) bool {
	t.Helper()
	var reason deskauth.Reason
	auth, err := deskauth.New(memstore.New(), deskauth.StaticSecrets{Session: []deskauth.Key{key, throwawayKey()}},
		deskauth.Config{
			Logger:  slog.New(slog.DiscardHandler),
			OnEvent: func(_ context.Context, e deskauth.Event) { reason = e.Reason },
		})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = auth.VerifyStateless(t.Context(), token) // its claims are no good
	return reason == deskauth.ReasonBadClaims
}

// The variables are those of secrets.Env: each environment has the same keys, or none.
func TestVariablesAreThoseOfSecretsEnv(t *testing.T) {
	t.Parallel()
	const session, project = sessionVariable, projectVariable
	_, private, _ := pemPair(t)
	for _, env := range []map[string]string{
		{session: sessionSecret}, {session + "_2": sessionSecret}, {session: sessionSecret, session + "_9": private},
		{session: sessionSecret + "\n" + shopSecret, session + "_3": "\n" + private, session + "_2": ""},
		{session: sessionSecret, session + "_FILE": "/run/secrets/canary"},
		{session: sessionSecret, session + "_10": shopSecret},
		{session: sessionSecret, session + "_1": shopSecret}, {session: sessionSecret, session + "_02": shopSecret},
		{session: sessionSecret, session + "S": "canary"}, {session: sessionSecret + ", " + sessionSecret},
		{session: "canary"},
		{session: sessionSecret, project: "shop=" + shopSecret},
		{session: sessionSecret, project: "a=, shop=" + shopSecret + ",\r\n"},
		{session: sessionSecret, project: "shop=" + shopSecret,
			project + "_2": "lobby=\n\tshop=" + strings.ToUpper(shopSecret)},
		{session: sessionSecret, project: "shop=" + shopSecret + "\nshop="},
		{session: sessionSecret, project: "shop==" + shopSecret},
		{session: sessionSecret, project: "shop"}, {session: sessionSecret, project: "=" + shopSecret},
		{session: sessionSecret, project: "shop=canary"}, {session: sessionSecret, project: " \n"},
		{session: sessionSecret, project: ","},
		{session: sessionSecret, project: "a/b=" + shopSecret}, {session: sessionSecret, project: "shop=" + shopSecret + " "},
		{session: sessionSecret, project: `shop="` + shopSecret + `"`},
		{session: sessionSecret, project: "shop =" + shopSecret},
		{session: sessionSecret, project + "_FILE": "canary"}, {session: sessionSecret, project + "S": "canary"},
		{session: sessionSecret, project: "\ufeffshop=" + shopSecret},
		{session: sessionSecret, project: "shop=" + strings.ReplaceAll(private, "\n", "")},
	} {
		environ := call{env: env}.environ()
		want, err := secrets.Env(secrets.EnvConfig{Environ: environ})
		a := &app{streams: streams{environ: environ}}
		ofSession, problem := a.sessionKeys("")
		projects, problemToo := a.projectKeys("")
		problem = cmp.Or(problem, problemToo)
		if (err == nil) != (problem == nil) || problem != nil && strings.Contains(problem.Error(), "canary") {
			t.Errorf("%q: the error is %v, want %v", env, problem, err)
		}
		if err != nil || problem != nil {
			continue
		}
		if len(ofSession) != len(want.Session) || len(projects) != len(want.Projects) {
			t.Errorf("%q: %d session keys and %d projects, want %v", env, len(ofSession), len(projects), want)
			continue
		}
		for i, key := range want.Session {
			if ofSession[i].String() != key.String() || env[ofSession[i].from] == "" {
				t.Errorf("%q: session key %d is %v from %s, want %v", env, i, ofSession[i], ofSession[i].from, key)
			}
		}
		for id, keys := range want.Projects {
			if len(keys) != len(projects[id]) {
				t.Errorf("%q: the project %s has %d keys, want %d", env, id, len(projects[id]), len(keys))
				continue
			}
			for i, key := range keys {
				if token, err := sign(projects[id][i], "", jwt.MapClaims{}); err != nil || !signs(t, key, token) {
					t.Errorf("%q: key %d of %s is another, %v", env, i, id, err)
				}
			}
		}
	}
}

// A key has each algorithm of its kind, and for another one a person is told what it needs.
func TestAlgorithms(t *testing.T) {
	t.Parallel()
	p := newPEMTexts(t)
	texts := map[string]string{
		"a secret": shopSecret, "an RSA key": p.rsa, "a P-256 key": p.p256, "a P-384 key": p.p384, "an Ed25519 key": p.ed,
	}
	for is, text := range texts {
		path := file(t, "key", text)
		for _, kind := range keyKinds {
			for _, algorithm := range kind.algorithms {
				got := call{}.run(t, "token", "mint", "--project", "shop", "--id", "1", "--key-file", path,
					"--algorithm", algorithm)
				if kind.name == is {
					again := call{in: got.out}.run(t, "token", "inspect", "--key-file", path, "--algorithm", algorithm)
					if got.code != exitGood || again.code != exitGood || !strings.Contains(again.out, "  "+algorithm+", ") {
						t.Errorf("%s with %s: got %+v and %+v", is, algorithm, got, again)
					}
					continue
				}
				said := "the key in " + path + " is " + is + ", and --algorithm " + algorithm + " needs " + kind.name
				if got.code != exitFailed || !strings.Contains(got.err, said) || strings.ContainsAny(got.err, "*") {
					t.Errorf("%s with %s: got %+v, want %q", is, algorithm, got, said)
				}
			}
		}
	}
	for _, algorithm := range []string{"none", "hs256", "RS256 ", "HS1", "ES512"} {
		for _, command := range []string{"inspect", "mint"} {
			got := call{in: "x.y.z"}.run(t, "token", command, "--project", "p", "--id", "1", "--algorithm", algorithm)
			if command == "inspect" {
				got = call{in: "x.y.z"}.run(t, "token", command, "--algorithm", algorithm)
			}
			if got.code != exitFailed || !strings.Contains(got.err, "--algorithm is one of HS256, ") {
				t.Errorf("%s: got %+v", algorithm, got)
			}
		}
	}
}

// The variables are those of the service, the numbered ones included.
func TestKeysFromTheEnvironment(t *testing.T) {
	t.Parallel()
	_, private, _ := pemPair(t)
	env := map[string]string{
		sessionVariable: sessionSecret, sessionVariable + "_3": private,
		projectVariable: "a=, shop=" + shopSecret, projectVariable + "_2": "shop=" + strings.ToUpper(shopSecret),
	}
	a := &app{streams: streams{environ: call{env: env}.environ()}}
	session, err := a.sessionKeys("")
	if err != nil || len(session) != 2 || session[1].from != sessionVariable+"_3" {
		t.Errorf("got %d session keys and the error %v, want 2", len(session), err)
	}
	projects, err := a.projectKeys("")
	none, there := projects["a"]
	if err != nil || len(projects["shop"]) != 2 || !there || len(none) != 0 || len(projects) != 2 {
		t.Errorf("got the projects %v and the error %v", projects, err)
	}
}
