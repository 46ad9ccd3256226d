package strictjson_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/deskauth/deskauth/internal/strictjson"
)

// mended shows what Mend makes of a text: a member a line, with its flaw.
func mended(text string) string {
	members, flaws, err := strictjson.Mend([]byte(text))
	if err != nil {
		return "refused: " + err.Error()
	}
	var lines []string
	for i, m := range members {
		line := string(m.Name) + "=" + string(m.Value)
		for _, f := range flaws {
			if f.Member == i {
				line += fmt.Sprintf(" | %v, in the name %t, mended %t", f.Err, f.InName, f.Mended)
			}
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func TestMend(t *testing.T) {
	t.Parallel()
	const half = " | it has half of a surrogate pair (at byte %d), in the name %t, mended %t"
	within := func(levels int, value string) string {
		return strings.Repeat("[", levels) + value + strings.Repeat("]", levels)
	}
	deep := func(levels int) string { return within(levels, "") }
	for text, want := range map[string]string{
		`{"a":1,"b":"x"}`: "a=1\nb=\"x\"",
		` { } `:           "",
		`{"a":"\ud83d","b":2}`: `a="\ufffd"` + fmt.Sprintf(half, 12, false, true) + "\n" +
			"b=2",
		`{"a":"x\uDE00y"}`:        `a="x\ufffdy"` + fmt.Sprintf(half, 13, false, true),
		`{"a":"\ud83d\ud83d"}`:    `a="\ufffd\ufffd"` + fmt.Sprintf(half, 12, false, true),
		`{"a":"\ud83d\u0041"}`:    `a="\ufffd\u0041"` + fmt.Sprintf(half, 12, false, true),
		`{"a":"\\\ud83d\\ud83d"}`: `a="\\\ufffd\\ud83d"` + fmt.Sprintf(half, 14, false, true),
		`{"a":"\ude00\ud83d\ude00\ud83d"}`: `a="\ufffd\ud83d\ude00\ufffd"` +
			fmt.Sprintf(half, 12, false, true),
		`{"a":[1,{"b" : ["\ud83d","c"]}]}`: `a=[1,{"b" : ["\ufffd","c"]}]` + fmt.Sprintf(half, 23, false, true),
		`{"a":"\ude00\ude00"}`:             `a="\ufffd\ufffd"` + fmt.Sprintf(half, 12, false, true),
		`{"a":["\ud83d",{"b":1,"b":2}],"c":3}`: `a=["\ufffd",{"b":1,"b":2}] | it has the name "b" twice (at byte 25)` +
			", in the name false, mended false\nc=3",
		`{"a":"\ud7ff\ud800\ue000\udfff"}`:     `a="\ud7ff\ufffd\ue000\ufffd"` + fmt.Sprintf(half, 18, false, true),
		`{"a":"\udc00\udfff"}`:                 `a="\ufffd\ufffd"` + fmt.Sprintf(half, 12, false, true),
		`{"a":12,"b":true,"c":"\ud83d"}`:       "a=12\nb=true\n" + `c="\ufffd"` + fmt.Sprintf(half, 28, false, true),
		`{"a":` + within(31, `"\ud83d"`) + `}`: "a=" + within(31, `"\ufffd"`) + fmt.Sprintf(half, 43, false, true),
		// In a name, at the top or inside, it stays.
		`{"\ud83d":1}`: "\ufffd=1" + fmt.Sprintf(half, 8, true, false),
		`{"\ud83d":"\ud83d"}`: "\ufffd=" + `"\ufffd"` + fmt.Sprintf(half, 8, true, false) +
			fmt.Sprintf(half, 17, false, true),
		`{"a":{"\ud83d" :"\ud83d"}}`: `a={"\ud83d" :"\ufffd"}` + fmt.Sprintf(half, 13, false, false),

		`{"a":{"b":1,"b":"\ud83d"},"c":2}`: `a={"b":1,"b":"\ufffd"} | it has the name "b" twice (at byte 15)` +
			", in the name false, mended false\nc=2",
		`{"a":"\ud83d","a":1}`:    `refused: it has the name "a" twice (at byte 17)`,
		`{"\ud83d":1,"\ude00":2}`: "refused: it has the name \"\ufffd\" twice (at byte 20)",
		`{"a":` + deep(32) + `,"b":2}`: "a=" + deep(32) + " | it nests deeper than 32 levels, in the name false, " +
			"mended false\nb=2",
		`{"a":` + deep(501) + `}`:       "refused: it nests deeper than 32 levels",
		`{"a":"\ud83d` + "\xff" + `"}`:  "refused: it has half of a surrogate pair (at byte 12)",
		`{"a":"\ud83d","b":01}`:         "refused: it is not valid JSON (at byte 19)",
		`{"a":["\ud83d",01]}`:           "refused: it has half of a surrogate pair (at byte 13)",
		`{"a":` + within(31, "x") + `}`: "refused: it is not valid JSON (at byte 36)",
		`{"a":["\ud83d"}`:               "refused: it has half of a surrogate pair (at byte 13)",
		`{"a":"\ud83d`:                  "refused: it has half of a surrogate pair (at byte 12)",
		`{"a":"\ud83d"} x`:              "refused: there is data after the object (at byte 15)",
		`{{"\ud83d":1}:1}`:              "refused: it is not valid JSON (at byte 1)",
		`["\ud83d"]`:                    "refused: it is not a JSON object",
		"\ufeff{}":                      "refused: it is not a JSON object",
	} {
		if got := mended(text); got != want {
			t.Errorf("%.100s\n got %.300s\nwant %.300s", text, got, want)
		}
	}
	if got := mended(`{"a":` + deep(500) + `}`); !strings.HasPrefix(got, "a=[") {
		t.Errorf("500 levels: %.100s", got)
	}
}

// Mend returns what Object returns, where Object takes a text, and means what encoding/json
// reads, where it does not. What it mends, Object takes.
func mends(t *testing.T, data []byte) {
	t.Helper()
	given := bytes.Clone(data)
	members, flaws, err := strictjson.Mend(data)
	if !bytes.Equal(data, given) {
		t.Fatalf("%q was changed to %q", given, data)
	}
	want, strict := strictjson.Object(data, nil)
	var std map[string]json.RawMessage
	stdErr := json.Unmarshal(data, &std)
	switch {
	case strict == nil && (err != nil || len(flaws) != 0 || fmt.Sprintf("%q", members) != fmt.Sprintf("%q", want)):
		t.Fatalf("%q: got %q, %v, %v; Object has %q", data, members, flaws, err, want)
	case strict != nil && err == nil && len(flaws) == 0:
		t.Fatalf("%q: got %q without a flaw; Object says %v", data, members, strict)
	case err != nil && stdErr == nil && std != nil && utf8.Valid(data) && !strings.Contains(err.Error(), "twice") &&
		!strings.Contains(err.Error(), "deep"):
		t.Fatalf("refused %q: %v", data, err)
	case err != nil:
		return
	case stdErr != nil || !utf8.Valid(data) || len(std) != len(members):
		t.Fatalf("%q: got %d members, encoding/json %d, %v", data, len(members), len(std), stdErr)
	}
	flawed := map[int]bool{} // and not mended
	for _, f := range flaws {
		flawed[f.Member] = flawed[f.Member] || !f.InName && !f.Mended
	}
	for i, m := range members {
		var got, want any
		if json.Unmarshal(m.Value, &got) != nil || json.Unmarshal(std[string(m.Name)], &want) != nil ||
			!reflect.DeepEqual(got, want) {
			t.Fatalf("%q: the value of %q is %s, encoding/json has %s", data, m.Name, m.Value, std[string(m.Name)])
		}
		_, err := strictjson.Object([]byte(`{"a":`+string(m.Value)+"}"), nil)
		if flawed[i] != (err != nil) {
			t.Fatalf("%q: flaws %v; Object says of the value %s: %v", data, flaws, m.Value, err)
		}
	}
}

// flawedWhole is whole with each of the flaws.
const flawedWhole = ` { "a" : [ 1 , "\ud83dx" , { "b" : "\ude00" , "c\ud83d" : "\ud83d\ude00" } ] , ` +
	`"d" : { "e" : 1 , "\u0065" : [ ] } , "f\ude00" : "\\\ud83d" , "g" : "\ud83d\ud83d" } `

func TestEveryEditOfATextIsMendedAsByEncodingJSON(t *testing.T) {
	t.Parallel()
	if _, flaws, err := strictjson.Mend([]byte(flawedWhole)); err != nil || len(flaws) != 5 {
		t.Fatalf("%s: %v, %v", flawedWhole, flaws, err)
	}
	for i := range len(flawedWhole) {
		mends(t, []byte(flawedWhole[:i]))
		mends(t, []byte(flawedWhole[:i]+flawedWhole[i+1:]))
		for b := range 256 {
			c := string([]byte{byte(b)})
			mends(t, []byte(flawedWhole[:i]+c+flawedWhole[i+1:]))
			mends(t, []byte(flawedWhole[:i]+c+flawedWhole[i:]))
		}
	}
}

// FuzzMend looks for a text of which mends does not hold.
func FuzzMend(f *testing.F) {
	for _, s := range []string{
		flawedWhole, whole, `{}`, `{"a":1}`, `{"a":"\ud800"}`, `{"\udc00":0}`, `{"a":{"b":1,"b":2}}`, `{"a":0.0.1}`,
		`{"a":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `}`, `{"a":"\ud83d\ude00\ude00"}`,
		`{"a":{"x":"\ud83d"},"b":{"\ud83d":1}}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(mends)
}
