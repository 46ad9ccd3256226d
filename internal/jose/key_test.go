package jose_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/deskauth/deskauth/internal/jose"
)

// keyIDs are kids that a careless writer of JSON would get wrong.
var keyIDs = []string{
	"", "k1", `a"b`, `a\b`, `","alg":"none","x":"`, "ключ-é-😀", "a/b+c=", "line\nbreak\ttab\x00nul", "\u2028<&>",
	strings.Repeat("k", 256), strings.Repeat("\x01", 256),
}

func TestKeyRoundTrip(t *testing.T) {
	t.Parallel()
	const payload = `{"sub":"é😀","n":1}`
	for _, p := range ours() {
		t.Run(p.alg, func(t *testing.T) {
			t.Parallel()
			for _, id := range keyIDs {
				private, public := p.key(t, id), newKey(t, p.alg, id, p.public)
				if private.Algorithm() != p.alg || id != "" && private.ID() != id || !private.CanSign() {
					t.Fatalf("key has %s, %q, CanSign %v", private.Algorithm(), private.ID(), private.CanSign())
				}
				if public.ID() != private.ID() {
					t.Fatalf("the public key has the ID %q and the private one %q", public.ID(), private.ID())
				}
				token, err := private.Sign([]byte(payload))
				if err != nil {
					t.Fatalf("Sign with ID %q: %v", id, err)
				}
				mustOpen(t, token, private, payload)
				mustOpen(t, token, public, payload)
				headerSays(t, token, p.alg, private.ID())
			}
		})
	}
}

// headerSays reads the header with encoding/json: it has to say the same to others.
func headerSays(t *testing.T, token, alg, id string) {
	t.Helper()
	text, _, _ := strings.Cut(token, ".")
	var header map[string]any
	if err := json.Unmarshal(must(base64.RawURLEncoding.DecodeString(text)), &header); err != nil {
		t.Fatalf("header of the key %q: %v", id, err)
	}
	kid, has := header["kid"]
	if header["alg"] != alg || header["typ"] != "JWT" || has != (id != "") || has && kid != id {
		t.Errorf("header of the %s key %q is %q", alg, id, header)
	}
}

// What the forger signs by the RFCs, the package takes: neither is wrong alone.
func TestKeyVerifiesWhatOthersSign(t *testing.T) {
	t.Parallel()
	for _, p := range ours() {
		token := forge(`{"typ":"JWT","alg":"`+p.alg+`"}`, `{"sub":"x"}`, p.sign)
		mustOpen(t, token, newKey(t, p.alg, "", p.public), `{"sub":"x"}`)
		mustOpen(t, token, newKey(t, p.alg, "k1", p.public), `{"sub":"x"}`)
		mustRefuse(t, token, one(theirs(), p.alg).key(t, ""))
	}
}

func TestPublicKeyCannotSign(t *testing.T) {
	t.Parallel()
	for _, p := range ours() {
		if strings.HasPrefix(p.alg, "HS") {
			continue
		}
		k := newKey(t, p.alg, "k1", p.public)
		if k.CanSign() {
			t.Errorf("%s: a public key says that it can sign", p.alg)
		}
		token, err := k.Sign([]byte("{}"))
		if err == nil || token != "" || !strings.Contains(err.Error(), p.alg+` key "k1" is a public key and cannot sign`) {
			t.Errorf("%s: Sign returned %q and the error %v", p.alg, token, err)
		}
	}
}

// The caller's slice is the caller's: what happens to it later does not change the key.
func TestKeyCopiesItsMaterial(t *testing.T) {
	t.Parallel()
	hmac, ed := one(ours(), jose.HS256), one(ours(), jose.EdDSA)
	secret := []byte(ourSecret)
	private := slices.Clone(ed.private.(ed25519.PrivateKey))
	public := slices.Clone(ed.public.(ed25519.PublicKey))
	keys := []*jose.Key{
		newKey(t, jose.HS256, "", secret), newKey(t, jose.EdDSA, "", private), newKey(t, jose.EdDSA, "", public),
	}
	clear(secret)
	clear(private)
	clear(public)
	mustOpen(t, forge(`{"alg":"HS256"}`, "{}", hmac.sign), keys[0], "{}")
	mustOpen(t, forge(`{"alg":"EdDSA"}`, "{}", ed.sign), keys[1], "{}")
	mustOpen(t, forge(`{"alg":"EdDSA"}`, "{}", ed.sign), keys[2], "{}")
	for _, k := range keys[:2] {
		mustOpen(t, must(k.Sign([]byte("{}"))), k, "{}")
	}
}

