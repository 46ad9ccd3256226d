package httpadapter_test

import (
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
)

func TestGoldenSigninAnonymously(t *testing.T) {
	t.Parallel()
	st := newStory(t, start(t, setup{}))
	const project = `"id_project":"` + projectID + `"`
	signin := func(name, body string) { st.tell(name, request{path: "/signinAnonymously", body: body}) }
	attributes := func(size int) string { // an object of that many bytes
		return `{"a":"` + strings.Repeat("x", size-len(`{"a":""}`)) + `"}`
	}

	signin("a guest without a name", `{`+project+`}`)
	signin("a guest with a first name", `{`+project+`,"firstname":"Guest"}`)
	signin("a guest with both names", `{`+project+`,"firstname":"Gu","lastname":"Est"}`)
	signin("a guest with attributes", `{`+project+`,"attributes":{"page": "https://example.com/?a=1&b=<2>", "n":[1, 2.50, 12345678901234567890],"deep":{"b":null}}}`)
	signin("attributes with nothing in them are not shown", `{`+project+`,"attributes":{}}`)
	signin("attributes of 4 KiB", `{`+project+`,"attributes":`+attributes(4096)+`}`)
	signin("null is as if absent", `{`+project+`,"firstname":null,"lastname":null,"attributes":null}`)
	signin("empty names are as if absent", `{`+project+`,"firstname":"","lastname":""}`)
	signin("nobody's address can be claimed", `{`+project+`,"email":"ada@example.com","_id":"1","role":"admin","emailverified":true}`)
	signin("a project without custom tokens", `{"id_project":"`+guestsOnly+`"}`)

	signin("a project that nobody knows", `{"id_project":"5c81593adf767b0017d1aa00"}`)
	signin("a project that cannot be", `{"id_project":"../`+projectID+`"}`)
	signin("nothing is there", `{}`)
	signin("other cases are other names", `{"ID_Project":"`+projectID+`"}`)
	signin("an empty project", `{"id_project":""}`)
	signin("a project of 129 bytes", `{"id_project":"`+strings.Repeat("x", 129)+`"}`)
	signin("names that are too long", `{`+project+`,"firstname":"`+strings.Repeat("x", 257)+`","lastname":"a\u0007"}`)
	signin("attributes of 4 KiB and a byte", `{`+project+`,"attributes":`+attributes(4097)+`}`)
	for _, wrong := range wrongTypes {
		fields := []string{`"id_project":` + wrong.value, `"firstname":` + wrong.value, `"lastname":` + wrong.value}
		if wrong.name != "objects" {
			fields = append(fields, `"attributes":`+wrong.value)
		}
		signin(wrong.name+" for strings", `{`+strings.Join(fields, ",")+`}`)
	}
	signin("attributes that are a string", `{`+project+`,"attributes":"{}"}`)
	st.end("signinAnonymously.txt")
}

const (
	forProject = `"sub":"userexternal","aud":"https://tiledesk.com/projects/` + projectID + `"`
	fullClaims = `{"_id":"123","firstname":"andrea","lastname":"leo","email":"email2@email.com","customAttr":"c1",` + forProject + `}`
)

