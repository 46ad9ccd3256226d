package jose

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// quotes are pairs that a shell, a YAML file or a text editor puts around a text.
var quotes = [...][2]string{{`"`, `"`}, {"'", "'"}, {"`", "`"}, {"“", "”"}, {"‘", "’"}, {"«", "»"}}

// checkText refuses a secret that is a text with something around it that came with the
// text: the line break of a file, blanks, quotes. Whoever signs without that has another
// key, and nobody sees the difference.
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
		return fmt.Errorf("has %s at its end; remove it, as strings.TrimSpace does", blankName(last))
	case isBlank(first):
		return fmt.Errorf("has %s at its beginning; remove it, as strings.TrimSpace does", blankName(first))
	}
	for _, pair := range quotes {
		if len(text) > 1 && strings.HasPrefix(text, pair[0]) && strings.HasSuffix(text, pair[1]) {
			return errors.New("stands in quotes, which would be a part of the secret; remove them")
		}
	}
	return nil
}

// isText reports whether a person may have written a secret.
func isText(secret []byte) bool {
	other := func(r rune) bool { return !unicode.IsGraphic(r) && !isBlank(r) }
	return utf8.Valid(secret) && !strings.ContainsFunc(string(secret), other)
}

// isBlank reports whether a rune is white space, or is not seen at all.
func isBlank(r rune) bool { return unicode.IsSpace(r) || unicode.In(r, unicode.Z, unicode.Cf) }

func blankName(r rune) string {
	switch r {
	case '\n', '\r':
		return "a line break"
	case ' ':
		return "a blank"
	}
	return fmt.Sprintf("an invisible character (%U)", r)
}
