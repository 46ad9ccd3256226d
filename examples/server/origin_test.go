package main

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/rs/cors"
)

func TestOriginsThatBrowsersSend(t *testing.T) {
	t.Parallel()
	for _, origin := range []string{
		"*", "https://shop.example", "http://shop.example", "https://www.shop.example:8443", "http://localhost:3000",
		"http://localhost", "http://127.0.0.1:8080", "http://[::1]:8080", "https://[2001:db8::1]", "https://a_b.example",
		"https://xn--bcher-kva.example", "https://shop.example.", "http://shop.example:443", "https://shop.example:80",
		"https://*.shop.example", "http://localhost:*", "https://*.shop.example:8443", "https://1and1.example",
		"chrome-extension://gighmmpiobklfepjocnamgkkbiglidom", "moz-extension://8a4f-11", "capacitor://localhost",
		"ionic://localhost", "app://obsidian.md", "tauri://localhost", "https://0x.example", "https://a",
	} {
		if err := checkOrigins([]string{"https://first.example", origin}); err != nil {
			t.Errorf("%q: got the error %v, want nil", origin, err)
		}
	}
}

// A value that can equal no Origin is refused with what to write.
func TestOriginsThatNoBrowserSends(t *testing.T) {
	t.Parallel()
	for origin, mend := range map[string]string{
		"https://shop.example/":           "write https://shop.example",
		"https://shop.example/chat":       "write https://shop.example",
		"https://shop.example?x=1":        "write https://shop.example",
		"https://shop.example#top":        "write https://shop.example",
		`https://shop.example\`:           "write https://shop.example",
		"https://Shop.Example":            "write https://shop.example",
		"HTTPS://shop.example":            "write https://shop.example",
		"https://shop.example:443":        "write https://shop.example",
		"http://shop.example:80/":         "write http://shop.example",
		"https://shop.example:":           "write https://shop.example",
		"https://shop.example:08443":      "write https://shop.example:8443",
		" https://shop.example":           "write https://shop.example",
		"https://shop.example ":           "write https://shop.example",
		"https://shop.example\n":          "write https://shop.example",
		"https://ada:secret@shop.example": "write https://shop.example",
		"http://[0:0:0:0:0:0:0:1]:8080":   "write http://[::1]:8080",
		"http://[2001:DB8::1]":            "write http://[2001:db8::1]",
		"http://[::ffff:127.0.0.1]":       "write http://[::ffff:7f00:1]",
		"http://[::ffff:1.2.3.4]":         "write http://[::ffff:102:304]",
		"shop.example":                    "write https://shop.example",
		"localhost:3000":                  "or http://localhost:3000",
		"//shop.example":                  "write https://shop.example",
		"www.shop.example/":               "write https://www.shop.example",
		"ada:secret@shop.example":         "write https://shop.example",
		"*.shop.example":                  "write https://*.shop.example",
		"://shop.example":                 "has no scheme",
		"null":                            "write the origin of the page",
		"NULL":                            "write the origin of the page",
		"":                                "is empty",
		" ":                               "is empty",
		"https://":                        "has no host",
		"https:///chat":                   "has no host",
		"https://:8080":                   "has no host",
		"https://*":                       "a * stands for",
		"https://shop.*":                  "a * stands for",
		"https://*shop.example":           "a * stands for",
		"https://a.*.example":             "a * stands for",
		"https://*.*.example":             "more than one *",
		"https://*.shop.example:*":        "more than one *",
		"http://*.localhost:*":            "more than one *",
		"https://**":                      "more than one *",
		"http://*.10.0.0.1":               "IPv4",
		"http://*.10.0.0.1.":              "IPv4",
		"http://*.10.0.0.1:8080":          "IPv4",
		"http://*.1":                      "IPv4",
		"http://*.0x7f":                   "IPv4",
		"http://*.[::1]":                  "write http://[::1]",
		"https://.":                       "has no host",
		"https://..":                      "has no host",
		"https://*.":                      "has no host",
		"https://.example":                "empty label",
		"https://shop..example":           "empty label",
		"https://shop.example..":          "empty label",
		"https://*..example":              "empty label",
		"app://a..b":                      "empty label",
		"ftp://shop.example":              "http or https",
		"view-source://shop.example":      "http or https",
		"htps://shop.example":             "misspelled scheme",
		"htttps://shop.example":           "misspelled scheme",
		"https//://shop.example":          "no scheme has",
		"https://ada:secret%40shop":       "port",
		"http*://shop.example":            "no scheme has",
		"htt ps://shop.example":           "is not one origin",
		"https://a.example,https://b":     "give -cors once for each",
		"https://a.example https://b":     "give -cors once for each",
		"https://bücher.example":          "xn--",
		"https://shop.example:99999":      "port",
		"https://shop.example:-1":         "port",
		"https://shop.example:https":      "port",
		"https://shop%2eexample":          "no host has",
		"https://shop!.example":           "no host has",
		"http://127.1":                    "IPv4",
		"http://2130706433":               "IPv4",
		"http://0x7f.0.0.1":               "IPv4",
		"http://127.0.0.1.5":              "IPv4",
		"http://127.0.0.0x1":              "IPv4",
		"http://127.0.0.010":              "IPv4",
		"http://[::1":                     "IPv6",
		"http://[fe80::1%eth0]":           "IPv6",
		"http://[127.0.0.1]":              "IPv6",
		"ws://shop.example":               "http or https",
		"wss://shop.example":              "http or https",
		"file:///home/ada/index.html":     "http or https",
		"data://x":                        "http or https",
	} {
		err := checkOrigins([]string{origin})
		if err == nil || !strings.Contains(err.Error(), mend) || !strings.Contains(err.Error(), "-cors") {
			t.Errorf("%q: got the error %v, want one that says %q", origin, err, mend)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: the error quotes the password: %v", origin, err)
		}
	}
}

// What is taken with a * is what the middleware takes for a pattern: it matches an origin
// that is meant, and no page beside it.
func TestOriginPatternsMatch(t *testing.T) {
	t.Parallel()
	for pattern, c := range map[string]struct{ meant, beside []string }{
		"https://*.shop.example": {
			[]string{"https://a.shop.example", "https://a.b.shop.example"},
			[]string{"https://shop.example", "http://a.shop.example", "https://a.shop.example.evil.example"},
		},
		"http://localhost:*":          {[]string{"http://localhost:3000"}, []string{"http://localhost.evil.example:3000"}},
		"https://*.shop.example:8443": {[]string{"https://a.shop.example:8443"}, []string{"https://a.shop.example"}},
	} {
		if err := checkOrigins([]string{pattern}); err != nil {
			t.Errorf("%q: got the error %v, want nil", pattern, err)
		}
		policy := cors.New(cors.Options{AllowedOrigins: []string{pattern}})
		for _, list := range []struct {
			origins []string
			want    bool
		}{{c.meant, true}, {c.beside, false}} {
			for _, origin := range list.origins {
				r := httptest.NewRequest("GET", "/", nil)
				r.Header.Set("Origin", origin)
				if got := policy.OriginAllowed(r); got != list.want {
					t.Errorf("%q: %s is allowed: %t, want %t", pattern, origin, got, list.want)
				}
			}
		}
	}
}
