package jose_test

import (
	"crypto/ecdsa"
	crand "crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/deskauth/deskauth/internal/jose"
)

// ders returns keys and certificates of every kind, with what the error calls them.
func ders() map[string][][]byte {
	random, all := newChance(), make(map[string][][]byte)
	add := func(what string, der []byte) { all[what] = append(all[what], der) }
	for _, p := range ours() {
		if strings.HasPrefix(p.alg, "HS") {
			continue
		}
		add("a public key", must(x509.MarshalPKIXPublicKey(p.public)))
		add("a private key", must(x509.MarshalPKCS8PrivateKey(p.private)))
		template := &x509.Certificate{SerialNumber: big.NewInt(time.Now().Unix()), Subject: pkix.Name{CommonName: "desk"}}
		add("a certificate", must(x509.CreateCertificate(crand.Reader, template, template, p.public, p.private)))
		add("a certificate", must(x509.CreateCertificateRequest(crand.Reader, &x509.CertificateRequest{}, p.private)))
		switch private := p.private.(type) {
		case *rsa.PrivateKey:
			add("a public key", x509.MarshalPKCS1PublicKey(&private.PublicKey))
			add("a private key", x509.MarshalPKCS1PrivateKey(private))
		case *ecdsa.PrivateKey:
			add("a private key", must(x509.MarshalECPrivateKey(private)))
		}
	}
	signed := asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2} // PKCS #7, which brings certificates
	add("a certificate", must(asn1.Marshal(struct {
		Type    asn1.ObjectIdentifier
		Content []byte
	}{signed, random.bytes(100)})))
	for _, bits := range []int{512, 1024, 3072, 4096, 8192} {
		add("a public key", must(asn1.Marshal(rsa.PublicKey{N: modulus(bits), E: 3})))
		add("a public key", must(asn1.Marshal(rsa.PublicKey{N: modulus(bits), E: 65537})))
	}
	// Keys that crypto/x509 does not know: RSASSA-PSS, secp256k1, Ed448, ML-DSA-65, DSA.
	for _, oid := range []asn1.ObjectIdentifier{
		{1, 2, 840, 113549, 1, 1, 10}, {1, 3, 132, 0, 10}, {1, 3, 101, 113},
		{2, 16, 840, 1, 101, 3, 4, 3, 18}, {1, 2, 840, 10040, 4, 1},
	} {
		add("a public key", spki(oid, 0, 57))
		add("an encrypted private key", must(asn1.Marshal(struct {
			Algorithm pkix.AlgorithmIdentifier
			Key       []byte
		}{pkix.AlgorithmIdentifier{Algorithm: oid}, random.bytes(57)})))
	}
	for size := 470; size < 512; size++ { // so long that - and _ come early in base64url
		add("a public key", spki(asn1.ObjectIdentifier{1, 3, 101, 113}, 0, size))
	}
	return all
}

// spki returns a public key with parameters, if any, and bits of those sizes.
func spki(oid asn1.ObjectIdentifier, parameters, size int) []byte {
	algorithm := pkix.AlgorithmIdentifier{Algorithm: oid}
	if parameters > 0 {
		algorithm.Parameters.FullBytes = must(asn1.Marshal(newChance().bytes(parameters)))
	}
	return must(asn1.Marshal(struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}{algorithm, asn1.BitString{Bytes: newChance().bytes(size), BitLength: 8 * size}}))
}

// wrap breaks a text into lines of so many bytes.
func wrap(text string, columns int, end string) (lines string) {
	for len(text) > columns {
		lines, text = lines+text[:columns]+end, text[columns:]
	}
	return lines + text + end
}

// spellings returns what a DER is found in, by what the error says of it.
func spellings(der []byte) map[string][]string {
	std, digits := base64.StdEncoding.EncodeToString(der), hex.EncodeToString(der)
	url := base64.URLEncoding.EncodeToString(der)
	return map[string][]string{
		"DER": {string(der), string(der) + "\n", string(der[:40])},
		"base64": {
			std, url, strings.TrimRight(std, "="), strings.TrimRight(url, "="), std + "\n", "\r\n " + std,
			wrap(std, 64, "\n"), wrap(std, 76, "\r\n"), wrap(std, 48, `\n`), wrap(url, 64, " "), std[:48],
			"\ufeff" + std, `{"realm":"desk","public_key":"` + std + `"}`, "key=" + std, `"` + std + `"`,
		},
		"hexadecimal": {digits, strings.ToUpper(digits), wrap(digits, 64, "\n")},
	}
}

