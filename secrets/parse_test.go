package secrets_test

import (
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/secrets"
)

const (
	oldSecret  = "the secret of October: of 32 bytes or more"
	newSecret  = "the secret of November: of 32 bytes or more"
	shopSecret = "the secret that the system of the shop has"
)

// read returns the keys that Files reads in a text.
func read(t *testing.T, text string) ([]deskauth.Key, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "session")
	write(t, path, text)
	provider, err := secrets.Files([]string{path}, secrets.FilesConfig{Logger: testkit.Quiet})
	if err != nil {
		return nil, err
	}
	return provider.SessionKeys(t.Context())
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func block(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func pkix(key crypto.Signer) string {
	return block("PUBLIC KEY", must(x509.MarshalPKIXPublicKey(key.Public())))
}

func pkcs8(key any) string { return block("PRIVATE KEY", must(x509.MarshalPKCS8PrivateKey(key))) }

// sameKey reports whether a key verifies what another one signs.
func sameKey(t *testing.T, signs, verifies deskauth.Key) bool {
	t.Helper()
	secretsOf := func(k deskauth.Key) deskauth.StaticSecrets {
		return deskauth.StaticSecrets{
			Session: []deskauth.Key{k}, Projects: map[string][]deskauth.Key{testkit.ProjectA: nil},
		}
	}
	k := testkit.NewOn(t, nobody(), secretsOf(signs), deskauth.Config{})
	token := k.MustGuest(t, testkit.ProjectA).Token
	other := testkit.NewOn(t, nobody(), secretsOf(verifies), deskauth.Config{})
	_, err := other.VerifyStateless(t.Context(), token)
	return err == nil
}

func TestTexts(t *testing.T) {
	t.Parallel()
	r, p256 := testkit.RSAKey(), must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	p384 := must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader))
	_, ed, _ := ed25519.GenerateKey(rand.Reader)
	random := strings.Repeat("\x8f\n", 16)
	secret, other := testkit.Key("", oldSecret), testkit.Key("", newSecret)
	word := strings.Repeat("0f", 16)
	ec := deskauth.NewKey("", "ES256", p256)
	for _, c := range []struct {
		name, text string
		want       []deskauth.Key
	}{
		{"a secret", oldSecret, []deskauth.Key{secret}},
		{"a secret and a line break", oldSecret + "\n", []deskauth.Key{secret}},
		{"a secret and a line break of Windows", oldSecret + "\r\n", []deskauth.Key{secret}},
		{"a list", newSecret + "\n" + oldSecret + "\n", []deskauth.Key{other, secret}},
		{"a list with empty lines", "\n" + newSecret + "\r\n\r\n" + oldSecret, []deskauth.Key{other, secret}},
		{"random bytes that end with a line break", random, []deskauth.Key{testkit.Key("", random)}},
		{"RSA in PKCS #8", pkcs8(r), []deskauth.Key{deskauth.NewKey("", "RS256", r)}},
		{"RSA in PKCS #1", block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(r)),
			[]deskauth.Key{deskauth.NewKey("", "RS256", r)}},
		{"P-256 in PKCS #8", pkcs8(p256), []deskauth.Key{ec}},
		{"P-384 in PKCS #8", pkcs8(p384), []deskauth.Key{deskauth.NewKey("", "ES384", p384)}},
		{"P-256 in SEC 1, with parameters",
			block("EC PARAMETERS", []byte{6, 1, 0}) + block("EC PRIVATE KEY", must(x509.MarshalECPrivateKey(p256))),
			[]deskauth.Key{ec}},
		{"Ed25519 in PKCS #8", pkcs8(ed), []deskauth.Key{deskauth.NewKey("", "EdDSA", ed)}},
		{"a key pair and an old secret", pkcs8(p256) + word + "\n", []deskauth.Key{ec, testkit.Key("", word)}},
		{"a secret and a key pair to come", word + "\n" + pkcs8(p256), []deskauth.Key{testkit.Key("", word), ec}},
		{"a secret that begins as a comment does", "#" + word, []deskauth.Key{testkit.Key("", "#"+word)}},
		{"random bytes that begin so", "# \xff" + random, []deskauth.Key{testkit.Key("", "# \xff"+random)}},
	} {
		got, err := read(t, c.text)
		if err != nil || len(got) != len(c.want) {
			t.Errorf("%s: %v, %v; want %v", c.name, got, err, c.want)
			continue
		}
		for i := range got {
			if got[i].String() != c.want[i].String() || !sameKey(t, got[i], c.want[i]) {
				t.Errorf("%s: key %d is %v, want %v", c.name, i, got[i], c.want[i])
			}
		}
	}
	for name, text := range map[string]string{
		"PKIX": pkix(r), "PKCS #1": block("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(&r.PublicKey)),
	} {
		got, err := read(t, text)
		if err != nil || len(got) != 1 || !sameKey(t, deskauth.NewKey("", "RS256", r), got[0]) {
			t.Errorf("an RSA public key in %s: %v, %v", name, got, err)
		}
	}
}

