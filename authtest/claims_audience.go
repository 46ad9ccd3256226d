package authtest

const (
	whyNoAudience = "A token that names no audience is for no one, not for everyone (RFC 7519 §4.1.3, RFC 8725 §3.9)."
	whyOtherAud   = "The token was made for another audience (RFC 7519 §4.1.3, RFC 8725 §3.9)."
	whyAudList    = "A list of audiences has only texts in it (RFC 7519 §4.1.3)."
	whyNearAud    = "Audiences are compared to the byte (RFC 7519 §2, §4.1.3). " +
		"A text that looks like the right one belongs to another audience (CVE-2026-55669, CVE-2026-9094)."
	whySeveralAuds = "Each audience of such a token can take it to the others. " +
		"RFC 7519 §4.1.3 allows lists; a target whose signers make none should not."
)

// audienceAttacks are tokens for another audience, or for none.
func audienceAttacks(f *forger) {
	right := f.text("aud")
	if !f.has("aud") {
		return
	}
	f.addSigned("aud is missing", f.header(), f.without("aud"), whyNoAudience)
	for _, v := range notTexts {
		f.addSigned("aud is "+v.name, f.header(), f.with("aud", v.value), whyNoAudience)
	}
	for _, v := range []struct{ name, value string }{
		{"another", `"https://attacker.example"`},
		{"a list of others", `["https://attacker.example","x"]`},
	} {
		f.addSigned("aud is "+v.name, f.header(), f.with("aud", v.value), whyOtherAud)
	}
	if right == "" {
		return
	}
	for _, v := range []struct{ name, value, why string }{
		{"an object with the right name", "{" + quote(right) + ":true}", whyOtherAud},
		{"a list within a list", "[[" + quote(right) + "]]", whyOtherAud},
		{"a number and the right one", "[0," + quote(right) + "]", whyAudList},
	} {
		f.addSigned("aud is "+v.name, f.header(), f.with("aud", v.value), v.why)
	}
	f.addNear("aud", right, whyNearAud)
	f.addURLs(right, whyNearAud)
}

// audienceArrayAttacks are tokens that RFC 7519 allows and few signers make.
func audienceArrayAttacks(f *forger) {
	right := f.text("aud")
	if right == "" {
		return
	}
	for _, v := range []struct{ name, value string }{
		{"the right one in a list", "[" + quote(right) + "]"},
		{"the right one first of two", "[" + quote(right) + `,"https://attacker.example"]`},
		{"the right one last of two", `["https://attacker.example",` + quote(right) + "]"},
		{"the right one twice", "[" + quote(right) + "," + quote(right) + "]"},
	} {
		f.addSigned("aud is "+v.name, f.header(), f.with("aud", v.value), whySeveralAuds)
	}
}
