package httpadapter_test

import (
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

// body returns what a request with Ada's fields sends, with some of them replaced: each
// edit is a name and the JSON text of a value, or a name and "" for a field that is absent.
func body(edits ...string) string {
	names := []string{"email", "password", "firstname", "lastname"}
	values := map[string]string{
		"email":     `"` + adaEmail + `"`,
		"password":  `"` + adaPassword + `"`,
		"firstname": `"Ada"`,
		"lastname":  `"Lovelace"`,
	}
	for i := 0; i < len(edits); i += 2 {
		if _, known := values[edits[i]]; !known {
			names = append(names, edits[i])
		}
		values[edits[i]] = edits[i+1]
	}
	var fields []string
	for _, name := range names {
		if values[name] != "" {
			fields = append(fields, `"`+name+`":`+values[name])
		}
	}
	return "{" + strings.Join(fields, ",") + "}"
}

func TestGoldenSignup(t *testing.T) {
	t.Parallel()
	st := newStory(t, start(t, setup{}))
	signup := func(name string, edits ...string) { st.tell(name, request{path: "/signup", body: body(edits...)}) }

	st.tell("the example of the API document", request{path: "/signup",
		body: `{"email":"andrea.leo@f22.it","password":"123456789","firstname":"Andrea","lastname":"Leo"}`})
	signup("unknown fields are ignored", "disableEmail", "true", "phone", `"555"`, "role", `"admin"`, "_id", `"1"`,
		"emailverified", "true", "Email", `"other@example.com"`)
	signup("the address is taken")
	signup("the address is taken, in another spelling", "email", `"ADA@Example.COM"`)
	signup("names are kept as they are, a single space too",
		"email", `"space@example.com"`, "firstname", `" Zoë "`, "lastname", `" "`)
	signup("HTML characters are not escaped", "email", `"o'neil+a&b@example.com"`,
		"firstname", `"<b>Tom & \"Jerry\"</b>"`, "lastname", `"\\/\u00e9\ud83d\ude00"`)
	signup("the address is shown in lower case", "email", `"Grace.HOPPER@Example.com"`)
	signup("a password of 512 characters", "email", `"long@example.com"`, "password", `"`+strings.Repeat("x", 512)+`"`)

	st.tell("nothing is there", request{path: "/signup", body: `{}`})
	st.tell("other cases are other names", request{path: "/signup",
		body: `{"EMAIL":"a@example.com","Password":"123456789","firstName":"Ada","LASTNAME":"Lovelace"}`})
	signup("all are empty", "email", `""`, "password", `""`, "firstname", `""`, "lastname", `""`)
	signup("no password", "password", "")
	signup("no last name", "lastname", "")
	signup("a domain without a dot", "email", `"a@localhost"`)
	signup("no address at all", "email", `"ada"`)
	signup("an address that is not ASCII", "email", `"ad\u00e0@example.com"`)
	signup("blanks around the address", "email", `" ada@example.com "`)
	signup("an address of 255 bytes", "email", `"`+strings.Repeat("x", 243)+`@example.com"`)
	signup("a password of 7 characters", "password", `"1234567"`)
	signup("a password of 4097 bytes", "password", `"`+strings.Repeat("x", 4097)+`"`)
	signup("names of 257 bytes",
		"firstname", `"`+strings.Repeat("x", 257)+`"`, "lastname", `"é`+strings.Repeat("x", 255)+`"`)
	signup("control characters in names", "firstname", `"A\u0000"`, "lastname", `"L\n"`)
	signup("markup in a bad value", "email", `"<script>alert('&')</script>"`)
	for _, wrong := range wrongTypes {
		signup(wrong.name+" for strings",
			"email", wrong.value, "password", wrong.value, "firstname", wrong.value, "lastname", wrong.value)
	}
	signup("one of the wrong type among good ones", "firstname", "1")
	signup("nothing of a refused sign-up is kept", "email", `"never@example.com"`, "password", "true")
	signup("so its address is free", "email", `"never@example.com"`)
	st.end("signup.txt")
}

// wrongTypes are what may stand where a string belongs.
var wrongTypes = []struct{ name, value string }{
	{"numbers", "1"},
	{"booleans", "true"},
	{"false", "false"},
	{"arrays", `["a@example.com"]`},
	{"objects", `{"$gt":""}`},
	{"null", "null"},
}

func TestGoldenSignin(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	st := newStory(t, s)
	signin := func(name, email, password string) {
		text := body("email", email, "password", password, "firstname", "", "lastname", "")
		st.tell(name, request{path: "/signin", body: text})
	}
	s.signUpAda(t)
	long := `{"email":"long@example.com","password":"` + strings.Repeat("x", 4000) + `","firstname":"L","lastname":" "}`
	if got := s.post("/signup", long); got.status != 200 {
		t.Fatal(got)
	}

	signin("the right password", `"ada@example.com"`, `"correct horse battery"`)
	signin("upper case signs in", `"ADA@EXAMPLE.COM"`, `"correct horse battery"`)
	signin("a password of 4000 characters", `"long@example.com"`, `"`+strings.Repeat("x", 4000)+`"`)
	st.tell("unknown fields are ignored", request{path: "/signin",
		body: `{"email":"ada@example.com","password":"correct horse battery","remember":true,"_id":"1","firstname":7}`})
	signin("a wrong password", `"ada@example.com"`, `"incorrect horse"`)
	signin("no master password", `"ada@example.com"`, `"superadmin"`)
	signin("an unknown address", `"nobody@example.com"`, `"correct horse battery"`)
	signin("a short password is wrong, not bad", `"ada@example.com"`, `"1"`)

	st.tell("nothing is there", request{path: "/signin", body: `{}`})
	st.tell("other cases are other names", request{path: "/signin",
		body: `{"Email":"ada@example.com","PASSWORD":"correct horse battery"}`})
	signin("both are empty", `""`, `""`)
	signin("no password", `"ada@example.com"`, "")
	signin("no address", "", `"correct horse battery"`)
	signin("no address at all", `"ada"`, `"correct horse battery"`)
	signin("a password of 4097 bytes", `"ada@example.com"`, `"`+strings.Repeat("x", 4097)+`"`)
	for _, wrong := range wrongTypes {
		signin(wrong.name+" for strings", wrong.value, wrong.value)
	}
	signin("true is no password", `"ada@example.com"`, "true")

	named := newStory(t, start(t, setup{
		secrets: deskauth.StaticSecrets{Session: []deskauth.Key{testkit.Key("2020-01", testkit.SessionSecret)}},
		auth:    deskauth.Config{Issuer: "https://chat.example.com"},
	}))
	named.s.signUpAda(t)
	named.tell("a key with an ID and another issuer", request{path: "/signin",
		body: body("firstname", "", "lastname", "")})
	st.text.WriteString(named.text.String())
	st.end("signin.txt")
}
