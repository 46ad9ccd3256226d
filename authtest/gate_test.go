package authtest_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rsa"
	_ "crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// A gate checks tokens in steps, each of which a test may replace by a naive one. With
// its own steps it is sound, so what gets through a naive one does so by that step.
type gate struct {
	alg     string
	key     any // a []byte, *rsa.PublicKey, *ecdsa.PublicKey or ed25519.PublicKey
	longest int

	trim      func(token string) string
	split     func(token string) (header, payload, signature string, ok bool)
	decode    func(part string) ([]byte, bool)
	parse     func(text []byte) (object, bool)
	params    func(header object) bool
	algorithm func(header object) (alg string, ok bool)
	keyFor    func(header object) any
	verify    func(alg string, key any, signed string, signature []byte) bool
	times     func(claims object) bool
	names     func(claims object) bool
}

// An object is what JSON's says, with numbers as they are spelled.
type object map[string]any

func (o object) text(name string) string {
	s, _ := o[name].(string)
	return s
}

func soundGate(alg string) *gate {
	g := &gate{alg: alg, key: publicOf(keys()[alg]), longest: 16 << 10}
	g.trim = func(token string) string { return token }
	g.split = threeParts
	g.decode = strictBase64
	g.parse = strictObject
	g.params = knownParams
	g.algorithm = func(header object) (string, bool) { return g.alg, header["alg"] == g.alg }
	g.keyFor = func(object) any { return g.key }
	g.verify = verify
	g.times = inTime
	g.names = rightNames
	return g
}

func (g *gate) accepts(token string) bool {
	if len(token) > g.longest {
		return false
	}
	h, p, s, ok := g.split(g.trim(token))
	if !ok {
		return false
	}
	header, ok := g.decode(h)
	payload, ok2 := g.decode(p)
	signature, ok3 := g.decode(s)
	if !ok || !ok2 || !ok3 {
		return false
	}
	params, ok := g.parse(header)
	claims, ok2 := g.parse(payload)
	if !ok || !ok2 || !g.params(params) {
		return false
	}
	alg, ok := g.algorithm(params)
	return ok && g.verify(alg, g.keyFor(params), h+"."+p, signature) && g.times(claims) && g.names(claims)
}

func publicOf(key any) any {
	if signer, ok := key.(crypto.Signer); ok {
		return signer.Public()
	}
	return key
}

func threeParts(token string) (header, payload, signature string, ok bool) {
	part := strings.Split(token, ".")
	if len(part) != 3 {
		return "", "", "", false
	}
	return part[0], part[1], part[2], true
}

func strictBase64(part string) ([]byte, bool) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(part)
	return b, err == nil && !strings.ContainsAny(part, "\r\n")
}

func strictObject(text []byte) (object, bool) {
	d := json.NewDecoder(bytes.NewReader(text))
	if !json.Valid(text) || !utf8.Valid(text) || hasDuplicate(d) {
		return nil, false
	}
	return looseObject(text)
}

// looseObject takes the last one of two names.
func looseObject(text []byte) (o object, ok bool) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	err := d.Decode(&o)
	return o, err == nil && o != nil
}

// hasDuplicate reads one value of a text that is valid.
func hasDuplicate(d *json.Decoder) bool {
	open, err := d.Token()
	delim, ok := open.(json.Delim)
	if err != nil || !ok {
		return false
	}
	found := false
	seen := map[any]bool{}
	for d.More() {
		if delim == '{' {
			name, err := d.Token()
			found = found || err != nil || seen[name]
			seen[name] = true
		}
		found = hasDuplicate(d) || found
	}
	_, err = d.Token()
	return found || err != nil
}

func knownParams(header object) bool {
	for _, name := range []string{"crit", "b64", "zip", "cty"} {
		if _, there := header[name]; there {
			return false
		}
	}
	kid, there := header["kid"]
	return header["typ"] == "JWT" && (!there || kid == "k1")
}

func hashOf(alg string) crypto.Hash {
	return map[string]crypto.Hash{"256": crypto.SHA256, "384": crypto.SHA384, "512": crypto.SHA512}[alg[len(alg)-3:]]
}

func hash(alg, signed string) []byte {
	h := hashOf(alg).New()
	h.Write([]byte(signed))
	return h.Sum(nil)
}

func mac(alg string, secret []byte, signed string) []byte {
	m := hmac.New(hashOf(alg).New, secret)
	m.Write([]byte(signed))
	return m.Sum(nil)
}

func verify(alg string, key any, signed string, signature []byte) bool {
	switch k := key.(type) {
	case []byte:
		return hmac.Equal(signature, mac(alg, k, signed))
	case *rsa.PublicKey:
		if strings.HasPrefix(alg, "PS") {
			return rsa.VerifyPSS(k, hashOf(alg), hash(alg, signed), signature, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}) == nil
		}
		return rsa.VerifyPKCS1v15(k, hashOf(alg), hash(alg, signed), signature) == nil
	case *ecdsa.PublicKey:
		r, s, ok := scalars(k, signature)
		return ok && ecdsa.Verify(k, hash(alg, signed), r, s)
	case ed25519.PublicKey:
		return ed25519.Verify(k, []byte(signed), signature)
	}
	return false
}

func scalars(k *ecdsa.PublicKey, signature []byte) (r, s *big.Int, ok bool) {
	size := (k.Curve.Params().BitSize + 7) / 8
	if len(signature) != 2*size {
		return nil, nil, false
	}
	return new(big.Int).SetBytes(signature[:size]), new(big.Int).SetBytes(signature[size:]), true
}

// seconds returns a time, and false for what is none.
func seconds(v any) (float64, bool) {
	n, ok := v.(json.Number)
	f, err := n.Float64()
	return f, ok && err == nil && 0 <= f && f < 1<<53
}

func inTime(claims object) bool {
	now := float64(time.Now().Unix())
	exp, ok := seconds(claims["exp"])
	for _, name := range []string{"nbf", "iat"} {
		if v, there := claims[name]; there {
			from, ok2 := seconds(v)
			ok = ok && ok2 && from <= now
		}
	}
	return ok && now < exp
}

func rightNames(claims object) bool {
	return claims["iss"] == "https://id.example" && claims["aud"] == "https://api.example/v1" && claims["sub"] == "alice"
}

// TestSoundGate is the control of TestNaiveGates: without a naive step nothing but the
// honest token gets through.
func TestSoundGate(t *testing.T) {
	t.Parallel()
	for alg, table := range tables() {
		g := soundGate(alg)
		if !g.accepts(table.honest) {
			t.Errorf("%s: the honest token is refused", alg)
		}
		if letIn := table.letIn(g); len(letIn) > 0 {
			t.Errorf("%s: attacks %q get through; want none", alg, letIn)
		}
	}
}
