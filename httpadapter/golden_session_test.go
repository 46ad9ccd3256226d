package httpadapter_test

import (
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
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
	signin("a guest with attributes", `{`+project+`,"attributes":{"page": "https://example.com/?a=1&b=<2>", `+
		`"n":[1, 2.50, 12345678901234567890],"deep":{"b":null}}}`)
	signin("attributes with nothing in them are not shown", `{`+project+`,"attributes":{}}`)
	signin("attributes of 4 KiB", `{`+project+`,"attributes":`+attributes(4096)+`}`)
	signin("null is as if absent", `{`+project+`,"firstname":null,"lastname":null,"attributes":null}`)
	signin("empty names are as if absent", `{`+project+`,"firstname":"","lastname":""}`)
	signin("nobody's address can be claimed",
		`{`+project+`,"email":"ada@example.com","_id":"1","role":"admin","emailverified":true}`)
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
	fullClaims = `{"_id":"123","firstname":"andrea","lastname":"leo","email":"email2@email.com",` +
		`"customAttr":"c1",` + forProject + `}`
)

// manyClaims has line breaks: what a payload looks like does not matter.
const manyClaims = `{"_id":"125","firstname":"A","lastname":"B",
  "email":"c@d.example","n":1.50,"b":true,"nil":null,"list":[1,{"x":"<&>"}],"object":{"k":"v"},` +
	`"role":"vip","company":"Caf\u00e9",
  "iat":1579521000,"exp":1579524600,"nbf":1579521000,"jti":"theirs","iss":"them","id":"1",` +
	`"id_project":"other","uid":"1","epoch":9,"kind":"user",
  "auth_time":1,"emailverified":true,"password":"p","passwordHash":"h","__proto__":{"admin":true},` +
	`"constructor":1,"UID":"1","Email":"E@F.example",` + forProject + `}`

const customPath = "/signinWithCustomToken"

// custom signs in with a custom token of these claims.
func (st *story) custom(name, claims string) answer {
	return st.tell(name, request{path: customPath, claims: claims})
}

// external is custom with claims beside those that every custom token of the project has.
func (st *story) external(name, claims string) { st.custom(name, `{`+claims+`,`+forProject+`}`) }

// token sends a token under a name.
func (st *story) token(name, as, value string) {
	st.tokens[as] = value
	st.tell(name, request{path: customPath, header: []string{"Authorization: $" + as}})
}

func TestGoldenSigninWithCustomToken(t *testing.T) {
	t.Parallel()
	st := newStory(t, start(t, setup{auth: deskauth.Config{CustomTokenRoles: []string{"vip"}}}))
	first := st.tell("the first time, as the API document has it",
		request{path: customPath, claims: fullClaims, keep: "external"})
	st.s.clock.Advance(time.Minute)
	again := st.custom("known by now", fullClaims)
	if first.token(t) == again.token(t) {
		t.Error("a second sign-in has the token of the first")
	}
	st.external("nothing but what is required", `"_id":"124"`)
	st.external("an integer _id", `"_id":42,"iat":1579521000`)
	st.custom("every kind of claim; what is reserved makes nobody anything", manyClaims)
	st.external("a role that is not allowed is dropped", `"_id":"126","role":"admin"`)
	st.external("the profile follows the claims", `"_id":"123","firstname":"Andrea"`)
	st.token("Bearer", "bearer", "Bearer "+testkit.TokenA(`"123"`, `"firstname":"Andrea"`))
	withoutTyp := testkit.Forge(`{"alg":"HS256"}`, fullClaims, testkit.SecretA)
	st.token("as the sample in Java signs: no typ", "java", "JWT "+withoutTyp)

	for _, body := range []string{`null`, ` null `, `{}`, `{"_id":"999","email":"x@example.com","unknown":[1]}`} {
		st.tell("nothing in a body counts: "+body,
			request{path: customPath, header: []string{isJSON}, body: body, claims: fullClaims})
	}
	for _, contentType := range []string{
		isJSON, "Content-Type: application/x-www-form-urlencoded", "Content-Type: text/plain",
		"Content-Type: nonsense;;",
	} {
		st.tell("no body needs no content type: "+contentType,
			request{path: customPath, header: []string{contentType}, claims: fullClaims})
	}
	st.mendedCustomTokens()
	st.refusedCustomTokens()
	st.s.change(t, st.tokens["external"], testkit.Disable)
	st.custom("the account is disabled", fullClaims)

	echo := newStory(t, start(t, setup{auth: deskauth.Config{EchoCustomToken: true}}))
	echo.custom("Config.EchoCustomToken: the token is the caller's", fullClaims)
	st.text.WriteString(echo.text.String())
	st.end("signinWithCustomToken.txt")
}

