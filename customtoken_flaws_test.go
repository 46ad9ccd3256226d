package deskauth_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

// flawed are values that JSON allows, and that no session token and no body may have. Each
// has what is kept of it in a profile, and "" if it is refused there, too.
var flawed = map[string]string{
	`"Ada \ud83d"`:                                    `"Ada \ufffd"`,
	`"\ude00\ud83d\ude00"`:                            `"\ufffd\ud83d\ude00"`,
	`[1,{"a":["\uDBFF","b"]}]`:                        `[1,{"a":["\ufffd","b"]}]`,
	`{"a":1,"a":2}`:                                   "",
	`{"a":1,"\u0061":"\ud83d"}`:                       "",
	`[[{"a":[{"b":1,"b":1}]}]]`:                       "",
	`{"\ud83d":1}`:                                    "",
	strings.Repeat("[", 33) + strings.Repeat("]", 33): "",
	strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40): "",
}

// A claim that only describes its user locks nobody out, whatever is in it.
func TestFlawedClaimsLockNobodyOut(t *testing.T) {
	t.Parallel()
	for value, kept := range flawed {
		if kept == "" {
			continue
		}
		k := testkit.New(t, deskauth.Config{})
		echoing := testkit.NewOn(t, k.Store, testkit.Secrets(), deskauth.Config{EchoCustomToken: true})
		for _, name := range []string{"firstname", "lastname", "email", "bio", "jti", "scope"} {
			token := testkit.TokenA(`"7"`, fmt.Sprintf(`%q:%s`, name, value), `"plan":"gold"`)
			k.Events.Take()
			s := k.MustCustom(t, token)
			e := k.Events.TakeLast()
			if e.ExternalID != "7" || !strings.HasPrefix(e.Detail, fmt.Sprintf("%q ", name)) {
				t.Errorf("%s %.60s: event %+v, want one that names the claim", name, value, e)
			}
			checkMinted(t, k, s)
			want := `{"plan":"gold"}`
			if name == "bio" {
				want = `{"bio":` + kept + `,"plan":"gold"}`
			}
			if name == "email" && strings.HasPrefix(kept, `"`) {
				want = `{"email":` + kept + `,"plan":"gold"}`
			}
			if string(s.User.Attributes) != want {
				t.Errorf("%s %.60s: the profile is %s, want %s", name, value, s.User.Attributes, want)
			}
			if strings.HasPrefix(kept, `"`) != (s.User.FirstName+s.User.LastName != "") && strings.HasSuffix(name, "name") {
				t.Errorf("%s %.60s: %q, %q", name, value, s.User.FirstName, s.User.LastName)
			}
			echoing.MustCustom(t, token)
			echoing.GoesOn(t, "an echoed token with "+name, token)
		}
	}
}

// What says who the user is, and how long the token is good, is right to the letter or
// refused. So is every claim that has a name twice inside or nests too deep. The event says
// whose token it was.
func TestS12_FlawsThatAreRefused(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	for value, kept := range flawed {
		names := []string{"exp", "nbf", "iat", "_id", "sub"}
		if kept == "" {
			names = append(names, "firstname", "email", "bio", "jti", "scope", "password")
		}
		for _, name := range names {
			claims := map[string]string{"_id": `"7"`, "sub": `"userexternal"`}
			claims[name] = value
			payload := fmt.Sprintf(`{"aud":"https://tiledesk.com/projects/%s"`, testkit.ProjectA)
			for name, value := range claims {
				payload += fmt.Sprintf(",%q:%s", name, value)
			}
			token := testkit.ForgeA(payload + "}")
			k.Events.Take()
			_, err := k.TryCustom(t, token)
			e := k.Events.TakeLast()
			if err != deskauth.ErrInvalidToken || e.Reason != deskauth.ReasonBadClaims || e.ProjectID != testkit.ProjectA ||
				(e.ExternalID == "7") != (name != "_id") || !strings.Contains(e.Detail, fmt.Sprintf("claim %q: it ", name)) {
				t.Errorf("%s %.60s: %v, event %+v", name, value, err, e)
			}
		}
		k.RefusedCustom(t, testkit.TokenA(`"7"`, `"x\ud83d":`+value), deskauth.ReasonBadClaims)
		payload := testkit.PayloadA(`"7"`, `"bio":`+value)
		k.RefusedCustom(t, testkit.Forge(testkit.HS256, payload, testkit.SecretB), deskauth.ReasonBadSignature)
		payload = fmt.Sprintf(`{"_id":"7","sub":"userexternal","aud":%s}`, value)
		k.RefusedCustom(t, testkit.ForgeA(payload), deskauth.ReasonBadClaims)
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
