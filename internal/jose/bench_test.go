package jose_test

import (
	"testing"

	"github.com/deskauth/deskauth/internal/jose"
)

// benchPayload is the size of a session token's claims.
const benchPayload = `{"_id":"0198f3c2-7d5b-7a31-9d0c-5b8f1d6d3a10","email":"ada@example.org",` +
	`"firstname":"Ada","lastname":"Lovelace","emailverified":false,"iat":1790000000,` +
	`"exp":1790086400,"aud":"https://tiledesk.com","iss":"https://tiledesk.com","sub":"user"}`

func BenchmarkSign(b *testing.B) {
	for _, p := range ours() {
		b.Run(p.alg, func(b *testing.B) {
			k := p.key(b, "k1")
			payload := []byte(benchPayload)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := k.Sign(payload); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkParseAndVerify(b *testing.B) {
	for _, p := range ours() {
		b.Run(p.alg, func(b *testing.B) {
			k := p.key(b, "k1")
			token, err := k.Sign([]byte(benchPayload))
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				t, err := jose.Parse(token)
				if err != nil || !t.VerifiedBy(k) {
					b.Fatal(err)
				}
			}
		})
	}
}

// What a flood costs: a token whose signature is wrong, and a text that is not a token.
func BenchmarkParseRefused(b *testing.B) {
	p := one(ours(), jose.HS256)
	for name, token := range map[string]string{
		"forged": forge(hs256Header, benchPayload, one(theirs(), jose.HS256).sign),
		"dots":   "................................................................",
	} {
		b.Run(name, func(b *testing.B) {
			k := p.key(b, "k1")
			b.ReportAllocs()
			for b.Loop() {
				if opens(token, k) {
					b.Fatal("accepted")
				}
			}
		})
	}
}
