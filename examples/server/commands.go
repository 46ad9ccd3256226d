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
	if o.demo {
		fmt.Fprintf(w, "project %s with the secret %s, made for this run\n", o.projects[0].id, o.projects[0].secret)
	}
	p := printerOf{w, o, root}
	p.ownLife()
	p.guests()
	if err := p.customToken(); err != nil {
		return err
	}
	p.post("sign out", "/signout", withToken)
	fmt.Fprintln(w)
	return nil
}

// A printerOf prints commands for a server.
type printerOf struct {
	w    io.Writer
	o    options
	root string
}

const (
	withToken   = `-H "Authorization: $token"`
	credentials = `"email":"ada@example.com","password":"`
)

func withBody(body string) string { return "-H 'Content-Type: application/json' -d " + quote(body) }

// call prints a command. variables is the end of the path, which the shell expands.
func (p printerOf) call(what, method, path, variables, arguments string) {
	url := quote(p.root + path)
	if variables != "" {
		url += `"` + variables + `"`
	}
	fmt.Fprintf(p.w, "\n# %s\ncurl -X %s %s %s\n", what, method, url, arguments)
}

func (p printerOf) post(what, path, arguments string) {
	p.call(what, "POST", p.o.prefix+path, "", arguments)
}

// keep prints how to keep what the next commands need.
func (p printerOf) keep(what, assignment string) { fmt.Fprintf(p.w, "\n# %s\n%s\n", what, assignment) }

// ownLife is the life of an agent's account.
func (p printerOf) ownLife() {
	if !p.o.disableSignup {
		p.post("sign up", "/signup",
			withBody("{"+credentials+`correct horse battery","firstname":"Ada","lastname":"Lovelace"}`))
	}
	p.keep("keep the _id of the sign-up, and the code of its mail, "+p.o.whereMailIs(), "id='…' code='…'")
	p.call("verify the address", "PUT", p.o.prefix+"/verifyemail/", "$id/$code", "")
	p.post("sign in", "/signin", withBody("{"+credentials+`correct horse battery"}`))
	p.keep("keep the token of that sign-in", "token='JWT …'")
	p.call("who am I", "GET", p.o.prefix+"/me", "", withToken)
	p.call("change the password, which ends every other session", "PUT", p.o.users()+"/changepsw", "",
		withToken+" "+withBody(`{"oldpsw":"correct horse battery","newpsw":"a longer and better one"}`))
	p.call("the password is forgotten: ask for a mail", "PUT", p.o.prefix+"/requestresetpsw", "",
		withBody(`{"email":"ada@example.com"}`))
	p.keep("keep the code of that mail", "code='…'")
	p.call("choose a new password, which ends every session", "PUT", p.o.prefix+"/resetpsw/", "$code",
		withBody(`{"password":"one that she remembers"}`))
	p.post("sign in with it", "/signin", withBody("{"+credentials+`one that she remembers"}`))
	p.keep("keep the token of that sign-in", "token='JWT …'")
}

// guests come without a name, and may go up to an account of their own.
func (p printerOf) guests() {
	guest := fmt.Sprintf(`{"id_project":"%s","firstname":"Guest"}`, p.o.projects[0].id)
	p.post("sign in as a guest", "/signinAnonymously", withBody(guest))
	if p.o.disableSignup || p.o.besideTiledesk {
		return
	}
	p.keep("keep the token of the guest", "guest='JWT …'")
	p.post("sign up as the guest, who keeps its _id", "/signup", `-H "Authorization: $guest" `+withBody(
		`{"email":"grace@example.com","password":"correct horse battery","firstname":"Grace","lastname":"Hopper"}`))
}

func (p printerOf) customToken() error {
	const custom = "sign in with a custom token, as the backend of another system signs it"
	switch {
	case p.o.demo:
		token, err := exampleToken(p.o.issuer, p.o.projects[0])
		if err != nil {
			return err
		}
		p.post(custom, "/signinWithCustomToken", "-H "+quote("Authorization: JWT "+token))
	case slices.ContainsFunc(p.o.projects, func(p project) bool { return p.secret != "" }):
		p.post(custom+" (put one in)", "/signinWithCustomToken", "-H "+quote("Authorization: JWT …"))
	}
	return nil
}

// exampleToken returns a custom token of a project, good for a day.
func exampleToken(issuer string, p project) (string, error) {
	return p.customToken(issuer, 24*time.Hour, map[string]any{
		"_id": "123", "firstname": "Andrea", "lastname": "Leo", "email": "andrea@example.com", "plan": "gold",
	})
}

// customToken returns a custom token of a project with claims about a user, as the backend
// of another system signs it.
func (p project) customToken(issuer string, life time.Duration, claims map[string]any) (string, error) {
	now := time.Now()
	claims["sub"] = "userexternal"
	claims["aud"] = issuer + "/projects/" + p.id
	claims["iat"], claims["exp"] = now.Unix(), now.Add(life).Unix()
	return sign.CustomToken(p.secret, claims)
}

// quote returns s as one word of a POSIX shell.
func quote(s string) string {
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
