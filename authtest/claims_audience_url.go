package authtest

import (
	"net/url"
	"strings"
)

// addURLs adds audiences that a reader of URLs takes for the right one, or for one below or
// beside it.
func (f *forger) addURLs(right, why string) {
	f.addTexts("aud", right, nearURLs(right), why)
	u, err := url.Parse(right)
	if err != nil || u.Scheme == "" || u.Host == "" {
		return
	}
	f.addTexts("aud", right, nearHosts(right), why)
	_, rest, _ := strings.Cut(right, "://")
	_, path, _ := strings.Cut(rest, "/")
	if path != "" {
		f.addTexts("aud", right, nearPaths(right), why)
	}
}

// nearURLs have something after the whole URL.
func nearURLs(right string) []spelledText {
	return []spelledText{
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
	}
}

// nearHosts have another scheme or host, or another spelling of them.
func nearHosts(right string) []spelledText {
	scheme, rest, _ := strings.Cut(right, "://")
	host, _, _ := strings.Cut(rest, "/")
	path := rest[len(host):] // with its slash
	otherScheme := "http"
	if strings.EqualFold(scheme, "http") {
		otherScheme = "https"
	}
	return []spelledText{
		{"of another scheme", otherScheme + "://" + rest},
		{"of no scheme", "//" + rest},
		{"of the scheme in upper case", strings.ToUpper(scheme) + "://" + rest},
		{"as host and path alone", rest},
		{"of the host in upper case", scheme + "://" + strings.ToUpper(host) + path},
		{"of the host with a dot", scheme + "://" + host + "." + path},
		{"of a host below it", scheme + "://x." + host + path},
		{"of a host that begins like it", scheme + "://" + host + ".attacker.example" + path},
		{"with userinfo", scheme + "://x@" + rest},
		{"as userinfo of another", scheme + "://" + host + "@attacker.example" + path},
		{"with a port", scheme + "://" + host + ":443" + path},
		{"with an empty port", scheme + "://" + host + ":" + path},
		{"with one slash", scheme + ":/" + rest},
		{"with three slashes", scheme + ":///" + rest},
		{"with backslashes", scheme + `:\\` + rest},
		{"with a letter of the host percent-encoded", percent(scheme+"://", rest)},
	}
}

// nearPaths have another last segment of the path, or another spelling of it.
func nearPaths(right string) []spelledText {
	before := right[:strings.LastIndexByte(right, '/')]
	segment := right[len(before)+1:]
	return []spelledText{
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
	}
}

// percent returns before and s, with the first byte of s percent-encoded.
func percent(before, s string) string {
	if s == "" {
		return before
	}
	return before + "%" + hexByte(s[0]) + s[1:]
}

func hexByte(c byte) string {
	const hex = "0123456789abcdef"
	return string([]byte{hex[c>>4], hex[c&15]})
}
