package authtest

import "encoding/base64"

// aroundAttacks have something before or after a good token.
func aroundAttacks(f *forger) {
	token := f.honest()
	const why = "The target trimmed what stands around the token, which now has more than one spelling. " +
		"RFC 7515 §7.1 leaves no room for that."
	for _, c := range []struct{ name, text string }{
		{"space", " "}, {"tab", "\t"}, {"line feed", "\n"}, {"CR LF", "\r\n"}, {"NUL", "\x00"}, {"vertical tab", "\v"},
		{"byte order mark", "\ufeff"}, {"no-break space", "\u00a0"}, {"zero width space", "\u200b"},
		{"line separator", "\u2028"}, {"quotation mark", `"`}, {"equals sign", "="}, {"comma", ","}, {"semicolon", ";"},
		{"invalid UTF-8", "\xff"},
	} {
		f.add("around: "+c.name+" before", c.text+token, why)
		f.add("around: "+c.name+" after", token+c.text, why)
	}
	for _, c := range []struct{ name, before, after string }{
		{"single quotes", "'", "'"}, {"angle brackets", "<", ">"}, {"percent-encoded line feed", "", "%0A"},
		{"query", "", "?x=1"}, {"fragment", "", "#x"}, {"another header", "", "\r\nX-Role: admin"},
	} {
		f.add("around: "+c.name, c.before+token+c.after, why)
	}
}

// schemeAttacks have more before a good token than one scheme and one space.
func schemeAttacks(f *forger) {
	token := f.honest()
	const why = "An Authorization header has one scheme, one space and one token (RFC 6750 §2.1). " +
		"A target that strips more finds a token where another reader finds none."
	for _, c := range []struct{ name, before string }{
		{"Bearer twice", "Bearer Bearer "}, {"JWT twice", "JWT JWT "},
		{"Bearer and JWT", "Bearer JWT "}, {"JWT and Bearer", "JWT Bearer "},
		{"Bearer and two spaces", "Bearer  "}, {"Bearer and a tab", "Bearer\t"},
		{"Bearer and a line feed", "Bearer\n"}, {"Bearer and a no-break space", "Bearer\u00a0"},
		{"Bearer and a colon", "Bearer: "}, {"Bearer and an equals sign", "Bearer="},
		{"Bearer and a comma", "Bearer, "}, {"Bearer without a space", "Bearer"},
		{"Basic", "Basic "}, {"Token", "Token "}, {"DPoP", "DPoP "},
		{"the header's name", "Authorization: Bearer "}, {"a form's field", "access_token="},
	} {
		f.add("scheme: "+c.name, c.before+token, why)
	}
	f.add("scheme: Basic, encoded", "Basic "+base64.StdEncoding.EncodeToString([]byte(token+":")), why)
}
