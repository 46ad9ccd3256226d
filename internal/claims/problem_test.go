package claims

import (
	"reflect"
	"strings"
	"testing"

	"github.com/deskauth/deskauth/internal/strictjson"
)

func TestReadCustomRefuses(t *testing.T) {
	t.Parallel()
	const seconds = "it has to be a number of seconds since 1970 (RFC 7519)"
	for _, c := range []struct{ claims, want string }{
		{`"sub":"userexternal"`, "claim _id is missing: " + wantedID},
		{`"_id":"1"`, `claim sub is missing: it has to be "userexternal"`},
		{`"_id":"1","sub":"user"`, `claim sub is another text: it has to be "userexternal"`},
		{`"_id":"1","sub":null`, `claim sub is null: it has to be "userexternal"`},
		{`"_id":"1","sub":["userexternal"]`, `claim sub is a list: it has to be "userexternal"`},
		{`"sub":"userexternal","_id":"1","iat":true,"exp":-1`, "claim iat is true: " + seconds}, // the first one
	} {
		got, err := ReadCustom(membersOf(t, "{"+c.claims+"}"), nil, Rules{})
		got.ExternalID = ""
		if err == nil || err.Error() != c.want || !reflect.DeepEqual(got, Custom{}) {
			t.Errorf("%.80s: %+v, %v; want the error %q", c.claims, got, err, c.want)
		}
	}
	after := func(number string) string {
		return "is " + number + ", a time after the year 2200: it has to be in seconds since 1970 (RFC 7519), " +
			"so divide milliseconds by 1000"
	}
	for value, want := range map[string]string{
		`"1767323045"`:              "is a text: " + seconds,
		`true`:                      "is true: " + seconds,
		`false`:                     "is false: " + seconds,
		`null`:                      "is null: leave it out, or make it a number of seconds since 1970 (RFC 7519)",
		`{}`:                        "is an object: " + seconds,
		`[1]`:                       "is a list: " + seconds,
		`-1`:                        "is -1, a time before 1970: " + seconds,
		`-0.5`:                      "is -0.5, a time before 1970: " + seconds,
		`-1e999`:                    "is -1e999, a time before 1970: " + seconds,
		`1767323045000`:             after("1767323045000"),
		`7289654399.5`:              after("7289654399.5"),
		`1e999`:                     after("1e999"),
		`0.1e99`:                    after("0.1e99"),
		`9e99`:                      after("9e99"),
		strings.Repeat("123", 1000): after(strings.Repeat("123", 14)[:40]),
	} {
		for _, name := range []string{"exp", "nbf", "iat"} {
			refusedValue(t, name, value, want)
		}
	}
	for value, want := range map[string]string{
		`""`:                                   "is empty: " + wantedID,
		`"\t\u00a0 "`:                          "has nothing but blanks: " + wantedID,
		`"a\u0000b"`:                           "has the control character U+0000: remove it",
		`"é\u0085\n"`:                          "has the control character U+0085: remove it",
		`"` + strings.Repeat("é", 65) + `"`:    "has 130 bytes: it may have 128 at most",
		`"` + strings.Repeat("n", 129) + `"`:   "has 129 bytes: it may have 128 at most",
		`"` + strings.Repeat("n", 127) + `\n"`: "has the control character U+000A: remove it",
		`"` + strings.Repeat(" ", 9000) + `"`:  "has nothing but blanks: " + wantedID,
		strings.Repeat("9", 129):               "has 129 digits: it may have 128 at most",
		`12.5`:                                 "is the number 12.5: write an integer, or its text in quotes",
		`-0`:                                   "is the number -0: write an integer, or its text in quotes",
		`1e3`:                                  "is the number 1e3: write an integer, or its text in quotes",
		`0.` + strings.Repeat("1", 99): "is the number 0." + strings.Repeat("1", 38) +
			": write an integer, or its text in quotes",
		`true`:           "is true: " + wantedID,
		`false`:          "is false: " + wantedID,
		`null`:           "is null: sign a token only for a user who has an ID",
		`{"$oid":"507"}`: `is an object: write its text, as in "_id":"5c81593adf767b0017d1aa66"`,
		`{}`:             `is an object: write its text, as in "_id":"5c81593adf767b0017d1aa66"`,
		`["1"]`:          "is a list: write its one element",
	} {
		refusedValue(t, "_id", value, want)
	}
}

// refusedValue reads a custom token that has one bad value.
func refusedValue(t *testing.T, name, value, want string) {
	t.Helper()
	claims := `{"sub":"userexternal"`
	id := ""
	if name != "_id" {
		claims, id = claims+`,"_id":"1"`, "1"
	}
	got, err := ReadCustom(membersOf(t, claims+`,"`+name+`":`+value+"}"), nil, Rules{})
	if err == nil || err.Error() != "claim "+name+" "+want || !reflect.DeepEqual(got, Custom{ExternalID: id}) {
		t.Errorf("%s is %.60s:\n got %+v, %v\nwant the error claim %[1]s %s", name, value, got, err, want)
	}
}

// The text goes to the log of those who have to mend the signer.
func TestAudienceProblem(t *testing.T) {
	t.Parallel()
	for aud, want := range map[string]string{
		`"https://tiledesk.com"`: "",
		``:                       "is missing",
		`["https://tiledesk.com"]`: "is a list: it has to be one string (in Go with golang-jwt, set " +
			"jwt.MarshalSingleStringAsArray to false)",
		`null`: "is null: it has to be one string",
		`1`:    "is 1: it has to be one string",
		`{}`:   "is an object: it has to be one string",
	} {
		v := strictjson.Value(aud)
		if aud == "" {
			v = nil
		}
		if got := AudienceProblem(v); got != want {
			t.Errorf("AudienceProblem(%s) = %q, want %q", aud, got, want)
		}
	}
}
