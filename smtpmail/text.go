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

const maxGreetedRunes = 40

// greetable returns a first name, or nothing for a text that is no name. Somebody else may
// have chosen it, before the mailbox was proven, and mail programs make links of what looks
// like one.
func greetable(name string) string {
	if utf8.RuneCountInString(name) > maxGreetedRunes {
		return ""
	}
	runes := []rune(name)
	for i, r := range runes {
		initial := r == '.' && (i+1 == len(runes) || runes[i+1] == ' ') // not evil.example
		if !initial && !unicode.IsLetter(r) && !unicode.IsMark(r) && !strings.ContainsRune(" -'’", r) {
			return ""
		}
	}
	return strings.TrimSpace(name)
}
