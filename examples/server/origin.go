package main

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// checkOrigins refuses values of -cors that can equal no Origin header of a browser, and
// says what to write.
func checkOrigins(origins []string) error {
	for _, origin := range origins {
		sent, err := browserOrigin(origin)
		if err == nil && sent != origin {
			err = fmt.Errorf("browsers send no such Origin; write %s", sent)
		}
		if err != nil && strings.ContainsAny(origin, "@%") {
			return fmt.Errorf("-cors: %w", err) // there may be a password in it
		}
		if err != nil {
			return fmt.Errorf("-cors %q: %w", origin, err)
		}
	}
	return nil
}

// browserOrigin returns the Origin that a browser sends for the pages that are meant (RFC
// 6454 §6.2, and the URL Standard for hosts), or an error if that cannot be told. In the
// place of the first label of a host, and of a port, a * may stand.
func browserOrigin(text string) (string, error) {
	text = strings.TrimSpace(text)
	switch {
	case text == "*":
		return text, nil
	case text == "":
		return "", errors.New("is empty; write an origin like https://shop.example, or * for all")
	case strings.EqualFold(text, "null"):
		return "", errors.New("pages of any origin can send null; write the origin of the page")
	case strings.ContainsAny(text, " \t\r\n,;"):
		return "", errors.New("is not one origin; give -cors once for each")
	}
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok {
		return "", withScheme(text)
	}
	scheme = strings.ToLower(scheme)
	if err := checkScheme(scheme); err != nil {
		return "", err
	}
	if i := strings.IndexAny(rest, `/?#\`); i >= 0 { // an Origin ends before the path
		rest = rest[:i]
	}
	rest = rest[strings.LastIndexByte(rest, '@')+1:]
	if strings.Count(rest, "*") > 1 {
		return "", errors.New("has more than one *: write one, for the first labels of a host or for a port")
	}
	host, port := splitPort(rest)
	host, err := browserHost(scheme, host)
	if err != nil {
		return "", err
	}
	port, err = browserPort(scheme, port)
	return scheme + "://" + host + port, err
}

// withScheme is the error of an origin without a scheme.
func withScheme(text string) error {
	origin, err := browserOrigin("https://" + strings.TrimLeft(text, "/"))
	if err != nil {
		return errors.New("has no scheme; write an origin like https://shop.example")
	}
	return fmt.Errorf("has no scheme; write %s or %s", origin, strings.Replace(origin, "https", "http", 1))
}

func checkScheme(scheme string) error {
	switch scheme {
	case "ws", "wss":
		return errors.New("a page has no such scheme; write that of the page, http or https")
	case "ftp", "ftps", "view-source", "mailto":
		return errors.New("no page of this scheme sends an origin; write that of the page, http or https")
	case "file", "data", "blob", "about", "javascript", "filesystem":
		return errors.New("a page of this scheme has no origin of its own; serve it by http or https")
	}
	if strings.Trim(scheme, "htps") == "" && scheme != "http" && scheme != "https" && scheme != "" {
		return errors.New("has a misspelled scheme; write https:// or http://")
	}
	for i, c := range []byte(scheme) {
		letter := 'a' <= c && c <= 'z'
		if !letter && (i == 0 || !strings.ContainsRune("0123456789+.-", rune(c))) {
			return errors.New("has a character that no scheme has; write https:// or http://")
		}
	}
	if scheme == "" {
		return errors.New("has no scheme; write https:// or http:// before the host")
	}
	return nil
}

// splitPort splits a port off, which begins with a colon.
func splitPort(authority string) (host, port string) {
	i := strings.LastIndexByte(authority, ':')
	if i < 0 || strings.Contains(authority[i:], "]") { // of an IPv6 address
		return authority, ""
	}
	return authority[:i], authority[i:]
}

func browserHost(scheme, host string) (string, error) {
	special := scheme == "http" || scheme == "https"
	if special {
		host = strings.ToLower(host)
	}
	name := strings.TrimPrefix(host, "*.")
	if strings.HasPrefix(name, "[") {
		return browserIPv6(name)
	}
	for i := range len(name) {
		switch c := name[i]; {
		case c >= 0x80:
			return "", errors.New("browsers send the ASCII form of such a host; write that, xn--…")
		case c == '*':
			return "", errors.New("a * stands for the first labels of a host, as in https://*.shop.example, or for a port")
		case !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.ContainsRune("-._", rune(c))):
			return "", fmt.Errorf("has the character %q, which no host has", c)
		}
	}
	labels := strings.Split(strings.TrimSuffix(name, "."), ".")
	switch {
	case strings.Trim(name, ".") == "":
		return "", errors.New("has no host; write an origin like https://shop.example")
	case slices.Contains(labels, ""):
		return "", errors.New("has a host with an empty label, between two dots or before the first")
	case special && looksIPv4(name):
		address, err := netip.ParseAddr(name)
		if err != nil || !address.Is4() || host != name {
			return "", errors.New("is not an IPv4 address of four decimal numbers, as browsers send it")
		}
	}
	return host, nil
}

// looksIPv4 reports whether a browser takes a host for an IPv4 address: its last label is a
// number.
func looksIPv4(host string) bool {
	host = strings.TrimSuffix(host, ".")
	last := host[strings.LastIndexByte(host, '.')+1:]
	_, err := strconv.ParseUint(last, 0, 64)
	return err == nil || last != "" && strings.Trim(last, "0123456789") == ""
}

// browserIPv6 returns an address in the one spelling that browsers send.
func browserIPv6(host string) (string, error) {
	text, closed := strings.CutSuffix(host[1:], "]")
	address, err := netip.ParseAddr(text)
	if err != nil || !closed || !address.Is6() || address.Zone() != "" {
		return "", errors.New("is not an IPv6 address like [::1]")
	}
	if address.Is4In6() { // which they write in hexadecimal
		b := address.As16()
		return fmt.Sprintf("[::ffff:%x:%x]", int(b[12])<<8|int(b[13]), int(b[14])<<8|int(b[15])), nil
	}
	return "[" + address.String() + "]", nil
}

// browserPort returns a port with its colon, and nothing for the scheme's own.
func browserPort(scheme, port string) (string, error) {
	switch port {
	case "", ":":
		return "", nil
	case ":*":
		return port, nil
	}
	n, err := strconv.ParseUint(port[1:], 10, 16)
	switch {
	case err != nil:
		return "", errors.New("has a port that is not a number of 0 to 65535")
	case scheme == "http" && n == 80, scheme == "https" && n == 443:
		return "", nil
	}
	return fmt.Sprintf(":%d", n), nil
}