// wantNoSecret fails unless every HS algorithm refuses the text, and the error says what it
// is in one line and quotes nothing of it.
func wantNoSecret(t *testing.T, text, what string) {
	t.Helper()
	for _, alg := range []string{jose.HS256, jose.HS384, jose.HS512} {
		for _, material := range []any{text, []byte(text)} {
			_, err := jose.NewKey(alg, "", material)
			if err == nil {
				t.Errorf("%s in %.90q: a secret", what, text)
				return
			}
			said := err.Error()
			if alg == jose.HS256 {
				quotesNothing(t, said, text)
			}
			if !strings.HasPrefix(said, "is "+what+"; "+alg+" needs a secret (") || strings.Contains(said, "\n") {
				t.Errorf("%s in %.90q: got the error %q", what, text, said)
			}
		}
	}
}

func quotesNothing(t *testing.T, said, text string) {
	t.Helper()
	for i := range len(said) - 7 {
		if part := said[i : i+8]; strings.Contains(text, part) {
			t.Errorf("the error %q quotes %q of %.90q", said, part, text)
		}
	}
}

// Whoever has a public key, or reads it in a certificate, could sign with it.
func TestS02_KeysInDERAreNoSecrets(t *testing.T) {
	t.Parallel()
	for what, all := range ders() {
		for _, der := range all {
			for in, texts := range spellings(der) {
				for _, text := range texts {
					wantNoSecret(t, text, what+" in "+in)
				}
			}
		}
	}
}

// The first line of a key with long parameters does not show its kind.
func TestS02_KeysOfManyParametersAreNoSecrets(t *testing.T) {
	t.Parallel()
	der := spki(asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}, 200, 65)
	wantNoSecret(t, string(der), "a public key in DER")
	wantNoSecret(t, string(der[:48]), "a key in DER")
	wantNoSecret(t, base64.StdEncoding.EncodeToString(der[:48]), "a key in base64")
}

// encoded returns a text in another encoding, with a byte order mark.
func encoded(text string, order binary.AppendByteOrder, bits int) string {
	var b []byte
	for _, unit := range append([]rune{0xfeff}, []rune(text)...) {
		if bits == 32 {
			b = order.AppendUint32(b, uint32(unit))
			continue
		}
		for _, unit := range utf16.Encode([]rune{unit}) {
			b = order.AppendUint16(b, unit)
		}
	}
	return string(b)
}

func TestS02_KeysInTextsAreNoSecrets(t *testing.T) {
	t.Parallel()
	var texts []string
	for _, p := range ours() {
		if strings.HasPrefix(p.alg, "HS") {
			continue
		}
		block := string(publicPEM(p.public))
		escaped := strings.ReplaceAll(block, "\n", `\n`)
		for _, text := range []string{block, strings.TrimSpace(block), "\ufeff" + block, escaped} {
			wantNoSecret(t, text, "a PEM text")
			wantNoSecret(t, base64.StdEncoding.EncodeToString([]byte(text)), "a PEM text in base64")
		}
		_, body, _ := strings.Cut(block, "\n")
		wantNoSecret(t, body, "a public key in base64") // without the first line
		public, _, err := newKey(t, p.alg, "kid", p.public).PublicJWK()
		if err != nil {
			t.Fatal(err)
		}
		set := fmt.Sprintf(`{"keys":[%s]}`, public)
		pretty := must(json.MarshalIndent(json.RawMessage(public), "", "  "))
		for _, text := range []string{
			string(public), set, "[" + string(public) + "]", string(pretty), set + "\n", "\ufeff" + set,
			strings.ReplaceAll(set, `"`, `\"`), strings.ReplaceAll(set, `"`, `'`),
		} {
			wantNoSecret(t, text, "a JSON Web Key")
		}
		wantNoSecret(t, base64.RawURLEncoding.EncodeToString(public), "a JSON Web Key in base64")
		texts = append(texts, block, body, set)
	}
	wantNoSecret(t, "<RSAKeyValue><Modulus>"+base64.StdEncoding.EncodeToString(modulus(2048).Bytes())+
		"</Modulus><Exponent>AQAB</Exponent></RSAKeyValue>", "an RSA key in XML")
	k := base64.RawURLEncoding.EncodeToString(newChance().bytes(32))
	wantNoSecret(t, `{"kty":"oct","k":"`+k+`"}`, "a JSON Web Key")
	for _, text := range append(texts, plainText+"\r\n", "пароль, который знает лишь другая система") {
		wantNoSecret(t, encoded(text, binary.LittleEndian, 16), "a text in UTF-16")
		wantNoSecret(t, encoded(text, binary.BigEndian, 16), "a text in UTF-16")
		wantNoSecret(t, encoded(text, binary.LittleEndian, 32), "a text in UTF-32")
		wantNoSecret(t, encoded(text, binary.BigEndian, 32), "a text in UTF-32")
	}
}

