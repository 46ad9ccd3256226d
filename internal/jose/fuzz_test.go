package jose_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/deskauth/deskauth/internal/jose"
)

// fuzzHeaders are headers that Parse takes and such that it has to refuse.
var fuzzHeaders = []string{
	hs256Header, `{"alg":"HS256"}`, ` { "alg" : "HS256" , "kid" : "k1" } `,
	`{"alg":"\u0048S256","kid":"\ud83d\ude00"}`, `{"alg":"RS256","kid":"k1","jku":"https://a.example/"}`,
	`{"alg":"EdDSA","x":{"y":[1,2.5e-3,null,true]}}`, `{"alg":"none"}`, `{"alg":"HS256","alg":"none"}`,
	`{"alg":"HS256","crit":["b64"],"b64":false}`, `{"alg":"HS256","typ":"at+jwt"}`, `{"alg":"HS256","cty":"JWT"}`,
	`{"alg":"HS256","zip":"DEF"}`, `{"alg":"HS256"} x`, "\xef\xbb\xbf{}", `{"alg":1}`, `{}`, `[]`, `null`,
}

// S13: what is accepted re-encodes to the same bytes and says what encoding/json reads
// in it; and nothing verifies but what was signed.
func FuzzParse(f *testing.F) {
	p := one(ours(), jose.HS256)
	keys := []*jose.Key{p.key(f, ""), p.key(f, "k1")}
	signed := map[string]bool{}
	for _, header := range fuzzHeaders {
		token := forge(header, claims, p.sign)
		signed[token] = true
		f.Add(token)
	}
	whole := forge(hs256Header, claims, p.sign)
	for _, s := range []string{
		"", ".", "..", "...", strings.Repeat(".", 100),
		whole + "=", whole + "\n", strings.Replace(whole, ".", ".\r\n", 1), whole + "." + whole,
		b64(hs256Header) + ".AB.AA", b64(hs256Header) + ".A.A",
		`{"payload":"","protected":""}`, "eyJhbGciOiJIUzI1NiJ9.e30.c2ln",
	} {
		f.Add(s)
	}
	for _, token := range rfcTokens {
		f.Add(token)
	}
	f.Fuzz(func(t *testing.T, token string) {
		parsed, err := jose.Parse(token)
		if err != nil {
			return
		}
		var decoded [][]byte
		var again []string
		for part := range strings.SplitSeq(token, ".") {
			// The forgiving decoder: it takes what a strict one must not have let pass.
			b, err := base64.RawURLEncoding.DecodeString(part)
			if err != nil {
				t.Fatalf("accepted %q with the part %q: %v", token, part, err)
			}
			decoded, again = append(decoded, b), append(again, base64.RawURLEncoding.EncodeToString(b))
		}
		if got := strings.Join(again, "."); got != token || len(decoded) != 3 {
			t.Fatalf("S13 accepted\n%q, which re-encodes to\n%q", token, got)
		}
		if !bytes.Equal(parsed.Payload, decoded[1]) {
			t.Fatalf("payload %q of %q", parsed.Payload, token)
		}
		checkHeader(t, parsed, decoded[0])
		for _, k := range keys {
			if parsed.VerifiedBy(k) && !signed[token] {
				t.Fatalf("verified %q, which was not signed", token)
			}
		}
	})
}

func checkHeader(t *testing.T, parsed jose.Token, text []byte) {
	t.Helper()
	var header map[string]any
	if err := json.Unmarshal(text, &header); err != nil {
		t.Fatalf("accepted the header %q: %v", text, err)
	}
	if header["alg"] != parsed.Algorithm {
		t.Fatalf("algorithm %q of the header %q", parsed.Algorithm, text)
	}
	if kid, has := header["kid"]; has && kid != parsed.KeyID || !has && parsed.KeyID != "" {
		t.Fatalf("key ID %q of the header %q", parsed.KeyID, text)
	}
	for _, name := range []string{"crit", "b64", "zip"} {
		if _, has := header[name]; has {
			t.Fatalf("accepted %s in the header %q", name, text)
		}
	}
}

// FuzzEdit replaces a piece of a signed token: the result is refused or no edit at all.
func FuzzEdit(f *testing.F) {
	p := one(ours(), jose.HS256)
	k := p.key(f, "")
	token := forge(hs256Header, claims, p.sign)
	for _, s := range []string{"", "A", "=", "\n", "\r\n", " ", ".", "+", "\x00", "\u00a0", token} {
		f.Add(0, 0, s)
		f.Add(len(token)/2, len(token)/2+1, s)
		f.Add(len(token)-1, len(token), s)
		f.Add(len(token), len(token), s)
	}
	f.Fuzz(func(t *testing.T, from, to int, s string) {
		if from < 0 || from > to || to > len(token) {
			t.Skip()
		}
		edited := token[:from] + s + token[to:]
		if got := opens(edited, k); got != (edited == token) {
			t.Fatalf("%q accepted = %v; signed was %q", edited, got, token)
		}
	})
}
