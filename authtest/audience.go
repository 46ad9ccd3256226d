package authtest

import (
	"net/url"
	"strings"
)

// The attacks of this file are tokens that the honest key signed for another audience, by
// another issuer or for another subject. Each is about a claim that the honest token has.

// notTexts are values that no name is.
var notTexts = []struct{ name, value string }{
	{"null", "null"}, {"true", "true"}, {"zero", "0"}, {"an empty array", "[]"}, {"an empty object", "{}"}, {"an empty text", `""`},
}

// addNear adds values that are nearly the right text, and are not.
func (f *forger) addNear(claim, right, why string) {
	last := len(right) - 1
	for _, v := range []struct{ name, text string }{
		{"in upper case", strings.ToUpper(right)},
		{"in lower case", strings.ToLower(right)},
		{"with a space after it", right + " "},
		{"with a space before it", " " + right},
		{"with a line feed after it", right + "\n"},
		{"with a NUL after it", right + "\x00"},
		{"with a zero width space", right + "\u200b"},
		{"with more behind it", right + "x"},
		{"without its last character", right[:max(last, 0)]},
		{"a list with commas", right + ",x"},
		{"a list with spaces", "x " + right},
		{"a star", "*"},
		{"a pattern", ".*"},
	} {
		if v.text != right && v.text != "" {
			f.addSigned(claim+" is "+v.name, f.header(), f.with(claim, quote(v.text)), why)
		}
	}
}

func audienceAttacks(f *forger) {
	right := f.text("aud")
	if !f.has("aud") {
		return
	}
	const missing = "A token that names no audience is for nobody and not for everybody (RFC 7519 §4.1.3, RFC 8725 §3.9)."
	f.addSigned("aud is missing", f.header(), f.without("aud"), missing)
	for _, v := range notTexts {
		f.addSigned("aud is "+v.name, f.header(), f.with("aud", v.value), missing)
	}
	const other = "It was made for somebody else (RFC 7519 §4.1.3, RFC 8725 §3.9)."
	f.addSigned("aud is another", f.header(), f.with("aud", `"https://attacker.example"`), other)
	f.addSigned("aud is a list of others", f.header(), f.with("aud", `["https://attacker.example","x"]`), other)
	if right == "" {
		return
	}
	f.addSigned("aud is an object with the right name", f.header(), f.with("aud", "{"+quote(right)+":true}"), other)
	f.addSigned("aud is a list within a list", f.header(), f.with("aud", "[["+quote(right)+"]]"), other)
	f.addSigned("aud is a number and the right one", f.header(), f.with("aud", "[0,"+quote(right)+"]"), "A list of audiences has nothing but texts in it (RFC 7519 §4.1.3).")

	const near = "Audiences are compared to the byte (RFC 7519 §2, §4.1.3): what looks like the right one is another one's (CVE-2026-55669, CVE-2026-9094)."
	f.addNear("aud", right, near)
	f.addURLs(right, near)
}

