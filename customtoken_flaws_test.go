package deskauth_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

// flawed are values that no session token and no body may have. Each has what is kept of it
// in a profile, and "" if it is left out.
var flawed = map[string]string{
	`"Ada \ud83d"`:                 `"Ada \ufffd"`,
	`"\ude00\ud83d\ude00"`:         `"\ufffd\ud83d\ude00"`,
	`[1,{"a":["\uDBFF","b"]}]`:     `[1,{"a":["\ufffd","b"]}]`,
	"\"M\xfcller\"":                "\"M\ufffdller\"",
	"\"\xed\xa0\x80\"":             "\"\ufffd\ufffd\ufffd\"",
	"\"a\nb\tc\x1bd\"":             `"a\u000ab\u0009c\u001bd"`,
	"{\"a\xff\":\"\r\",\"b\":[1]}": "{\"a\ufffd\":\"\\u000d\",\"b\":[1]}",
	`{"\ud83d":1}`:                 `{"\ufffd":1}`,
	"\"a\x00b\"":                   "",
	`{"a":1,"a":2}`:                "",
	`{"a":1,"\u0061":"\ud83d"}`:    "",
	"{\"a\xff\":1,\"a\xfe\":2}":    "",
	`[[{"a":[{"b":1,"b":1}]}]]`:    "",
	strings.Repeat("[", 33) + strings.Repeat("]", 33):                "",
	strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40):      "",
	strings.Repeat("[", 400) + "\"\xff\"" + strings.Repeat("]", 400): "",
}

// A claim that only describes its user locks nobody out, whatever is in it. The event says
// what became of it, and whose it was.
func TestFlawedClaimsLockNobodyOut(t *testing.T) {
	t.Parallel()
	for value, kept := range flawed {
		k := testkit.New(t, deskauth.Config{})
		echoing := testkit.NewOn(t, k.Store, testkit.Secrets(), deskauth.Config{EchoCustomToken: true})
		for _, name := range []string{"firstname", "lastname", "email", "bio", "jti", "scope", "password", "guest_token"} {
			token := testkit.TokenA(`"7"`, fmt.Sprintf(`%q:%s`, name, value), `"plan":"gold"`)
			s := takesFlawed(t, k, token, name)
			want := `{"plan":"gold"}`
			if kept != "" && (name == "bio" || name == "email" && strings.HasPrefix(kept, `"`)) {
				want = fmt.Sprintf(`{%q:%s,"plan":"gold"}`, name, kept)
			}
			if string(s.User.Attributes) != want {
				t.Errorf("%s %.60q: the profile is %s, want %s", name, value, s.User.Attributes, want)
			}
			if strings.HasPrefix(value, `"`) != (s.User.FirstName+s.User.LastName != "") && strings.HasSuffix(name, "name") {
				t.Errorf("%s %.60q: %q, %q", name, value, s.User.FirstName, s.User.LastName)
			}
			echoing.MustCustom(t, token)
			echoing.GoesOn(t, "an echoed token with "+name, token)
		}
	}
}

// takesFlawed signs in the user 7 with a flawed token, whose event names a claim.
func takesFlawed(t *testing.T, k *testkit.Kit, token, claim string) deskauth.Session {
	t.Helper()
	k.Events.Take()
	s := k.MustCustom(t, token)
	e := k.Events.TakeLast()
	if e.ExternalID != "7" || e.ProjectID != testkit.ProjectA || !strings.HasPrefix(e.Detail, fmt.Sprintf("%q ", claim)) {
		t.Errorf("%s: event %+v, want one that names the claim", claim, e)
	}
	checkMinted(t, k, s)
	return s
}

// A claim that stands there twice counts for nothing, in any spelling of its name.
func TestClaimsThatStandThereTwice(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	for name, claims := range map[string]string{
		"firstname":   `"firstname":"a","\u0066irstname":"b"`,
		"email":       `"email":"a@b.it","email":"a@b.it"`,
		"x":           `"x":1,"x":"\ud800"`,
		"c0":          many(80) + `,"c0":0`,
		"x\ufffd":     "\"x\xff\":1,\"x\\ud800\":2,\"x\ufffd\":3",
		"guest_token": `"guest_token":"a","guest_token":"b"`,
	} {
		s := takesFlawed(t, k, testkit.TokenA(`"7"`, claims), name)
		if s.User.FirstName != "" || strings.Contains(string(s.User.Attributes), fmt.Sprintf("%q", name)) {
			t.Errorf("%s: kept %q, %s", name, s.User.FirstName, s.User.Attributes)
		}
	}
}

