package authtest

import (
	"encoding/base32"
	"fmt"
	"strconv"
	"strings"
)

const (
	whyOneSpelling = "A code has one spelling. If it has two, a list of used codes or a limit knows one, and the " +
		"other gets by (RFC 4648 §3.3, §3.5 and §12)."
	whyAroundCode = "The target takes a part of what was brought and leaves the rest, so other readers see another code."
	whyTyped      = "The target mends what people mistype. A code in a link is not typed, and then has many spellings."
)

// folded puts in letters that are k and s where case does not count.
var folded = strings.NewReplacer("k", "\u212a", "K", "\u212a", "s", "\u017f", "S", "\u017f")

// misspelledCodes say the same in other characters.
func misspelledCodes(f *codeForger) {
	code := f.Code
	f.addAll(whyOneSpelling, []named{
		{"first character percent-encoded", fmt.Sprintf("%%%02X", code[0]) + code[1:]},
		{"first character percent-encoded, lower case", fmt.Sprintf("%%%02x", code[0]) + code[1:]},
		{"first character percent-encoded twice", fmt.Sprintf("%%25%02X", code[0]) + code[1:]},
		{"all percent-encoded", each(code, "%%%02X")},
		{"first character as an HTML entity", fmt.Sprintf("&#%d;", code[0]) + code[1:]},
		{"first character escaped as in JSON", fmt.Sprintf(`\u%04x`, code[0]) + code[1:]},
		{"first character quoted-printable", fmt.Sprintf("=%02X", code[0]) + code[1:]},
		{"soft line break of a mail", middle("=\r\n")(code)},
		{"all of full width", widened(code, 0xff00-0x20)},
		{"first character of full width", widened(code[:1], 0xff00-0x20) + code[1:]},
		{"base64url of it all", b64(code)},
		{"hex of it all", each(code, "%02x")},
		{"line feed within", middle("\n")(code)},
		{"carriage return within", middle("\r")(code)},
		{"lines of 76", lines(code)},
		{"NUL within", middle("\x00")(code)},
		{"exclamation mark within", middle("!")(code)},
		{"zero width space within", middle("\u200b")(code)},
		{"soft hyphen within", middle("\u00ad")(code)},
		{"invalid UTF-8 within", middle("\xff")(code)},
		{"combining accent at the end", code + "\u0301"},
		{"k and s as they fold", folded.Replace(code)},
	})
	for _, r := range f.readings {
		f.misspellBytes(r)
	}
	if strings.Trim(code, "0123456789") == "" {
		f.misspellNumber()
	}
}

// misspellBytes writes the bytes of the code in other encodings.
func (f *codeForger) misspellBytes(r reading) {
	for _, e := range append(hexEncodings[:2:2], base64Encodings...) {
		if e.name != r.name && !(e.name == "upper hex" && r.name == "hex") { // typed is about case
			f.add(e.name+" instead of "+r.name, e.encode(r.bytes), whyOneSpelling)
		}
	}
	f.add("base32 instead of "+r.name, base32.StdEncoding.EncodeToString(r.bytes), whyOneSpelling)
	f.add("bytes instead of "+r.name, string(r.bytes), whyOneSpelling)
	if r.name == "hex" || r.name == "upper hex" {
		f.add("hex with 0x", "0x"+f.Code, whyOneSpelling)
		return
	}
	bare := strings.TrimRight(f.Code, "=")
	f.addAll(whyOneSpelling, []named{
		{"standard alphabet as a form sends it", strings.NewReplacer("-", " ", "+", " ", "_", "/").Replace(f.Code)},
		{"padding, percent-encoded", bare + strings.ReplaceAll(padded(bare)[len(bare):], "=", "%3D")},
		{"one sign of padding", bare + "="},
		{"four signs of padding", f.Code + "===="},
		{"lone digit", loneDigit(bare)},
	})
	if !strings.ContainsAny(bare, "+/") { // unusedBits knows base64url
		f.add("unused bits", unusedBits(bare)+f.Code[len(bare):], whyOneSpelling)
	}
}

