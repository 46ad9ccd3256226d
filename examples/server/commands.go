package main

import (
	"fmt"
	"io"
	"time"

	"github.com/deskauth/deskauth/examples/internal/sign"
)

// printCommands prints a curl command for each call, to paste into a shell as it stands.
func printCommands(w io.Writer, o options, base string) error {
	post := func(what, path, rest string) {
		fmt.Fprintf(w, "\n# %s\ncurl -X POST %s %s\n", what, quote(base+path), rest)
	}
	withBody := func(body string) string {
		return "-H 'Content-Type: application/json' -d " + quote(body)
	}
	if o.demo {
		fmt.Fprintf(w, "project %s with the secret %s, made for this run\n", o.projects[0].id, o.projects[0].secret)
	}
	post("sign up", "/signup", withBody(`{"email":"ada@example.com","password":"correct horse battery","firstname":"Ada","lastname":"Lovelace"}`))
	post("sign in", "/signin", withBody(`{"email":"ada@example.com","password":"correct horse battery"}`))
	post("sign in as a guest", "/signinAnonymously", withBody(fmt.Sprintf(`{"id_project":"%s","firstname":"Guest"}`, o.projects[0].id)))
	for _, p := range o.projects {
		if p.secret == "" {
			continue
		}
		token, err := sign.CustomToken(p.secret, map[string]any{
			"_id": "123", "sub": "userexternal", "aud": o.issuer + "/projects/" + p.id,
			"firstname": "Andrea", "lastname": "Leo", "email": "andrea@example.com", "plan": "gold",
			"iat": time.Now().Unix(), "exp": time.Now().Add(24 * time.Hour).Unix(),
		})
		if err != nil {
			return err
		}
		post("sign in with a custom token, as the backend of another system signs it", "/signinWithCustomToken", "-H "+quote("Authorization: JWT "+token))
		break
	}
	fmt.Fprintf(w, "\n# who am I (put a token of an answer in)\ncurl %s -H 'Authorization: JWT …'\n\n", quote(base+"/me"))
	return nil
}

// quote returns s as one word of a POSIX shell.
func quote(s string) string {
	quoted := []byte{'\''}
	for i := range len(s) {
		if s[i] == '\'' {
			quoted = append(quoted, `'\'`...)
		}
		quoted = append(quoted, s[i])
	}
	return string(append(quoted, '\''))
}
