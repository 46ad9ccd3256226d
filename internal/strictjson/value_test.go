package strictjson_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/deskauth/deskauth/internal/strictjson"
)

func TestValue(t *testing.T) {
	for _, c := range []struct {
		v       strictjson.Value
		integer bool
		float   float64
		number  bool
	}{
		{strictjson.Value("0"), true, 0, true},
		{strictjson.Value("-7"), true, -7, true},
		{strictjson.Value("9"), true, 9, true},
		{strictjson.Value("-1234567890"), true, -1234567890, true},
		{strictjson.Value("-0"), false, 0, true},
		{strictjson.Value("1.5"), false, 1.5, true},
		{strictjson.Value("1e3"), false, 1000, true},
		{strictjson.Value("1e999"), false, 0, false},
		{strictjson.Value(`"1"`), false, 0, false},
		{strictjson.Value("true"), false, 0, false},
		{strictjson.Value(""), false, 0, false},
	} {
		if got := c.v.Integer(); got != c.integer {
			t.Errorf("Integer(%s) = %v", c.v, got)
		}
		if f, ok := c.v.Float(); ok != c.number || ok && f != c.float {
			t.Errorf("Float(%s) = %v, %v", c.v, f, ok)
		}
	}
	if !strictjson.Value(`"https:\/\/a"`).Equals("https://a") || strictjson.Value("1").Equals("1") {
		t.Error("Equals is wrong")
	}
	if got := strictjson.Value("{ \"a\" : [ 1 ] }").Compact(); string(got) != `{"a":[1]}` {
		t.Errorf("Compact = %s", got)
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	for v, want := range map[string]string{`""`: "", `"a"`: "a", `"é"`: "é", `"\""`: `"`, `"\\"`: `\`, `"\u00e9"`: "é"} {
		if got, ok := strictjson.Value(v).Text(); !ok || got != want {
			t.Errorf("Text of %s = %q, %v, want %q", v, got, ok, want)
		}
		if got, ok := strictjson.Value(v).AppendText([]byte("before ")); !ok || string(got) != "before "+want {
			t.Errorf("AppendText of %s = %q, %v, want %q", v, got, ok, "before "+want)
		}
		if !strictjson.Value(v).IsString() || !strictjson.Value(v).Equals(want) || strictjson.Value(v).Equals(want+"x") {
			t.Errorf("%s: IsString %v, Equals(%q) %v, Equals(%[3]q+x) %v", v, strictjson.Value(v).IsString(), want,
				strictjson.Value(v).Equals(want), strictjson.Value(v).Equals(want+"x"))
		}
	}
	// None of these is a string, and the last two are not JSON.
	for _, v := range []string{"", "1", "true", "null", `["a"]`, `{"a":"b"}`, `"`, `"\x"`} {
		if got, ok := strictjson.Value(v).Text(); ok {
			t.Errorf("Text of %s = %q", v, got)
		}
		if got, ok := strictjson.Value(v).AppendText([]byte("before")); ok || string(got) != "before" {
			t.Errorf("AppendText of %s = %q, %v; want what was there before and false", v, got, ok)
		}
		if strictjson.Value(v).Equals("") {
			t.Errorf("%s equals the empty string", v)
		}
	}
}

func TestIsNull(t *testing.T) {
	t.Parallel()
	for v, want := range map[string]bool{
		"null": true, "": false, `"null"`: false, "0": false, "false": false, "[null]": false,
	} {
		if got := strictjson.Value(v).IsNull(); got != want {
			t.Errorf("IsNull of %s = %v", v, got)
		}
	}
}

func TestEqualsAllocatesNothing(t *testing.T) {
	v := strictjson.Value(`"a name that is too long for any small buffer"`)
	if n := testing.AllocsPerRun(100, func() { v.Equals("another") }); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

func TestCompact(t *testing.T) {
	t.Parallel()
	for v, want := range map[string]string{"{ \"a\" : [ 1 ] }": `{"a":[1]}`, `"<a b>"`: `"<a b>"`, " [ 1": " [ 1"} {
		given := []byte(v)
		got := strictjson.Value(given).Compact()
		clear(given)
		if string(got) != want {
			t.Errorf("Compact of %s = %s, want %s", v, got, want)
		}
	}
}

func TestAppendString(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"":                  `""`,
		"plain":             `"plain"`,
		`"`:                 `"\""`,
		`\`:                 `"\\"`,
		`a","b":"`:          `"a\",\"b\":\""`,
		"\x00\x0f\x10\x1f ": `"\u0000\u000f\u0010\u001f "`,
		"a\nb":              `"a\u000ab"`,
		"\x7f<&>'/":         "\"\x7f<&>'/\"",
		"é€😀":               `"é€😀"`,
		"é\"\\😀\"":          `"é\"\\😀\""`,
		"\ufffd":            "\"\ufffd\"",
		"\x80":              "\"\ufffd\"",
		"a\xffb\xf0\x9f":    "\"a\ufffdb\ufffd\ufffd\"",
		"\xed\xa0\x80":      "\"\ufffd\ufffd\ufffd\"", // a surrogate in UTF-8
	} {
		got := string(strictjson.AppendString([]byte("before"), s))
		if got != "before"+want {
			t.Errorf("AppendString(before, %q) = %s, want before%s", s, got, want)
		}
		var back string
		if err := json.Unmarshal([]byte(want), &back); err != nil || utf8.ValidString(s) && back != s {
			t.Errorf("%s is %q to encoding/json, %v; want %q", want, back, err, s)
		}
	}
}

func FuzzAppendString(f *testing.F) {
	f.Add("plain")
	f.Add("<\"\\\x00\x1f\x7fé\u2028😀\xff>")
	f.Fuzz(func(t *testing.T, s string) {
		quoted := strictjson.AppendString(nil, s)
		var got string
		if err := json.Unmarshal(quoted, &got); err != nil || got != strings.ToValidUTF8(s, "\ufffd") && utf8.ValidString(s) {
			t.Fatalf("AppendString(%q) = %s, decoded %q, %v", s, quoted, got, err)
		}
	})
}
