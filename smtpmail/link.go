package smtpmail

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"strings"

	"github.com/deskauth/deskauth"
)

// defaultLinks are the pages of Tiledesk's dashboard, but for the last one. They are also
// the list of kinds that have a code.
var defaultLinks = map[deskauth.MailKind]string{
	deskauth.MailPasswordReset:     "/#/resetpassword/{code}",
	deskauth.MailEmailVerification: "/#/verify/email/{id}/{code}",
	deskauth.MailEmailChange:       "/#/changeemail/{code}",
}

// DefaultLinks returns what the links of each kind of mail end with where [Options].Links
// says nothing. The map is the caller's.
func DefaultLinks() map[deskauth.MailKind]string { return maps.Clone(defaultLinks) }

// links holds a pattern for each kind of mail that has a code.
type links map[deskauth.MailKind]string

var placeholder = regexp.MustCompile(`\{[^}]*\}?`)

// newLinks checks the patterns, and puts the base before those that are not whole.
func newLinks(base string, patterns map[deskauth.MailKind]string) (links, error) {
	for kind := range patterns {
		if _, ok := defaultLinks[kind]; !ok {
			return nil, fmt.Errorf("smtpmail: Options.Links has the kind %.100q, which has no code", string(kind))
		}
	}
	all := make(links)
	for kind, pattern := range defaultLinks {
		if own, ok := patterns[kind]; ok {
			pattern = own
		}
		whole := pattern
		if !isWeb(pattern) {
			whole = base + pattern
		}
		if err := checkPattern(pattern, whole); err != nil {
			return nil, fmt.Errorf("smtpmail: Options.Links[%q] is %.300q: %w", string(kind), shown(pattern), err)
		}
		all[kind] = whole
	}
	return all, nil
}

func isWeb(address string) bool {
	return strings.HasPrefix(address, "https://") || strings.HasPrefix(address, "http://")
}

func checkPattern(pattern, whole string) error {
	for _, name := range placeholder.FindAllString(pattern, -1) {
		if name != "{code}" && name != "{id}" {
			return fmt.Errorf("only {code} and {id} stand for something, and %s does not", name)
		}
	}
	switch {
	case !strings.Contains(pattern, "{code}"):
		return errors.New("it needs a {code}")
	case !isWeb(pattern) && !strings.HasPrefix(pattern, "/"):
		return errors.New("it begins neither with / nor with https:// or http://")
	}
	_, err := parseWeb(placeholder.ReplaceAllString(whole, "x"))
	if err == nil && strings.Contains(strings.SplitN(whole, "/", 4)[2], "{") {
		return errors.New("its host depends on the mail")
	}
	return err
}

// parseWeb reads an absolute address of the web that can stand in a mail as it is.
func parseWeb(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return nil, errors.New("it is not a URL")
	case !isWeb(address) || u.Hostname() == "":
		return nil, errors.New("it needs https:// or http:// and a host")
	case u.User != nil:
		return nil, errors.New("it has a user or a password")
	case !isPlain(address) || strings.ContainsAny(address, "<>\"`\\^|{}"):
		return nil, errors.New("it has a character that has to be escaped in a URL")
	}
	return u, nil
}

// shown returns an address as an error shows it: without what may be a password.
func shown(address string) string {
	if at := strings.LastIndexByte(address, '@'); at >= 0 {
		return "…" + address[at:]
	}
	return address
}

// checkBase returns the address that links begin with, without a slash at its end.
func checkBase(base string) (string, error) {
	u, err := parseWeb(base)
	if err == nil && (u.RawQuery != "" || u.ForceQuery || strings.Contains(base, "#")) {
		err = errors.New("it has a query or a fragment")
	}
	if err != nil {
		return "", fmt.Errorf("smtpmail: Options.BaseURL is %.300q: %w; it is like https://desk.example.com/dashboard",
			shown(base), err)
	}
	return strings.TrimRight(base, "/"), nil
}

// link returns the link of a mail, or nothing for a notice.
func (l links) link(m deskauth.Mail) string {
	return strings.NewReplacer("{code}", escape(m.CodeText()), "{id}", escape(m.User.ID)).Replace(l[m.Kind])
}

// escape leaves only the characters as they are that need no escaping in any part of a URL
// (RFC 3986 §2.3).
func escape(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }
