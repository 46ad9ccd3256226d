package authtest

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/pem"
	"strings"
)

const (
	whyForeignKey = "The signature is by a key that the target does not have, so it was not checked " +
		"(RFC 7515 §5.2)."
	whyHeaderKey = "The target believed the key in the header (RFC 8725 §3.10; CVE-2018-0114)."
	whyHeaderURL = "The target fetched the URL in the header and believed the answer (RFC 8725 §3.10). " +
		"It also lets the attacker choose whom the target calls."
	whyHeaderCertificate = "The target believed the certificate in the header without checking who signed it " +
		"(RFC 7515 §4.1.6, RFC 8725 §3.10)."
	whyTokensIssuer = "The target fetched the keys of the issuer that the token names, before it had checked " +
		"anything of the token (RFC 8725 §3.8, §3.10)."
)

// broughtAttacks are signed by the attacker's key of the right kind. Most bring that key
// along, or say where it is. The target has keys of its own (RFC 8725 §3.10). One that
// takes a key from the header believes the header before it has checked it.
func broughtAttacks(f *forger) {
	key, sign := f.attacker(f.alg)
	by := func(name, why string, more ...string) {
		header := headerOf(quote(f.alg), append([]string{`"typ":` + quote(f.typ)}, more...)...)
		f.add("attacker's key, "+name, f.tokenBy(sign, header, f.payload()), why)
	}
	kid := `"kid":` + quote(f.kid)
	by("no kid", whyForeignKey)
	by("its own kid", whyForeignKey, `"kid":"attacker"`)
	if f.kid != "" {
		by("the honest kid", whyForeignKey, kid)
	}

	jwk := jwkOf(key)
	named := strings.TrimSuffix(jwk, "}") + `,"alg":` + quote(f.alg) + `,` + kid + `,"use":"sig"}`
	by("jwk", whyHeaderKey, `"jwk":`+jwk)
	by("jwk and the honest kid", whyHeaderKey, kid, `"jwk":`+named)
	by("jwk as a text", whyHeaderKey, `"jwk":`+quote(jwk))
	by("jwk in an array", whyHeaderKey, `"jwk":[`+jwk+`]`)
	by("jwks", whyHeaderKey, `"jwks":{"keys":[`+named+`]}`)
	by("jwk in upper case", whyHeaderKey, `"JWK":`+jwk)
	by("kid is the jwk", whyHeaderKey, `"kid":`+quote(jwk))

	set := "data:application/json;base64," + base64.StdEncoding.EncodeToString([]byte(`{"keys":[`+named+`]}`))
	for _, c := range []struct{ name, url string }{
		{"", "https://attacker.example/jwks.json"},
		{", data URL", set},
		{", file URL", "file:///tmp/jwks.json"},
		{", loopback", "http://127.0.0.1:1/jwks.json"},
		{", without a scheme", "//attacker.example/jwks.json"},
		{", issuer as userinfo", strings.TrimRight(f.text("iss"), "/") + "@attacker.example/jwks.json"},
	} {
		by("jku"+c.name, whyHeaderURL, kid, `"jku":`+quote(c.url))
	}
	f.add("attacker's key, issuer is the attacker",
		f.tokenBy(sign, f.header(), f.with("iss", `"https://attacker.example"`)), whyTokensIssuer)
	f.broughtCertificates()
	f.broughtSecret()
}

// broughtCertificates bring a certificate of the attacker's key. HMAC has no certificates,
// so there the attack changes to ES256 as well.
func (f *forger) broughtCertificates() {
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
	pemURL := "data:application/x-pem-file;base64," + base64.StdEncoding.EncodeToString([]byte(text))
	for _, c := range []struct {
		name, why string
		more      []string
	}{
		{"x5c", whyHeaderCertificate, []string{x5c}},
		{"x5c and the honest kid", whyHeaderCertificate, []string{`"kid":` + quote(f.kid), x5c}},
		{"x5c and its thumbprint", whyHeaderCertificate, []string{x5c, x5t}},
		{"thumbprint alone", whyHeaderCertificate, []string{x5t}},
		{"jwk with x5c", whyHeaderCertificate, []string{`"jwk":` + strings.TrimSuffix(jwkOf(key), "}") + "," + x5c + "}"}},
		{"PEM in the header", whyHeaderCertificate, []string{`"pem":` + quote(text)}},
		{"x5u", whyHeaderURL, []string{`"x5u":"https://attacker.example/cert.pem"`}},
		{"x5u, data URL", whyHeaderURL, []string{`"x5u":"` + pemURL + `"`}},
	} {
		header := headerOf(quote(alg), append([]string{`"typ":` + quote(f.typ)}, c.more...)...)
		f.add("attacker's certificate, "+c.name, f.tokenBy(sign, header, f.payload()), c.why)
	}
}

// broughtSecret brings a secret, which needs no public key at all.
func (f *forger) broughtSecret() {
	if family(f.alg) == "HS" {
		return // the attacker's key is a secret already
	}
	secret := []byte(attackerSecret)
	header := headerOf(`"HS256"`, `"typ":`+quote(f.typ), `"jwk":`+jwkOf(secret))
	f.add("attacker's secret, jwk", f.tokenBy(signHMAC(hashOf("HS256"), secret), header, f.payload()), whyHeaderKey)
}
