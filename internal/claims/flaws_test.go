package claims

import (
	"reflect"
	"strings"
	"testing"

	"github.com/deskauth/deskauth/internal/strictjson"
)

// readFlawed reads the claims of a payload that has to have a flaw.
func readFlawed(t *testing.T, claims string) (Custom, error) {
	t.Helper()
	text := []byte("{" + claims + "}")
	if _, err := strictjson.Object(text, nil); err == nil {
		t.Fatalf("%q has no flaw", claims)
	}
	payload, flaws, err := strictjson.Mend(text)
	if err != nil {
		t.Fatalf("%q: %v", claims, err)
	}
	return ReadCustom(payload, flaws, Rules{})
}

const (
	hadHalf    = " had half of a surrogate pair, which is U+FFFD now"
	hadBytes   = " had bytes that are not UTF-8, which are U+FFFD now"
	hadControl = " had a control character that was not escaped"
	lostInside = " has a name twice inside and was left out"
	lostDeep   = " nests deeper than 32 levels and was left out"
	lostTwice  = " stands there twice and was left out"
)

// Flaws are mended in a profile, or what has them is left out.
func TestReadCustomFlaws(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", 33) + strings.Repeat("]", 33)
	for claims, want := range map[string]Custom{
		`"firstname":"Ada \ud83d"`: {FirstName: "Ada \ufffd", Notes: []string{`"firstname"` + hadHalf}},
		`"bio":"\ud83d","lastname":"\ude00","n":1`: {
			LastName: "\ufffd", Attributes: []byte(`{"bio":"\ufffd","n":1}`),
			Notes: []string{`"bio"` + hadHalf, `"lastname"` + hadHalf}},
		"\"lastname\":\"M\xfcller\",\"city\":\"K\xf6ln\"": {
			LastName: "M\ufffdller", Attributes: []byte(`{"city":"K` + "\ufffd" + `ln"}`),
			Notes: []string{`"lastname"` + hadBytes, `"city"` + hadBytes}},
		"\"firstname\":\"Ada\tMaria\x01\",\"bio\":\"a\nb\"": {
			FirstName: "Ada Maria", Attributes: []byte(`{"bio":"a\u000ab"}`), Notes: []string{
				`"firstname"` + hadControl, `"bio"` + hadControl, `"firstname" lost its control characters`}},
		"\"bio\":\"\x00\",\"n\":1": {Attributes: []byte(`{"n":1}`), Notes: []string{`"bio"` + hadControl,
			`"bio" was left out: it has the character \u0000, which databases cannot read`}},
		`"a":{"b":1,"b":2},"n":1`: {Attributes: []byte(`{"n":1}`),
			Notes: []string{`"a"` + lostInside}},
		`"firstname":{"b":1,"b":2}`:                      {Notes: []string{`"firstname"` + lostInside}},
		`"a":` + deep + `,"n":1`:                         {Attributes: []byte(`{"n":1}`), Notes: []string{`"a"` + lostDeep}},
		`"a":{"b":1,"b":"\ud83d"}`:                       {Notes: []string{`"a"` + lostInside}},
		`"firstname":"A","firstname":"B","lastname":"C"`: {LastName: "C", Notes: []string{`"firstname"` + lostTwice}},
		`"email":"a@b.c","\u0065mail":"d@e.f","n":1`: {
			Attributes: []byte(`{"n":1}`), Notes: []string{`"email"` + lostTwice}},
		`"guest_token":"a","guest_token":"b"`: {Notes: []string{`"guest_token"` + lostTwice}},
		`"jti":"a","jti":"b"`:                 {Notes: []string{`"jti"` + lostTwice}},
		// Names are mended, and compared as they are then.
		"\"gr\xf6\xdfe\":1": {Attributes: []byte(`{"gr` + "\ufffd\ufffd" + `e":1}`),
			Notes: []string{`"gr` + "\ufffd\ufffd" + `e"` + hadBytes}},
		`"x\ud83d":1,"x\ude00":2`: {Notes: []string{`"x` + "\ufffd" + `"` + lostTwice}},
		"\"a\nb\":1": {Notes: []string{`"a\nb"` + hadControl,
			`"a\nb" was left out: its name has a quote, a backslash or a control character`}},
	} {
		want.ExternalID = "1"
		got, err := readFlawed(t, `"sub":"userexternal","_id":"1",`+claims)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q:\n got %+v, %v\nwant %+v", claims, got, err, want)
		}
	}
}

