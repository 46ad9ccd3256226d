package authtest_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"
)

// farFuture is an exp that never matters.
const farFuture = json.Number("4102444800")

var naiveClaims = []naive{{
	"ignores exp", "HS256",
	func(g *gate) {
		g.times = func(claims object) bool {
			c := maps.Clone(claims)
			c["exp"] = farFuture
			return inTime(c)
		}
	},
	[]string{"exp is in 2001", "exp is missing", "exp is null", "fold: past exp, then EXP"},
}, {
	"ignores nbf", "HS256",
	func(g *gate) {
		g.times = func(claims object) bool { return inTime(object{"exp": claims["exp"], "iat": claims["iat"]}) }
	},
	[]string{"nbf is in the year 3000", "nbf is a text of digits", "fold: NBF, then future nbf"},
}, {
	"takes a time of the wrong type for none", "HS256",
	func(g *gate) {
		g.times = func(claims object) bool {
			c := object{"exp": farFuture}
			for _, name := range []string{"exp", "nbf", "iat"} {
				if n, ok := claims[name].(json.Number); ok {
					c[name] = n
				}
			}
			return inTime(c)
		}
	},
	[]string{"exp is a text of past digits", "exp is null", "nbf is an object", "iat is true"},
}, {
	"has no bounds for times", "HS256",
	func(g *gate) {
		g.times = func(claims object) bool {
			n, _ := claims["exp"].(json.Number)
			exp, _ := n.Float64() // 1e400 is infinite, and an error
			return float64(time.Now().Unix()) < exp
		}
	},
	[]string{"exp is infinite", "exp is 2^53 and 1", "iat is minus one"},
}, {
	"compares the beginning of aud", "HS256",
	func(g *gate) {
		g.names = func(claims object) bool {
			return strings.HasPrefix(claims.text("aud"), rightAudience) && rightBesideAudience(claims)
		}
	},
	[]string{"aud with more behind it", "aud with a path below it", "aud with a query"},
}, {
	"looks for aud in a list", "HS256",
	func(g *gate) {
		g.names = func(claims object) bool {
			list, _ := claims["aud"].([]any)
			return rightNames(claims) || slices.Contains(list, any(rightAudience)) && rightBesideAudience(claims)
		}
	},
	[]string{"aud is the right one last of two", "aud is a number and the right one"},
}, {
	"compares aud as a URL", "HS256",
	func(g *gate) {
		g.names = func(claims object) bool {
			u, err := url.Parse(claims.text("aud"))
			return err == nil && strings.EqualFold(u.Hostname(), "api.example") &&
				strings.TrimRight(u.Path, "/") == "/v1" && rightBesideAudience(claims)
		}
	},
	[]string{
		"aud of another scheme", "aud with userinfo", "aud with a port", "aud with a slash after it",
		"aud of the host in upper case", "aud with an empty fragment",
		"aud with a letter of the path percent-encoded",
	},
}, {
	"checks aud if there is one", "HS256",
	func(g *gate) {
		g.names = func(claims object) bool {
			aud := claims.text("aud")
			return (aud == "" || aud == rightAudience) && rightBesideAudience(claims)
		}
	},
	[]string{"aud is missing", "aud is null", "aud is an empty text", "aud is a list of others", "fold: no aud, but AUD"},
}, {
	"ignores iss", "HS256",
	func(g *gate) {
		g.names = func(claims object) bool {
			return claims["aud"] == rightAudience && claims["sub"] == rightSubject
		}
	},
	[]string{"iss is another", "iss is missing", "fold: no iss, but ISS"},
}, {
	"compares without case and space", "HS256",
	func(g *gate) {
		g.names = func(claims object) bool {
			same := func(name, want string) bool {
				return strings.EqualFold(strings.TrimSpace(claims.text(name)), want)
			}
			return same("iss", rightIssuer) && same("aud", rightAudience) && same("sub", rightSubject)
		}
	},
	[]string{"iss in upper case", "sub with a space after it", "aud with a line feed after it"},
}, {
	"prints sub", "HS256",
	func(g *gate) {
		g.names = func(claims object) bool {
			return fmt.Sprint(claims["sub"]) != "" && claims["iss"] == rightIssuer && claims["aud"] == rightAudience
		}
	},
	[]string{"sub is missing", "sub is null", "sub is zero", "sub is an operator", "sub is another"},
}}