// addURLs adds spellings that a reader of URLs takes for the right one, or for one below
// or beside it.
func (f *forger) addURLs(right, why string) {
	for _, v := range []struct{ name, text string }{
		{"with a slash after it", right + "/"},
		{"with two slashes after it", right + "//"},
		{"with a dot segment after it", right + "/."},
		{"with a path below it", right + "/x"},
		{"with a path below it and back", right + "/x/.."},
		{"with a query", right + "?x=1"},
		{"with an empty query", right + "?"},
		{"with a fragment", right + "#x"},
		{"with an empty fragment", right + "#"},
		{"in a query of another", "https://attacker.example/?" + right},
	} {
		f.addSigned("aud is "+v.name, f.header(), f.with("aud", quote(v.text)), why)
	}
	u, err := url.Parse(right)
	if err != nil || u.Scheme == "" || u.Host == "" {
		return
	}
	scheme, rest, _ := strings.Cut(right, "://")
	host, path, _ := strings.Cut(rest, "/")
	slash := rest[len(host):]
	swapped := "http"
	if strings.EqualFold(scheme, "http") {
		swapped = "https"
	}
	for _, v := range []struct{ name, text string }{
		{"of another scheme", swapped + "://" + rest},
		{"of no scheme", "//" + rest},
		{"of the scheme in upper case", strings.ToUpper(scheme) + "://" + rest},
		{"host and path alone", rest},
		{"of the host in upper case", scheme + "://" + strings.ToUpper(host) + slash},
		{"of the host with a dot", scheme + "://" + host + "." + slash},
		{"of a host below it", scheme + "://x." + host + slash},
		{"of a host that begins like it", scheme + "://" + host + ".attacker.example" + slash},
		{"with userinfo", scheme + "://x@" + rest},
		{"as userinfo of another", scheme + "://" + host + "@attacker.example" + slash},
		{"with a port", scheme + "://" + host + ":443" + slash},
		{"with an empty port", scheme + "://" + host + ":" + slash},
		{"with one slash", scheme + ":/" + rest},
		{"with three slashes", scheme + ":///" + rest},
		{"with backslashes", scheme + `:\\` + rest},
		{"with a letter of the host percent-encoded", percent(scheme+"://", rest)},
	} {
		if v.text != right {
			f.addSigned("aud is "+v.name, f.header(), f.with("aud", quote(v.text)), why)
		}
	}
	if path == "" {
		return
	}
	before := right[:strings.LastIndexByte(right, '/')]
	segment := right[len(before)+1:]
	for _, v := range []struct{ name, text string }{
		{"of the path above it", before},
		{"of the path above it and a slash", before + "/"},
		{"of a path beside it", before + "/x"},
		{"of a path beside it and back", before + "/x/../" + segment},
		{"with a letter of the path percent-encoded", percent(before+"/", segment)},
		{"with a slash percent-encoded", before + "%2F" + segment},
		{"with two slashes in the path", before + "//" + segment},
		{"with a backslash in the path", before + `\` + segment},
		{"with a dot segment in the path", before + "/./" + segment},
		{"with a parameter of the path", right + ";x=1"},
	} {
		f.addSigned("aud is "+v.name, f.header(), f.with("aud", quote(v.text)), why)
	}
}

// percent returns both with the first byte of s percent-encoded.
func percent(before, s string) string {
	if s == "" {
		return before
	}
	return before + "%" + hexByte(s[0]) + s[1:]
}

// audienceArrayAttacks are what RFC 7519 allows and few signers make.
func audienceArrayAttacks(f *forger) {
	right := f.text("aud")
	if right == "" {
		return
	}
	const why = "A token for several audiences can be taken to each of them by every other one. RFC 7519 §4.1.3 allows it; a target whose signers make none should not."
	for _, v := range []struct{ name, value string }{
		{"the right one in a list", "[" + quote(right) + "]"},
		{"the right one first of two", "[" + quote(right) + `,"https://attacker.example"]`},
		{"the right one last of two", `["https://attacker.example",` + quote(right) + "]"},
		{"the right one twice", "[" + quote(right) + "," + quote(right) + "]"},
	} {
		f.addSigned("aud is "+v.name, f.header(), f.with("aud", v.value), why)
	}
}

func issuerAttacks(f *forger) {
	if !f.has("iss") {
		return
	}
	const why = "The issuer is not the one whose key it is (RFC 7519 §4.1.1, RFC 8725 §3.8)."
	f.addSigned("iss is missing", f.header(), f.without("iss"), why)
	f.addSigned("iss is another", f.header(), f.with("iss", `"https://attacker.example"`), why)
	f.addSigned("iss is the right one in a list", f.header(), f.with("iss", "["+f.claim("iss")+"]"), why)
	for _, v := range notTexts {
		f.addSigned("iss is "+v.name, f.header(), f.with("iss", v.value), why)
	}
	if right := f.text("iss"); right != "" {
		f.addNear("iss", right, why)
		f.addSigned("iss is with a slash after it", f.header(), f.with("iss", quote(right+"/")), why)
		f.addSigned("iss is with a host behind it", f.header(), f.with("iss", quote(right+".attacker.example")), why)
	}
}

func subjectAttacks(f *forger) {
	if !f.has("sub") {
		return
	}
	const why = "The token says of nobody that it is about them (RFC 7519 §4.1.2, RFC 8725 §3.8): the empty user, or user 0, was signed in."
	f.addSigned("sub is missing", f.header(), f.without("sub"), why)
	f.addSigned("sub is the right one in a list", f.header(), f.with("sub", "["+f.claim("sub")+"]"), why)
	for _, v := range append(notTexts, struct{ name, value string }{"an operator", `{"$ne":""}`}) {
		f.addSigned("sub is "+v.name, f.header(), f.with("sub", v.value), why)
	}
}

// subjectValueAttacks are for targets that know beforehand what sub says.
func subjectValueAttacks(f *forger) {
	right := f.text("sub")
	if right == "" {
		return
	}
	const why = "The token is about something else than the target takes tokens about (RFC 7519 §4.1.2, RFC 8725 §3.12)."
	f.addSigned("sub is another", f.header(), f.with("sub", `"attacker"`), why)
	f.addNear("sub", right, why)
}
