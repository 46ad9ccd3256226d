package jose_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/pem"
	"hash"
	"strings"
	"testing"

	"github.com/deskauth/deskauth/internal/jose"
)

const (
	hs256Header = `{"alg":"HS256","typ":"JWT"}`
	claims      = `{"sub":"user","iat":1790000000}`
)

func TestS01_OnlyTheCompactSerialisation(t *testing.T) {
	t.Parallel()
	p := one(ours(), jose.HS256)
	k := p.key(t, "")
	valid := forge(hs256Header, claims, p.sign)
	mustOpen(t, valid, k, claims)
	part := strings.Split(valid, ".")
	h, c, s := part[0], part[1], part[2]
	nested := func(header string) string { return forge(header, valid, p.sign) }
	object := func(members string) string { return `{"payload":"` + c + `",` + members + "}" }
	signed := `"protected":"` + h + `","signature":"` + s + `"`
	jwe := func(header string, parts ...string) string {
		for i := range parts {
			parts[i] = b64(parts[i])
		}
		return b64(header) + "." + strings.Join(parts, ".")
	}

	for name, token := range map[string]string{
		"flattened JSON":                    object(signed),
		"flattened JSON, more header":       object(signed + `,"header":{"kid":"x"}`),
		"general JSON":                      object(`"signatures":[{` + signed + `}]`),
		"general JSON, two signatures":      object(`"signatures":[{` + signed + `},{"signature":""}]`),
		"JSON around the token":             `{"token":"` + valid + `","sub":"admin"}`,
		"JSON around the token, to be read": `{"sub":"admin","_":"` + "." + c + "." + s + `"}`,
		"JSON claims with the token's dots": `{"sub":"admin"}.` + c + "." + s,
		"JSON string":                       `"` + valid + `"`,
		"JSON array":                        `["` + valid + `"]`,
		"unencoded claims":                  h + "." + claims + "." + s,
		"unencoded header":                  hs256Header + "." + c + "." + s,
		"Bearer":                            "Bearer " + valid,
		"no part":                           "",
		"one part":                          c,
		"two parts":                         h + "." + c,
		"two parts, the claims left out":    h + "." + s,
		"three parts, no header":            "." + c + "." + s,
		"three parts, no claims":            h + ".." + s,
		"three parts, no signature":         h + "." + c + ".",
		"three empty parts":                 "..",
		"four parts":                        valid + "." + s,
		"four parts, the last empty":        valid + ".",
		"four parts, the first empty":       "." + valid,
		"four parts, an empty one inside":   h + "." + c + ".." + s,
		"five parts":                        valid + "." + c + "." + s,
		"JWE": jwe(`{"alg":"dir","enc":"A256GCM"}`,
			"", "iv-iv-iv-iv-", "text", "tag-tag-tag-tag-"),
		"JWE with an encrypted key":   jwe(`{"alg":"A256KW","enc":"A256GCM"}`, "key", "iv", "text", "tag"),
		"JWE header on a JWS":         forge(`{"alg":"dir","enc":"A256GCM"}`, claims, p.sign),
		"detached claims, RFC 7515 F": h + ".." + b64(string(p.sign(h+"."))),
		"nested, cty JWT":             nested(`{"alg":"HS256","cty":"JWT"}`),
		"nested, cty jwt":             nested(`{"alg":"HS256","cty":"jwt"}`),
		"nested, cty application/jwt": nested(`{"alg":"HS256","cty":"application/JWT"}`),
		"nested, cty escaped":         nested(`{"alg":"HS256","cty":"\u004aWT"}`),
		"nested, cty no string":       nested(`{"alg":"HS256","cty":["JWT"]}`),
		"nested, cty null":            nested(`{"alg":"HS256","cty":null}`),
		"two tokens, a space":         valid + " " + valid,
		"two tokens, a comma":         valid + "," + valid,
		"token in two lines":          h + ".\n" + c + "." + s,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if parsed, err := jose.Parse(token); err == nil {
				t.Errorf("Parse(%q) = %+v", token, parsed)
			} else if parsed.Payload != nil || parsed.Algorithm != "" || parsed.KeyID != "" {
				t.Errorf("Parse handed out %+v with its error", parsed)
			}
			mustRefuse(t, token, k)
		})
	}
}

// The error goes to a log, whose reader has nothing else to go by.
func TestParseSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	p := one(ours(), jose.HS256)
	h, c, s := b64(hs256Header), b64(claims), b64("signature")
	for token, want := range map[string]string{
		"":                              "three parts",
		h:                               "three parts",
		h + "." + c:                     "three parts",
		h + "." + c + "." + s + "." + s: "three parts",
		h + "." + c + ".." + s:          "three parts",
		"\r" + h + "." + c + "." + s:    "line break",
		"\n" + h + "." + c + "." + s:    "line break",
		h + "." + c + "." + s + "\n":    "line break",
		"." + c + "." + s:               "empty part",
		h + ".." + s:                    "empty part",
		h + "." + c + ".":               "empty part",
		"!" + h + "." + c + "." + s:     "header is not strict base64url",
		h + ".!" + c + "." + s:          "payload is not strict base64url",
		h + "." + c + ".!" + s:          "signature is not strict base64url",

		forge(`["HS256"]`, claims, p.sign):                  "header: it is not a JSON object",
		forge(`{"alg":"HS256","alg":"x"}`, claims, p.sign):  `header: it has the name "alg" twice`,
		forge(`{"alg":"none"}`, claims, p.sign):             `"alg" that is not accepted`,
		forge(`{"alg":"HS256","b64":true}`, claims, p.sign): `"b64" that is not accepted`,
		forge(`{"typ":"JWT"}`, claims, p.sign):              "no algorithm",
	} {
		_, err := jose.Parse(token)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Parse(%q): error %v, want one with %q", token, err, want)
		}
	}
}