// What says who the user is, and how long the token is good, is right to the letter or
// refused. The event says which claim it was, and whose.
func TestS12_FlawsThatAreRefused(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	for value := range flawed {
		for _, name := range []string{"exp", "nbf", "iat", "_id", "sub", "aud"} {
			claims := map[string]string{
				"_id": `"7"`, "sub": `"userexternal"`, "aud": `"https://tiledesk.com/projects/` + testkit.ProjectA + `"`,
			}
			claims[name] = value
			payload := "{"
			for name, value := range claims {
				payload += fmt.Sprintf("%q:%s,", name, value)
			}
			k.Events.Take()
			_, err := k.TryCustom(t, testkit.ForgeA(payload+`"x":1}`))
			e := k.Events.TakeLast()
			if err != deskauth.ErrInvalidToken || e.Reason != deskauth.ReasonBadClaims ||
				(e.ProjectID == testkit.ProjectA) != (name != "aud") || (e.ExternalID == "7") != (name != "aud" && name != "_id") ||
				!strings.HasPrefix(e.Detail, "claim "+name+" has ") && e.Detail != "claim "+name+" nests too deep" {
				t.Errorf("%s %.60q: %v, event %+v", name, value, err, e)
			}
		}
		payload := testkit.PayloadA(`"7"`, `"bio":`+value)
		k.RefusedCustom(t, testkit.Forge(testkit.HS256, payload, testkit.SecretB), deskauth.ReasonBadSignature)
	}
	for name, again := range map[string]string{
		"_id": `"7"`, "sub": `"userexternal"`, "aud": `"x"`, "exp": `4e9,"exp":4e9`, "nbf": `1,"\u006ebf":1`,
	} {
		k.Events.Take()
		_, err := k.TryCustom(t, testkit.TokenA(`"7"`, fmt.Sprintf(`%q:%s,"bio":{"a":1,"a":2}`, name, again)))
		e := k.Events.TakeLast()
		if err != deskauth.ErrInvalidToken || e.Reason != deskauth.ReasonBadClaims ||
			e.Detail != "claim "+name+" stands there twice" || (e.ExternalID == "7") != (name != "aud" && name != "_id") {
			t.Errorf("%s twice: %v, event %+v", name, err, e)
		}
	}
}

// Session tokens are taken to the letter only, also where custom tokens serve as sessions.
func TestS12_FlawedSessionTokens(t *testing.T) {
	t.Parallel()
	for _, echo := range []bool{false, true} {
		k := testkit.New(t, deskauth.Config{EchoCustomToken: echo})
		for _, kind := range testkit.Kinds {
			if echo && kind == deskauth.KindExternal {
				continue // whose session is its custom token
			}
			token := k.MustSession(t, kind).Token
			payload := strings.TrimSuffix(testkit.PartOf(t, token, 1), "}")
			k.GoesOn(t, string(kind), testkit.ForgeSession(payload+`,"x":"\ud83d\ude00"}`))
			for value := range flawed {
				k.RefusedEverywhere(t, testkit.ForgeSession(payload+`,"x":`+value+"}"), deskauth.ReasonMalformedToken)
			}
			for _, claim := range []string{
				`"x":1,"x":1`, `"\ud83d":1`, "\"\xff\":1", "\"\n\":1", `"firstname":"x"`, `"_id":"x"`, `"aud":"x"`,
			} {
				token := testkit.ForgeSession(payload + "," + claim + "," + claim + "}")
				k.RefusedEverywhere(t, token, deskauth.ReasonMalformedToken)
			}
		}
		custom := testkit.TokenA(`"7"`, `"x":"\ud83d"`)
		if _, err := k.Verify(t.Context(), custom); !echo && err != deskauth.ErrInvalidToken {
			t.Errorf("a custom token is a session: %v", err)
		}
	}
}

// However many claims a token has that cannot be kept, it fills no log.
func TestNotesAreBounded(t *testing.T) {
	t.Parallel()
	for _, value := range []string{`"\u0000"`, `"\ud83d"`} {
		var log testkit.Logbook
		k := testkit.New(t, deskauth.Config{Logger: log.Logger()})
		var claims []string
		for i := range 200 {
			claims = append(claims, fmt.Sprintf(`"%s%d":%s`, strings.Repeat("\U0010ffff", 4), i, value))
		}
		k.MustCustom(t, testkit.TokenA(`"7"`, claims...))
		if e := k.Events.TakeLast(); !strings.HasSuffix(e.Detail, "; and 192 more") || len(e.Detail) > 4<<10 {
			t.Errorf("%s: %d bytes of detail: %s", value, len(e.Detail), e.Detail)
		}
	}
}
