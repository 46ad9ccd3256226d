package main

import (
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/deskauth/deskauth"
)

// A project with an empty secret takes guests and no custom tokens.
type project struct{ id, secret string }

var projectID = regexp.MustCompile(`^[A-Za-z0-9._~-]{1,128}$`)

// addProject reads ID=SECRET. Its errors quote nothing that may be a secret: a secret may
// stand alone, or in the place of the ID.
func (o *options) addProject(text string) error {
	id, secret, ok := strings.Cut(text, "=")
	number := len(o.projects) + 1
	switch {
	case !ok || id == "":
		return errors.New("a project is ID=SECRET, or ID= for guests only")
	case secret == "=" || isBase64(text):
		return fmt.Errorf("project %d looks like a secret in base64 without an ID: a project is ID=SECRET", number)
	case !projectID.MatchString(id):
		return fmt.Errorf("the ID of project %d cannot be used: it needs 1 to 128 letters, digits, or characters of -._~",
			number)
	}
	for i, p := range o.projects {
		if p.id == id {
			return fmt.Errorf("the projects %d and %d have one ID%s", i+1, number, shownID(id))
		}
	}
	o.projects = append(o.projects, project{id, secret})
	return nil
}

// isBase64 reports whether a text may be a key in base64: 16 random bytes or more, with the
// = at its end that would divide the text of a project.
func isBase64(text string) bool {
	key, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil {
		key, err = base64.URLEncoding.Strict().DecodeString(text)
	}
	random := text != strings.ToLower(text) && text != strings.ToUpper(text) // an ID is a word or a number
	return err == nil && len(key) >= 16 && random
}

// shownID returns an ID for an error, or nothing for one that may be a secret.
func shownID(id string) string {
	if len(id) >= leastSecret {
		return ""
	}
	return fmt.Sprintf(" %q", id)
}

const leastSecret = 32 // bytes, that the library asks for

// checkSessionSecrets refuses what looks like several secrets in one.
func checkSessionSecrets(secrets []string) error {
	for _, secret := range secrets {
		if n := secretsIn(secret); n > 1 {
			return fmt.Errorf("-session-secret: a value looks like %d secrets in one: give the flag once for each, "+
				"or write one per line in %s", n, variableOf("session-secret"))
		}
	}
	return nil
}

var wholeSecret = regexp.MustCompile(`^[A-Za-z0-9+/_=.-]{32,}$`)

// secretsIn returns how many UUIDs, keys in hexadecimal or in base64, or the like a text
// lists. It is 0 if a part of it is something else, or short: a phrase may have commas and
// blanks.
func secretsIn(text string) (n int) {
	text = strings.NewReplacer(`\n`, " ", `\r`, " ").Replace(text)
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(" \t,;|[]\"'", r) }) {
		if !wholeSecret.MatchString(part) {
			return 0
		}
		n++
	}
	return n
}

// keys makes the keys. An error says by which flag a bad secret came.
func (o options) keys() (deskauth.StaticSecrets, error) {
	secrets := deskauth.StaticSecrets{Projects: make(map[string][]deskauth.Key)}
	for i, secret := range o.sessionSecrets {
		key := deskauth.NewKey("", "HS256", secret)
		if err := key.Err(); err != nil {
			return secrets, fmt.Errorf("-session-secret%s: %w", numberOf(i, len(o.sessionSecrets)), err)
		}
		secrets.Session = append(secrets.Session, key)
	}
	for i, p := range o.projects {
		secrets.Projects[p.id] = nil
		if p.secret == "" {
			continue
		}
		key := deskauth.NewKey("", "HS256", p.secret)
		if err := key.Err(); err != nil {
			return secrets, fmt.Errorf("-project%s%s: %w", numberOf(i, len(o.projects)), shownID(p.id), err)
		}
		secrets.Projects[p.id] = []deskauth.Key{key}
	}
	return secrets, nil
}

// numberOf returns which of several values it is, from 1.
func numberOf(i, all int) string {
	if all == 1 {
		return ""
	}
	return fmt.Sprintf(" %d of %d", i+1, all)
}
