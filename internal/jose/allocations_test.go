package jose_test

import (
	"strings"
	"testing"

	"github.com/deskauth/deskauth/internal/jose"
	"github.com/deskauth/deskauth/internal/testkit"
)

// A door signs and checks tokens at every request. With a secret, both cost the memory of
// the token, and that of a key ID in its header.
func TestSecretsSignAndVerifyWithoutMemoryOfTheirOwn(t *testing.T) {
	if testkit.RaceDetector() {
		t.Skip("with the race detector pools forget")
	}
	payload := []byte(benchPayload)
	for _, p := range ours() {
		if !strings.HasPrefix(p.alg, "HS") {
			continue
		}
		k := p.key(t, "k1")
		named, plain := must(k.Sign(payload)), forge(`{"alg":"`+p.alg+`","typ":"JWT"}`, "{}", p.sign)
		for what, c := range map[string]struct {
			most float64
			call func()
		}{
			"Sign":                              {1, func() { must(k.Sign(payload)) }},
			"to check a token with a key ID":    {2, func() { opens(named, k) }},
			"to check a token without a key ID": {1, func() { opens(plain, k) }},
		} {
			if got := testing.AllocsPerRun(100, c.call); got > c.most {
				t.Errorf("%s, %s: %v allocations, want %v at most", p.alg, what, got, c.most)
			}
		}
	}
}

// Most headers of others say alg and typ in their own order, and cost no more than ours.
func TestParseAllocatesOnlyTheToken(t *testing.T) {
	p := one(ours(), jose.HS256)
	for _, header := range []string{hs256Header, `{"typ":"JWT","alg":"HS256"}`, `{"alg":"RS256"}`} {
		token := forge(header, claims, p.sign)
		if got := testing.AllocsPerRun(100, func() { must(jose.Parse(token)) }); got > 1 {
			t.Errorf("Parse of a token with the header %s makes %v allocations, want 1", header, got)
		}
	}
}
