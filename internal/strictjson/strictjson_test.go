package strictjson_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/deskauth/deskauth/internal/strictjson"
)

func TestObjectKeepsOrderAndTexts(t *testing.T) {
	const text = ` {"b":1 , "a\u0062":"x\n",` + "\n" + `"c":{"d":[1,{}]}, "e":null,"é":"€","p":"\ud83d\ude00"} `
	members, err := strictjson.Object([]byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range members {
		got = append(got, string(m.Name)+"="+string(m.Value))
	}
	want := []string{"b=1", "ab=\"x\\n\"", `c={"d":[1,{}]}`, "e=null", `é="€"`, `p="\ud83d\ude00"`}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("members\n got %q\nwant %q", got, want)
	}
	if s, ok := members[1].Value.Text(); !ok || s != "x\n" {
		t.Errorf("Text = %q, %v", s, ok)
	}
	if s, ok := members[5].Value.Text(); !ok || s != "😀" {
		t.Errorf("Text of a surrogate pair = %q, %v", s, ok)
	}
}

func TestObjectRefuses(t *testing.T) {
	deep := func(n int) string { return strings.Repeat(`{"a":`, n) + "1" + strings.Repeat("}", n) }
	deepArray := func(n int) string { return `{"a":` + strings.Repeat("[", n-1) + strings.Repeat("]", n-1) + "}" }
	for _, text := range []string{deep(32), deepArray(32)} {
		if _, err := strictjson.Object([]byte(text), nil); err != nil {
			t.Errorf("32 levels: %v", err)
		}
	}
	many := func(n int, last string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `"n%d":0,`, i)
		}
		return "{" + b.String() + `"` + last + `":0}`
	}
	long := strings.Repeat("x", 100)
	if _, err := strictjson.Object([]byte(many(5000, "last")), nil); err != nil {
		t.Errorf("5000 names: %v", err)
	}
	for name, c := range map[string]struct{ text, want string }{
		"S12 duplicate":              {`{"a":1,"a":2}`, `the name "a" twice`},
		"S12 duplicate, escaped":     {`{"a":1,"\u0061":2}`, `twice`},
		"S12 duplicate, nested":      {`{"x":[{"b":1,"b":2}]}`, `twice`},
		"S12 duplicate of many":      {many(500, "n3"), `"n3" twice`},
		"S12 duplicate of the 64th":  {many(500, "n63"), `"n63" twice`},
		"S12 duplicate of the 65th":  {many(500, "n64"), `"n64" twice`},
		"S12 duplicate of the 500th": {many(500, "n499"), `"n499" twice`},
		"S12 duplicate, long":        {many(0, long+`":0,"`+long), `the name "` + long[:64] + `" twice`},
		"S26 trailing data":          {`{} {}`, "data after"},
		"S26 trailing garbage":       {`{}x`, "data after"},
		"S26 BOM":                    {"\xef\xbb\xbf{}", "byte order mark"},
		"S26 UTF-16":                 {"{\x00\"\x00a\x00", "not valid JSON"},
		"S26 invalid UTF-8":          {"{\"a\":\"\xff\"}", "UTF-8"},
		"S26 invalid UTF-8 in name":  {"{\"\xc0\xaf\":1}", "UTF-8"},
		"S26 UTF-8 surrogate":        {"{\"a\":\"\xed\xa0\x80\"}", "UTF-8"},
		"S26 lone high surrogate":    {`{"a":"\ud800"}`, "surrogate"},
		"S26 lone low surrogate":     {`{"a":"\udc00x"}`, "surrogate"},
		"S26 high then no low":       {`{"a":"\ud800\u0041"}`, "surrogate"},
		"S26 deep objects":           {deep(33), "deeper than 32 levels"},
		"S26 deep arrays":            {deepArray(33), "deeper than 32 levels"},
		"S11 deep arrays":            {deepArray(10_000), "deeper"},
		"array":                      {`[]`, "not a JSON object"},
		"string":                     {`"a"`, "not a JSON object"},
		"null":                       {`null`, "not a JSON object"},
		"empty":                      {``, "not a JSON object"},
		"unclosed":                   {`{"a":1`, "ends too early"},
		"unclosed string":            {`{"a`, "ends too early"},
		"trailing comma":             {`{"a":1,}`, "not valid"},
		"trailing comma in an array": {`{"a":[1,]}`, "not valid"},
		"no comma":                   {`{"a":1 "b":2}`, "not valid"},
		"no colon":                   {`{"a" 1}`, "not valid"},
		"leading comma":              {`{,"a":1}`, "not valid"},
		"single quotes":              {`{'a':1}`, "not valid"},
		"bare name":                  {`{a:1}`, "not valid"},
		"leading zero":               {`{"a":01}`, "not valid"},
		"plus":                       {`{"a":+1}`, "not valid"},
		"dot":                        {`{"a":1.}`, "not valid"},
		"exponent":                   {`{"a":1e}`, "not valid"},
		"NaN":                        {`{"a":NaN}`, "not valid"},
		"control character":          {"{\"a\":\"\n\"}", "control"},
		"bad escape":                 {`{"a":"\x"}`, "not valid"},
		"short escape":               {`{"a":"\u12"}`, "not valid"},
		"comment":                    {`{/**/}`, "not valid"},
		"vertical tab":               {"{\v}", "not valid"},
		"literal cut":                {`{"a":tru}`, "not valid"},
	} {
		t.Run(name, func(t *testing.T) {
			members, err := strictjson.Object([]byte(c.text), nil)
			if err == nil {
				t.Fatalf("accepted %.60q as %v", c.text, members)
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %q, want one with %q", err, c.want)
			}
		})
	}
}

