package pgxstore_test

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/deskauth/deskauth/pgxstore"
	"github.com/jackc/pgx/v5/pgxpool"
)

// canaries are pieces of passwords. One is a number, which could be a port.
var canaries = []string{"canary", "51515"}

// specials are what a password may have between the pieces.
var specials = []string{
	"", "@", "/", ":", "#", "?", "%", "%zz", "%4", " ", "\t", "\n", "[", "]", `\`, `"`, "<", ">", "^", "`", "{", "|",
	"}", "&", "=", ";", "+", ",", "'", "$", "!", "*", "(", ")", "~", "é", "://", "/@", "?x=", "&x=", "#@", ":@",
	"@@", "%40", "%2F", "%3A", "%253A",
}

// forms are URLs with a password in them.
var forms = []string{
	"postgres://app:PASSWORD@db.example:5432/accounts",
	"postgresql://app:PASSWORD@db.example/accounts?sslmode=disable",
	"postgres://app:PASSWORD@10.0.0.1:5432,10.0.0.2:5433/accounts?application_name=x",
	"postgres://:PASSWORD@db.example",
	"postgres://app:PASSWORD@[::1]:5432/accounts",
	"postgres://app%3APASSWORD@db.example:5432/accounts",
	"postgres://app%3APASSWORD%40db.example/accounts",
	"postgres://app@db.example/accounts?password=PASSWORD&sslmode=disable",
	"postgres://app@db.example/accounts?sslmode=disable&password=PASSWORD",
	"postgre://app:PASSWORD@db.example/accounts",
	"postgres:/app:PASSWORD@db.example/accounts",
	"postgres:app:PASSWORD@db.example/accounts",
	"//app:PASSWORD@db.example/accounts",
	"app:PASSWORD@db.example/accounts",
	"mysql://app:PASSWORD@db.example/accounts",
	"password=PASSWORD host=db.example",
}

// Whatever is in a password, no part of it is printed, and none becomes a host, a port, a
// database or a parameter.
func TestS22_NoPartOfAPasswordIsPrintedOrLookedUp(t *testing.T) {
	t.Parallel()
	taken, refused := 0, 0
	for _, form := range forms {
		for _, first := range specials {
			for _, second := range specials {
				for _, piece := range canaries {
					password := piece + first + piece + second + piece
					name := strings.ReplaceAll(form, "PASSWORD", password)
					if err := checkPassword(name, password); err != nil {
						t.Errorf("%q: %v", name, err)
					}
					if parseError(name) == nil {
						taken++
					} else {
						refused++
					}
				}
			}
			if t.Failed() {
				return
			}
		}
	}
	if taken < 1000 || refused < 1000 {
		t.Errorf("%d URLs were taken and %d refused: the test is about nothing", taken, refused)
	}
}

// checkPassword returns where a part of the password of a URL turns up.
func checkPassword(name, password string) error {
	has := func(text string) bool {
		return slices.ContainsFunc(canaries, func(piece string) bool { return strings.Contains(text, piece) })
	}
	if err := parseError(name); err != nil {
		if has(err.Error()) {
			return fmt.Errorf("the error has a part of the password: %w", err)
		}
		return nil
	}
	config, err := pgxstore.ParseURL(name)
	if err != nil {
		return err
	}
	for key, value := range config.ConnConfig.RuntimeParams {
		if has(key) || has(value) {
			return fmt.Errorf("the parameter %s=%s has a part of the password", key, value)
		}
	}
	return checkConnection(config, password, has)
}

func parseError(name string) error {
	_, err := pgxstore.ParseURL(name)
	return err
}

func checkConnection(config *pgxpool.Config, password string, has func(string) bool) error {
	conn := config.ConnConfig
	hosts := fmt.Sprint(conn.Host, ":", conn.Port)
	for _, fallback := range conn.Fallbacks {
		hosts += fmt.Sprint(" ", fallback.Host, ":", fallback.Port)
	}
	if where := hosts + " " + conn.Database + " " + conn.User; has(where) {
		return fmt.Errorf("the host, port, database or user has a part of the password: %s", where)
	}
	decoded, err := url.PathUnescape(password)
	query, queryErr := url.QueryUnescape(password) // where + is a blank
	if err != nil && queryErr != nil {
		return fmt.Errorf("an escape that is none was taken: %w", errors.Join(err, queryErr))
	}
	if conn.Password != decoded && conn.Password != query {
		return fmt.Errorf("the password is %q, want %q", conn.Password, decoded)
	}
	return nil
}

// A user may have any other character that is escaped.
func TestEscapedUsers(t *testing.T) {
	t.Parallel()
	for escaped, want := range map[string]string{
		"app%40server": "app@server", "app%25": "app%", "app%2Fx": "app/x", "a%20b": "a b", "%C3%A9": "é",
	} {
		config, err := pgxstore.ParseURL("postgres://" + escaped + ":word@h/d?host=%2Frun")
		if err != nil || config.ConnConfig.User != want || config.ConnConfig.Password != "word" {
			t.Errorf("%s: got the error %v, want the user %q", escaped, err, want)
		}
	}
	if _, err := pgxstore.ParseURL("postgres://app:word@[fe80::1%25eth0]:5432/d"); err != nil {
		t.Errorf("a zone of IPv6: got the error %v, want nil", err)
	}
}

// A password that is escaped may have any character.
func TestEscapedPasswords(t *testing.T) {
	t.Parallel()
	for _, special := range specials {
		password := "canary" + special + "canary"
		escaped := strings.ReplaceAll(url.QueryEscape(password), "+", "%20")
		config, err := pgxstore.ParseURL("postgres://app:" + escaped + "@db.example:5432/accounts")
		if err != nil || config.ConnConfig.Password != password || config.ConnConfig.Host != "db.example" {
			t.Errorf("%q, escaped: got the error %v, want that password", password, err)
		}
	}
	for name, says := range map[string]string{
		"postgres://app:pass/word@h/d":  "/ as %2F",
		"postgres://app:pass#word@h/d":  "# as %23",
		"postgres://app:pass?word@h/d":  "? as %3F",
		"postgres://app:pass%word@h/d":  "% as %25",
		"postgres://app:pass word@h/d":  "a blank as %20",
		"postgres://app:p@ss/word@h/d":  "@ as %40",
		"postgres://app:word@h:port/d":  "invalid port",
		"postgres://app:word@h:0/d":     "invalid port",
		"postgres://app:word@h:99999/d": "invalid port",
		"postgres://app@h/d?word":       "NAME=VALUE",
		"postgres://app@h/d?a b=c":      "a blank",
		"postgres://app@h/d?sslmode=x":  "sslmode is invalid",
		"postgres://app@h/d?password=x": "before the host",

		"postgres://app%3Aword@h/d":             "escaped : or @",
		"postgres://app%3aword@h/d":             "escaped : or @",
		"postgres://app%253Aword@h/d":           "escaped : or @",
		"postgres://app%3Aword:more@h/d":        "escaped : or @",
		"postgres://%3Aword@h/d":                "escaped : or @",
		"postgres://h/d?user=app:word":          "escaped : or @",
		"postgres://h/d?user=app%3Aword":        "escaped : or @",
		"postgres://app%3Aword%40h/d":           "escaped : or @",
		"postgres://app%253Aword%2540h/d":       "escaped : or @",
		"postgres:///app%3Aword%40h":            "escaped : or @",
		"postgres:///d?host=app%3Aword%40h":     "escaped : or @",
		"postgres:///d?host=app%253Aword%2540h": "escaped : or @",
		"postgres://app%3Aword%40h%2Fd":         "escaped : or @",
		"postgres://app:word%40h/d":             "escaped : or @",
	} {
		_, err := pgxstore.ParseURL(name)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: got the error %v, want one that says %q", name, err, says)
		}
		if err != nil && (strings.Contains(err.Error(), "word@") || strings.Contains(err.Error(), ":word")) {
			t.Errorf("%s: the error quotes the password: %v", name, err)
		}
	}
}
