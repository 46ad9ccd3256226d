package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
	"github.com/golang-jwt/jwt/v5"
)

// What a signer gets wrong most often is found whatever the token is taken for.
func TestInspectFindsTheClaim(t *testing.T) {
	t.Parallel()
	with := func(name string, value any) string { return customToken(t, jwt.MapClaims{name: value}) }
	for name, tt := range map[string]struct {
		in   string
		args []string
		says string
	}{
		"a list as aud": {in: with("aud", []string{"https://tiledesk.com/projects/shop"}), says: "is a list"},
		"no aud":        {in: with("aud", nil), says: "claim aud is missing"},
		"another host":  {in: with("aud", "https://desk.example/projects/shop"), says: "claim aud is not"},
		"no project":    {in: with("aud", "https://tiledesk.com/projects/a b"), says: "claim aud is not"},
		"milliseconds":  {in: with("exp", clock.UnixMilli()), says: "divide milliseconds by 1000"},
		"the future":    {in: with("iat", clock.Add(time.Hour).Unix()), says: "in the future"},
		"no iat":        {in: with("iat", nil), args: []string{"--max-age", "1h"}, says: "claim iat is missing"},
		"no exp":        {in: noExp(t), says: "claim exp is missing"},
		"another issuer": {
			in:   guestToken(t, newAuth(t, memstore.New(), deskauth.Config{})).Token,
			args: []string{"--issuer", "https://desk.example"}, says: "claim ",
		},
	} {
		got := call{in: tt.in, env: both()}.run(t, append([]string{"token", "inspect", "--json"}, tt.args...)...)
		i := decodeJSON[inspectionRead](t, got.out)
		if i.Reason != deskauth.ReasonBadClaims || !strings.Contains(i.Detail, tt.says) {
			t.Errorf("%s: got the reason %q, %q; want a detail that says %q", name, i.Reason, i.Detail, tt.says)
		}
	}
}

// signed returns a custom token of the shop with a payload as it is: claims beside those
// that make it good.
func signed(header, claims string) string {
	part := base64.RawURLEncoding.EncodeToString
	text := part([]byte(header)) + "." + part([]byte("{"+claims+`,"sub":"userexternal","_id":"42",`+
		`"aud":"https://tiledesk.com/projects/shop"}`))
	mac := hmac.New(sha256.New, []byte(shopSecret))
	mac.Write([]byte(text))
	return text + "." + part(mac.Sum(nil))
}

const isHS256 = `{"alg":"HS256","typ":"JWT"}`