func TestS02_KeysOfOpenSSHAreNoSecrets(t *testing.T) {
	t.Parallel()
	random := newChance()
	for _, name := range []string{
		"ssh-rsa", "ssh-ed25519", "ssh-dss", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
		"sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com", "ssh-rsa-cert-v01@openssh.com",
		"ssh-ed25519-cert-v01@openssh.com", "ecdsa-sha2-nistp256-cert-v01@openssh.com",
	} {
		blob := binary.BigEndian.AppendUint32(nil, uint32(len(name)))
		blob = append(append(blob, name...), random.bytes(51)...)
		key := base64.StdEncoding.EncodeToString(blob)
		for _, text := range []string{
			name + " " + key, name + " " + key + " ada@desk", name + " " + key + "\n", key,
			`from="192.0.2.1",no-pty ` + name + " " + key, "desk.example,192.0.2.1 " + name + " " + key,
			"---- BEGIN SSH2 PUBLIC KEY ----\nComment: ada\n" + wrap(key, 70, "\n") + "---- END SSH2 PUBLIC KEY ----\n",
		} {
			wantNoSecret(t, text, "a key of OpenSSH")
		}
	}
	private := append([]byte("openssh-key-v1\x00"), random.bytes(200)...)
	wantNoSecret(t, base64.StdEncoding.EncodeToString(private), "a key of OpenSSH in base64")
}

// chance makes bytes that are the same in every run: no test here fails once in a million.
type chance struct{ *rand.ChaCha8 }

func newChance() chance { return chance{rand.NewChaCha8([32]byte{1})} }

func (c chance) bytes(n int) []byte {
	b := make([]byte, n)
	c.Read(b)
	return b
}

// No secret is taken for a key, also if it begins as keys do.
func TestSecretsAreNoKeys(t *testing.T) {
	t.Parallel()
	random := newChance()
	begins := []string{
		"", "", "", "\x30", "\x30\x82", "\x30\x82\x01\x22", "\x30\x59\x30", "\x30\x2a\x30\x05", "\x30\x82\x01\x0a",
		"\xff\xfe", "\xfe\xff", "{", "[{", "\x00\x00\x00", "ssh-rsa",
	}
	take := func(secret string) {
		if _, err := jose.NewKey(jose.HS256, "", secret); err != nil {
			t.Fatalf("% x: %v", secret, err)
		}
	}
	for i := range 20_000 {
		secret := random.bytes(32 + i%33)
		copy(secret, begins[i%len(begins)])
		take(string(secret))
		take(hex.EncodeToString(secret))
		switch i % 4 {
		case 0:
			take(base64.StdEncoding.EncodeToString(secret))
		case 1:
			take(base64.RawURLEncoding.EncodeToString(secret))
		case 2:
			take(strings.ToUpper(hex.EncodeToString(secret)))
		case 3:
			take(fmt.Sprintf("%x-%x-%x-%x-%x", secret[:4], secret[4:6], secret[6:8], secret[8:10], secret[10:16]))
		}
	}
	for _, phrase := range []string{
		"My secret phrase that nobody knows", "MIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIII", strings.Repeat("M", 64),
		"AAAA battery staple, correct horse, and more", strings.Repeat("A", 64), strings.Repeat("0", 64),
		"30303030303030303030303030303030303030303030", "ssh-rsa is what this phrase begins with",
		"{a password} with \"keys\" and \"kty\", of braces", "the keys: kty, and the BEGIN of a PUBLIC KEY",
		"秘密の言葉は誰にも教えてはいけません", "the MIIB of a key, and its ssh-ed25519 AAAA",
		"\x30\x1e\x02\x16" + "two numbers, not RSA's" + "\x02\x04\x01\x02\x03\x04",
		`{"a":"JSON text that is no key","kid":"1"}`, "BEGIN-----PUBLIC-----KEY-----and-no-more",
	} {
		take(phrase)
	}
}