// A secret of one block is used as it is, and a longer one is hashed.
func TestOverlaps_OneBlock(t *testing.T) {
	t.Parallel()
	block := []byte(strings.Repeat(ourSecret, 2)) // 64 bytes, as SHA-256 has
	for _, secret := range [][]byte{block, append(block, 'x')} {
		hash := sha256.Sum256(secret)
		a, b := newKey(t, jose.HS256, "", secret), newKey(t, jose.HS256, "", hash[:])
		want := opens(must(a.Sign([]byte("{}"))), b)
		if want != (len(secret) > 64) || a.Overlaps(b) != want || b.Overlaps(a) != want {
			t.Errorf("%d bytes: the hash opens tokens %t, overlaps %t", len(secret), want, a.Overlaps(b))
		}
	}
}

func TestOverlaps(t *testing.T) {
	t.Parallel()
	const secret = ourSecret
	a := newKey(t, jose.HS256, "a", secret)
	r := one(ours(), jose.RS256)
	for name, c := range map[string]struct {
		other *jose.Key
		want  bool
	}{
		"itself":                 {a, true},
		"bytes, another ID":      {newKey(t, jose.HS256, "b", []byte(secret)), true},
		"another HMAC":           {newKey(t, jose.HS512, "", secret), true},
		"longer":                 {newKey(t, jose.HS256, "a", secret+"x"), false},
		"last byte differs":      {newKey(t, jose.HS256, "a", secret[:31]+"x"), false},
		"RSA private key":        {r.key(t, "a"), false},
		"RSA public key":         {newKey(t, jose.RS256, "a", r.public), false},
		"Ed25519 key, bytes too": {one(ours(), jose.EdDSA).key(t, "a"), false},
	} {
		if got, back := a.Overlaps(c.other), c.other.Overlaps(a); got != c.want || back != c.want {
			t.Errorf("%s: Overlaps = %v, the other way %v, want %v", name, got, back, c.want)
		}
	}
	long := []byte(strings.Repeat(secret, 3))
	hashed := sha256.Sum256(long)
	longKey, hashedKey := newKey(t, jose.HS256, "", long), newKey(t, jose.HS256, "", hashed[:])
	if token := must(longKey.Sign([]byte("{}"))); !opens(token, hashedKey) {
		t.Fatal("HMAC no longer hashes a secret that is longer than a block")
	}
	for name, other := range map[string]*jose.Key{
		"HS256": hashedKey, "HS384": newKey(t, jose.HS384, "", append(hashed[:], make([]byte, 16)...)),
		"HS512": newKey(t, jose.HS512, "", append(hashed[:], make([]byte, 32)...)),
	} {
		if !longKey.Overlaps(other) || !other.Overlaps(longKey) {
			t.Errorf("a long secret does not overlap its hash, of %s", name)
		}
	}
	longer := []byte(strings.Repeat(secret, 5))
	sum384, sum512 := sha512.Sum384(longer), sha512.Sum512(longer)
	for _, alg := range []string{jose.HS256, jose.HS384, jose.HS512} {
		for _, hash := range [][]byte{sum384[:], sum512[:]} {
			a, b := newKey(t, alg, "", longer), newKey(t, jose.HS256, "", hash)
			if !a.Overlaps(b) || !b.Overlaps(a) {
				t.Errorf("a secret of %s with %d bytes does not overlap its hash of %d", alg, len(longer), len(hash))
			}
		}
	}
	public, private := newKey(t, jose.RS256, "", r.public), newKey(t, jose.RS256, "", r.private)
	if !public.Overlaps(private) || !private.Overlaps(public) {
		t.Error("a public key does not overlap its private key")
	}
	for _, p := range ours() {
		our, their := p.key(t, "a"), one(theirs(), p.alg).key(t, "a")
		if our.Overlaps(their) || !our.Overlaps(p.key(t, "b")) {
			t.Errorf("%s: overlaps another key %v, itself %v; want only itself", p.alg, our.Overlaps(their), our.Overlaps(our))
		}
	}
	pss := newKey(t, jose.PS256, "", r.private)
	if !pss.Overlaps(public) || !public.Overlaps(pss) {
		t.Error("an RSA key does not overlap itself with another algorithm")
	}
}

