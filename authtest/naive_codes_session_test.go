package authtest_test

import (
	"strings"
)

var naiveSessions = []naiveDesk{{
	"takes a session for a code", "signed",
	func(d *codeDesk) {
		signed := d.take
		d.take = func(code string) bool { return signed(code) || isSession(code) }
	},
	[]string{"token: the session token"},
}, {
	"takes any JWT of the session key", "random",
	func(d *codeDesk) {
		stored := d.take
		d.take = func(code string) bool {
			part := strings.Split(code, ".")
			return stored(code) || len(part) == 3 && tokenOf(part[1], sessionSecret) == code
		}
	},
	[]string{"token: JWT signed with secret 1, claim code", "token: the session token"},
}, {
	"takes a JWT of any key", "random",
	func(d *codeDesk) {
		stored := d.take
		d.take = func(code string) bool {
			part := strings.Split(code, ".")
			if len(part) != 3 {
				return stored(code)
			}
			payload, _ := strictBase64(part[1])
			claims, ok := strictObject(payload)
			return ok && stored(claims.text("code"))
		}
	},
	[]string{"token: JWT without a signature, claim code", "token: JWT signed with the code, claim code"},
}, {
	"takes a code for a session", "signed",
	func(d *codeDesk) {
		d.session = func(token string) bool { return isSession(token) || d.take(strings.TrimPrefix(token, "JWT ")) }
	},
	[]string{"as-token: the code", "as-token: scheme JWT"},
}, {
	"signs sessions with codes too", "random",
	func(d *codeDesk) {
		d.session = func(token string) bool {
			part := strings.Split(token, ".")
			return isSession(token) || len(part) == 3 && tokenOf(part[1], d.honest) == token
		}
	},
	[]string{"as-token: signed with the code, the session token's text"},
}, {
	"compares the signature with the code", "random",
	func(d *codeDesk) {
		d.session = func(token string) bool { return isSession(token) || strings.HasSuffix(token, "."+d.honest) }
	},
	[]string{"as-token: the code as the signature, the session token's text", "as-token: the session token and the code"},
}, {
	"takes whatever the session key signs", "signed",
	func(d *codeDesk) {
		d.session = func(token string) bool {
			part := strings.Split(token, ".")
			return len(part) == 3 && tokenOf(part[1], sessionSecret) == token
		}
	},
	[]string{"as-token: signed with secret 1, the code as the payload"},
}}
