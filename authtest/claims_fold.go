package authtest

import "strings"

const (
	whyFoldedName = "The target took a name for another one that differs in case or in invisible characters " +
		"(RFC 7515 §5.3, RFC 8725 §3.7)."
	whyElsewhere = "The target read the claim from another place than the object of claims."
)

// foldAttacks have a claim or a parameter under a name that is nearly the right one. Names
// are compared to the byte (RFC 7515 §5.3), but Go's encoding/json ignores case.
func foldAttacks(f *forger) {
	f.foldTimes()
	for _, claim := range []string{"aud", "iss", "sub"} {
		if right := f.claim(claim); right != "" && !f.skips(claim) {
			f.foldClaim(claim, right)
			f.misplaceClaim(claim, right)
		}
	}
	f.foldAlgorithm()
}

// addFolded adds a token with the honest claims but one, and with more members.
func (f *forger) addFolded(name, without string, more ...string) {
	f.addSigned("fold: "+name, f.header(), f.without(without, more...), whyFoldedName)
}

func (f *forger) foldTimes() {
	until := f.claim("exp")
	if until == "" {
		until = future
	}
	if !f.skips("exp") {
		for _, name := range []string{"EXP", "Exp", `exp\u0000`} {
			f.addFolded("past exp, then "+name, "exp", `"exp":`+past, `"`+name+`":`+until)
			f.addFolded(name+", then past exp", "exp", `"`+name+`":`+until, `"exp":`+past)
		}
	}
	if !f.skips("nbf") {
		f.addFolded("future nbf, then NBF", "nbf", `"nbf":`+future, `"NBF":`+past)
		f.addFolded("NBF, then future nbf", "nbf", `"NBF":`+past, `"nbf":`+future)
	}
}

func (f *forger) foldClaim(claim, right string) {
	for _, name := range []string{
		strings.ToUpper(claim), strings.ToUpper(claim[:1]) + claim[1:], claim + `\u0000`, claim + " ", " " + claim,
		claim + `\u200b`, `\ufeff` + claim, claim + "[]", "$" + claim,
		strings.Replace(claim, "s", "ſ", 1), strings.Replace(claim, "a", "ａ", 1),
	} {
		if name != claim {
			f.addFolded("no "+claim+", but "+name, claim, `"`+name+`":`+right)
		}
	}
	if claim == "sub" && f.skips("sub-value") {
		return
	}
	other := quote(claim) + `:"https://attacker.example"`
	upper := quote(strings.ToUpper(claim)) + ":" + right
	f.addFolded("other "+claim+", then upper case", claim, other, upper)
	f.addFolded("upper case, then other "+claim, claim, upper, other)
}

// misplaceClaim puts the right claim where a reader of objects with prototypes finds it, or
// a reader of another format.
func (f *forger) misplaceClaim(claim, right string) {
	member := "{" + quote(claim) + ":" + right + "}"
	for _, c := range []struct{ name, member string }{
		{"__proto__", `"__proto__":` + member},
		{"constructor", `"constructor":{"prototype":` + member + "}"},
		{"claims", `"claims":` + member},
	} {
		f.addSigned("fold: "+claim+" in "+c.name, f.header(), f.without(claim, c.member), whyElsewhere)
	}
	f.addSigned("fold: "+claim+" in the header", f.header(quote(claim)+":"+right), f.without(claim), whyElsewhere)
}

func (f *forger) foldAlgorithm() {
	right := quote(f.alg)
	for _, h := range []struct{ name, header string }{
		{"ALG without alg", f.headerAlg("", `"ALG":`+right)},
		{"Alg without alg", f.headerAlg("", `"Alg":`+right)},
		{"alg none, then ALG", f.headerAlg(`"none"`, `"ALG":`+right)},
		{"ALG, then alg none", f.headerAlg("", `"ALG":`+right, `"alg":"none"`)},
	} {
		f.addSigned("fold: "+h.name, h.header, f.payload(), whyFoldedName)
	}
	for _, h := range []struct{ name, header string }{
		{"ALG none, no signature", f.headerAlg("", `"ALG":"none"`)},
		{"alg, then ALG none, no signature", f.header(`"ALG":"none"`)},
	} {
		f.add("fold: "+h.name, b64(h.header)+"."+b64(f.payload())+".", whyFoldedName)
	}
}
