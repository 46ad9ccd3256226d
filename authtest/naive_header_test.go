package authtest_test

var naiveHeaders = []naive{{
	"does not know crit", "HS256",
	func(g *gate) {
		g.params = func(header object) bool {
			delete(header, "crit")
			return knownParams(header)
		}
	},
	[]string{"crit: unknown extension", "crit: empty list", "crit: escaped"},
}, {
	"ignores parameters", "HS256",
	func(g *gate) { g.params = func(object) bool { return true } },
	[]string{
		"zip, not compressed", "cty JWT", "typ at+jwt", "kid array, signed",
		"crit: b64 false, encoded all the same",
	},
}}
