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

// mended shows what Mend makes of a text: a member a line, with its faults.
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
				line += " | " + strings.Join(faultsOf(f), ", ")
			}
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func faultsOf(f strictjson.Flaw) (all []string) {
	for _, c := range []struct {
		fault strictjson.Fault
		name  string
	}{
		{strictjson.HalfSurrogate, "half"}, {strictjson.NotUTF8, "utf8"}, {strictjson.RawControl, "control"},
		{strictjson.NameTwice, "twice"}, {strictjson.TwiceInside, "inside"}, {strictjson.TooDeep, "deep"},
	} {
		if f.Faults&c.fault != 0 {
			all = append(all, c.name)
		}
	}
	return all
}

// within returns a value that stands so many levels deep in arrays.
func within(levels int, value string) string {
	return strings.Repeat("[", levels) + value + strings.Repeat("]", levels)
}

func TestMend(t *testing.T) {
	t.Parallel()
	objects := func(levels int) string { return strings.Repeat(`{"a":`, levels) + "1" + strings.Repeat("}", levels) }
	for text, want := range map[string]string{
		`{"a":1,"b":"x"}`: "a=1\nb=\"x\"",
		` { } `:           "",

		// Half of a surrogate pair.
		`{"a":"\ud83d","b":2}`:                 `a="\ufffd" | half` + "\nb=2",
		`{"a":"x\uDE00y"}`:                     `a="x\ufffdy" | half`,
		`{"a":"\ud83d\ud83d"}`:                 `a="\ufffd\ufffd" | half`,
		`{"a":"\ude00\ude00"}`:                 `a="\ufffd\ufffd" | half`,
		`{"a":"\udc00\udc00\udbff\udfff"}`:     `a="\ufffd\ufffd\udbff\udfff" | half`,
		`{"a":"\ud83d\u0041"}`:                 `a="\ufffd\u0041" | half`,
		`{"a":"\ud83dx"}`:                      `a="\ufffdx" | half`,
		`{"a":"\ud83d\n"}`:                     `a="\ufffd\n" | half`,
		`{"a":"\\\ud83d\\ud83d"}`:              `a="\\\ufffd\\ud83d" | half`,
		`{"a":"\ude00\ud83d\ude00\ud83d"}`:     `a="\ufffd\ud83d\ude00\ufffd" | half`,
		`{"a":"\ud7ff\ud800\ue000\udfff"}`:     `a="\ud7ff\ufffd\ue000\ufffd" | half`,
		`{"a":[1,{"b" : ["\ud83d","c"]}]}`:     `a=[1,{"b" : ["\ufffd","c"]}] | half`,
		`{"a":12,"b":true,"c":"\ud83d"}`:       "a=12\nb=true\n" + `c="\ufffd" | half`,
		`{"a":` + within(31, `"\ud83d"`) + `}`: "a=" + within(31, `"\ufffd"`) + " | half",

		// Bytes that are not UTF-8.
		"{\"a\":\"M\xfcller\"}":                 "a=\"M\ufffdller\" | utf8",
		"{\"a\":\"\xed\xa0\x80\"}":              "a=\"\ufffd\ufffd\ufffd\" | utf8",
		"{\"a\":\"\xc0\xae\xf0\x9f\x98\"}":      "a=\"\ufffd\ufffd\ufffd\ufffd\ufffd\" | utf8",
		"{\"a\":\"é\ufffd😀\",\"b\":[\"\x80\"]}": "a=\"é\ufffd😀\"\nb=[\"\ufffd\"] | utf8",
		"{\"a\":\"\xff\\ud83d\n\"}":             "a=\"\ufffd\\ufffd\\u000a\" | half, utf8, control",

		// Control characters as they are.
		"{\"a\":\"x\ny\tz\"}":            `a="x\u000ay\u0009z" | control`,
		"{\"a\":\"\x00\x1f\x7f\u0085\"}": "a=\"\\u0000\\u001f\x7f\u0085\" | control",
		"{\"a\":{\"b\r\":[\"\v\"]}}":     `a={"b\u000d":["\u000b"]} | control`,

		// In names, too.
		`{"\ud83d":1}`:                "\ufffd=1 | half",
		`{"\ud83d":"\ud83d"}`:         "\ufffd=" + `"\ufffd" | half`,
		`{"a":{"\ud83d" :"x"}}`:       `a={"\ufffd" :"x"} | half`,
		"{\"gr\xf6\xdfe\":1,\"x\":2}": "gr\ufffd\ufffde=1 | utf8\nx=2",
		"{\"a\nb\":1}":                "a\nb=1 | control",

		// Twice.
		`{"a":1,"b":2,"a":3}`:                      "a=1 | twice\nb=2",
		`{"a":1,"\u0061":"\ud83d","a":[[]]}`:       "a=1 | half, twice",
		`{"\ud83d":1,"\ude00":2}`:                  "\ufffd=1 | half, twice",
		"{\"\xff\":1,\"\ufffd\":2,\"\xfe\xfe\":3}": "\ufffd=1 | utf8, twice\n\ufffd\ufffd=3 | utf8",
		`{"a":{"b":1,"b":"\ud83d"},"c":2}`:         `a={"b":1,"b":"\ufffd"} | half, inside` + "\nc=2",
		`{"a":["\ud83d",{"b":1,"b":2}],"c":3}`:     `a=["\ufffd",{"b":1,"b":2}] | half, inside` + "\nc=3",
		"{\"a\":{\"\xff\":1,\"\xfe\":2}}":          "a={\"\ufffd\":1,\"\ufffd\":2} | utf8, inside",
		`{"a":{"b":{},"b":{"c":1,"c":2}},"a":1}`:   `a={"b":{},"b":{"c":1,"c":2}} | twice, inside`,

		// Too deep.
		`{"a":` + within(32, "") + `,"b":2}`:                "a=" + within(32, "") + " | deep\nb=2",
		`{"a":` + objects(40) + `}`:                         "a=" + objects(40) + " | deep",
		`{"a":` + within(33, `"]]{[\"]",1,"["`) + `,"b":2}`: "a=" + within(33, `"]]{[\"]",1,"["`) + " | deep\nb=2",
		`{"a":` + within(33, "1 2") + `}`:                   "refused: it is not valid JSON (at byte 36)",
		`{"a":` + within(33, `{"x"}`) + `}`:                 "refused: it is not valid JSON (at byte 36)",
		`{"a":` + within(500, "") + `}`:                     "refused: it nests deeper than 500 levels",
		`{"a":` + objects(5000) + `}`:                       "refused: it nests deeper than 500 levels",
		strings.Repeat("[", 9000):                           "refused: it is not a JSON object",

		// What cannot be read.
		"{\"a\":\"\xff\",\"b\":01}":     "refused: it is not valid JSON (at byte 14)",
		`{"a":["\ud83d",01]}`:           "refused: it is not valid JSON (at byte 16)",
		"{\"a\":\"\n\",\"a\":1,}":       "refused: it is not valid JSON (at byte 15)",
		`{"a":` + within(31, "x") + `}`: "refused: it is not valid JSON (at byte 36)",
		`{"a":["\ud83d"}`:               "refused: it is not valid JSON (at byte 14)",
		`{"a":"\ud83d`:                  "refused: it ends too early",
		`{"a":"\`:                       "refused: it ends too early",
		`{"a":"\ud8`:                    "refused: it ends too early",
		`{"a":"\ud83d\ud83`:             "refused: it ends too early",
		"{\"a\":\"\xff":                 "refused: it ends too early",
		`{"a":"\ud83d"} x`:              "refused: there is data after the object (at byte 15)",
		"{\"a\":\"\xff\"}\x00":          "refused: there is data after the object (at byte 9)",
		"{\"a\":\"\\\xff\"}":            "refused: it is not valid JSON (at byte 7)",
		"{\"a\":\"\\\n\"}":              "refused: it is not valid JSON (at byte 7)",
		"{\"a\":\"\\u00\x01\"}":         "refused: it is not valid JSON (at byte 10)",
		`{"a":"\ud83d\x"}`:              "refused: it is not valid JSON (at byte 13)",
		"{\"a\":\v1}":                   "refused: it is not valid JSON (at byte 5)",
		"{\xff:1}":                      "refused: it is not valid JSON (at byte 1)",
		"{\"a\":\"\xff\"x}":             "refused: it is not valid JSON (at byte 8)",
		`{{"\ud83d":1}:1}`:              "refused: it is not valid JSON (at byte 1)",
		`["\ud83d"]`:                    "refused: it is not a JSON object",
		"\ufeff{}":                      "refused: it starts with a byte order mark",
		"":                              "refused: it is not a JSON object",
	} {
		if got := mended(text); got != want {
			t.Errorf("%.100q\n got %.300s\nwant %.300s", text, got, want)
		}
	}
	if got := mended(`{"a":` + within(499, "") + `}`); !strings.HasSuffix(got, "] | deep") {
		t.Errorf("500 levels: %.100s", got)
	}
}

// escaped returns data with the control characters in its strings as escape sequences: what
// encoding/json can read of them.
func escaped(data []byte) (text []byte) {
	inString := false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case inString && c == '\\':
			text = append(text, c)
			if i++; i < len(data) {
				text = append(text, data[i])
			}
			continue
		case c == '"':
			inString = !inString
		case inString && c < ' ':
			text = fmt.Appendf(text, `\u%04x`, c)
			continue
		}
		text = append(text, data[i])
	}
	return text
}