// A public key, in a file or variable, is never taken for a secret: neither as a whole, nor
// one of its lines, nor what is between two bytes that happen to be line breaks.
func TestS02_KeysInFilesAreNoSecrets(t *testing.T) {
	t.Parallel()
	wrapped := strings.NewReplacer("-----BEGIN PUBLIC KEY-----\n", "", "-----END PUBLIC KEY-----\n", "")
	texts := map[string]string{
		"{\n  \"kty\": \"EC\",\n  \"crv\": \"P-256\",\n  \"x\": \"zW7RY-_uYpSOe4AkW1kacw8yKmaEKM84RKc5g8ob5iY\",\n" +
			"  \"y\": \"05_QCHaAInFvRyn1pwTCrFJfvg4ZG4bOKb-qTPE3DDo\"\n}\n": "a JSON Web Key",
		"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDAyDKE5wJ0YQCaQciUvL+ZFhWqXl0HbFqQ8fKkXQJYx a@b": "a key of OpenSSH",
		string(x509.MarshalPKCS1PublicKey(&testkit.RSAKey().PublicKey)):                        "a public key in DER",
		string(x509.MarshalPKCS1PrivateKey(testkit.RSAKey())):                                  "a private key in DER",
		"\xff\xfe" + strings.Join(strings.Split(pkix(testkit.RSAKey()), ""), "\x00") + "\x00":  "a text in UTF-16",
	}
	for range 50 { // one in three has a line break in its DER
		key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
		texts[string(must(x509.MarshalPKIXPublicKey(key.Public())))] = "a public key in DER"
		for _, key := range []crypto.Signer{key, testkit.RSAKey()} {
			lines := wrapped.Replace(pkix(key))
			texts[lines] = "a public key in base64"
			texts[oldSecret+"\n"+strings.ReplaceAll(lines, "\n", "\r\n")] = "a public key in base64"
			texts[strings.ReplaceAll(lines, "\n", "")+"\n"+oldSecret] = "a public key in base64"
		}
		texts[pkcs8(key)+wrapped.Replace(pkix(key))] = "a public key in base64"
	}
	for text, want := range texts {
		got, err := read(t, text)
		if err == nil || !strings.Contains(err.Error(), want+"; HS256 needs a secret") {
			t.Errorf("a file with %.60q: %v, %v; want it to be %s", text, got, err, want)
		}
		env, err := secrets.Env(secrets.EnvConfig{Environ: []string{"DESKAUTH_SESSION_SECRET=" + text}})
		if err == nil || !strings.Contains(err.Error(), want+"; HS256 needs a secret") {
			t.Errorf("a variable with %.60q: %v, %v; want it to be %s", text, env, err, want)
		}
	}
}

// What is wrong is said, and nothing of the text is.
func TestS22_BadTextsAreNotQuoted(t *testing.T) {
	t.Parallel()
	p256 := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	good := pkcs8(p256)
	n := new(big.Int).SetBit(big.NewInt(1), 1023, 1)
	for _, c := range []struct{ name, text, says string }{
		{"nothing", "", "has no key"},
		{"line breaks", "\r\n\n", "has no key"},
		{"a short secret", "hunter2-hunter2", "number 1, that has 15 bytes; HS256 needs 32 or more"},
		{"a short second secret", oldSecret + "\nhunter2-hunter2\n", "number 2, that has 15 bytes"},
		{"a blank at the end", oldSecret + " \n", "has a blank at its end"},
		{"quotes", `"` + oldSecret + `"` + "\n", "stands in quotes"},
		{"half a block", good[:len(good)/2], "incomplete PEM block"},
		{"half a block before another", good[:len(good)/2] + "\n" + good, "incomplete PEM block"},
		{"a name before a block", "session:\n" + good, "has a comment"},
		{"a comment before a block", "# session key of hunter2.example.com, 2026-10\n" + good, "has a comment"},
		{"text behind a block", good + "    localKeyID: 01 00 00 00 hunter2 hunter2 hunter2\n", "has a comment"},
		{"text before a block", "The session key of hunter2, made in October\n" + good, "has a comment"},
		{"a comment in a list", oldSecret + "\n# the old key of hunter2, until October\n", "has a comment"},
		{"a comment that is indented", oldSecret + "\n\t// the old key of hunter2, until October\n", "has a comment"},
		{"a comment alone", "; the secrets of hunter2 will stand here", "has a comment"},
		{"two secrets in one line", strings.Repeat("a1", 16) + ", " + strings.Repeat("b2", 16), "has 2 secrets in one line"},
		{"encrypted", block("ENCRYPTED PRIVATE KEY", []byte("hunter2")), "openssl pkey"},
		{"a certificate", block("CERTIFICATE", []byte("hunter2")), "openssl x509 -pubkey"},
		{"another block", block("HUNTER2 KEY", []byte("hunter2")), "neither a PRIVATE KEY"},
		{"a broken block", block("PRIVATE KEY", []byte("hunter2")), "broken PRIVATE KEY"},
		{"P-521", pkcs8(must(ecdsa.GenerateKey(elliptic.P521(), rand.Reader))), "curve P-521"},
		{"X25519", pkcs8(must(ecdh.X25519().GenerateKey(rand.Reader))), "*ecdh.PrivateKey, which signs nothing"},
		{"RSA of 1024 bits", block("RSA PUBLIC KEY", must(asn1.Marshal(rsa.PublicKey{N: n, E: 65537}))), "has 1024 bits"},
		{"a large file", strings.Repeat("hunter2", 10_000), "more than 65536 bytes"},
	} {
		_, err := read(t, c.text)
		if err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "secrets: the file ") {
			t.Errorf("%s: %v, want %q", c.name, err, c.says)
			continue
		}
		if text := strings.ToLower(err.Error()); strings.Contains(text, "hunter2") || strings.Contains(text, "october") {
			t.Errorf("%s: the error quotes the text: %v", c.name, err)
		}
	}
}
