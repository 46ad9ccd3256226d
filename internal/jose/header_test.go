package jose_test

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/deskauth/deskauth/internal/jose"
)

func quote(s string) string { return string(must(json.Marshal(s))) }

// Each header is good but for the parameter in question, and our own key signs it. A door
// that does not understand a token as its author meant it has to stay shut.
func TestS03_HeaderParametersRefused(t *testing.T) {
	t.Parallel()
	p := one(ours(), jose.HS256)
	k := p.key(t, "k1")
	for name, member := range map[string]string{
		"crit unknown":               `"crit":["exp-not-known"],"exp-not-known":1`,
		"crit known name":            `"crit":["exp"],"exp":1790000000`,
		"crit b64":                   `"crit":["b64"],"b64":false`,
		"crit b64 true":              `"crit":["b64"],"b64":true`,
		"crit without the name":      `"crit":["nothing"]`,
		"crit alg":                   `"crit":["alg"]`,
		"crit kid":                   `"crit":["kid"]`,
		"crit empty":                 `"crit":[]`,
		"crit null":                  `"crit":null`,
		"crit false":                 `"crit":false`,
		"crit string":                `"crit":"exp"`,
		"crit object":                `"crit":{}`,
		"crit escaped":               `"cr\u0069t":["x"],"x":1`,
		"b64 false":                  `"b64":false`,
		"b64 true":                   `"b64":true`,
		"b64 null":                   `"b64":null`,
		"zip":                        `"zip":"DEF"`,
		"zip empty":                  `"zip":""`,
		"zip null":                   `"zip":null`,
		"typ at+jwt":                 `"typ":"at+jwt"`,
		"typ JOSE":                   `"typ":"JOSE"`,
		"typ JOSE+JSON":              `"typ":"JOSE+JSON"`,
		"typ secevent":               `"typ":"secevent+jwt"`,
		"typ dpop":                   `"typ":"dpop+jwt"`,
		"typ empty":                  `"typ":""`,
		"typ with a space":           `"typ":"JWT "`,
		"typ with a parameter":       `"typ":"application/jwt; v=1"`,
		"typ null":                   `"typ":null`,
		"typ number":                 `"typ":1`,
		"typ array":                  `"typ":["JWT"]`,
		"kid number":                 `"kid":1`,
		"kid null":                   `"kid":null`,
		"kid array":                  `"kid":["k1"]`,
		"kid object":                 `"kid":{"$ne":""}`,
		"kid true":                   `"kid":true`,
		"S12 alg twice":              `"alg":"HS256"`,
		"S12 alg twice, none":        `"alg":"none"`,
		"S12 alg twice, escaped":     `"\u0061lg":"HS256"`,
		"S12 kid twice":              `"kid":"k1","kid":"k1"`,
		"S12 kid twice, others":      `"kid":"k1","kid":"k2"`,
		"S12 unknown twice":          `"x":1,"x":1`,
		"S12 twice within":           `"x":{"a":1,"a":1}`,
		"JSON trailing comma":        `"x":1,`,
		"JSON invalid UTF-8":         "\"x\":\"\xff\"",
		"JSON lone surrogate":        `"kid":"\ud800"`,
		"JSON control character":     "\"x\":\"\x01\"",
		"JSON number":                `"x":01`,
		"JSON single quotes":         `'x':1`,
		"JSON comment":               `/**/"x":1`,
		"JSON data after it":         `"x":1}{"alg":"HS256"`,
		"JSON closed early":          `"x":1}`,
		"JSON open":                  `"x":{`,
		"JSON with a NUL within":     "\"x\":1\x00",
		"JSON with a vertical tab":   "\v\"x\":1",
		"JSON with a no-break space": "\u00a0\"x\":1",
	} {
		t.Run("S03 "+name, func(t *testing.T) {
			t.Parallel()
			for _, header := range []string{`{"alg":"HS256",` + member + `}`, `{` + member + `,"alg":"HS256"}`} {
				token := forge(header, claims, p.sign)
				if _, err := jose.Parse(token); err == nil {
					t.Errorf("Parse took the header %s", header)
				}
				mustRefuse(t, token, k)
			}
		})
	}
	for _, member := range []string{
		`"typ":"JWT"`, `"typ":"jwt"`, `"typ":"application/jwt"`, `"cty":"text/plain"`,
		`"kid":"k1"`, `"kid":""`, `"Crit":["x"]`, `"x":{"crit":["x"]}`, `"nonce":"n"`,
	} {
		mustOpen(t, forge(`{"alg":"HS256",`+member+`}`, claims, p.sign), k, claims)
	}
	for _, header := range []string{
		"\xef\xbb\xbf" + `{"alg":"HS256"}`, "\x00" + `{"alg":"HS256"}`, `[{"alg":"HS256"}]`,
		`"{\"alg\":\"HS256\"}"`, "{\x00\"\x00a\x00l\x00g\x00",
	} {
		mustRefuse(t, forge(header, claims, p.sign), k)
	}
}

