package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/deskauth/deskauth/examples/internal/sign"
)

// printCommands prints a curl command for each call, to paste into a shell as it stands.
// Each URL starts with base.
func printCommands(w io.Writer, o options, base string) error {
	printPost := func(what, path, arguments string) {
		fmt.Fprintf(w, "\n# %s\ncurl -X POST %s %s\n", what, quote(base+path), arguments)
	}
	withBody := func(body string) string {
		return "-H 'Content-Type: application/json' -d " + quote(body)
	}
	if o.demo {
		fmt.Fprintf(w, "project %s with the secret %s, made for this run\n", o.projects[0].id, o.projects[0].secret)
	}
	const account = `"email":"ada@example.com","password":"correct horse battery"`
	printPost("sign up", "/signup", withBody("{"+account+`,"firstname":"Ada","lastname":"Lovelace"}`))
	printPost("sign in", "/signin", withBody("{"+account+"}"))
	guest := fmt.Sprintf(`{"id_project":"%s","firstname":"Guest"}`, o.projects[0].id)
	printPost("sign in as a guest", "/signinAnonymously", withBody(guest))

	withSecret := slices.IndexFunc(o.projects, func(p project) bool { return p.secret != "" })
	if withSecret >= 0 {
		token, err := exampleToken(o.issuer, o.projects[withSecret])
		if err != nil {
			return err
		}
		printPost("sign in with a custom token, as the backend of another system signs it",
			"/signinWithCustomToken", "-H "+quote("Authorization: JWT "+token))
	}
	fmt.Fprintf(w, "\n# who am I (put a token of an answer in)\ncurl %s -H 'Authorization: JWT …'\n\n", quote(base+"/me"))
	return nil
}

// exampleToken returns a custom token of a project, good for a day.
func exampleToken(issuer string, p project) (string, error) {
	now := time.Now()
	return sign.CustomToken(p.secret, map[string]any{
		"_id":       "123",
		"sub":       "userexternal",
		"aud":       issuer + "/projects/" + p.id,
		"iat":       now.Unix(),
		"exp":       now.Add(24 * time.Hour).Unix(),
		"firstname": "Andrea",
		"lastname":  "Leo",
		"email":     "andrea@example.com",
		"plan":      "gold",
	})
}

// quote returns s as one word of a POSIX shell.
func quote(s string) string {
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
