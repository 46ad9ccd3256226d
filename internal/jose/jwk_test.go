package jose_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/deskauth/deskauth/internal/jose"
)

// The example of RFC 8037 §A.2 and A.3, to the byte.
func TestPublicJWK(t *testing.T) {
	t.Parallel()
	public := ed25519.PublicKey(unb64(t, "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"))
	text, ok, err := newKey(t, jose.EdDSA, "", public).PublicJWK()
	const want = `{"alg":"EdDSA","crv":"Ed25519","kid":"kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",` +
		`"kty":"OKP","use":"sig","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`
	if string(text) != want || !ok || err != nil {
		t.Errorf("PublicJWK = %s, %v, %v\nwant %s", text, ok, err, want)
	}
}

// publicMembers are all that may leave, by the type of key (RFC 7518 §6, RFC 8037 §2).
var publicMembers = map[string][]string{
	"RSA": {"alg", "e", "kid", "kty", "n", "use"},
	"EC":  {"alg", "crv", "kid", "kty", "use", "x", "y"},
	"OKP": {"alg", "crv", "kid", "kty", "use", "x"},
}

// A private key shows what its public key shows, and a secret nothing.
func TestPublicJWK_NothingPrivate(t *testing.T) {
	t.Parallel()
	for _, p := range ours() {
		private, ok, err := p.key(t, "k1").PublicJWK()
		if err != nil {
			t.Fatalf("%s: %v", p.alg, err)
		}
		if strings.HasPrefix(p.alg, "HS") {
			if ok || private != nil {
				t.Errorf("%s: a secret has the JWK %s", p.alg, private)
			}
			continue
		}
		public, _, err := newKey(t, p.alg, "k1", p.public).PublicJWK()
		if string(private) != string(public) || err != nil || !ok {
			t.Errorf("%s: the private key's JWK is\n%s, the public key's\n%s, %v", p.alg, private, public, err)
		}
		var members map[string]string
		if err := json.Unmarshal(private, &members); err != nil {
			t.Fatal(err)
		}
		if got := slices.Sorted(maps.Keys(members)); !slices.Equal(got, publicMembers[members["kty"]]) {
			t.Errorf("%s: the JWK has the members %q", p.alg, got)
		}
		if members["alg"] != p.alg || members["kid"] != "k1" || members["use"] != "sig" {
			t.Errorf("%s: the JWK is %s", p.alg, private)
		}
	}
}

// The coordinates of a point have the curve's length, leading zeros included (RFC 7518
// §6.2.1.2).
func TestPublicJWK_LeadingZero(t *testing.T) {
	t.Parallel()
	for range 2000 { // the chance that none has one is below 1 in 10^6
		private := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
		point, err := private.PublicKey.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		if point[1] != 0 {
			continue
		}
		text, _, err := newKey(t, jose.ES256, "", private).PublicJWK()
		var members map[string]string
		if err == nil {
			err = json.Unmarshal(text, &members)
		}
		if err != nil || string(unb64(t, members["x"])) != string(point[1:33]) {
			t.Errorf("x of %s is not %x (%v)", text, point[1:33], err)
		}
		return
	}
	t.Fatal("no point has a leading zero")
}

// A key that everybody may read and that checks signatures is taken, and no other.
func TestParsePublicJWK(t *testing.T) {
	t.Parallel()
	const okp = `{"kty":"OKP","crv":"Ed25519","kid":"k1","alg":"EdDSA","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"`
	for _, more := range []string{
		"", `,"use":"sig"`, `,"key_ops":["verify"]`, `,"use":"sig","key_ops":["wrapKey","verify"]`, `,"x-owner":"shop"`,
	} {
		id, algorithm, public, ok := jose.ParsePublicJWK([]byte(okp + more + "}"))
		if _, isPublic := public.(ed25519.PublicKey); !ok || !isPublic || id != "k1" || algorithm != "EdDSA" {
			t.Errorf("%s: %q, %q, a %T, %t", more, id, algorithm, public, ok)
		}
	}
	for _, text := range []string{
		"", "{}", "null", "[]", `"kty"`, okp, `{"kty":"OKP"}`,
		`{"kty":"OKP","crv":"Ed448","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`,
		`{"kty":"oct","k":"AAAA"}`,
		okp + `,"d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"}`,
		okp + `,"use":"enc"}`,
		okp + `,"key_ops":["sign"]}`,
		okp + `,"use":"enc","key_ops":["verify"]}`,
		`{"keys":[` + okp + `}]}`,
	} {
		if _, _, public, ok := jose.ParsePublicJWK([]byte(text)); ok || public != nil {
			t.Errorf("%s is taken for a key: %T", text, public)
		}
	}
}
