package strictjson_test

import (
	"strings"
	"testing"

	"github.com/deskauth/deskauth/internal/strictjson"
)

// nested returns so many objects and arrays in each other.
func nested(levels int) string {
	return strings.Repeat(`{"a":[`, levels/2) + strings.Repeat("{}", levels%2) + strings.Repeat("]}", levels/2)
}

// What is refused makes a function of PostgreSQL, SQLite or MariaDB fail, or cut.
var portability = map[string]bool{
	`""`: true, `"a"`: true, `null`: true, `true`: true, `false`: true, `{}`: true, `[]`: true,
	`"\u0001\u001f\u007f\uffff\ufdd0\u2028\ufeff"`: true,
	`"😀\ud83d\ude00"`:                              true,
	`"\\u0000"`:                                    true, // an escaped backslash and the letters u0000
	`"\\\\u0000"`:                                  true,
	`"\n0000"`:                                     true,
	`"\u00001"`:                                    false,
	`"u0000"`:                                      true,
	`"\""`:                                         true,
	`"\\"`:                                         true,
	`"\u0000"`:                                     false,
	`"x\u0000"`:                                    false,
	`"\\\u0000"`:                                   false,
	`"\"\u0000"`:                                   false,
	`"\u0041\u0000\u0041"`:                         false,
	`{"\u0000":1}`:                                 false,
	`{"a\u0000b":1}`:                               false,
	`{"a":[1,{"b":["\u0000"]}]}`:                   false,
	`[[],"\u0000"]`:                                false,
	`{"a" : 1 , "b" : "\u0000"}`:                   false,

	"0": true, "-0": true, "-0.0": true, "1": true, "-1.50": true, "1e2": true, "1E+2": true, "1e-2": true,
	"123456789012345678": true, "12345678901234567890123456789012345678901234567890": true,
	"1e308": true, "1.7976931348623157e308": true, "1.7976931348623159e308": false,
	"9e400": false, "1E400": false, "1e+400": false, "1E+400": false,
	"1e309": false, "1e400": false, "-1e400": false, "1e99999": false, "1e131072": false,
	"1" + strings.Repeat("0", 308):          true,
	"1" + strings.Repeat("0", 309):          false,
	"1" + strings.Repeat("0", 400):          false,
	"5e-324":                                true,
	"1e-324":                                false, // to a float64 that is zero
	"1e-400":                                false,
	"1e-99999":                              false,
	"0." + strings.Repeat("0", 400) + "1":   false,
	"0.9e-400":                              false,
	"-0.0e-400":                             true,
	"0." + strings.Repeat("1", 4000):        true,
	"0." + strings.Repeat("0", 4000):        true,
	"0e99":                                  true,
	"0e0":                                   true,
	"0e999":                                 true,
	"0e-999":                                true,
	"0e1000":                                false,
	"0e-1000":                               false,
	"0.00e-99999":                           false,
	"0e999999999999":                        false, // to numeric that is out of range
	"0e-99999999999999999999":               false,
	"1e+" + strings.Repeat("0", 3000) + "1": true,
	"1e-" + strings.Repeat("0", 3000) + "1": true,
	"1" + strings.Repeat("0", 1000) + "e-1000": false,
	`{"a":[0.5,{"b":1e400}]}`:                  false,
	`[1e400]`:                                  false,
	`["1e400"]`:                                true,

	`[1,"a text behind a number"]`:                       true,
	"[" + strings.Repeat("{},", 100) + nested(30) + "]":  true,
	"[" + strings.Repeat("[1],", 100) + nested(30) + "]": true,

	nested(30): true, nested(31): true, nested(32): false,
	`"` + strings.Repeat("[", 100) + `"`:                  true,
	`"\"` + strings.Repeat("{", 100) + `"`:                true,
	"[" + strings.Repeat("[],", 100) + nested(30) + "]":   true,
	"[" + strings.Repeat("[[]],", 100) + nested(31) + "]": false,
}

func TestPortable(t *testing.T) {
	t.Parallel()
	for text, want := range portability {
		if err := strictjson.Value(text).Portable(); (err == nil) != want {
			t.Errorf("Portable of %.80s: got the error %v, want that it may be stored: %v", text, err, want)
		}
	}
}

// A member may nest one level less, as the object around it is one.
func TestPortable_Member(t *testing.T) {
	t.Parallel()
	for text, want := range portability {
		if levels := strings.Count(text, "[") + strings.Count(text, "{"); levels >= strictjson.MaxPortableDepth {
			continue
		}
		members, err := strictjson.Object([]byte(`{"a":`+text+"}"), nil)
		if err != nil {
			t.Fatalf("%.80s: %v", text, err)
		}
		if err := members[0].Portable(); (err == nil) != want {
			t.Errorf("Portable of a member %.80s: got the error %v, want that it may be stored: %v", text, err, want)
		}
	}
	for name, want := range map[string]bool{"": true, "a": true, "\x00": false, "a\x00": false, "\x01": true} {
		m := strictjson.Member{Name: []byte(name), Value: strictjson.Value("1")}
		if err := m.Portable(); (err == nil) != want {
			t.Errorf("Portable of a member named %q: got the error %v, want that it may be stored: %v", name, err, want)
		}
	}
	for levels, want := range map[int]bool{29: true, 30: true, 31: false} {
		m := strictjson.Member{Name: []byte("a"), Value: strictjson.Value(nested(levels))}
		if err := m.Portable(); (err == nil) != want {
			t.Errorf("Portable of a member of %d levels: got the error %v, want that it may be stored: %v", levels, err, want)
		}
	}
}

// What Portable looks at stays within the text, also where the text is no JSON.
func FuzzPortable(f *testing.F) {
	for text := range portability {
		f.Add(text)
	}
	for _, text := range []string{`"`, `"\`, `"\u`, `"\u000`, `-`, `1e`, `1e+`, `]`, `{"`, "\xff", `\u0000`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		err := strictjson.Value(text).Portable()
		members, syntax := strictjson.Object([]byte(`{"a":`+text+"}"), nil)
		if syntax != nil || len(members) != 1 {
			return
		}
		decoded, isText := members[0].Value.Text()
		if isText && strings.Contains(decoded, "\x00") != (err != nil) {
			t.Errorf("%q: got the error %v", text, err)
		}
	})
}
