package jose

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// checkText refuses a secret that is a text with something that came with the text: the
// line break of a file, blanks, quotes, the NUL of a C string, a second line. A signer
// without that has another key, and nobody sees the difference.
//
// Only a text can have such a thing. Random bytes may well end with 0x0a; that 32 of them
// are all printable does not happen.
func checkText(secret []byte) error {
	if !isText(secret) {
		return nil
	}
	text := string(secret)
	first, _ := utf8.DecodeRuneInString(text)
	last, _ := utf8.DecodeLastRuneInString(text)
	switch {
	case isBlank(last):
		return fmt.Errorf("has %s at its end; %s", blankName(last), removal(last))
	case isBlank(first):
		return fmt.Errorf("has %s at its beginning; %s", blankName(first), removal(first))
	case strings.ContainsRune(text, 0):
		return errors.New("is a text with a NUL byte; remove it, or use the UTF-8 form of the text")
	case strings.ContainsFunc(text, isLineBreak):
		return errors.New("has more than one line; join the lines of one secret, and make a key of each of several")
	}
	for _, escape := range []string{`\n`, `\r`, `\t`, `\0`} {
		if strings.HasSuffix(text, escape) {
			return fmt.Errorf(`ends with the two characters %s, which no program took for an escape; remove them`, escape)
		}
	}
	return checkQuotes(isQuote(first), isQuote(last))
}

func checkQuotes(first, last bool) error {
	const mend = "which a shell, a file or an editor left there; remove it, or choose a secret without it"
	switch {
	case first && last:
		return errors.New("stands in quotes, which would be a part of the secret; remove them")
	case first:
		return errors.New("has a quote at its beginning and none at its end, " + mend)
	case last:
		return errors.New("has a quote at its end and none at its beginning, " + mend)
	}
	return nil
}

// isText reports whether a person may have written a secret.
func isText(secret []byte) bool {
	other := func(r rune) bool { return r != 0 && !unicode.IsGraphic(r) && !isBlank(r) }
	nothing := func(r rune) bool { return r == 0 } // a key that was never filled in
	text := string(secret)
	return utf8.ValidString(text) && !strings.ContainsFunc(text, other) && strings.TrimFunc(text, nothing) != ""
}

// isBlank reports whether a rune is white space, or is not seen at all.
func isBlank(r rune) bool { return unicode.IsSpace(r) || unicode.In(r, unicode.Z, unicode.Cf) }

// isLineBreak reports whether a text goes on in another line behind a rune (UAX 14).
func isLineBreak(r rune) bool { return strings.ContainsRune("\n\r\v\f\u0085\u2028\u2029", r) }

// isQuote reports whether a shell, a YAML file or an editor puts a rune around a text.
func isQuote(r rune) bool {
	return strings.ContainsRune("\"'`„‚", r) || unicode.In(r, unicode.Pi, unicode.Pf)
}

func blankName(r rune) string {
	switch r {
	case '\n', '\r':
		return "a line break"
	case ' ':
		return "a blank"
	case '\ufeff':
		return "a byte order mark (U+FEFF)"
	}
	return fmt.Sprintf("an invisible character (%U)", r)
}

// removal says how a blank is removed.
func removal(r rune) string {
	if unicode.IsSpace(r) {
		return "remove it, as strings.TrimSpace does"
	}
	return "remove it (strings.TrimSpace does not)"
}
