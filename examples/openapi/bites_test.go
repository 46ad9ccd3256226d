package openapi_test

import (
	"strconv"
	"strings"
	"testing"

	validator "github.com/pb33f/libopenapi-validator"
)

// problemOf says what is wrong with an exchange, as the tests of all of them do.
func problemOf(s spec, v validator.Validator, e exchange) string {
	operation := s.operation(e.method, e.path)
	if operation == nil {
		return "no operation"
	}
	problem := invalidAnswer(v, e)
	return problem + otherHeaders(s.at(operation, "responses", strconv.Itoa(e.status), "headers"), e)
}

// A field, a code or a header that is on one side alone has to be found: in an answer that
// differs from the document, and in a document that differs from the answer.
func TestDifferencesAreFound(t *testing.T) {
	t.Parallel()
	text := string(readDocument(t))
	all, unchanged := map[string]exchange{}, newValidator(t, []byte(text))
	for _, e := range goldens(t) {
		all[e.name] = e
	}
	for name, c := range map[string]struct {
		of       string // the golden exchange
		old, new string // in the answer
		was, is  string // in the document
	}{
		"nothing": {of: "signin.txt: the right password"},

		"a field of a session":     {"signin.txt: the right password", `{"success"`, `{"kind":"user","success"`, "", ""},
		"a field of an agent":      {"signin.txt: the right password", `"user":{`, `"user":{"role":"admin",`, "", ""},
		"a field of an account":    {"users.txt: both names", `"__v":0`, `"__v":0,"passwordHash":"x"`, "", ""},
		"a field of a profile":     {"users.txt: the profile", `{"_id"`, `{"status":100,"_id"`, "", ""},
		"a field of a guest":       {"signinAnonymously.txt: a guest with a first name", `"__v"`, `"id":"1","__v"`, "", ""},
		"a field of an error":      {"signin.txt: a wrong password", `{"success"`, `{"reason":"unknown","success"`, "", ""},
		"a field of a field error": {"signin.txt: no password", `"location"`, `"code":"empty","location"`, "", ""},
		"a field is gone":          {"signin.txt: the right password", `"lastname":"Lovelace",`, ``, "", ""},
		"no code":                  {"signin.txt: a wrong password", `,"code":"invalid_credentials"`, ``, "", ""},
		"another code":             {"signin.txt: a wrong password", `invalid_credentials`, `unknown_address`, "", ""},
		"a code of elsewhere":      {"signin.txt: a wrong password", `invalid_credentials`, `account_disabled`, "", ""},
		"success in an error":      {"signin.txt: a wrong password", `false`, `true`, "", ""},
		"another form of time":     {"users.txt: both names", `.778Z`, `Z`, "", ""},
		"a token without scheme":   {"signin.txt: the right password", `"JWT `, `"`, "", ""},

		"a required field that is not there": {"signin.txt: the right password", "", "",
			`"description": "An agent, as a session shows it.",
        "required": [`, `"description": "An agent, as a session shows it.",
        "required": ["role", `},
		"a status that is not there": {"signin.txt: a wrong password", "", "", `"401": {`, `"402": {`},
		"a header that is not there": {"signin.txt: a wrong password", "", "",
			`"WWW-Authenticate": {"$ref"`, `"X-Challenge": {"$ref"`},
		"a path that is not there": {"signin.txt: a wrong password", "", "", `"/v1/auth/signin":`, `"/v1/auth/login":`},
	} {
		e, ok := all[c.of]
		if !ok {
			t.Fatalf("there is no golden exchange %q", c.of)
		}
		changed, other := strings.Replace(e.body, c.old, c.new, 1), strings.ReplaceAll(text, c.was, c.is)
		if c.was == "" {
			other = text
		}
		if name != "nothing" && changed == e.body && other == text {
			t.Errorf("%s: nothing was changed", name)
		}
		e.body = changed
		v := unchanged
		if other != text {
			v = newValidator(t, []byte(other))
		}
		problem := problemOf(readSpec(t, []byte(other)), v, e)
		if (problem == "") != (name == "nothing") {
			t.Errorf("%s: the tests find %q in %s", name, problem, e.body)
		}
	}
}
