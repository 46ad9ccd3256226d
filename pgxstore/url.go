package pgxstore

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// ParseURL is [pgxpool.ParseConfig] for a URL that a person wrote, as a flag or in a
// variable. Its error says what to mend, and shows nothing of the URL: pgx masks a password
// only where it is sure to have found one.
//
// It refuses a URL in which a part of the password would be taken for a host, port or
// parameter, because a character of it is not escaped. pgx would look that part up, and
// print it. It refuses a password behind the host, too.
func ParseURL(text string) (*pgxpool.Config, error) {
	err := errScheme
	if strings.HasPrefix(text, "postgres://") || strings.HasPrefix(text, "postgresql://") {
		err = checkURL(text)
	}
	if err == nil {
		var config *pgxpool.Config
		config, err = pgxpool.ParseConfig(text)
		switch {
		case err != nil:
			err = reasonOf(err)
		case isMisplaced(config.ConnConfig):
			err = errColon
		case passwordParameter.MatchString(text):
			err = errors.New("the password stands before the host: behind it, an & could end it")
		default:
			return config, nil
		}
	}
	return nil, fmt.Errorf("pgxstore: this is not a URL like postgres://USER:PASSWORD@HOST:5432/DATABASE: %w", err)
}

// reasonOf returns what pgx says behind the URL.
func reasonOf(err error) error {
	text := err.Error()
	if i := strings.LastIndex(text, "`: "); i >= 0 {
		return errors.New(text[i+len("`: "):])
	}
	return errors.New("a parameter has a bad value")
}

var passwordParameter = regexp.MustCompile(`[?&]password=`)

var errEscape = errors.New("in a user, password or parameter, write @ as %40, / as %2F, # as %23, ? as %3F, " +
	"% as %25 and a blank as %20")

var errScheme = errors.New("it does not begin with postgres://")

var errColon = errors.New("it has an escaped : or @: write the : before the password, and the @ before the host, " +
	"as they are")

// hasColon reports whether a user, however often it is escaped, has a colon: then a
// password stands behind it.
func hasColon(user string) bool {
	for !strings.Contains(user, ":") {
		plain, err := url.PathUnescape(user)
		if err != nil || plain == user {
			return false
		}
		user = plain
	}
	return true
}

// isMisplaced reports whether all of a user, password and host may stand in one place,
// escaped. pgx prints such a place where it cannot connect.
func isMisplaced(conn *pgx.ConnConfig) bool {
	return hasColon(conn.User) || strings.Contains(conn.Database, ":") && strings.Contains(conn.Database, "@")
}

// checkURL refuses a URL in which a part of the password stands in another's place, because
// it is not escaped. Else that part would be looked up as a host, connected to as a port,
// or sent as a parameter, and then be printed. Its errors quote nothing of the URL.
func checkURL(text string) error {
	_, rest, _ := strings.Cut(text, "://")
	authority := rest
	if i := strings.IndexAny(rest, "/?"); i >= 0 {
		authority = rest[:i]
	}
	behind := rest[len(authority):]
	switch {
	case strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r == 0x7f }):
		return fmt.Errorf("it has a blank: %w", errEscape)
	case strings.Contains(text, "#"):
		return fmt.Errorf("it has a #: %w", errEscape)
	case strings.Contains(behind, "@") || strings.Count(authority, "@") > 1:
		return fmt.Errorf("it has more than the @ before the host: %w", errEscape) // pgx takes the first
	}
	hosts := authority[strings.IndexByte(authority, '@')+1:]
	if strings.Contains(hosts, "%") && !strings.Contains(hosts, "[") { // an IPv6 address may have a zone
		return errColon
	}
	if err := checkPorts(hosts); err != nil {
		return err
	}
	u, err := url.Parse(text)
	if err != nil { // which quotes what it could not parse
		return fmt.Errorf("it has a character that must be escaped: %w", errEscape)
	}
	return checkParameters(u.RawQuery)
}

// checkPorts checks the ports of one or more hosts, which commas separate.
func checkPorts(hosts string) error {
	for host := range strings.SplitSeq(hosts, ",") {
		_, port := splitPort(host)
		if port == "" || port == ":" {
			continue
		}
		if n, err := strconv.ParseUint(port[1:], 10, 16); err != nil || n == 0 {
			return errors.New("invalid port")
		}
	}
	return nil
}

var parameterName = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_.]*$`)

func checkParameters(query string) error {
	if query == "" {
		return nil
	}
	for parameter := range strings.SplitSeq(query, "&") {
		name, value, ok := strings.Cut(parameter, "=")
		plain, err := url.QueryUnescape(value)
		if name == "host" && strings.ContainsAny(plain, "@%") {
			return errColon
		}
		if !ok || !parameterName.MatchString(name) || err != nil {
			return fmt.Errorf("a parameter is not NAME=VALUE: %w", errEscape)
		}
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
