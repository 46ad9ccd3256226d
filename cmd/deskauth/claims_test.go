package main

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

// What --claims says is in the token to the letter, or refused with what to mend.
func TestMintClaims(t *testing.T) {
	t.Parallel()
	mint := func(claims string, more ...string) result {
		env := map[string]string{projectVariable: "shop=" + shopSecret}
		args := []string{"token", "mint", "--project", "shop", "--id", "42", "--json", "--claims", claims}
		return call{env: env}.run(t, append(args, more...)...)
	}
	for _, claims := range []string{
		`{}`, " {\"plan\" : \"gold\"}\r\n", `{"a":{"x":1,"y":[{"x":1},{"x":2}]},"x":null}`,
		`{"n":1.0,"big":12345678901234567890}`,
		`{"html":"<b>&\u2028"}`, `{"nbf":1,"jti":"x"}`, `{"firstname":"Bob","lastname":null}`, `{"First":1,"first":2}`,
	} {
		got := mint(claims)
		token := decodeJSON[struct{ Token string }](t, got.out).Token
		if got.code != exitGood || got.err != "" {
			t.Errorf("%s: got %+v", claims, got)
			continue
		}
		members := decode(token).claims
		for name, want := range decodeJSON[map[string]json.RawMessage](t, claims) {
			var found string
			for _, m := range members {
				if m.name == name {
					found = string(m.value)
				}
			}
			if sameText := unescaped(t, found) == unescaped(t, string(want)); !sameText {
				t.Errorf("%s: the token has %q as %s, want %s", claims, found, name, want)
			}
		}
	}
	for claims, says := range map[string]string{
		`null`: "another kind", `[]`: "another kind", `"x"`: "another kind", `[{"a":1}]`: "another kind", `7`: "another kind",
		`plan=gold`: "is not JSON", `{"a":1`: "is not JSON", `{'a':1}`: "is not JSON", `{"a":1,}`: "is not JSON",
		`{`:        "is not JSON",
		`{"a":1}}`: "has more behind", `{"a":1} x`: "has more behind", `{"a":1}{"b":2}`: "has more behind",
		`{"a":1},`: "has more behind", `{}null`: "has more behind", "{}\x00": "has more behind",
		`{"plan":1,"plan":2}`: "a name twice, plan:", `{"a":{"plan":1,"plan":1}}`: "a name twice, plan:",
		`{"a":[0,{"b":{"plan":1,"x":2,"plan":3}}]}`: "a name twice, plan:", `{"plan":1,"pl\u0061n":2}`: "a name twice, plan:",
		`{"canary0canary":1,"canary0canary":2}`: "a name twice:",
		"\ufeff{}":                              "byte order mark", `{"a\ud800":1}`: "surrogate pair",
		"{\"a\":\"\xff\"}": "not in UTF-8",
		"":                 "--claims is empty", " ": "--claims is empty",
		`{"sub":"user"}`: "cannot have sub", `{"_id":7}`: "cannot have _id", `{"exp":null}`: "cannot have exp",
		strings.Repeat(`{"a":`, 20000) + "1" + strings.Repeat("}", 20000): "is not JSON",
	} {
		got := mint(claims)
		if got.code != exitFailed || got.out != "" || strings.Count(got.err, "\n") != 1 || !strings.Contains(got.err, says) ||
			strings.Contains(got.err, "canary") {
			t.Errorf("%.80q: got %.300v, want one line that says %q", claims, got, says)
		}
	}
	for flag, claim := range map[string]string{
		"--first-name": "firstname", "--last-name": "lastname", "--email": "email",
	} {
		for _, value := range []string{`"Bob"`, `"Ada"`, `null`} {
			got := mint(`{"`+claim+`":`+value+`}`, flag, "Ada")
			if got.code != exitFailed || got.out != "" || !strings.Contains(got.err, claim+", and so says "+flag) {
				t.Errorf("%s beside %s: got %+v, want it refused", flag, value, got)
			}
		}
	}
}

// unescaped returns a JSON text whose strings are spelled one way.
func unescaped(t *testing.T, text string) string {
	t.Helper()
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&", `\u2028`, "\u2028", " ", "").Replace(text)
}

// Whatever is long, odd or at the edge makes a good token, which says so if a service would
// change it, or is refused in one short line.
func TestMintOddValues(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("canary", 4000)
	for _, tt := range []struct{ flag, value, says string }{
		{"--first-name", long[:300], `"firstname" was cut to 256 bytes`},
		{"--first-name", "A\ta", `"firstname" lost its control characters`},
		{"--last-name", long, "malformed token"}, {"--email", long, "malformed token"},
		{"--id", long, "malformed token"}, {"--id", long[:129], "claim _id"}, {"--id", " ", "--id is empty"},
		{"--id", "a\nb", "_id"}, {"--id", "a\xff", "--id is not in UTF-8"},
		{"--first-name", "\xff", "--first-name is not in UTF-8"}, {"--kid", "\xff", "--kid is not in UTF-8"},
		{"--kid", long, "malformed token"}, {"--project", long, "1 to 128 letters"}, {"--project", "a b", "1 to 128 letters"},
		{"--project", " shop", "1 to 128 letters"}, {"--audience", long, "--audience"}, {"--audience", "x/", "--audience"},
		{"--expires", "0s", "a second or more"}, {"--expires", "-1h", "a second or more"},
		{"--expires", "10ms", "a second or more"},
		{"--expires", "2562047h", "claim exp"}, {"--expires", "10", "a duration like"},
		{"--expires", "", "--expires is empty"},
		{"--at", "0001-01-01T00:00:00Z", "claim exp"}, {"--at", "2026-11-26", "--at needs a time"},
		{"--at", " ", "--at is empty"},
		{"--at", "2026-11-26T08:00:00Z\n", "--at needs a time"}, {"--algorithm", "none", "--algorithm is one of HS256"},
		{"--algorithm", "hs256", "--algorithm is one of HS256"}, {"--key-file", "", "--key-file is empty"},
	} {
		args := map[string]string{"--project": "shop", "--id": "42", "--key-file": file(t, "shop.key", shopSecret)}
		args[tt.flag] = tt.value
		line := []string{"token", "mint"}
		for flag, value := range args {
			line = append(line, flag, value)
		}
		got := call{}.run(t, line...)
		changed := strings.Contains(tt.says, "was cut") || strings.Contains(tt.says, "lost")
		if (got.code == exitGood) != changed || (got.out != "") != changed || strings.Count(got.err, "\n") != 1 ||
			len(got.err) > 600 || !strings.Contains(got.err, tt.says) || !utf8.ValidString(got.err) {
			t.Errorf("%s %.30q: got the code %d, %.40q and %.700q; want %q", tt.flag, tt.value, got.code, got.out,
				got.err, tt.says)
		}
	}
}
