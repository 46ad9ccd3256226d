package secrets

import (
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/deskauth/deskauth"
)

const (
	defaultPrefix = "DESKAUTH_"
	mostVariables = 9 // of one name, the numbered ones included
)

// EnvConfig holds the settings of [Env]. The zero value is safe.
type EnvConfig struct {
	// Prefix is what the names of the variables begin with. The default is "DESKAUTH_".
	Prefix string
	// Environ replaces the environment, for tests: NAME=VALUE, as [os.Environ] has it.
	Environ []string
}

// Env returns the keys in environment variables. It reads them once.
//
// DESKAUTH_SESSION_SECRET has the session keys, as the package describes: one secret on
// each line, or PEM blocks. The first one signs. DESKAUTH_SESSION_SECRET_2, up to _9, has
// those that follow, for places that cannot set a variable with line breaks.
//
// DESKAUTH_PROJECT, and DESKAUTH_PROJECT_2 up to _9, has the projects. Each line, or part
// of a line between commas, is ID=SECRET, or ID= for a project that takes guests and no
// custom tokens. So no secret of a project may have a comma. An ID with several secrets has
// several keys, the first one the current.
//
// An empty variable counts as absent. Without a session key, Env returns an error. So it
// does for a name that goes on in another way, such as DESKAUTH_SESSION_SECRET_FILE.
// [deskauth.New] checks the keys further.
func Env(cfg EnvConfig) (deskauth.StaticSecrets, error) {
	if cfg.Prefix == "" {
		cfg.Prefix = defaultPrefix
	}
	if cfg.Environ == nil {
		cfg.Environ = os.Environ()
	}
	secrets := deskauth.StaticSecrets{Projects: make(map[string][]deskauth.Key)}
	session, err := variables(cfg.Environ, cfg.Prefix+"SESSION_SECRET")
	if err != nil {
		return deskauth.StaticSecrets{}, err
	}
	for _, v := range session {
		list, err := parse([]byte(v.value))
		if err != nil {
			return deskauth.StaticSecrets{}, fmt.Errorf("secrets: the variable %s %w", v.name, err)
		}
		secrets.Session = append(secrets.Session, list.keys...)
	}
	if len(secrets.Session) == 0 {
		return deskauth.StaticSecrets{}, fmt.Errorf(
			"secrets: the variable %sSESSION_SECRET is not set: write a secret of 32 bytes or more into it", cfg.Prefix)
	}
	projects, err := variables(cfg.Environ, cfg.Prefix+"PROJECT")
	if err != nil {
		return deskauth.StaticSecrets{}, err
	}
	for _, v := range projects {
		if err := addProjects(secrets.Projects, v.value); err != nil {
			return deskauth.StaticSecrets{}, fmt.Errorf("secrets: the variable %s %w", v.name, err)
		}
	}
	return secrets, nil
}

type variable struct{ name, value string }

// variables returns those of a name that have a value, in their order.
func variables(environ []string, name string) (all []variable, err error) {
	values := make(map[int]string)
	for _, entry := range environ {
		full, value, _ := strings.Cut(entry, "=")
		rest, ok := strings.CutPrefix(full, name)
		if !ok || value == "" || rest != "" && rest[0] != '_' {
			continue
		}
		number := 1
		if rest != "" {
			number, err = strconv.Atoi(rest[1:])
			if err != nil || number < 2 || number > mostVariables || rest != "_"+strconv.Itoa(number) {
				return nil, fmt.Errorf("secrets: there is a variable behind %s_ that is not read: "+
					"number them %s_2 to %s_%d, and read files with secrets.Files", name, name, name, mostVariables)
			}
		}
		values[number] = value
	}
	for number := 1; number <= mostVariables; number++ {
		full := name
		if number > 1 {
			full += "_" + strconv.Itoa(number)
		}
		if value, ok := values[number]; ok {
			all = append(all, variable{full, value})
		}
	}
	return all, nil
}

// addProjects reads ID=SECRET, of each line or between commas. Its errors quote no ID: a
// secret may stand in its place.
func addProjects(projects map[string][]deskauth.Key, text string) error {
	number := 0
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(",\r\n", r) }) {
		part = strings.TrimLeft(part, " \t")
		if part == "" {
			continue
		}
		number++
		id, secret, ok := strings.Cut(part, "=")
		switch {
		case !ok:
			return fmt.Errorf("has a project, number %d, without =: a project is ID=SECRET, or ID= for guests only", number)
		case !projectForm.MatchString(id) || secret == "=" || isBase64(part):
			return fmt.Errorf("has a project, number %d, without an ID: a project is ID=SECRET, "+
				"and an ID has 1 to 128 letters, digits, or characters of -._~", number)
		case secret == "":
			projects[id] = slices.Clip(projects[id])
			continue
		}
		list, err := parse([]byte(secret))
		if err != nil {
			return fmt.Errorf("has a project, number %d, that %w", number, err)
		}
		projects[id] = append(projects[id], list.keys...)
	}
	if number == 0 {
		return errors.New("has no project: a project is ID=SECRET, or ID= for guests only")
	}
	return nil
}

// isBase64 reports whether a part without a secret may be one in base64, whose padding
// looks like the end of an ID.
func isBase64(part string) bool {
	_, err := base64.StdEncoding.Strict().DecodeString(part)
	return err == nil && part != strings.ToLower(part) && part != strings.ToUpper(part)
}
