package httpadapter_test

import (
	"net/http"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/deskauth/deskauth/internal/testkit"
)

// nested is an object of so many levels.
func nested(levels int) string {
	return strings.Repeat(`{"a":`, levels-1) + `{}` + strings.Repeat(`}`, levels-1)
}

// These bodies are refused before a field is looked at. A good token comes with each,
// because a wrong body is wrong there too.
func TestS26_NotOneJSONObject(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	good := body()
	for name, text := range map[string]string{
		"white space":                  " \r\n\t",
		"an array":                     "[" + good + "]",
		"an empty array":               "[]",
		"a string":                     `"` + strings.ReplaceAll(good, `"`, `\"`) + `"`,
		"a number":                     "1",
		"true":                         "true",
		"a word":                       "undefined",
		"two objects":                  good + good,
		"two objects, two lines":       good + "\n" + good,
		"a trailing comma":             good + ",",
		"a trailing brace":             good + "}",
		"a trailing NUL":               good + "\x00",
		"a trailing word":              good + "null",
		"a trailing comment":           good + "// x",
		"cut off":                      good[:len(good)-1],
		"cut off in a string":          good[:len(good)-3],
		"a comma too many":             strings.Replace(good, "}", ",}", 1),
		"single quotes":                strings.ReplaceAll(good, `"`, `'`),
		"a comment inside":             strings.Replace(good, "{", "{/* x */", 1),
		"a bare name":                  strings.Replace(good, `"email"`, `email`, 1),
		"a raw line break in a string": strings.Replace(good, "Ada", "A\nda", 1),
		"a raw NUL in a string":        strings.Replace(good, "Ada", "A\x00da", 1),
		"a bad escape":                 strings.Replace(good, "Ada", `A\x41`, 1),

		"a name twice":                 body("email2", `1,"email":"a@example.com"`),
		"a name twice, the same value": body("email2", `1,"email":"`+adaEmail+`"`),
		"a name twice, once escaped":   body("email2", `1,"\u0065mail":"a@example.com"`),
		"an unknown name twice":        body("x", `1,"x":1`),
		"the empty name twice":         body("", `1,"":1`),
		"a name twice, inside":         body("x", `[{"y":1,"y":1}]`),

		"BOM":                      "\xef\xbb\xbf" + good,
		"BOM after a space":        " \xef\xbb\xbf" + good,
		"BOM at the end":           good + "\xef\xbb\xbf",
		"UTF-16 with a mark":       utf16Text(good, true, true),
		"UTF-16 big endian":        utf16Text(good, false, true),
		"UTF-16 without a mark":    utf16Text(good, true, false),
		"UTF-16 BE without a mark": utf16Text(good, false, false),
		"invalid UTF-8":            strings.Replace(good, "Ada", "A\xff", 1),
		"Latin-1":                  strings.Replace(good, "Ada", "Ad\xe0", 1),
		"overlong UTF-8":           strings.Replace(good, "Ada", "A\xc0\xaf", 1),
		"a surrogate in UTF-8":     strings.Replace(good, "Ada", "A\xed\xa0\x80", 1),
		"UTF-8 cut off":            strings.Replace(good, "Ada", "A\xe2\x82", 1),
		"invalid UTF-8 in a name":  body("x\xff", "1"),
		"invalid UTF-8 in unknown": body("x", "\"\xff\""),
		"half a surrogate pair":    strings.Replace(good, "Ada", `A\ud83d`, 1),
		"the other half":           strings.Replace(good, "Ada", `A\ude00`, 1),

		"33 levels":           body("x", nested(32)),
		"33 levels of arrays": body("x", strings.Repeat("[", 32)+strings.Repeat("]", 32)),
		"30,000 levels":       body("x", strings.Repeat("[", 30_000)+strings.Repeat("]", 30_000)),
		"30,000 open braces":  strings.Repeat(`{"":`, 15_000),
		"NaN":                 body("x", "NaN"),
		"a leading zero":      body("x", "01"),
		"a hexadecimal":       body("x", "0x1"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, path := range endpoints {
				got := ask(s, http.MethodPost, path, text, isJSON, "Authorization: JWT "+testkit.TokenA(`"1"`))
				checkJSON(t, got)
				if got.status != http.StatusBadRequest || !strings.HasPrefix(got.body, `{"success":false,"msg":"`) {
					t.Errorf("%s: got %v, want 400", path, got)
				}
			}
		})
	}
}

// These bodies look odd and mean one thing only.
func TestS26_Accepted(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"white space around": "\r\n\t " + body() + " \n",
		"white space inside": strings.NewReplacer(":", " :\n", ",", "\t, ", "{", "{ ", "}", " }").Replace(body()),
		"escapes": `{"\u0065mail":"a\u0064a\u0040example.com","password":"\ud83d\ude00\ud83d\ude00xxxxxxxx",` +
			`"firstname":"\u0041","lastname":"\/"}`,
		"32 levels": body("x", nested(31)),
		"unknown fields": body("x", `[1,-0.5e+3,true,null,{"email":{"password":[]}}]`,
			"disableEmail", "true", "phone", "1"),
		"unknown near names":    body("emails", `"b@example.com"`, " email", "1", "email ", "2", "", "3"),
		"a name that has a NUL": body(`email\u0000`, `"b@example.com"`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, setup{})
			got := s.post("/signup", text)
			if got.status != http.StatusOK || !strings.Contains(got.body, `"email":"ada@example.com"`) {
				t.Errorf("got %v, want 200 with Ada's address", got)
			}
		})
	}
}

