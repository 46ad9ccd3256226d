package storetest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/deskauth/deskauth"
)

// maxAttributes is the most bytes of JSON that an account has.
const maxAttributes = 8 << 10

var attributesClauses = []clause{{
	name: "NilStaysNil",
	says: "nil Attributes come back as nil",
	mend: "store nil as NULL, and read NULL as a nil json.RawMessage: an empty one that is not nil cannot be encoded by encoding/json, and \"null\" is a value",
	test: func(p *probe) {
		a := bareAccount("")
		p.keeps("nil Attributes", a)
	},
}, {
	name: "EqualValue",
	says: "Attributes come back as an equal JSON value",
	mend: "keep the bytes in a column of text, bytes or JSON text; types that parse may refuse \\u0000, and a column in a code page that is not UTF-8 loses characters",
	test: func(p *probe) { p.keepsJSON(someJSON) },
}, {
	name: "Digits",
	says: "every number in Attributes keeps its digits",
	mend: "store the JSON as it is: float64, jsonb and most JSON columns spell numbers anew; decode with UseNumber if at all",
	test: func(p *probe) { p.keepsJSON(someNumbers) },
}, {
	name: "Longest",
	says: "Attributes have up to 8 KiB",
	mend: "make the column wide enough",
	test: func(p *probe) {
		wrap := len(`{"x":""}`)
		p.keepsJSON([]string{
			`{"x":"` + strings.Repeat("x", maxAttributes-wrap) + `"}`,
			`{"x":"` + strings.Repeat("😀", (maxAttributes-wrap)/4) + `"}`,
		})
	},
}, {
	name: "MemoryOfTheCaller",
	says: "what a caller does later with the Attributes it handed in changes nothing in the store",
	mend: "copy the bytes in CreateUser and UpdateUser",
	test: callersMemory,
}, {
	name: "MemoryOfTheReader",
	says: "what a reader does with the Attributes it got changes nothing in the store",
	mend: "copy the bytes in UserByID and UserByEmail",
	test: readersMemory,
}}

var someJSON = []string{
	`{}`,
	`{"a":{"b":[1,[],{},[{"c":null}],true,false,""]}}`,
	`{"":"empty name","a b":" ","a.b":"dot","$set":"operator","__proto__":1,"A":1,"a":2}`,
	`{"astral":"😀𝔘","combining":"e\u0301é","rtl":"שלום עליכם","separators":"\u2028\u2029","bom":"\ufeff"}`,
	`{"escapes":"\" \\ \/ \b \f \n \r \t \u00e9 \ud83d\ude00 <>&'"}`,
	`{"nul":"\u0000","control":"\u0001\u001f\u007f"}`,
	`{"like a number":"1.10","like a time":"2024-02-29T00:00:00Z","like null":"null"}`,
	"{ \"white\" :\t[ 1 ,\n 2 ] }",
}

var someNumbers = []string{
	`{"n":9007199254740993}`,
	`{"n":18446744073709551616}`,
	`{"n":-9223372036854775809}`,
	`{"n":1.10}`,
	`{"n":1.0}`,
	`{"n":1e2}`,
	`{"n":-0}`,
	`{"n":1e400}`,
	`{"n":3.14159265358979323846264338327950288}`,
	`{"n":[0.1,100,{"n":12345678901234567890.0}]}`,
}

func (p *probe) keepsJSON(texts []string) {
	p.Helper()
	for _, text := range texts {
		a := bareAccount("")
		a.Attributes = json.RawMessage(text)
		p.keeps("Attributes "+short(text), a)
	}
}

func callersMemory(p *probe) {
	want := fullAccount("caller")
	given := want
	given.Attributes = bytes.Clone(want.Attributes)
	p.create(given)
	scribble(given.Attributes)
	p.holds(want)

	want.Attributes = json.RawMessage(`{"stored":"by UpdateUser"}`)
	given.Attributes = bytes.Clone(want.Attributes)
	p.update(given)
	scribble(given.Attributes)
	want.Version = 1
	p.holds(want)
}

func readersMemory(p *probe) {
	want := fullAccount("reader")
	p.create(want)
	for _, read := range []func() (deskauth.Account, error){
		func() (deskauth.Account, error) { return p.store.UserByID(p.ctx, want.ID) },
		func() (deskauth.Account, error) { return p.store.UserByEmail(p.ctx, want.Email) },
	} {
		got, err := read()
		p.same("the first look-up", got, want, err)
		scribble(got.Attributes)
		p.holds(want)
	}
}

// scribble does what nobody may do with bytes that are somebody else's too.
func scribble(text json.RawMessage) {
	for i := range text {
		text[i] = '#'
	}
}

// jsonDifference compares by value, with the digits of every number.
func jsonDifference(got, want json.RawMessage) string {
	switch {
	case want == nil && got == nil:
		return ""
	case want == nil:
		return fmt.Sprintf("got %d bytes, %+q, want nil", len(got), short(string(got)))
	case !json.Valid(got):
		return fmt.Sprintf("got %+q, which is no JSON, want %s", short(string(got)), short(string(want)))
	case !reflect.DeepEqual(decode(got), decode(want)):
		return fmt.Sprintf("got %s, want an equal value with the same digits: %s", short(string(got)), short(string(want)))
	}
	return ""
}

// decode keeps numbers as they are spelled. The text is known to be valid.
func decode(text json.RawMessage) (v any) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	_ = d.Decode(&v)
	return v
}

func quoteJSON(s string) string {
	text, _ := json.Marshal(s) // a string cannot fail
	return string(text)
}
