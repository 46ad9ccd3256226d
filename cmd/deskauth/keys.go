package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/secrets"
)

// The variables that a service has its keys in: those of [secrets.Env].
const (
	sessionVariable = "DESKAUTH_SESSION_SECRET"
	projectVariable = "DESKAUTH_PROJECT"
)

// A sourcedKey is a key, and where a person finds it.
type sourcedKey struct {
	deskauth.Key
	from     string
	material func() any // behind a function, so that nothing prints it; nil for a key of a set
}

// readKeyFile reads a file with keys. [secrets.Files] would refuse a pipe, as in
// --key-file <(pass show shop).
func readKeyFile(path, algorithm string) ([]sourcedKey, error) {
	text, err := readFile(path)
	if err != nil {
		return nil, fmt.Errorf("read a key: %w", err)
	}
	return readKeys(path, algorithm, text)
}

// readKeys reads the keys in a file or variable. What is a key, package secrets decides. An
// algorithm, where one is given, is that of all of them.
func readKeys(from, algorithm string, text []byte) (keys []sourcedKey, err error) {
	const prefix = "TEXT_" // of a variable that only this call sees
	read, err := secrets.Env(secrets.EnvConfig{
		Prefix: prefix, Environ: []string{prefix + "SESSION_SECRET=" + string(text)},
	})
	switch {
	case len(text) == 0: // which counts as absent there
		return nil, fmt.Errorf("%s has no key: write a secret of 32 bytes or more, or a PEM block", from)
	case err != nil:
		return nil, fmt.Errorf("%s %s", from,
			strings.TrimPrefix(err.Error(), "secrets: the variable "+prefix+"SESSION_SECRET "))
	}
	all := materials(text)
	if len(all) != len(read.Session) {
		return nil, fmt.Errorf("%s has keys that cannot be told apart: give each a file of its own", from)
	}
	for i, key := range read.Session {
		if algorithm != "" {
			if key, err = withAlgorithm(key, algorithm, all[i]); err != nil {
				return nil, fmt.Errorf("the key in %s %w", from, err)
			}
		}
		keys = append(keys, sourcedKey{key, from, func() any { return all[i] }})
	}
	return keys, nil
}

// sessionKeys returns the session keys in the environment, and none if there are none.
func (a *app) sessionKeys(algorithm string) (keys []sourcedKey, err error) {
	variables := a.variables(sessionVariable)
	if len(variables) == 0 {
		return nil, nil
	}
	if _, err := secrets.Env(secrets.EnvConfig{Environ: variables}); err != nil {
		return nil, err
	}
	for _, variable := range variables {
		name, text, _ := strings.Cut(variable, "=")
		more, err := readKeys(name, algorithm, []byte(text))
		if err != nil {
			return nil, err
		}
		keys = append(keys, more...)
	}
	return keys, nil
}

// projectKeys returns the keys of the projects in the environment, by project. One without
// a secret has none.
func (a *app) projectKeys(algorithm string) (projects map[string][]sourcedKey, err error) {
	variables := a.variables(projectVariable)
	session := fmt.Sprintf("%s=%x", sessionVariable, randomBytes(32)) // which a service has to have
	read, err := secrets.Env(secrets.EnvConfig{Environ: append(variables, session)})
	if err != nil {
		return nil, err
	}
	projects = make(map[string][]sourcedKey)
	for id := range read.Projects {
		projects[id] = nil
	}
	for _, variable := range variables { // for where each key is from, and for its material
		name, text, _ := strings.Cut(variable, "=")
		for entry := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(",\r\n", r) }) {
			id, secret, _ := strings.Cut(strings.TrimLeft(entry, " \t"), "=")
			if secret == "" {
				continue
			}
			keys, err := readKeys(name, algorithm, []byte(secret))
			if err != nil {
				return nil, err
			}
			projects[id] = append(projects[id], keys...)
		}
	}
	for id, keys := range projects {
		if _, known := read.Projects[id]; !known || len(keys) != len(read.Projects[id]) {
			return nil, errors.New("the projects in " + projectVariable + " cannot be told apart: use --key-file")
		}
	}
	return projects, nil
}

// variables returns the variables with a value whose name is the name, or goes on behind it
// with _. They are sorted, so that _2 comes before _9.
func (a *app) variables(name string) (found []string) {
	for _, variable := range a.environ {
		full, value, _ := strings.Cut(variable, "=")
		rest, ok := strings.CutPrefix(full, name)
		if ok && value != "" && (rest == "" || rest[0] == '_') {
			found = append(found, variable)
		}
	}
	slices.SortFunc(found, func(a, b string) int {
		nameA, _, _ := strings.Cut(a, "=")
		nameB, _, _ := strings.Cut(b, "=")
		return strings.Compare(nameA, nameB)
	})
	return found
}