// mendedCustomTokens have flaws in claims that only describe their user.
func (st *story) mendedCustomTokens() {
	st.external("Latin-1 in a name", "\"_id\":\"127\",\"lastname\":\"M\xfcller\",\"city\":\"K\xf6ln\"")
	st.external("a line break as it is", "\"_id\":\"127\",\"firstname\":\"Ada\nMaria\",\"bio\":\"a\nb\"")
	st.external("firstname twice", `"_id":"127","firstname":"Ada","firstname":"Eva","lastname":"Leo"`)
	st.external("a claim with a name twice inside", `"_id":"127","firstname":"Ada","cart":{"n":1,"n":2}`)
	st.external("a claim of 33 levels",
		`"_id":"127","firstname":"Ada","deep":`+strings.Repeat("[", 33)+strings.Repeat("]", 33))
	st.external("half a surrogate in a claim's name", `"_id":"127","firstname":"Ada","x\ud83d":1`)
}

func (st *story) refusedCustomTokens() {
	const project = `"aud":"https://tiledesk.com/projects/`
	st.custom("no secret of that project", `{"_id":"1","sub":"userexternal",`+project+guestsOnly+`"}`)
	st.custom("no such project", `{"_id":"1","sub":"userexternal",`+project+`nobody"}`)
	st.custom("not an external user", `{"_id":"1","sub":"user",`+project+projectID+`"}`)
	st.custom("no _id", `{`+forProject+`}`)
	st.external("an empty _id", `"_id":""`)
	st.external("a boolean _id", `"_id":true`)
	st.external("_id twice", `"_id":"1","_id":"1"`)
	st.external("an _id in Latin-1", "\"_id\":\"M\xfcller\"")
	st.external("exp twice", `"_id":"1","exp":4e9,"\u0065xp":4e9`)
	st.external("two objects", `"_id":"1"}{"n":1`)
	st.external("expired", `"_id":"1","exp":1500000000`)
	st.external("a name that is a number", `"_id":"1","firstname":7`)
	st.tell("no header", request{path: customPath})
	st.tell("no token", request{path: customPath, header: []string{"Authorization: JWT garbage"}})
	st.token("another secret", "forged", "JWT "+testkit.ForgeSession(fullClaims))
}

// At each page load the widget sends its stored session token in the header.
func TestGoldenRestore(t *testing.T) {
	t.Parallel()
	st := newStory(t, start(t, setup{}))
	st.s.signUpAda(t)
	const (
		signin = `{"email":"ada@example.com","password":"correct horse battery"}`
		guest  = `{"id_project":"` + projectID + `","lastname":"Est","attributes":{"a":1}}`
	)
	kinds := []struct {
		name   string
		signin request
		half   time.Duration
	}{
		{"user", request{path: "/signin", body: signin}, 12 * time.Hour},
		{"guest", request{path: "/signinAnonymously", body: guest}, 15 * 24 * time.Hour},
		{"external", request{path: "/signinWithCustomToken", claims: fullClaims}, 12 * time.Hour},
	}
	restore := func(name, token string) {
		header := []string{"Authorization: $" + token}
		st.tell(name, request{path: "/signinWithCustomToken", header: header, keep: token})
	}
	for _, k := range kinds {
		k.signin.keep = k.name
		st.tell(k.name+" signs in", k.signin)
		st.s.clock.Advance(time.Minute)
		restore(k.name+" comes back: the same token", k.name)
		st.s.clock.Advance(k.half)
		restore(k.name+" comes back after half of its life: a fresh one", k.name)
		st.s.change(t, st.tokens[k.name], testkit.RaiseEpoch)
		restore(k.name+" comes back after its sessions were ended", k.name)
		k.signin.keep = "disabled"
		st.tell(k.name+" signs in again", k.signin)
		st.s.change(t, st.tokens["disabled"], testkit.Disable)
		restore(k.name+" comes back and the account is disabled", "disabled")
	}
	st.s.clock.Advance(48 * time.Hour)
	restore("a token that has expired", "user")
	st.end("restore.txt")
}