// A token that brings its key along is verified with ours, as if the parameter were not
// there, and no request goes out.
func TestS03_BroughtKeysAreIgnored(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		http.Error(w, "no request was to come", http.StatusTeapot)
	}))
	t.Cleanup(server.Close)

	for _, alg := range []string{jose.RS256, jose.PS256, jose.ES256, jose.HS256} {
		our, their := one(ours(), alg), one(theirs(), alg)
		k, byOurs := our.key(t, "k1"), newKey(t, alg, "", our.public)
		jwk, x5c := brought(their)
		for _, member := range []string{
			`"jwk":` + jwk,
			`"jwk":` + jwk + `,"kid":"k1"`,
			`"jku":"` + server.URL + `/jwks.json"`,
			`"jku":"` + server.URL + `/jwks.json","kid":"k1"`,
			`"x5u":"` + server.URL + `/cert.pem"`,
			`"x5c":["` + x5c + `"]`,
			`"x5t":"` + b64("thumbprint") + `","x5t#S256":"` + b64("thumbprint") + `"`,
			`"jku":"file:///etc/passwd","x5u":"gopher://127.0.0.1:1/","jwk":null,"x5c":[]`,
		} {
			header := `{"alg":"` + alg + `",` + member + `}`
			mustOpen(t, forge(header, claims, our.sign), k, claims)
			mustRefuse(t, forge(header, claims, their.sign), k)
			mustRefuse(t, forge(header, claims, their.sign), byOurs)
		}
	}
	if n := calls.Load(); n != 0 {
		t.Errorf("%d requests to an address in a header", n)
	}
}

// brought returns the party's key as a jwk and as (nearly) an x5c parameter.
func brought(p party) (jwk, x5c string) {
	number := func(n *big.Int) string { return b64(string(n.Bytes())) }
	switch public := p.public.(type) {
	case *rsa.PublicKey:
		return `{"kty":"RSA","kid":"k1","alg":"` + p.alg + `","n":"` + number(public.N) + `","e":"AQAB"}`, "MIIB"
	case *ecdsa.PublicKey:
		point := string(must(public.Bytes()))
		half := len(point) / 2
		x, y := b64(point[1:1+half]), b64(point[1+half:])
		return `{"kty":"EC","kid":"k1","crv":"P-256","x":"` + x + `","y":"` + y + `"}`, "MIIB"
	case []byte:
		return `{"kty":"oct","kid":"k1","k":"` + b64(string(public)) + `"}`, "AAAA"
	}
	panic("no jwk for " + p.alg)
}

// A kid is compared and nothing else: it opens no file, fetches no URL, asks no database.
func TestS03_KeyID(t *testing.T) {
	t.Parallel()
	p := one(ours(), jose.HS256)
	known := filepath.Join(t.TempDir(), "known")
	if err := os.WriteFile(known, []byte("a file whose content is known!!!"), 0o600); err != nil {
		t.Fatal(err)
	}
	foreign := []string{
		"K1", "k1 ", " k1", "k1\x00", "k1\n", "k", "k11", "k1/../k1", "./k1", "ｋ1", "\u212a1", "k1\u200b",
		known, "file://" + known, "../../../../../../../../" + known, "../../../../../../dev/null", "/dev/null",
		"..\\..\\windows\\win.ini",
		"https://attacker.example/key", "//attacker.example/key", "http://127.0.0.1:1/", "ldap://127.0.0.1/x",
		"' OR '1'='1", "k1' --", "k1'; DROP TABLE keys; --", "x' UNION SELECT 'secret", "k1\"",
		"$(id)", "`id`", "|id", "${jndi:ldap://x}", "*", "%", "__proto__", "0",
		strings.Repeat("k", 257), strings.Repeat("k1", 500),
	}
	for _, id := range foreign {
		header := `{"alg":"HS256","kid":` + quote(id) + `}`
		mustRefuse(t, forge(header, claims, p.sign), p.key(t, "k1"))
		if len(id) <= 256 {
			mustOpen(t, forge(header, claims, p.sign), p.key(t, id), claims) // the spelling alone does not refuse it
			mustRefuse(t, forge(`{"alg":"HS256","kid":"k1"}`, claims, p.sign), p.key(t, id))
		}
		// Secrets that a door might find if it looked for the kid.
		for _, secret := range []string{
			"", "\n", "a file whose content is known!!!", "secret", "null", "undefined", "false", id,
		} {
			forged := forge(header, claims, signHMAC(sha256.New, []byte(secret)))
			mustRefuse(t, forged, p.key(t, ""))
			mustRefuse(t, forged, p.key(t, "k1"))
		}
	}
	// A key with no ID is for every kid, a token with no kid for every key: the
	// signature decides.
	for _, header := range []string{
		`{"alg":"HS256"}`, `{"alg":"HS256","kid":""}`, `{"alg":"HS256","kid":"k1"}`, `{"alg":"HS256","kid":"k\u0031"}`,
	} {
		mustOpen(t, forge(header, claims, p.sign), p.key(t, "k1"), claims)
		mustOpen(t, forge(header, claims, p.sign), p.key(t, ""), claims)
		mustRefuse(t, forge(header, claims, one(theirs(), jose.HS256).sign), p.key(t, "k1"))
	}
}
