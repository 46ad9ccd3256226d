package claims

import (
	"strings"
	"testing"
	"unicode"

	"github.com/deskauth/deskauth/internal/strictjson"
)

func TestS09_Allowed(t *testing.T) {
	for name, want := range map[string]bool{
		"plan": true, "customAttr": true, "email": true, "phone number": true, "ид": true, "pass": true,
		"": false, "sub": false, "SUB": false, "\u017fub": false, "_ID": false, "\u212aind": false, "Email": false,
		"FirstName": false, "emailVerified": false, "__PROTO__": false, "password": false, "PassWordHash": false,
		"pa\u017f\u017fword": false, "a\"b": false, "a\\b": false, "a\nb": false, "a\u0085b": false,
	} {
		if got := allowed([]byte(name)); got != want {
			t.Errorf("Allowed(%q) = %v, want %v", name, got, want)
		}
	}
	longest := []byte(strings.Repeat("n", 128))
	if !allowed(longest) || allowed(append(longest, 'n')) {
		t.Error("names of 128 bytes are allowed, and longer ones are not")
	}
}

// encoding/json takes two names for one if they differ in case alone, whatever the script.
func TestFold(t *testing.T) {
	t.Parallel()
	for r := rune(0); r <= unicode.MaxRune; r++ {
		other := unicode.SimpleFold(r)
		if fold(string(r)) != fold(string(other)) || fold("k"+string(r)) != fold("K"+string(other)) {
			t.Errorf("fold takes %q (%U) and %q for two names", r, r, other)
		}
	}
	for name, want := range map[string]string{"Plan": "plan", "a": "a", "\u017fub": "sub", "É": "é", "": ""} {
		if got := fold(name); got != want {
			t.Errorf("fold(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestAppend(t *testing.T) {
	for _, c := range []struct{ first, last, attributes, want string }{
		{"", "", ``, `"_id":"1"`},
		{
			"A", "L", `{"plan":"gold", "email":"a@b.c"}`,
			`"_id":"1","email":"a@b.c","firstname":"A","lastname":"L","plan":"gold"`,
		},
		{"A", "", `{"email":1,"x":2}`, `"_id":"1","firstname":"A","x":2`},
		{"A", "", `{"sub":"user","_id":"2","x":[1, 2]}`, `"_id":"1","firstname":"A","x":[1,2]`},
	} {
		got, err := AppendExternal(nil, "1", c.first, c.last, []byte(c.attributes))
		if err != nil || string(got) != c.want {
			t.Errorf("Append of %s:\n got %s, %v\nwant %s", c.attributes, got, err, c.want)
		}
	}
	deep := func(levels int) string { return strings.Repeat(`{"a":`, levels) + "1" + strings.Repeat("}", levels) }
	if _, err := AppendExternal(nil, "1", "", "", []byte(deep(MaxAttributesDepth))); err != nil {
		t.Errorf("AppendExternal of attributes as deep as a token can hold: %v", err)
	}
	for _, attributes := range []string{`{"a":1,"a":2}`, `x`, `[]`, deep(MaxAttributesDepth + 1)} {
		if _, err := AppendExternal(nil, "1", "", "", []byte(attributes)); err == nil {
			t.Errorf("AppendExternal took the attributes %s, which no reader of a token takes", attributes)
		}
	}
}

func TestJoin(t *testing.T) {
	claims, err := strictjson.Object([]byte(`{"a":{"b" : 1},"email":"a@b.c","\u0063":"é"}`), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(Join(claims)), `{"email":"a@b.c","a":{"b":1},"c":"é"}`; got != want {
		t.Errorf("Join = %s, want %s", got, want)
	}
	if got := Join(nil); got != nil {
		t.Errorf("Join of nothing = %q, want nil", got)
	}
}

func TestSame(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{``, ``, true},
		{`{"a":1}`, `{"a":1}`, true},
		{`{"a":1,"b":[2, 3]}`, `{ "b" : [2,3], "a" : 1 }`, true},
		{`{"a":"é"}`, `{"a":"\u00e9"}`, true},
		{`{"a":1}`, `{"a":1.0}`, false}, // numbers keep their digits
		{`{"a":9007199254740993}`, `{"a":9007199254740992}`, false},
		{`{"a":1}`, `{"a":2}`, false},
		{`{"a":1}`, ``, false},
		{``, `{}`, false},
		{`{"a":1}`, `[]`, false},
		{`not JSON`, `also not JSON`, false},
		{`null`, `not JSON`, false},
	} {
		if got := Same([]byte(c.a), []byte(c.b)); got != c.want {
			t.Errorf("Same(%s, %s) = %v, want %v", c.a, c.b, got, c.want)
		}
		if got := Same([]byte(c.b), []byte(c.a)); got != c.want {
			t.Errorf("Same(%s, %s) = %v, want %v", c.b, c.a, got, c.want)
		}
	}
}
