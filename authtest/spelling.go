package authtest

import (
	"encoding/base64"
	"strings"
)

// One token has one spelling: with two of them, a list of revoked tokens, a cache or a
// log knows one, and the other passes by (RFC 7515 §2 and appendix C say how the parts are
// spelled; RFC 4648 §3.5 and §12 say why decoders should refuse the rest).

const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// spellable returns a header, payload and signature of an honest token that can be
// misspelled in every way: there is a - or _ in each, and unused bits at the end of the
// first two.
func (f *forger) spellable() (part [3]string) {
	const both = `"x":"?????~~~~~"` // - and _, wherever it starts
	uneven := func(s string) string {
		for len(s)%3 == 0 {
			s += " "
		}
		return s
	}
	part[0] = b64(uneven(f.header(both)))
	payload := uneven(f.payload(both))
	for range 100 {
		part[1] = b64(payload)
		part[2] = b64(f.signature(f.sign, part[0]+"."+part[1]))
		if strings.ContainsAny(part[2], "-_") {
			break
		}
		payload += "   " // another signature
	}
	return part
}

// spellingAttacks misspell one part of a token. A header or a payload is misspelled before
// it is signed and after.
func spellingAttacks(f *forger) {
	good := f.spellable()
	standard := strings.NewReplacer("-", "+", "_", "/")
	for _, m := range []struct {
		name     string
		misspell func(s string) string
		why      string
	}{
		{"padding", padded, "Padding is omitted (RFC 7515 §2)."},
		{"padding, percent-encoded", func(s string) string { return strings.ReplaceAll(padded(s), "=", "%3D") }, "Padding is omitted (RFC 7515 §2), and a token is not percent-encoded."},
		{"four signs of padding", func(s string) string { return s + "====" }, "Padding is omitted (RFC 7515 §2)."},
		{"standard alphabet", standard.Replace, "The alphabet is the one for URLs (RFC 7515 §2)."},
		{"unused bits", unusedBits, "The unused bits of the last digit are zero (RFC 4648 §3.5)."},
		{"lone digit", func(s string) string { return s + strings.Repeat("A", (5-len(s)%4)%4) }, "No text in base64 has this length (RFC 4648 §3)."},
		{"line feed", middle("\n"), "A line break in base64 is no base64 (RFC 7515 §2; CVE-2026-27840): many decoders skip it."},
		{"carriage return", middle("\r"), "A line break in base64 is no base64 (RFC 7515 §2; CVE-2026-27840): many decoders skip it."},
		{"line feed at the end", func(s string) string { return s + "\n" }, "A line break in base64 is no base64 (RFC 7515 §2; CVE-2026-27840): many decoders skip it."},
		{"lines of 76", lines, "There are no lines in a token (RFC 7515 §2 excludes those of MIME)."},
		{"space", middle(" "), "There is no white space in a token (RFC 7515 §2)."},
		{"tab", middle("\t"), "There is no white space in a token (RFC 7515 §2)."},
		{"NUL", middle("\x00"), "A byte that is no digit was skipped, or ended the text (RFC 4648 §3.3)."},
		{"NUL at the end", func(s string) string { return s + "\x00" }, "A byte that is no digit was skipped, or ended the text (RFC 4648 §3.3)."},
		{"exclamation mark", middle("!"), "A byte that is no digit was skipped (RFC 4648 §3.3)."},
		{"no-break space", middle("\u00a0"), "White space of Unicode was skipped (RFC 7515 §2)."},
		{"zero width space", middle("\u200b"), "A character that nobody sees was skipped (RFC 4648 §3.3)."},
		{"byte order mark", func(s string) string { return "\ufeff" + s }, "A byte order mark was skipped (RFC 4648 §3.3)."},
		{"invalid UTF-8", middle("\xff"), "A byte that is no text was skipped (RFC 4648 §3.3)."},
	} {
		for i, name := range []string{"header", "payload", "signature"} {
			part := good
			part[i] = m.misspell(part[i])
			if part[i] == good[i] {
				continue // a signature without unused bits, say
			}
			f.add("spelling: "+m.name+", "+name, strings.Join(part[:], "."), m.why)
			if i < 2 {
				f.add("spelling: "+m.name+", "+name+", signed", f.seal(f.sign, part[0]+"."+part[1]), m.why)
			}
		}
	}
	token := strings.Join(good[:], ".")
	for _, c := range []struct{ name, token, why string }{
		{"dots percent-encoded", strings.ReplaceAll(token, ".", "%2E"), "A token is not percent-encoded."},
		{"dots as HTML entities", strings.ReplaceAll(token, ".", "&#46;"), "A token is not HTML."},
		{"dots of full width", strings.ReplaceAll(token, ".", "．"), "Other characters were folded to the ones of a token."},
		{"ideographic full stops", strings.ReplaceAll(token, ".", "。"), "Other characters were folded to the ones of a token."},
		{"first letter of full width", "ｅ" + token[1:], "Other characters were folded to the ones of a token."},
		{"lower case", strings.ToLower(token), "The case of base64's digits counts."},
		{"first letter percent-encoded", "%65" + token[1:], "A token is not percent-encoded."},
		{"first letter escaped", `\u0065` + token[1:], "A token is not a text in JSON."},
		{"spaces around the dots", strings.ReplaceAll(token, ".", " . "), "There is no white space in a token (RFC 7515 §2)."},
		{"line breaks after the dots", strings.ReplaceAll(token, ".", ".\r\n "), "There are no lines in a token (RFC 7515 §2)."},
		{"base64url of it all", b64(token), "It is encoded twice."},
	} {
		f.add("spelling: "+c.name, c.token, c.why)
	}
}

