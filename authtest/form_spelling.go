package authtest

import "strings"

// One token has one spelling. If it had two, a list of revoked tokens, a cache or a log
// would know one, and the other would pass. RFC 7515 §2 and appendix C say how the parts
// are spelled; RFC 4648 §3.5 and §12 say why decoders should refuse the rest.
const (
	whyPadded      = "Padding is omitted (RFC 7515 §2)."
	whyPercent     = "A token is not percent-encoded."
	whyLineBreak   = "A line break does not belong in base64, and many decoders skip it (RFC 7515 §2; CVE-2026-27840)."
	whyNoLines     = "A token has no lines. RFC 7515 §2 excludes those of MIME."
	whyNoSpace     = "A token has no white space (RFC 7515 §2)."
	whySkippedByte = "The decoder skipped a byte that is not a digit, or stopped at it (RFC 4648 §3.3)."
	whyInvisible   = "The decoder skipped an invisible character (RFC 4648 §3.3)."
	whyFolded      = "Other characters were folded to those of a token."
)

const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// spellable returns the parts of an honest token that can be misspelled in every way. Each
// part has a - or _, and the header and the payload have unused bits at the end.
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
		payload += "   " // gives another signature
	}
	return part
}

// misspellings change one part of a token.
var misspellings = []struct {
	name     string
	misspell func(s string) string
	why      string
}{
	{"padding", padded, whyPadded},
	{"padding, percent-encoded", func(s string) string { return strings.ReplaceAll(padded(s), "=", "%3D") },
		"Padding is omitted (RFC 7515 §2), and a token is not percent-encoded."},
	{"four signs of padding", after("===="), whyPadded},
	{"standard alphabet", strings.NewReplacer("-", "+", "_", "/").Replace,
		"The alphabet is the one for URLs (RFC 7515 §2)."},
	{"unused bits", unusedBits, "The unused bits of the last digit are zero (RFC 4648 §3.5)."},
	{"lone digit", loneDigit, "No text in base64 has this length (RFC 4648 §3)."},
	{"line feed", middle("\n"), whyLineBreak},
	{"carriage return", middle("\r"), whyLineBreak},
	{"line feed at the end", after("\n"), whyLineBreak},
	{"lines of 76", lines, whyNoLines},
	{"space", middle(" "), whyNoSpace},
	{"tab", middle("\t"), whyNoSpace},
	{"NUL", middle("\x00"), whySkippedByte},
	{"NUL at the end", after("\x00"), whySkippedByte},
	{"exclamation mark", middle("!"), whySkippedByte},
	{"no-break space", middle("\u00a0"), "The decoder skipped white space of Unicode (RFC 7515 §2)."},
	{"zero width space", middle("\u200b"), whyInvisible},
	{"byte order mark", func(s string) string { return "\ufeff" + s }, whyInvisible},
	{"invalid UTF-8", middle("\xff"), whySkippedByte},
}

// spellingAttacks misspell one part of a token, or the whole. A header or a payload is
// misspelled before it is signed, and after.
func spellingAttacks(f *forger) {
	good := f.spellable()
	for _, m := range misspellings {
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
		{"dots percent-encoded", strings.ReplaceAll(token, ".", "%2E"), whyPercent},
		{"dots as HTML entities", strings.ReplaceAll(token, ".", "&#46;"), "A token is not HTML."},
		{"dots of full width", strings.ReplaceAll(token, ".", "．"), whyFolded},
		{"ideographic full stops", strings.ReplaceAll(token, ".", "。"), whyFolded},
		{"first letter of full width", "ｅ" + token[1:], whyFolded},
		{"lower case", strings.ToLower(token), "The case of base64's digits counts."},
		{"first letter percent-encoded", "%65" + token[1:], whyPercent},
		{"first letter escaped", `\u0065` + token[1:], "A token is not a text in JSON."},
		{"spaces around the dots", strings.ReplaceAll(token, ".", " . "), whyNoSpace},
		{"line breaks after the dots", strings.ReplaceAll(token, ".", ".\r\n "), whyNoLines},
		{"base64url of it all", b64(token), "The token is encoded twice."},
	} {
		f.add("spelling: "+c.name, c.token, c.why)
	}
}

// padded returns s with as much padding as its length requires.
func padded(s string) string { return s + strings.Repeat("=", (4-len(s)%4)%4) }

// unusedBits returns s with a bit set that decodes to nothing, or s itself if it has no
// such bit.
func unusedBits(s string) string {
	if len(s)%4 == 0 {
		return s
	}
	last := strings.IndexByte(digits, s[len(s)-1])
	return s[:len(s)-1] + digits[last|1:last|1+1]
}

// loneDigit returns s with digits added until one stands alone in its group.
func loneDigit(s string) string { return s + strings.Repeat("A", (5-len(s)%4)%4) }

func after(suffix string) func(string) string {
	return func(s string) string { return s + suffix }
}

// middle returns a function that puts insert into the middle of a text, between two groups
// of digits.
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