// What became of claims that are no fault of the user's stands beside the verdict, in the
// words that the service logs. The claims are shown as they are.
func TestInspectSaysWhatWasMended(t *testing.T) {
	t.Parallel()
	for claims, want := range map[string]string{
		"\"firstname\":\"Ada\nMaria\"":        "\"firstname\" had a control character",
		"\"lastname\":\"M\xfcller\"":          `"lastname" had bytes that are not UTF-8`,
		`"firstname":"Ada","firstname":"Eva"`: `"firstname" stands there twice and was left out`,
		`"cart":{"n":1,"n":2}`:                `"cart" has a name twice inside and was left out`,
		`"x\ud83d":1`:                         `had half of a surrogate pair`,
		`"role":"admin"`:                      `"role" is not one of Config.CustomTokenRoles`,
		`"passwordHint":"mum"`:                `"passwordHint" was left out`,
		"\"a\\\"b\t\":\"\x01\",\"n\":1":       `"a\"b\t" was left out: its name`,
	} {
		got := call{in: signed(isHS256, claims), env: both()}.run(t, "token", "inspect")
		if got.code != 0 || !strings.HasPrefix(got.out, "verdict      good\n") ||
			!strings.Contains(got.out, "deskauth says: ") || !strings.Contains(got.out, want) ||
			!strings.Contains(got.out, "userexternal") {
			t.Errorf("%q: got %+v, want it taken, and %q", claims, got, want)
		}
	}
	for claims, want := range map[string]string{
		`"_id":"42"`:          "claim _id stands there twice",
		"\"exp\":\"\xff\"":    "claim exp has bytes that are not UTF-8",
		`"exp":4e9,"exp":4e9`: "claim exp stands there twice",
		"\"nbf\":\"\n\"":      "claim nbf has a control character that is not escaped",
		`"exp":-1`:            "claim exp is -1, a time before 1970: it has to be a number of seconds",
		`"iat":null`:          "claim iat is null: leave it out",
		`"iat":true`:          "claim iat is true: it has to be a number of seconds",
		`"nbf":{}`:            "claim nbf is an object: it has to be a number of seconds",
		`"aud":"https://tiledesk.com/projects/shop"`: "claim aud stands there twice",
	} {
		wantRefused(t, call{in: signed(isHS256, claims), env: both()}, deskauth.ReasonBadClaims, want)
	}
	for id, want := range map[any]string{
		"": "claim _id is empty: it has to be the user's ID", 12.5: "claim _id is the number 12.5: write an integer",
		true: "claim _id is true: it has to be the user's ID", strings.Repeat("x", 129): "claim _id has 129 bytes",
	} {
		in := customToken(t, jwt.MapClaims{"_id": id})
		wantRefused(t, call{in: in, env: both()}, deskauth.ReasonBadClaims, want)
	}
	in := customToken(t, jwt.MapClaims{"_id": map[string]string{"$oid": "507f"}})
	wantRefused(t, call{in: in, env: both()}, deskauth.ReasonBadClaims, "claim _id is an object: write its text")
	cut := call{in: signed(isHS256, "\"x\":\"\xff\",")}
	wantRefused(t, cut, deskauth.ReasonMalformedToken, "it is not valid JSON (at byte 9)", "--as", "custom")
}

// Which key a token asks for is said, when there is no such key.
func TestInspectSaysWhichKeyIsMissing(t *testing.T) {
	t.Parallel()
	_, _, public := pemPair(t)
	for header, want := range map[string]string{
		`{"alg":"HS256","kid":"k1"}`: `names the algorithm "HS256" (alg; its kid is "k1"), and the keys are for ES256`,
		`{"alg":"ES256"}`:            "None of the given keys has signed this token.",
	} {
		c := call{in: signed(header, `"n":1`)}
		wantRefused(t, c, deskauth.ReasonBadSignature, want, "--key-file", file(t, "public.pem", public))
	}
}

func wantRefused(t *testing.T, c call, reason deskauth.Reason, says string, args ...string) {
	t.Helper()
	got := c.run(t, append([]string{"token", "inspect"}, args...)...)
	verdict := strings.Join(strings.Fields(got.out), " ")
	if got.code != exitRefused || !strings.HasPrefix(verdict, "verdict refused: "+string(reason)) ||
		!strings.Contains(got.out, says) {
		t.Errorf("got %+v, want it refused for %q, and %q", got, reason, says)
	}
}

// Without a key there is no verdict, but for what needs none.
func TestInspectWithoutAKey(t *testing.T) {
	t.Parallel()
	for _, in := range []string{noExp(t), customToken(t, nil)} {
		got := call{in: in}.run(t, "token", "inspect")
		if got.code != exitFailed || !strings.HasPrefix(got.out, "verdict      unchecked\n") ||
			!strings.Contains(got.err, "--key-file") {
			t.Errorf("got %+v, want no verdict", got)
		}
	}
	if got := (call{in: "x.y.z"}).run(t, "token", "inspect"); got.code != exitRefused {
		t.Errorf("a malformed token: got %+v, want it refused", got)
	}
}

func TestInspectSaysTimes(t *testing.T) {
	t.Parallel()
	c := call{in: customToken(t, nil), env: both()}
	for at, want := range map[string]string{
		"2026-11-26T08:00:00Z": "exp        1795683600  2026-11-26T09:00:00Z, expires in 1 hour\n",
		"2026-11-26T12:00:00Z": "exp        1795683600  2026-11-26T09:00:00Z, expired 3 hours ago\n",
	} {
		if got := c.run(t, "token", "inspect", "--at", at); !strings.Contains(got.out, want) {
			t.Errorf("at %s: got %q, want %q in it", at, got.out, want)
		}
	}
}