// padded returns s with as much padding as its length asks for.
func padded(s string) string { return s + strings.Repeat("=", (4-len(s)%4)%4) }

// unusedBits returns s with a bit set that decodes to nothing; s itself if there is none.
func unusedBits(s string) string {
	if len(s)%4 == 0 {
		return s
	}
	last := strings.IndexByte(digits, s[len(s)-1])
	return s[:len(s)-1] + digits[last|1:last|1+1]
}

// middle returns a function that puts insert into the middle of a text, at a border of
// two groups of digits.
func middle(insert string) func(string) string {
	return func(s string) string {
		at := len(s) / 8 * 4
		return s[:at] + insert + s[at:]
	}
}

// lines breaks s as MIME does.
func lines(s string) string {
	var b strings.Builder
	for len(s) > 76 {
		b.WriteString(s[:76] + "\r\n")
		s = s[76:]
	}
	return b.String() + s
}

// aroundAttacks have something before or after a good token.
func aroundAttacks(f *forger) {
	token := f.honest()
	const why = "What stands around the token was trimmed: it has more than one spelling (RFC 7515 §7.1 leaves no room)."
	for _, c := range []struct{ name, text string }{
		{"space", " "}, {"tab", "\t"}, {"line feed", "\n"}, {"CR LF", "\r\n"}, {"NUL", "\x00"}, {"vertical tab", "\v"},
		{"byte order mark", "\ufeff"}, {"no-break space", "\u00a0"}, {"zero width space", "\u200b"}, {"line separator", "\u2028"},
		{"quotation mark", `"`}, {"equals sign", "="}, {"comma", ","}, {"semicolon", ";"}, {"invalid UTF-8", "\xff"},
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
	const why = "An Authorization header has one scheme, one space and one token (RFC 6750 §2.1): whoever strips more finds a token where another reader finds none."
	for _, c := range []struct{ name, before string }{
		{"Bearer twice", "Bearer Bearer "}, {"JWT twice", "JWT JWT "}, {"Bearer and JWT", "Bearer JWT "}, {"JWT and Bearer", "JWT Bearer "},
		{"Bearer and two spaces", "Bearer  "}, {"Bearer and a tab", "Bearer\t"}, {"Bearer and a line feed", "Bearer\n"}, {"Bearer and a no-break space", "Bearer\u00a0"},
		{"Bearer and a colon", "Bearer: "}, {"Bearer and an equals sign", "Bearer="}, {"Bearer and a comma", "Bearer, "}, {"Bearer without a space", "Bearer"},
		{"Basic", "Basic "}, {"Token", "Token "}, {"DPoP", "DPoP "}, {"the header's name", "Authorization: Bearer "}, {"a form's field", "access_token="},
	} {
		f.add("scheme: "+c.name, c.before+token, why)
	}
	f.add("scheme: Basic, encoded", "Basic "+base64.StdEncoding.EncodeToString([]byte(token+":")), why)
}