// No claim that says who the user is, or how long the token is good, is mended. The others
// are read for what can be said of the token.
func TestReadCustomRefusesFlaws(t *testing.T) {
	t.Parallel()
	good := map[string]string{
		"sub": `"userexternal"`, "_id": `"1"`, "aud": `"a"`, "exp": "4e9", "nbf": "1", "iat": "1",
	}
	for value, has := range map[string]string{
		`"\ud83d"`:      "has half of a surrogate pair",
		"\"\xff\"":      "has bytes that are not UTF-8",
		"\"\n\"":        "has a control character that is not escaped",
		"\"1\t\"":       "has a control character that is not escaped",
		`{"a":1,"a":1}`: "has a name twice inside",
		strings.Repeat("[", 33) + strings.Repeat("]", 33): "nests too deep",
		"": "stands there twice",
	} {
		for name := range good {
			claims := `"a":{"b":1,"b":2}`
			for other, its := range good {
				switch {
				case other != name:
					claims += `,"` + other + `":` + its
				case value != "":
					claims += `,"` + other + `":` + value
				default:
					claims += `,"` + other + `":` + its + `,"\u00` + hex(other[0]) + other[1:] + `":` + its
				}
			}
			want := Custom{ExternalID: "1"}
			if name == "_id" {
				want.ExternalID = ""
			}
			got, err := readFlawed(t, claims)
			if err == nil || err.Error() != "claim "+name+" "+has || !reflect.DeepEqual(got, want) {
				t.Errorf("%q:\n got %+v, %v\nwant %+v, claim %s %s", claims, got, err, want, name, has)
			}
		}
	}
}

func hex(c byte) string { return string([]byte{"0123456789abcdef"[c>>4], "0123456789abcdef"[c&15]}) }

// Nothing that is mended or left out becomes a claim that means something, or stands in for
// one.
func TestS09_MendedNamesAreNobodys(t *testing.T) {
	t.Parallel()
	names := []string{"_id", "sub", "aud", "exp", "nbf", "iat", "jti", "email", "role", "firstname", "guest_token",
		"uid", "id_project", "epoch", "scope", "__proto__", "password"}
	for _, name := range names {
		for _, flawed := range []string{
			name + "\xff", "\xff" + name, name[:1] + "\xff" + name[1:], name + `\ud800`, `\udfff` + name,
			name + "\n", "\x00" + name, name[:1] + "\x01" + name[1:], name + "\xef\xbb", "\xc0" + name[1:],
			name[:1] + "\xc1\xbf" + name[1:], `\u00` + hex(name[0]) + "\x80" + name[1:],
			`\\u00` + hex(name[0]) + name[1:] + "\t",
		} {
			for _, value := range []string{`"2"`, `"admin"`, `0`, `9e9`} {
				claims := `"sub":"userexternal","_id":"1","` + flawed + `":` + value
				got, err := readFlawed(t, claims)
				if err != nil || got.ExternalID != "1" || got.FirstName+got.GuestToken+got.TokenID != "" ||
					got.Times != (Times{}) || len(got.Notes) == 0 {
					t.Errorf("%q: %+v, %v", claims, got, err)
				}
				for _, m := range storedMembers(t, got.Attributes) {
					if unkept(m.Name) != "" || string(m.Name) == "email" || string(m.Name) == "role" ||
						!strings.Contains(string(m.Name), "\ufffd") {
						t.Errorf("%q: the profile has %q", claims, m.Name)
					}
				}
			}
		}
	}
}

func storedMembers(t *testing.T, attributes []byte) Members {
	t.Helper()
	if attributes == nil {
		return nil
	}
	return membersOf(t, string(attributes))
}

func TestAudienceFlaw(t *testing.T) {
	t.Parallel()
	for payload, want := range map[string]string{
		`{"aud":"a","x":"\ud800"}`:         "",
		`{"x":"\ud800"}`:                   "",
		`{"x":"\ud800","aud":"a\ud800"}`:   "has half of a surrogate pair",
		"{\"aud\":\"a\xff\"}":              "has bytes that are not UTF-8",
		`{"aud":"a","x":1,"\u0061ud":"b"}`: "stands there twice",
		`{"aud":"a","aud\ud800":"b"}`:      "",
	} {
		members, flaws, err := strictjson.Mend([]byte(payload))
		if got := AudienceFlaw(members, flaws); err != nil || got != want {
			t.Errorf("%q: %q, %v; want %q", payload, got, err, want)
		}
	}
}
