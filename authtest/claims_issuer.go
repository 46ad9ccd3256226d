package authtest

// issuerAttacks are tokens that the honest key signed in the name of another issuer.
func issuerAttacks(f *forger) {
	if !f.has("iss") {
		return
	}
	const why = "The issuer is not the owner of the key (RFC 7519 §4.1.1, RFC 8725 §3.8)."
	f.addSigned("iss is missing", f.header(), f.without("iss"), why)
	f.addSigned("iss is another", f.header(), f.with("iss", `"https://attacker.example"`), why)
	f.addSigned("iss is the right one in a list", f.header(), f.with("iss", "["+f.claim("iss")+"]"), why)
	for _, v := range notTexts {
		f.addSigned("iss is "+v.name, f.header(), f.with("iss", v.value), why)
	}
	right := f.text("iss")
	if right == "" {
		return
	}
	f.addNear("iss", right, why)
	f.addTexts("iss", right, []spelledText{
		{"with a slash after it", right + "/"},
		{"with a host behind it", right + ".attacker.example"},
	}, why)
}

// subjectAttacks are tokens about no subject.
func subjectAttacks(f *forger) {
	if !f.has("sub") {
		return
	}
	const why = "The token names no subject (RFC 7519 §4.1.2, RFC 8725 §3.8). " +
		"The target signed in the empty user, or user 0."
	f.addSigned("sub is missing", f.header(), f.without("sub"), why)
	f.addSigned("sub is the right one in a list", f.header(), f.with("sub", "["+f.claim("sub")+"]"), why)
	for _, v := range append(notTexts, struct{ name, value string }{"an operator", `{"$ne":""}`}) {
		f.addSigned("sub is "+v.name, f.header(), f.with("sub", v.value), why)
	}
}

// subjectValueAttacks are for targets that know the subject before they see the token.
func subjectValueAttacks(f *forger) {
	right := f.text("sub")
	if right == "" {
		return
	}
	const why = "The token is about another subject than the target takes tokens for (RFC 7519 §4.1.2, RFC 8725 §3.12)."
	f.addSigned("sub is another", f.header(), f.with("sub", `"attacker"`), why)
	f.addNear("sub", right, why)
}
