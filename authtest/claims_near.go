package authtest

import "strings"

// notTexts are values that are not names.
var notTexts = []struct{ name, value string }{
	{"null", "null"},
	{"true", "true"},
	{"zero", "0"},
	{"an empty array", "[]"},
	{"an empty object", "{}"},
	{"an empty text", `""`},
}

// A spelledText is a value of a claim, and how it is spelled.
type spelledText struct{ name, text string }

// addTexts adds the values of a claim that differ from the right one and are not empty.
func (f *forger) addTexts(claim, right string, values []spelledText, why string) {
	for _, v := range values {
		if v.text != right && v.text != "" {
			f.addSigned(claim+" "+v.name, f.header(), f.with(claim, quote(v.text)), why)
		}
	}
}

// addNear adds values that are nearly the right text, which must not be empty.
func (f *forger) addNear(claim, right, why string) {
	f.addTexts(claim, right, []spelledText{
		{"in upper case", strings.ToUpper(right)},
		{"in lower case", strings.ToLower(right)},
		{"with a space after it", right + " "},
		{"with a space before it", " " + right},
		{"with a line feed after it", right + "\n"},
		{"with a NUL after it", right + "\x00"},
		{"with a zero width space", right + "\u200b"},
		{"with more behind it", right + "x"},
		{"without its last character", right[:len(right)-1]},
		{"as a list with commas", right + ",x"},
		{"as a list with spaces", "x " + right},
		{"as a star", "*"},
		{"as a pattern", ".*"},
	}, why)
}
