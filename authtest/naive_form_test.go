package authtest_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"strings"
)

var naiveForms = []naive{{
	"takes line breaks and unused bits", "HS256",
	func(g *gate) {
		g.decode = func(part string) ([]byte, bool) {
			b, err := base64.RawURLEncoding.DecodeString(part)
			return b, err == nil
		}
	},
	[]string{
		"spelling: line feed, payload, signed", "spelling: carriage return, signature",
		"spelling: unused bits, signature", "around: line feed after",
	},
}, {
	"strips padding", "HS256",
	func(g *gate) {
		g.decode = func(part string) ([]byte, bool) { return strictBase64(strings.TrimRight(part, "=")) }
	},
	[]string{"spelling: padding, signature", "spelling: padding, header, signed", "around: equals sign after"},
}, {
	"takes both alphabets", "HS256",
	func(g *gate) {
		g.decode = func(part string) ([]byte, bool) {
			return strictBase64(strings.NewReplacer("+", "-", "/", "_").Replace(part))
		}
	},
	[]string{"spelling: standard alphabet, signature", "spelling: standard alphabet, payload, signed"},
}, {
	"trims white space", "HS256",
	func(g *gate) { g.trim = strings.TrimSpace },
	[]string{
		"around: space before", "around: CR LF after", "around: no-break space after",
		"spelling: line feed at the end, signature",
	},
}, {
	"strips schemes while there are any", "HS256",
	func(g *gate) {
		g.trim = func(token string) string {
			for {
				rest, ok := strings.CutPrefix(token, "Bearer ")
				if !ok {
					return strings.TrimLeft(token, " ")
				}
				token = rest
			}
		}
	},
	[]string{"scheme: Bearer twice", "scheme: Bearer and two spaces"},
}, {
	"unescapes", "HS256",
	func(g *gate) {
		g.trim = func(token string) string {
			plain, err := url.QueryUnescape(token)
			if err != nil {
				return token
			}
			return plain
		}
	},
	[]string{"spelling: dots percent-encoded", "spelling: first letter percent-encoded"},
}, {
	"splits loosely", "HS256",
	func(g *gate) {
		g.split = func(token string) (header, payload, signature string, ok bool) {
			part := strings.Split(token, ".")
			return part[0], part[min(1, len(part)-1)], part[min(2, len(part)-1)], len(part) >= 3
		}
	},
	[]string{"form: four parts", "form: five parts", "form: the token and other claims"},
}, {
	"takes JSON too", "HS256",
	func(g *gate) {
		g.trim = func(token string) string {
			var flat struct{ Protected, Payload, Signature string }
			if json.Unmarshal([]byte(token), &flat) == nil && flat.Protected != "" {
				return flat.Protected + "." + flat.Payload + "." + flat.Signature
			}
			return token
		}
	},
	[]string{"form: flattened", "form: flattened, unsigned header", "form: JSON around other claims"},
}, {
	"takes the last of two", "HS256",
	func(g *gate) {
		g.parse = func(text []byte) (object, bool) {
			o, ok := looseObject(text)
			return o, ok && json.Valid(text)
		}
	},
	[]string{
		"twice: exp, past first", "twice: aud, other first", "twice: alg, none first",
		"payload invalid UTF-8 in a value",
	},
}, {
	"takes the first of two", "HS256",
	func(g *gate) { g.parse = firstOfTwo },
	[]string{
		"twice: exp, past last", "twice: sub, other last", "twice: aud, second one escaped",
		"twice: alg, none last and escaped",
	},
}, {
	"reads one value and stops", "HS256",
	func(g *gate) { g.parse = looseObject },
	[]string{"payload another object after it", "header brace after it", "payload NUL after it"},
}, {
	"reads names as Go does", "HS256",
	func(g *gate) {
		g.parse = func(text []byte) (object, bool) {
			o, ok := strictObject(text)
			var read struct{ Iss, Aud, Sub, Exp, Nbf, Iat, Alg, Typ, Kid any }
			if !ok || json.Unmarshal(text, &read) != nil {
				return nil, false
			}
			for name, v := range map[string]any{"iss": read.Iss, "aud": read.Aud, "sub": read.Sub, "alg": read.Alg} {
				if v != nil {
					o[name] = v
				}
			}
			if f, isNumber := read.Exp.(float64); isNumber {
				o["exp"] = json.Number(fmt.Sprint(f))
			}
			return o, ok
		}
	},
	[]string{
		"fold: past exp, then EXP", "fold: no sub, but ſub", "fold: no iss, but iſs",
		"fold: other aud, then upper case", "fold: ALG without alg", "fold: alg none, then ALG",
	},
}, {
	"has no limit", "HS256",
	func(g *gate) {
		g.longest = math.MaxInt
		g.parse = looseObject // for speed
	},
	[]string{
		"size: payload with objects 10,000 deep", "size: payload with a text of 1 MB",
		"size: header with a name of 1 MB",
	},
}}

// firstOfTwo keeps the first of two values of one name.
func firstOfTwo(text []byte) (object, bool) {
	last, ok := looseObject(text)
	if !ok || !json.Valid(text) {
		return nil, false
	}
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.UseNumber()
	_, _ = d.Token()
	first := object{}
	for d.More() {
		name, _ := d.Token()
		var v any
		if d.Decode(&v) != nil {
			return nil, false
		}
		if _, ok := first[name.(string)]; !ok {
			first[name.(string)] = v
		}
	}
	return first, len(first) == len(last)
}