func TestGoldenSigninWithCustomToken(t *testing.T) {
	t.Parallel()
	st := newStory(t, start(t, setup{auth: deskauth.Config{CustomTokenRoles: []string{"vip"}}}))
	const path = "/signinWithCustomToken"
	first := st.tell("the first time, as the API document has it", request{path: path, claims: fullClaims, keep: "external"})
	st.s.pass(time.Minute)
	again := st.tell("known by now", request{path: path, claims: fullClaims})
	if first.token(t) == again.token(t) {
		t.Error("a second sign-in has the token of the first")
	}
	st.tell("nothing but what is required", request{path: path, claims: `{"_id":"124",` + forProject + `}`})
	st.tell("an integer _id", request{path: path, claims: `{"_id":42,"iat":1579521000,` + forProject + `}`})
	st.tell("every kind of claim; what is reserved makes nobody anything", request{path: path, claims: `{"_id":"125","firstname":"A","lastname":"B",
  "email":"c@d.example","n":1.50,"b":true,"nil":null,"list":[1,{"x":"<&>"}],"object":{"k":"v"},"role":"vip","company":"Caf\u00e9",
  "iat":1579521000,"exp":1579524600,"nbf":1579521000,"jti":"theirs","iss":"them","id":"1","id_project":"other","uid":"1","epoch":9,"kind":"user",
  "auth_time":1,"emailverified":true,"password":"p","passwordHash":"h","__proto__":{"admin":true},"constructor":1,"UID":"1","Email":"E@F.example",` + forProject + `}`})
	st.tell("a role that is not allowed is dropped", request{path: path, claims: `{"_id":"126","role":"admin",` + forProject + `}`})
	st.tell("the profile follows the claims", request{path: path, claims: `{"_id":"123","firstname":"Andrea",` + forProject + `}`})
	st.tell("Bearer", request{path: path, header: []string{"Authorization: $bearer"}}.with(st, "bearer", "Bearer "+customToken(`"_id":"123","firstname":"Andrea"`)))

	st.tell("as the sample in Java signs: no typ", request{path: path, header: []string{"Authorization: $java"}}.with(st, "java", "JWT "+signed(`{"alg":"HS256"}`, fullClaims, projectSecret)))

	for _, body := range []string{`null`, ` null `, `{}`, `{"_id":"999","email":"x@example.com","unknown":[1]}`} {
		st.tell("nothing in a body counts: "+body, request{path: path, header: []string{isJSON}, body: body, claims: fullClaims})
	}
	for _, contentType := range []string{isJSON, "Content-Type: application/x-www-form-urlencoded", "Content-Type: text/plain", "Content-Type: nonsense;;"} {
		st.tell("no body needs no content type: "+contentType, request{path: path, header: []string{contentType}, claims: fullClaims})
	}
	st.tell("no secret of that project", request{path: path, claims: `{"_id":"1","sub":"userexternal","aud":"https://tiledesk.com/projects/` + guestsOnly + `"}`})
	st.tell("no such project", request{path: path, claims: `{"_id":"1","sub":"userexternal","aud":"https://tiledesk.com/projects/nobody"}`})
	st.tell("not an external user", request{path: path, claims: `{"_id":"1","sub":"user","aud":"https://tiledesk.com/projects/` + projectID + `"}`})
	st.tell("no _id", request{path: path, claims: `{` + forProject + `}`})
	st.tell("an empty _id", request{path: path, claims: `{"_id":"",` + forProject + `}`})
	st.tell("a boolean _id", request{path: path, claims: `{"_id":true,` + forProject + `}`})
	st.tell("expired", request{path: path, claims: `{"_id":"1","exp":1500000000,` + forProject + `}`})
	st.tell("a name that is a number", request{path: path, claims: `{"_id":"1","firstname":7,` + forProject + `}`})
	st.tell("no header", request{path: path})
	st.tell("no token", request{path: path, header: []string{"Authorization: JWT garbage"}})
	st.tell("another secret", request{path: path, header: []string{"Authorization: $forged"}}.with(st, "forged", "JWT "+signed(`{"alg":"HS256"}`, fullClaims, sessionSecret)))
	st.s.change(t, st.tokens["external"], disable)
	st.tell("the account is disabled", request{path: path, claims: fullClaims})

	echo := newStory(t, start(t, setup{auth: deskauth.Config{EchoCustomToken: true}}))
	echo.tell("Config.EchoCustomToken: the token is the caller's", request{path: path, claims: fullClaims})
	st.text.WriteString(echo.text.String())
	st.end("signinWithCustomToken.txt")
}

// with keeps a token for the request's header.
func (q request) with(st *story, name, token string) request {
	st.tokens[name] = token
	return q
}

// TestGoldenRestore has the widget's page load: the stored session token in the header.
func TestGoldenRestore(t *testing.T) {
	t.Parallel()
	st := newStory(t, start(t, setup{}))
	st.s.signUpAda(t)
	kinds := []struct {
		name   string
		signin request
		half   time.Duration
	}{
		{"user", request{path: "/signin", body: `{"email":"ada@example.com","password":"correct horse battery"}`}, 12 * time.Hour},
		{"guest", request{path: "/signinAnonymously", body: `{"id_project":"` + projectID + `","lastname":"Est","attributes":{"a":1}}`}, 15 * 24 * time.Hour},
		{"external", request{path: "/signinWithCustomToken", claims: fullClaims}, 12 * time.Hour},
	}
	restore := func(name, token string) {
		st.tell(name, request{path: "/signinWithCustomToken", header: []string{"Authorization: $" + token}, keep: token})
	}
	for _, k := range kinds {
		k.signin.keep = k.name
		st.tell(k.name+" signs in", k.signin)
		st.s.pass(time.Minute)
		restore(k.name+" comes back: the same token", k.name)
		st.s.pass(k.half)
		restore(k.name+" comes back after half of its life: a fresh one", k.name)
		st.s.change(t, st.tokens[k.name], raiseEpoch)
		restore(k.name+" comes back after its sessions were ended", k.name)
		k.signin.keep = "disabled"
		st.tell(k.name+" signs in again", k.signin)
		st.s.change(t, st.tokens["disabled"], disable)
		restore(k.name+" comes back and the account is disabled", "disabled")
	}
	st.s.pass(48 * time.Hour)
	restore("a token that has expired", "user")
	st.end("restore.txt")
}