// mends holds Mend against Object and encoding/json. What Object takes, Mend takes alike.
// It takes all else that encoding/json takes, unless it nests far too deep, and nothing
// more. It means the same by it, but for a name that stands there twice.
func mends(t *testing.T, data []byte) {
	t.Helper()
	given := bytes.Clone(data)
	members, flaws, err := strictjson.Mend(data)
	if !bytes.Equal(data, given) {
		t.Fatalf("%q was changed to %q", given, data)
	}
	want, strict := strictjson.Object(data, nil)
	var std map[string]json.RawMessage
	stdErr := json.Unmarshal(escaped(data), &std)
	switch {
	case strict == nil && (err != nil || len(flaws) != 0 || fmt.Sprintf("%q", members) != fmt.Sprintf("%q", want)):
		t.Fatalf("%q: got %q, %v, %v; Object has %q", data, members, flaws, err, want)
	case strict != nil && err == nil && len(flaws) == 0:
		t.Fatalf("%q: got %q without a flaw; Object says %v", data, members, strict)
	case err != nil && stdErr == nil && std != nil && !strings.HasSuffix(err.Error(), "deeper than 500 levels"):
		t.Fatalf("refused %q: %v", data, err)
	case err != nil:
		return
	case stdErr != nil || len(std) != len(members):
		t.Fatalf("%q: got %d members, encoding/json %d, %v", data, len(members), len(std), stdErr)
	}
	faults := map[int]strictjson.Fault{}
	for _, f := range flaws {
		faults[f.Member] |= f.Faults
	}
	for i, m := range members {
		sameMember(t, data, m, faults[i], std[string(m.Name)])
	}
}

