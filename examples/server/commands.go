package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/deskauth/deskauth/examples/internal/sign"
)

// printCommands prints a curl command for each call, to paste into a shell as it stands,
// once the variable token has the token of an answer. Each URL starts with root. Only of
// the demo project it prints a secret and a token that is good: what a server prints goes
// into logs, and a token of a real project would let in everybody who reads them.
func printCommands(w io.Writer, o options, root string) error {
	const withToken = `-H "Authorization: $token"`
	printCall := func(what, method, path, arguments string) {
		fmt.Fprintf(w, "\n# %s\ncurl -X %s %s %s\n", what, method, quote(root+path), arguments)
	}
	printPost := func(what, path, arguments string) { printCall(what, "POST", o.prefix+path, arguments) }
	withBody := func(body string) string {
		return "-H 'Content-Type: application/json' -d " + quote(body)
	}
	if o.demo {
		fmt.Fprintf(w, "project %s with the secret %s, made for this run\n", o.projects[0].id, o.projects[0].secret)
	}
	const account = `"email":"ada@example.com","password":"correct horse battery"`
	if !o.disableSignup {
		printPost("sign up", "/signup", withBody("{"+account+`,"firstname":"Ada","lastname":"Lovelace"}`))
	}
	printPost("sign in", "/signin", withBody("{"+account+"}"))
	guest := fmt.Sprintf(`{"id_project":"%s","firstname":"Guest"}`, o.projects[0].id)
	printPost("sign in as a guest", "/signinAnonymously", withBody(guest))

	const custom = "sign in with a custom token, as the backend of another system signs it"
	switch {
	case o.demo:
		token, err := exampleToken(o.issuer, o.projects[0])
		if err != nil {
			return err
		}
		printPost(custom, "/signinWithCustomToken", "-H "+quote("Authorization: JWT "+token))
	case slices.ContainsFunc(o.projects, func(p project) bool { return p.secret != "" }):
		printPost(custom+" (put one in)", "/signinWithCustomToken", "-H "+quote("Authorization: JWT …"))
	}
	fmt.Fprint(w, "\n# keep the token of the agent's sign-in for what follows\ntoken='JWT …'\n")
	printCall("who am I", "GET", o.prefix+"/me", withToken)
	printCall("change the password, which ends every other session", "PUT", o.users()+"/changepsw",
		withToken+" "+withBody(`{"oldpsw":"correct horse battery","newpsw":"a longer and better one"}`))
	printPost("sign out", "/signout", withToken)
	fmt.Fprintln(w)
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
