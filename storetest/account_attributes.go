package storetest

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/deskauth/deskauth/internal/suite"
)

// maxAttributes is the most bytes of JSON that an account has.
const maxAttributes = 8 << 10

var attributesClauses = []clause{{
	Name: "NilStaysNil",
	Says: "nil Attributes come back as nil.",
	Mend: "Store nil as NULL, and read NULL as a nil json.RawMessage. " +
		"encoding/json cannot encode an empty one that is not nil, and \"null\" is a value.",
	Test: func(p *probe) {
		a := bareAccount("")
		p.keeps("nil Attributes", a)
	},
}, {
	Name: "EqualValue",
	Says: "Attributes come back as an equal JSON value.",
	Mend: "Keep the bytes in a column of text, bytes or JSON text. A type that parses may refuse \\u0000, " +
		"and a column that is not UTF-8 loses characters.",
	Test: func(p *probe) { p.keepsJSON(sampleJSON) },
}, {
	Name: "Digits",
	Says: "Every number in Attributes keeps its digits.",
	Mend: "Store the JSON as it is: float64, jsonb and most JSON columns spell numbers anew. " +
		"If you must decode it, use UseNumber.",
	Test: func(p *probe) { p.keepsJSON(sampleNumbers) },
}, {
	Name: "Longest",
	Says: "Attributes have up to 8 KiB.",
	Mend: "Make the column wide enough.",
	Test: func(p *probe) {
		wrap := len(`{"x":""}`)
		p.keepsJSON([]string{
			`{"x":"` + strings.Repeat("x", maxAttributes-wrap) + `"}`,
			`{"x":"` + strings.Repeat("😀", (maxAttributes-wrap)/4) + `"}`,
		})
	},
}, {
	Name: "MemoryOfTheCaller",
	Says: "A caller that changes the Attributes it passed in changes nothing in the store.",
	Mend: "Copy the bytes in CreateUser and UpdateUser.",
	Test: callersMemory,
}, {
	Name: "MemoryOfTheReader",
	Says: "A reader that changes the Attributes it got changes nothing in the store.",
	Mend: "Copy the bytes in UserByID and UserByEmail.",
	Test: readersMemory,
}}

var sampleJSON = []string{
	`{}`,
	`{"a":{"b":[1,[],{},[{"c":null}],true,false,""]}}`,
	`{"":"empty name","a b":" ","a.b":"dot","$set":"operator","__proto__":1,"A":1,"a":2}`,
	`{"astral":"😀𝔘","combining":"e\u0301é","rtl":"שלום עליכם","separators":"\u2028\u2029","bom":"\ufeff"}`,
	`{"escapes":"\" \\ \/ \b \f \n \r \t \u00e9 \ud83d\ude00 <>&'"}`,
	`{"nul":"\u0000","control":"\u0001\u001f\u007f"}`,
	`{"like a number":"1.10","like a time":"2024-02-29T00:00:00Z","like null":"null"}`,
	"{ \"white\" :\t[ 1 ,\n 2 ] }",
}

var sampleNumbers = []string{
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
		p.keeps("Attributes "+suite.Short(text), a)
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
	for _, look := range p.lookUps(want) {
		got, err := look.up()
		p.same("the first "+look.String(), got, want, err)
		scribble(got.Attributes)
		p.holds(want)
	}
}

// scribble overwrites bytes that the store must not share.
func scribble(text json.RawMessage) {
	for i := range text {
		text[i] = '#'
	}
}
