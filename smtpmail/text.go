package smtpmail

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxAddressBytes is of an address without its brackets (RFC 5321 §4.5.3.1, erratum 1690).
const maxAddressBytes = 254

// isAddress reports whether a mail can be addressed to it: plain ASCII without anything
// that has a meaning in a header or a command of SMTP. The addresses of accounts are
// narrower still.
func isAddress(address string) bool {
	local, domain, found := strings.Cut(address, "@")
	return found && local != "" && domain != "" && len(address) <= maxAddressBytes &&
		isPlain(address) && !strings.ContainsAny(address, `"(),:;<>[\]`) && !strings.Contains(domain, "@")
}

// isPlain reports whether a text has printable ASCII characters only, and no blank.
func isPlain(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' })
}

// isText reports whether a text is valid UTF-8 without control characters: it has one line.
func isText(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, isControl)
}

// isControl finds the characters that end lines, or that change how others are shown.
func isControl(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) }

// oneLine returns a text without such characters.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if isControl(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
}