// misspellNumber is about codes of digits, which are a text and not a number.
func (f *codeForger) misspellNumber() {
	code := f.Code
	f.addAll(whyOneSpelling, []named{
		{"zero before the number", "0" + code},
		{"number without zeros before it", strings.TrimLeft(code, "0")},
		{"plus", "+" + code},
		{"minus", "-" + code},
		{"fraction", code + ".0"},
		{"dot", code + "."},
		{"exponent", code + "e0"},
		{"underscore", code[:1] + "_" + code[1:]},
		{"comma", code[:1] + "," + code[1:]},
		{"Arabic digits", widened(code, 0x660-'0')},
		{"Devanagari digits", widened(code, 0x966-'0')},
	})
	if n, err := strconv.ParseUint(code, 10, 64); err == nil {
		f.add("number in hex", fmt.Sprintf("%#x", n), whyOneSpelling)
		f.add("number in octal", fmt.Sprintf("%#o", n), whyOneSpelling)
	}
	f.add("number and 2 to the 32nd", addBig(code, 32), whyOneSpelling)
	f.add("number and 2 to the 64th", addBig(code, 64), whyOneSpelling)
}

// aroundCodes have more before or after the code.
func aroundCodes(f *codeForger) {
	for _, after := range []string{
		"?", "?x=1", "&x=1", "#", "#x", ";x=1", "/", "/x", "/.", "/..", ".", "..", ".json", ",", ";", ":", "=", "|", "~", "+",
		"%0A", "%20", "%00", "%2F", "\x00", "\ufeff", "\u200b", "\xff", "\\", "\r\nX-Role: admin", ",x", ".x", ":x",
		"A", "0", "null", "%",
	} {
		f.add(fmt.Sprintf("%q after", after), f.Code+after, whyAroundCode)
	}
	for _, before := range []string{
		"/", "./", "../", "x/", "?code=", "code=", "code:", "=", ":", ".", ",", "x.", "x:", "x,", "\x00", "\ufeff", "\u200b",
		"\xff", "\\", "Bearer ", "JWT ", "Basic ", "https://host.example/", "x?code=", "0", "A", "%", "urn:",
	} {
		f.add(fmt.Sprintf("%q before", before), before+f.Code, whyAroundCode)
	}
	for _, pair := range []string{`""`, "''", "<>", "()", "[]", "{}", "``", "//"} {
		f.add("between "+pair, pair[:1]+f.Code+pair[1:], whyAroundCode)
	}
	f.add("in a list in JSON", "["+quote(f.Code)+"]", whyAroundCode)
	f.add("in an object in JSON", `{"code":`+quote(f.Code)+`}`, whyAroundCode)
	f.add("twice", f.Code+f.Code, whyAroundCode)
	f.add("twice, with a comma", f.Code+","+f.Code, whyAroundCode)
}

// typedCodes are what people make of a code that they type.
func typedCodes(f *codeForger) {
	code := f.Code
	f.addAll(whyTyped, []named{
		{"lower case", strings.ToLower(code)},
		{"upper case", strings.ToUpper(code)},
		{"first letter in the other case", otherCase(code)},
		{"space within", middle(" ")(code)},
		{"tab within", middle("\t")(code)},
		{"hyphen within", middle("-")(code)},
		{"without hyphens", strings.ReplaceAll(code, "-", "")},
		{"without spaces", strings.ReplaceAll(code, " ", "")},
		{"O for 0", strings.ReplaceAll(code, "0", "O")},
		{"0 for O", strings.ReplaceAll(code, "O", "0")},
		{"l for 1", strings.ReplaceAll(code, "1", "l")},
	})
	for _, space := range []string{" ", "\t", "\n", "\r\n", "\v", "\u00a0", "\u2028", "\u3000"} {
		f.add(fmt.Sprintf("%q before", space), space+code, whyTyped)
		f.add(fmt.Sprintf("%q after", space), code+space, whyTyped)
	}
}

// each formats every byte of s.
func each(s, format string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, format, s[i])
	}
	return b.String()
}

// widened returns s with its visible characters moved up by shift.
func widened(s string, shift rune) string {
	return strings.Map(func(r rune) rune {
		if r <= ' ' || r >= 0x7f {
			return r
		}
		return r + shift
	}, s)
}

// otherCase returns s with its first letter in the other case.
func otherCase(s string) string {
	for i := range len(s) {
		if c := s[i] | 0x20; 'a' <= c && c <= 'z' {
			return s[:i] + string(s[i]^0x20) + s[i+1:]
		}
	}
	return s
}