// agrees holds the parser against encoding/json: what it accepts, encoding/json accepts
// with the same members. What it refuses and encoding/json accepts, it refuses for one of
// the documented reasons.
func agrees(t *testing.T, data []byte) {
	t.Helper()
	members, err := strictjson.Object(data, nil)
	var want map[string]json.RawMessage
	stdErr := json.Unmarshal(data, &want)
	if err != nil {
		plain := stdErr == nil && want != nil && utf8.Valid(data)
		documented := errors.Is(err, strictjson.ErrTooDeep) || strings.Contains(err.Error(), "twice") ||
			strings.Contains(err.Error(), "surrogate")
		if plain && !documented {
			t.Fatalf("refused %q: %v", data, err)
		}
		return
	}
	if stdErr != nil || len(want) != len(members) {
		t.Fatalf("accepted %q with %d members, encoding/json says %v, %d", data, len(members), stdErr, len(want))
	}
	for _, m := range members {
		if !bytes.Equal(want[string(m.Name)], m.Value) {
			t.Fatalf("%q: member %q is %q, encoding/json says %q", data, m.Name, m.Value, want[string(m.Name)])
		}
	}
}

// whole has a value of every kind, empty and full, and white space wherever JSON takes it.
const whole = ` { "a" : [ 1 , -2.5e+3 , [ ] , { } , true ] , "b" : { "c" : null , "d" : false } , ` +
	`"é" : "x y\n\u00e9" } `

func TestEveryEditOfATextIsJudgedAsByEncodingJSON(t *testing.T) {
	t.Parallel()
	if _, err := strictjson.Object([]byte(whole), nil); err != nil {
		t.Fatalf("%s: %v", whole, err)
	}
	for i := range len(whole) {
		agrees(t, []byte(whole[:i]))
		agrees(t, []byte(whole[:i]+whole[i+1:]))
		for b := range 256 {
			c := string([]byte{byte(b)})
			agrees(t, []byte(whole[:i]+c+whole[i+1:]))
			agrees(t, []byte(whole[:i]+c+whole[i:]))
		}
	}
}

func TestWhiteSpaceIsFourCharacters(t *testing.T) {
	t.Parallel()
	for _, space := range []string{"", " ", "\t", "\n", "\r", "\r\n\t "} {
		text := strings.NewReplacer("x y", "xy", " ", space).Replace(whole)
		if _, err := strictjson.Object([]byte(text), nil); err != nil {
			t.Errorf("refused %q: %v", text, err)
		}
		agrees(t, []byte(text))
	}
	for _, space := range []string{"\v", "\f", "\x00", "\x01", "\u0085", "\u00a0", "\u2028", "\ufeff"} {
		for _, text := range []string{space + "{}", "{" + space + "}", "{}" + space, `{"a":` + space + "1}"} {
			if _, err := strictjson.Object([]byte(text), nil); err == nil {
				t.Errorf("accepted %q", text)
			}
		}
	}
}

func TestObjectAppends(t *testing.T) {
	t.Parallel()
	before := []strictjson.Member{{Name: []byte("a"), Value: strictjson.Value("0")}}
	got, err := strictjson.Object([]byte(`{"a":1,"b":2}`), before)
	if text := fmt.Sprintf("%s", got); err != nil || text != "[{a 0} {a 1} {b 2}]" {
		t.Errorf("got %s, %v; want the member of before and the two of the text", text, err)
	}
	if got, err := strictjson.Object([]byte("{}"), before); err != nil || len(got) != 1 {
		t.Errorf("got %q, %v; want the member of before alone", got, err)
	}
}

// A door reads many tokens: one of the usual size must cost no memory but the caller's.
func TestObjectAllocatesNothingWithSpareCapacity(t *testing.T) {
	text := []byte(`{"a":"x","b":[1,null],"d":2}`)
	buf := make([]strictjson.Member, 0, 8)
	allocations := testing.AllocsPerRun(100, func() {
		if _, err := strictjson.Object(text, buf); err != nil {
			t.Fatal(err)
		}
	})
	if allocations != 0 {
		t.Errorf("%v allocations, want none", allocations)
	}
}

// FuzzObject looks for a text that agrees does not take.
func FuzzObject(f *testing.F) {
	for _, s := range []string{
		`{}`, `{"a":1}`, `{"a":"b\u00e9\n","c":[1,2.5e-3,{"d":null}],"e":true}`, `{"a":1,"a":2}`,
		"\xef\xbb\xbf{}", `{"a":"\ud83d\ude00"}`, `{"a":"\ud800"}`, "{\"\xff\":0}", `[{}]`, `{"a":-0.0E+1}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(agrees)
}

func BenchmarkObject(b *testing.B) {
	text := []byte(`{"_id":"0198f3c2-7d5b-7a31-9d0c-5b8f1d6d3a10","email":"andrea.leo@f22.it",` +
		`"firstname":"Andrea","lastname":"Leo","emailverified":false,"iat":1790000000,"exp":1790086400,` +
		`"aud":"https://tiledesk.com","iss":"https://tiledesk.com","sub":"user",` +
		`"jti":"6fa6b35a-0f0a-4f5e-8d3b-6a1d0b0b3c11","auth_time":1790000000,"epoch":0}`)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		var buf [24]strictjson.Member
		if _, err := strictjson.Object(text, buf[:0]); err != nil {
			b.Fatal(err)
		}
	}
}
