package authtest

import "strings"

// macAlgorithm returns the HMAC algorithm to attack with: the target's, or else HS256.
func (f *forger) macAlgorithm() string {
	if family(f.alg) == "HS" {
		return f.alg
	}
	return "HS256"
}

const (
	whyGuessed = "The secret is in every list of guesses. A key must be random, and as long as the hash " +
		"(RFC 8725 §3.5, RFC 7518 §3.2)."
	whyTold        = "The secret stands in the token itself."
	whyEmptySecret = "An empty secret verifies: the target looked for a key, found none, and used it all the same " +
		"(CVE-2019-20933). For HMAC zeros are the same as nothing."
)

// guesses are the secrets that attackers try first.
var guesses = []string{
	"secret", "password", "changeme", "change-me", "key", "test", "123456", "admin", "jwt", "token",
	"jwt-secret", "jwt_secret", "secretkey", "secret_key", "secret-key", "mysecret", "supersecret",
	"your-256-bit-secret", "your-secret-key", "default", "null", "undefined", "nil", "None", "false", "0", " ", "\n",
	"[object Object]", "keyboard cat", "shhhhh", "s3cr3t",
}

// secretAttacks sign with secrets that the attacker need not steal.
func secretAttacks(f *forger) {
	seen := map[string]bool{}
	try := func(name, secret, why string) {
		if seen[secret] {
			return
		}
		seen[secret] = true
		sign := signHMAC(hashOf(f.macAlgorithm()), []byte(secret))
		f.add("secret: "+name, f.tokenBy(sign, f.headerAlg(quote(f.macAlgorithm())), f.payload()), why)
	}
	try("empty", "", whyEmptySecret)
	try("200 zero bytes", strings.Repeat("\x00", 200), whyEmptySecret)
	for _, s := range guesses {
		try(quote(s), s, whyGuessed)
	}
	try("32 digits zero", strings.Repeat("0", 32), whyGuessed)
	try("32 letters a", strings.Repeat("a", 32), whyGuessed)
	try("base64 of secret", "c2VjcmV0", whyGuessed)
	try("the algorithm's name", f.alg, whyTold)
	for _, c := range []struct{ name, secret string }{
		{"the key's ID", f.kid},
		{"the audience", f.text("aud")},
		{"the issuer", f.text("iss")},
		{"the subject", f.text("sub")},
		{"the header", f.header()},
		{"the payload", f.payload()},
	} {
		if c.secret != "" {
			try(c.name, c.secret, whyTold)
		}
	}
}