// The header's algorithm is the one thing wrong: each token has our HMAC under it.
func TestS02_HeaderAlgorithm(t *testing.T) {
	t.Parallel()
	p := one(ours(), jose.HS256)
	k := p.key(t, "")
	mustOpen(t, forge(`{"alg":"HS256"}`, claims, p.sign), k, claims)
	mustOpen(t, forge(`{"alg":"\u0048S256"}`, claims, p.sign), k, claims) // the same string to JSON

	for _, alg := range []string{
		`"none"`, `"None"`, `"NONE"`, `"nOnE"`, `" none"`, `"none "`, `"none\u0000"`, `"\u006eone"`,
		`"ｎｏｎｅ"`, `""`, `" "`,
		`null`, `0`, `256`, `true`, `false`, `[]`, `["HS256"]`, `{}`, `{"alg":"HS256"}`,
		`"hs256"`, `"Hs256"`, `"HS256 "`, `" HS256"`, `"HS256\u0000"`, `"HS-256"`, `"HS2560"`, `"HS25"`,
		`"HS1"`, `"HS224"`, `"HMAC"`, `"ＨＳ256"`, `"HS384"`, `"HS512"`, `"RS256"`, `"RS384"`, `"RS512"`,
		`"PS256"`, `"PS384"`, `"PS512"`, `"ES256"`, `"ES384"`, `"ES512"`, `"ES256K"`,
		`"EdDSA"`, `"Ed25519"`, `"A256KW"`, `"dir"`,
	} {
		for _, header := range []string{`{"alg":` + alg + `}`, `{"typ":"JWT","alg":` + alg + `,"kid":"k1"}`} {
			mustRefuse(t, forge(header, claims, p.sign), k)
			mustRefuse(t, b64(header)+"."+b64(claims)+".", k)
			mustRefuse(t, b64(header)+"."+b64(claims), k)
		}
	}
	for _, header := range []string{
		`{}`, `{"typ":"JWT"}`, `{"ALG":"HS256"}`, `{"Alg":"HS256"}`, `{"alg ":"HS256"}`, `{"alg\u0000":"HS256"}`,
		`{"header":{"alg":"HS256"}}`, `null`, `[]`, `""`, ` `, `HS256`,
	} {
		mustRefuse(t, forge(header, claims, p.sign), k)
	}
}

// Every key against the tokens of every other algorithm, and against its own tokens that
// name another algorithm. A door opens only if key, header and signature agree.
func TestS02_AlgorithmIsTheKeys(t *testing.T) {
	t.Parallel()
	for _, signer := range ours() {
		for _, said := range ours() {
			token := forge(`{"alg":"`+said.alg+`"}`, claims, signer.sign)
			for _, p := range ours() {
				if got, want := opens(token, p.key(t, "")), p.alg == said.alg && p.alg == signer.alg; got != want {
					t.Errorf("signed by %s, header says %s: %s key accepts = %v", signer.alg, said.alg, p.alg, got)
				}
			}
		}
	}
}

// The oldest trick on JWTs: sign with HMAC, with the public key for a secret.
func TestS02_PublicKeyAsSecret(t *testing.T) {
	t.Parallel()
	for _, p := range ours() {
		if strings.HasPrefix(p.alg, "HS") {
			continue
		}
		var secrets [][]byte
		der := must(x509.MarshalPKIXPublicKey(p.public))
		text := publicPEM(p.public)
		windows := strings.ReplaceAll(string(text), "\n", "\r\n")
		trimmed := strings.TrimSpace(string(text))
		secrets = append(secrets, der, text, []byte(trimmed), []byte(windows), []byte(b64(string(der))))
		switch public := p.public.(type) {
		case *rsa.PublicKey:
			pkcs1 := x509.MarshalPKCS1PublicKey(public)
			text := pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: pkcs1})
			secrets = append(secrets, pkcs1, text, public.N.Bytes())
		case *ecdsa.PublicKey:
			point := must(public.Bytes())
			secrets = append(secrets, point, point[1:])
		case ed25519.PublicKey:
			secrets = append(secrets, public)
		}
		secrets = append(secrets, nil, []byte("null"), make([]byte, 32))
		private, public := p.key(t, ""), newKey(t, p.alg, "", p.public)
		for _, secret := range secrets {
			for _, alg := range []string{jose.HS256, jose.HS384, jose.HS512, p.alg, "none"} {
				header := `{"alg":"` + alg + `"}`
				for _, hash := range []func() hash.Hash{sha256.New, sha512.New384, sha512.New} {
					token := forge(header, claims, signHMAC(hash, secret))
					mustRefuse(t, token, private)
					mustRefuse(t, token, public)
				}
			}
		}
	}
}
