package main

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"strings"
	"testing"
)

// block writes a PEM block.
func block(t *testing.T, kind string, der []byte, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// A file has secrets in its lines, PEM blocks of every usual kind, or random bytes.
func TestReadKeys(t *testing.T) {
	t.Parallel()
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
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
	_, p256, p256Public := pemPair(t)
	sec1, err := x509.MarshalECPrivateKey(p384)
	p384SEC1 := block(t, "EC PRIVATE KEY", sec1, err)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(edPrivate)
	ed := block(t, "PRIVATE KEY", pkcs8, err)
	pkix, err := x509.MarshalPKIXPublicKey(edPublic)
	edPub := block(t, "PUBLIC KEY", pkix, err)
	rsaPKCS1 := block(t, "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey), nil)
	rsaPub := block(t, "RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(&rsaKey.PublicKey), nil)
	parameters := block(t, "EC PARAMETERS", []byte{6, 5}, nil)
	for name, tt := range map[string]struct {
		text, algorithm string
		want            string // the algorithms
	}{
		"a secret":          {shopSecret, "", "HS256"},
		"with its line end": {shopSecret + "\r\n", "", "HS256"},
		"two secrets":       {shopSecret + "\n\n" + sessionSecret + "\n", "", "HS256 HS256"},
		"an algorithm":      {shopSecret, "HS384", "HS384"},
		"random bytes":      {strings.Repeat("\xff\n\x00\n", 8), "", "HS256"},
		"private keys":      {p256 + parameters + p384SEC1 + ed + rsaPKCS1, "", "ES256 ES384 EdDSA RS256"},
		"public keys":       {p256Public + edPub + rsaPub, "", "ES256 EdDSA RS256"},
		"PS256":             {rsaPub, "PS256", "PS256"},
		"both kinds":        {shopSecret + "\n" + p256 + sessionSecret, "", "HS256 ES256 HS256"},
	} {
		keys, err := readKeys("here", tt.algorithm, []byte(tt.text))
		var got []string
		for _, key := range keys {
			got = append(got, key.Algorithm())
		}
		if strings.Join(got, " ") != tt.want || err != nil {
			t.Errorf("%s: got keys for %q and the error %v, want %q", name, got, err, tt.want)
		}
	}
	pemBlock, _ := pem.Decode([]byte(rsaPub))
	inLines := strings.Join(strings.Split(rsaPub, "\n")[1:], "\n")
	for text, says := range map[string]string{
		string(pemBlock.Bytes): "is a public key in DER; HS256 needs a secret",
		inLines:                "is a public key in base64; HS256 needs a secret",
		shopSecret + "\n" + strings.ReplaceAll(inLines, "\n", ""): "is a public key in base64; HS256 needs a secret",
		`{"keys":[{"kty":"OKP","crv":"Ed25519","x":"canary"}]}`:   "is a JSON Web Key; HS256 needs a secret",
		"":                         "there is no key in it",
		"\n\n":                     "there is no key in it",
		strings.Repeat("s", 31):    "31 bytes; HS256 needs 32",
		shopSecret + " ":           "a blank at its end",
		p256[:len(p256)-20]:        "is not whole",
		block(t, "X", nil, nil):    `is a "X"`,
		"-----BEGIN " + shopSecret: "is not whole",
		block(t, "PRIVATE KEY", []byte(shopSecret), nil): "cannot be read",
	} {
		_, err := readKeys("here", "", []byte(text))
		if err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%q: got the error %v, want one that says %q", text, err, says)
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
	a := &app{streams: streams{env: func(name string) string { return env[name] }}}
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