// sameMember compares a member of Mend with that of encoding/json, and its faults with what
// Object says of it now.
func sameMember(t *testing.T, data []byte, m strictjson.Member, faults strictjson.Fault, std json.RawMessage) {
	t.Helper()
	if faults&strictjson.NameTwice == 0 {
		got, gotErr := decoded(m.Value)
		want, stdErr := decoded(std)
		if gotErr != nil || stdErr != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%q: the value of %q is %s, encoding/json has %s", data, m.Name, m.Value, std)
		}
	}
	text := append(strictjson.AppendString([]byte{'{'}, string(m.Name)), ':')
	_, err := strictjson.Object(append(append(text, m.Value...), '}'), nil)
	good := faults&(strictjson.TwiceInside|strictjson.TooDeep) == 0
	again := faults&strictjson.NameTwice != 0 // and the other faults may be the second one's
	if !utf8.Valid(m.Name) || good && err != nil || !good && !again && err == nil {
		t.Fatalf("%q: faults %b; Object says of %q, %s: %v", data, faults, m.Name, m.Value, err)
	}
}

func decoded(text []byte) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	err = d.Decode(&v)
	return v, err
}

// Of a member with several faults, one that is not mended counts.
func TestMended(t *testing.T) {
	t.Parallel()
	all := []strictjson.Fault{
		strictjson.HalfSurrogate, strictjson.NotUTF8, strictjson.RawControl,
		strictjson.NameTwice, strictjson.TwiceInside, strictjson.TooDeep,
	}
	for set := range 1 << len(all) {
		var f strictjson.Fault
		for i, one := range all {
			if set>>i&1 == 1 {
				f |= one
			}
		}
		if got, want := f.Mended(), set < 8; got != want { // the first three are
			t.Errorf("%06b is mended: %t, want %t", set, got, want)
		}
	}
}

// flawedWhole has each of the flaws.
const flawedWhole = " { \"a\" : [ 1 , \"\\ud83dx\" , { \"b\" : \"\\ude00\" , \"c\\ud83d\" : \"\\ud83d\\ude00\" } ] , " +
	"\"d\" : { \"e\" : 1 , \"\\u0065\" : [ ] } , \"f\\ude00\" : \"\\\\\\ud83d\" , \"g\" : \"\\ud83d\\ud83d\" , " +
	"\"h\" : \"M\xfcller\" , \"i\xff\" : \"\t\n\" , \"j\" : 1 , \"\\u006a\" : true , \"i\xfe\" : null } "

func TestEveryEditOfATextIsMendedAsByEncodingJSON(t *testing.T) {
	t.Parallel()
	if _, flaws, err := strictjson.Mend([]byte(flawedWhole)); err != nil || len(flaws) != 7 {
		t.Fatalf("%s: %v, %v", flawedWhole, flaws, err)
	}
	for i := range len(flawedWhole) {
		mends(t, []byte(flawedWhole[:i]))
		mends(t, []byte(flawedWhole[:i]+flawedWhole[i+1:]))
		for b := range 256 {
			if (b+i)%5 != 0 && !strings.Contains(flawedWhole, string([]byte{byte(b)})) {
				continue // each byte is tried in every fifth place, those of the text in all
			}
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
		`{"a":` + within(40, "") + `}`, `{"a":` + within(600, "") + `}`, `{"a":"\ud83d\ude00\ude00"}`,
		`{"a":{"x":"\ud83d"},"b":{"\ud83d":1}}`, `{"a":1,"a":{"a":1,"\u0061":2}}`, "{\"\xff\":1,\"\xfe\":2}",
		"{\"a\":\"\\\n\",\"b\\u00\x1f\":\"\x00\"}", "\xef\xbb\xbf{}", "{\"a\":\"\\ud800\xed\xb0\x80\"}",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(mends)
}