// encoding/json would fold these names to those of the fields.
func TestS26_CaseVariants(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	s.signUpAda(t)
	const (
		project    = `"id_project":"` + projectID + `"`
		email      = `"email":"ada@example.com"`
		right      = `"correct horse battery"`
		noPassword = `{"msg":"must not be empty","param":"password"`
	)
	for _, c := range []struct {
		path, body string
		status     int
		has        string
	}{
		{
			"/signin", `{"EMAIL":"ada@example.com","PASSWORD":` + right + `}`,
			422, `"param":"email","location":"body"},` + noPassword,
		},
		{"/signin", `{` + email + `,"Password":` + right + `}`, 422, `{"errors":[` + noPassword},
		{"/signin", `{` + email + `,"pa\u017f\u017fword":` + right + `}`, 422, `{"errors":[` + noPassword},
		{"/signin", `{` + email + `,"password":"wrong","PASSWORD":` + right + `}`, 401, `Wrong email or password`},
		{"/signin", `{"PassWord":` + right + `,` + email + `,"password":"wrong"}`, 401, `Wrong email or password`},
		{
			"/signin", `{"Email":"nobody@example.com",` + email + `,"password":` + right + `,"PASSWORD":1}`,
			200, email,
		},
		{"/signup", body("Email", `"other@example.com"`), 403, `Email already registered`},
		{"/signup", body("email", `"b@example.com"`, "LastName", `"Wrong"`), 200, `"lastname":"Lovelace"`},
		{"/signup", body("email", `"c@example.com"`, "lastname", "", "lastName", `"Wrong"`), 422, `"param":"lastname"`},
		{"/signinAnonymously", `{"Id_Project":"` + projectID + `"}`, 422, `"param":"id_project"`},
		{
			"/signinAnonymously", `{"ID_PROJECT":"nobody",` + project + `,"firstname":"Right","Firstname":"Wrong"}`,
			200, `"firstname":"Right"`,
		},
		{
			"/signinAnonymously", `{` + project + `,"attributes":{"a":1},"Attributes":{"b":1}}`,
			200, `"attributes":{"a":1}`,
		},
		{
			"/signinAnonymously", `{` + project + `,"Attributes":{"b":1},"LASTNAME":"Wrong"}`,
			200, `"__v":0,"id_project"`,
		},
	} {
		got := s.post(c.path, c.body)
		if got.status != c.status || !strings.Contains(got.body, c.has) || strings.Contains(got.body, "Wrong\"") {
			t.Errorf("%s %s\n got %v\nwant %d with %s", c.path, c.body, got, c.status, c.has)
		}
	}
}

// This endpoint needs no body. One that comes all the same must be an object or null.
func TestBodiesOfTheCustomToken(t *testing.T) {
	t.Parallel()
	const path = "/signinWithCustomToken"
	s := start(t, setup{})
	good := "Authorization: JWT " + testkit.TokenA(`"1"`)
	for _, text := range []string{
		"", "null", "null\n", "\tnull ", "{}", " {} \n", `{"email":1,"password":[]}`, nested(32),
	} {
		if got := ask(s, http.MethodPost, path, text, isJSON, good); got.status != http.StatusOK {
			t.Errorf("%q: got %v, want 200", text, got)
		}
		refused(t, ask(s, http.MethodPost, path, text, isJSON), http.StatusUnauthorized, unauthorized)
	}
	for _, text := range []string{"nul", "nullnull", "NULL", "null,"} {
		if got := ask(s, http.MethodPost, path, text, isJSON, good); got.status != http.StatusBadRequest {
			t.Errorf("%q: got %v, want 400", text, got)
		}
	}
}

// The host's rule for addresses takes every text. A value that is not text must not get
// there.
func TestWrongTypesWithAnAddressRuleOfTheHost(t *testing.T) {
	t.Parallel()
	with := setup{}
	with.auth.CanonicalEmail = func(address string) (string, error) { return strings.ToLower(address), nil }
	s := start(t, with)
	for _, path := range []string{"/signup", "/signin"} {
		for _, wrong := range wrongTypes {
			if got := s.post(path, body("email", wrong.value)); got.status != http.StatusUnprocessableEntity {
				t.Errorf("%s with an email of %s: got %v, want 422", path, wrong.value, got)
			}
		}
	}
}

// utf16Text encodes a text in one byte order, behind its mark.
func utf16Text(s string, littleEndian, mark bool) string {
	units := utf16.Encode([]rune(s))
	if mark {
		units = append([]uint16{0xfeff}, units...)
	}
	var b []byte
	for _, u := range units {
		if littleEndian {
			b = append(b, byte(u), byte(u>>8))
		} else {
			b = append(b, byte(u>>8), byte(u))
		}
	}
	return string(b)
}

// Attributes that a database could not read are named in the answer.
func TestAttributesThatDatabasesCannotRead(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	for value, says := range map[string]string{
		`"\u0000"`:           `\\u0000`,
		`{"a":["x\u0000"]}`:  `\\u0000`,
		`{"\u0000":1}`:       `\\u0000`,
		`1e400`:              "a number out of range",
		`{"n":[0,-1e99999]}`: "a number out of range",
	} {
		got := ask(s, "POST", "/signinAnonymously",
			`{"id_project":"`+projectID+`","attributes":{"plan":`+value+`}}`, isJSON)
		if got.status != 422 || !strings.Contains(got.body, says) || !strings.Contains(got.body, `"param":"attributes"`) {
			t.Errorf("%s: got %d %s, want a 422 with %q", value, got.status, got.body, says)
		}
	}
	got := ask(s, "POST", "/signinAnonymously",
		`{"id_project":"`+projectID+`","attributes":{"plan":"\\u0000"}}`, isJSON)
	if got.status != 200 {
		t.Errorf("an escaped backslash: got %d %s, want 200", got.status, got.body)
	}
}
