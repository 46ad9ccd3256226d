package authtest_test

import (
	"encoding/json"
	"testing"
	"time"
)

// A gate checks tokens in steps. A test may replace each step by a naive one. With its own
// steps the gate is sound, so what gets through a naive gate does so by the naive step.
type gate struct {
	alg     string
	key     any // a []byte, *rsa.PublicKey, *ecdsa.PublicKey or ed25519.PublicKey
	longest int // bytes of a token

	trim      func(token string) string
	split     func(token string) (header, payload, signature string, ok bool)
	decode    func(part string) ([]byte, bool)
	parse     func(text []byte) (object, bool)
	params    func(header object) bool
	algorithm func(header object) (alg string, ok bool)
	keyFor    func(header object) any
	verify    verifier
	times     func(claims object) bool
	names     func(claims object) bool
}

type verifier = func(alg string, key any, signed string, signature []byte) bool

// An object is a JSON object, with numbers as they are spelled.
type object map[string]any

func (o object) text(name string) string {
	s, _ := o[name].(string)
	return s
}

// soundGate returns a gate for one algorithm and its honest key.
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

// knownParams takes no parameters but those of an honest header.
func knownParams(header object) bool {
	for _, name := range []string{"crit", "b64", "zip", "cty"} {
		if _, ok := header[name]; ok {
			return false
		}
	}
	kid, hasKid := header["kid"]
	return header["typ"] == "JWT" && (!hasKid || kid == "k1")
}

// seconds returns a time, or false for what is not a time.
func seconds(v any) (float64, bool) {
	n, ok := v.(json.Number)
	f, err := n.Float64()
	return f, ok && err == nil && 0 <= f && f < 1<<53
}

func inTime(claims object) bool {
	now := float64(time.Now().Unix())
	exp, ok := seconds(claims["exp"])
	for _, name := range []string{"nbf", "iat"} {
		if v, hasClaim := claims[name]; hasClaim {
			from, isTime := seconds(v)
			ok = ok && isTime && from <= now
		}
	}
	return ok && now < exp
}

const (
	rightIssuer   = "https://id.example"
	rightAudience = "https://api.example/v1"
	rightSubject  = "alice"
)

func rightNames(claims object) bool {
	return claims["aud"] == rightAudience && rightBesideAudience(claims)
}

func rightBesideAudience(claims object) bool {
	return claims["iss"] == rightIssuer && claims["sub"] == rightSubject
}

// TestSoundGate is the control of TestNaiveGates: without a naive step only the honest
// token gets through.
func TestSoundGate(t *testing.T) {
	t.Parallel()
	for alg, table := range tables() {
		g := soundGate(alg)
		if !g.accepts(table.honest) {
			t.Errorf("%s: the honest token is refused, want it let in", alg)
		}
		if letIn := table.letIn(g); len(letIn) > 0 {
			t.Errorf("%s: attacks %q get through; want none", alg, letIn)
		}
	}
}
