package strictjson_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/deskauth/deskauth/internal/strictjson"
)

// text returns the string that a member a with this value has, or why it is refused.
func text(value string) (string, error) {
	members, err := strictjson.Object([]byte(`{"a":`+value+"}"), nil)
	if err != nil {
		return "", err
	}
	s, ok := members[0].Value.Text()
	if !ok {
		return "", fmt.Errorf("%s is not a string", value)
	}
	return s, nil
}

// All numbers and all that is nearly one, up to five characters.
func TestNumbersAreThoseOfEncodingJSON(t *testing.T) {
	t.Parallel()
	var try func(s string)
	try = func(s string) {
		_, err := strictjson.Object([]byte(`{"a":`+s+"}"), nil)
		if got, want := err == nil, json.Valid([]byte(s)); got != want {
			t.Fatalf("%q is accepted: %v, by encoding/json: %v", s, got, want)
		}
		if len(s) < 5 {
			for _, c := range "019.e+-" {
				try(s + string(c))
			}
		}
	}
	try("")
	for _, s := range []string{
		"1E5", "1E+5", "1e-05", "10.05E-10", "-0.0", "12345678901234567890", "1e+", "1.5.5", "1.5e1.5", "-",
	} {
		try(s)
	}
}

func TestEveryEscape(t *testing.T) {
	t.Parallel()
	known := map[byte]string{'"': `"`, '\\': `\`, '/': "/", 'b': "\b", 'f': "\f", 'n': "\n", 'r': "\r", 't': "\t"}
	for b := range 256 {
		got, err := text(`"\` + string([]byte{byte(b)}) + `0041"`)
		want, ok := known[byte(b)]
		want += "0041"
		if b == 'u' {
			want, ok = "A", true
		}
		if (err == nil) != ok || ok && got != want {
			t.Errorf("a backslash and %q: got %q, %v; accept %v, as %q", rune(b), got, err, ok, want)
		}
	}
}

func TestEveryUTF16Unit(t *testing.T) {
	t.Parallel()
	for unit := range rune(1 << 16) {
		surrogate := 0xD800 <= unit && unit <= 0xDFFF
		for _, format := range []string{`"\u%04x"`, `"\u%04X"`} {
			quoted := fmt.Sprintf(format, unit)
			got, err := text(quoted)
			if surrogate != (err != nil) || !surrogate && got != string(unit) {
				t.Fatalf("%s: got %q, %v", quoted, got, err)
			}
		}
	}
}

func TestS26_SurrogatesComeInPairs(t *testing.T) {
	t.Parallel()
	edges := []rune{0, 0xD7FF, 0xD800, 0xD801, 0xDBFF, 0xDC00, 0xDC01, 0xDFFF, 0xE000, 0xFFFF}
	for _, first := range edges {
		for _, second := range edges {
			for _, between := range []string{"", "x", "u", `\\`} {
				quoted := fmt.Sprintf(`"\u%04x%s\u%04x"`, first, between, second)
				got, err := text(quoted)
				pair := 0xD800 <= first && first <= 0xDBFF && 0xDC00 <= second && second <= 0xDFFF && between == ""
				alone := (first < 0xD800 || first > 0xDFFF) && (second < 0xD800 || second > 0xDFFF)
				if (pair || alone) != (err == nil) {
					t.Errorf("%s: got %q, %v", quoted, got, err)
				}
				var want string
				if err == nil && (json.Unmarshal([]byte(quoted), &want) != nil || got != want) {
					t.Errorf("%s: got %q, encoding/json says %q", quoted, got, want)
				}
			}
		}
	}
	for _, quoted := range []string{
		`"\ud83dxude00"`, `"\ud83d\xde00"`, `"\ud83d\ude0"`, `"\ud83d\`, `"\ud83d\u"`, `"\ud83d"`,
	} {
		if got, err := text(quoted); err == nil {
			t.Errorf("accepted %s as %q", quoted, got)
		}
	}
}

func TestHexadecimalDigits(t *testing.T) {
	t.Parallel()
	for place := range 4 {
		for b := range 256 {
			digits := []byte("0041")
			digits[place] = byte(b)
			quoted := `"\u` + string(digits) + `"`
			got, err := text(quoted)
			if want := json.Valid([]byte(quoted)); want != (err == nil) {
				t.Errorf("%q: got %q, %v; encoding/json accepts: %v", quoted, got, err, want)
			}
		}
	}
}
