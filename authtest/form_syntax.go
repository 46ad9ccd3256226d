package authtest

import (
	"strings"
	"unicode/utf16"
)

const whySyntax = "The text is not one JSON object in UTF-8 (RFC 7515 §4, RFC 7519 §7.2, RFC 8259), " +
	"and the target read it all the same. Another reader reads it differently."

// bendings make something else of a JSON object.
var bendings = []struct {
	name string
	bend func(object string) string
}{
	{"in an array", func(s string) string { return "[" + s + "]" }},
	{"in a string", quote},
	{"in an object", func(s string) string { return `{"":` + s + "}" }},
	{"is null", func(string) string { return "null" }},
	{"is true", func(string) string { return "true" }},
	{"is a number", func(string) string { return "1" }},
	{"is an empty array", func(string) string { return "[]" }},
	{"is a space", func(string) string { return " " }},
	{"another object after it", after(`{"alg":"none","admin":true}`)},
	{"another object before it", func(s string) string { return `{"alg":"none","exp":1}` + s }},
	{"brace after it", after("}")},
	{"text after it", after("x")},
	{"NUL after it", after("\x00")},
	{"NUL before it", func(s string) string { return "\x00" + s }},
	{"byte order mark", func(s string) string { return "\ufeff" + s }},
	{"no-break space before it", func(s string) string { return "\u00a0" + s }},
	{"form feed before it", func(s string) string { return "\f" + s }},
	{"prefix against scripts", func(s string) string { return ")]}'\n" + s }},
	{"UTF-16", utf16Text},
	{"not closed", func(s string) string { return strings.TrimSuffix(s, "}") }},
	{"comma at the end", inside(`,`)},
	{"comma twice", inside(`,,"x":1`)},
	{"comment", inside(`/**/`)},
	{"line comment", inside("//x\n")},
	{"single quotes", inside(`,'x':1`)},
	{"name without quotes", inside(`,x:1`)},
	{"no value", inside(`,"x":`)},
	{"no name", inside(`,:1`)},
	{"NaN", inside(`,"x":NaN`)},
	{"Infinity", inside(`,"x":Infinity`)},
	{"hexadecimal number", inside(`,"x":0x1`)},
	{"number with a zero before it", inside(`,"x":01`)},
	{"number with a plus", inside(`,"x":+1`)},
	{"number with a bare point", inside(`,"x":1.`)},
	{"unknown escape", inside(`,"x":"\x41"`)},
	{"short escape", inside(`,"x":"\u41"`)},
	{"line break in a string", inside(",\"x\":\"\n\"")},
	{"NUL in a string", inside(",\"x\":\"\x00\"")},
	{"invalid UTF-8 in a value", inside(",\"x\":\"\xff\"")},
	{"invalid UTF-8 in a name", inside(",\"\xc3\x28\":1")},
	{"overlong UTF-8", inside(",\"x\":\"\xc0\xae\"")},
	{"surrogate in UTF-8", inside(",\"x\":\"\xed\xa0\x80\"")},
	{"literal in upper case", inside(`,"x":TRUE`)},
}

// syntaxAttacks have a header or a payload that is not one JSON object in UTF-8. The honest
// key signs them: a signer that puts texts of others together makes such tokens, and two
// readers of them read different things (RFC 7519 §7.2, RFC 8725 §3.7).
func syntaxAttacks(f *forger) {
	for _, m := range bendings {
		f.addSigned("header "+m.name, m.bend(f.header()), f.payload(), whySyntax)
		f.addSigned("payload "+m.name, f.header(), m.bend(f.payload()), whySyntax)
	}
	f.addSigned("payload compressed, and nothing says so", f.header(), deflate(f.payload()), whySyntax)
	f.addSigned("payload encoded twice", f.header(), b64(f.payload()), whySyntax)
	f.addSigned("header encoded twice", b64(f.header()), f.payload(), whySyntax)
	f.addSigned("payload is a form", f.header(), "sub=x&exp=32503680000", whySyntax)
}

// inside returns a function that puts text before the last brace of an object.
func inside(text string) func(string) string {
	return func(object string) string { return strings.TrimSuffix(object, "}") + text + "}" }
}

func utf16Text(s string) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(s)) {
		b.WriteByte(byte(u))
		b.WriteByte(byte(u >> 8))
	}
	return b.String()
}