// A token that holds nothing is signed by no key: no signature of another size passes.
func TestS05_SignatureSizes(t *testing.T) {
	t.Parallel()
	for _, p := range ours() {
		k := p.key(t, "")
		signed := b64(`{"alg":"`+p.alg+`"}`) + "." + b64("{}")
		good := string(p.sign(signed))
		mustOpen(t, signed+"."+b64(good), k, "{}")
		for _, bad := range []string{
			"\x00", strings.Repeat("\x00", len(good)), strings.Repeat("\xff", len(good)), good[1:], good[:len(good)-1],
			good[:len(good)/2], "\x00" + good, good + "\x00", good + good, good[len(good)/2:] + good[:len(good)/2],
		} {
			mustRefuse(t, signed+"."+b64(bad), k)
		}
	}
}

func TestS05_NewKeyRefusesUnknownAlgorithms(t *testing.T) {
	t.Parallel()
	for _, alg := range []string{
		"", "none", "None", "hs256", "HS256 ", "HS224", "HS1", "PS384", "PS512", "ES512", "ES256K", "RS1",
		"Ed25519", "A256KW", "dir", strings.Repeat("x", 1<<20),
	} {
		for _, p := range ours() {
			if _, err := jose.NewKey(alg, "", p.private); err == nil {
				t.Errorf("NewKey(%.20q) took a key of %s", alg, p.alg)
			} else if !strings.Contains(err.Error(), "not one of HS256, ") || len(err.Error()) > 300 {
				t.Errorf("NewKey(%.20q): error %.400q does not name the algorithms, or goes on", alg, err)
			}
		}
	}
}

// Sign refuses a payload whose token would be too long, and no shorter one. It has to know
// the size of the signature for that, and the IDs bring each remainder of base64.
func TestSignTakesAllThatFitsIntoAToken(t *testing.T) {
	t.Parallel()
	for _, p := range ours() {
		for _, id := range []string{"", "a", "ab", "abc"} {
			k := p.key(t, id)
			part := strings.Split(must(k.Sign([]byte("{}"))), ".")
			fixed := len(part[0]) + 1 + 1 + len(part[2])
			for n := (longest-fixed)*3/4 - 3; n <= (longest-fixed)*3/4+3; n++ {
				token, err := k.Sign([]byte(strings.Repeat("x", n)))
				size := fixed + base64.RawURLEncoding.EncodedLen(n)
				if (err == nil) != (size <= longest) || err == nil && len(token) != size {
					t.Errorf("%s: a token of %d bytes has %d; error %v", p.alg, size, len(token), err)
				}
			}
		}
	}
}

func TestNewKeyLimitsTheID(t *testing.T) {
	t.Parallel()
	if _, err := jose.NewKey(jose.HS256, strings.Repeat("k", 256), ourSecret); err != nil {
		t.Errorf("an ID of 256 bytes: %v", err)
	}
	_, err := jose.NewKey(jose.HS256, strings.Repeat("k", 257), ourSecret)
	if err == nil || !strings.Contains(err.Error(), "257 bytes; it may have 256") {
		t.Errorf("an ID of 257 bytes: error %v", err)
	}
	_, err = jose.NewKey(jose.HS256, "k\xff", ourSecret)
	if err == nil || !strings.Contains(err.Error(), "has an ID that is not valid UTF-8") {
		t.Errorf("an ID that is not UTF-8: error %v", err)
	}
}
