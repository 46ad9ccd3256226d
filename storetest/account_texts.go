package storetest

import (
	"fmt"
	"strings"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/suite"
)

var textsClauses = []clause{{
	Name: "StringsToTheByte",
	Says: "Strings come back to the byte, with no folding, normalising, trimming or guessing of types.",
	Mend: "Use columns of plain text in UTF-8 (utf8mb4 in MySQL; VARCHAR, not CHAR), and pass values as parameters.",
	Test: stringsToTheByte,
}, {
	Name: "LongestStrings",
	Says: "Names have up to 256 bytes, ProjectID and ExternalID 128, PasswordHash 512.",
	Mend: "Make the columns wide enough. Where a column counts characters, give it as many as there are bytes.",
	Test: longestStrings,
}, {
	Name: "NULWholeOrRefused",
	Says: "A store keeps a string with a NUL to the byte, or refuses it with an error. It neither cuts nor changes it.",
	Mend: "Refuse the string before the database does: its error may look like another, " +
		"and its driver may cut the string. If you keep the string, keep its whole length.",
	Test: func(p *probe) { p.wholeOrRefused(textsWithNUL) },
}, {
	Name: "InvalidUTF8WholeOrRefused",
	Says: "A store keeps a string that is not UTF-8 to the byte, or refuses it with an error. " +
		"It neither cuts nor changes it.",
	Mend: "Refuse it with utf8.ValidString. Otherwise encoding/json and some drivers put U+FFFD in its place, " +
		"and MySQL without strict mode cuts it.",
	Test: func(p *probe) { p.wholeOrRefused(textsNotUTF8) },
}}

// oddStrings are what databases, drivers and helpful programmers like to change.
var oddStrings = []string{
	" ", "  ", " leading", "trailing ", "trailing  ", "in  the middle", "\u00a0no-break\u00a0",
	"MiXeD CaSe", "İstanbul ıI", "straße", "ΣΊΣΥΦΟΣ ς",
	"e\u0301 decomposed", "\u00e9 composed", "ﬁ ligature", "\u212a kelvin",
	"😀 astral 𝔘𝔫𝔦", "👩\u200d👩\u200d👧", "שלום \u202etloid\u202c", "\ufeffbom", "zero\u200bwidth", "\ufffd", "\u2028",
	"O'Brien", `"quoted"`, `back\slash`, `\n`, `\u0041`, "`tick`", "100%", "a_b", "$1", "?", ":name", "@name",
	"#{x}", "{{.}}", "<b>&amp;", "'; DROP TABLE users; --",
	"null", "NULL", "nil", "undefined", "true", "1", "007", "1.10", "1e3", "0x10", "2024-02-29", "{}", "[]",
}

func stringsToTheByte(p *probe) {
	for i, s := range oddStrings {
		a := bareAccount("")
		other := oddStrings[(i+1)%len(oddStrings)] // neighbours differ, so that a swap shows
		a.FirstName, a.LastName, a.ProjectID, a.ExternalID, a.PasswordHash = s, other, s, other, s
		p.keeps(fmt.Sprintf("the strings %+q and %+q", s, other), a)
	}
}

func longestStrings(p *probe) {
	for _, char := range []string{"x", "é", "😀"} {
		fill := func(size int) string { return strings.Repeat(char, size/len(char)) }
		a := bareAccount("")
		a.FirstName, a.LastName = fill(256), fill(256)
		a.ProjectID, a.ExternalID = fill(128), fill(128)
		a.PasswordHash = strings.Repeat("x", 512) // a PHC string is ASCII
		p.keeps(fmt.Sprintf("longest strings of %q", char), a)
	}
}

// textsWithNUL and textsNotUTF8 are strings that no account has. A store may refuse or keep
// them, and databases like to cut or replace them.
var (
	textsWithNUL = []string{"NUL\x00in the middle", "NUL at the end\x00", "\x00"}
	textsNotUTF8 = []string{"not UTF-8 \xff in the middle", "cut in half \xf0\x9f\x98", "\xc0\x80"}
)

// stringFields are the strings of an account that a caller chooses.
var stringFields = []struct {
	name string
	of   func(*deskauth.Account) *string
}{
	{"FirstName", func(a *deskauth.Account) *string { return &a.FirstName }},
	{"LastName", func(a *deskauth.Account) *string { return &a.LastName }},
	{"ProjectID", func(a *deskauth.Account) *string { return &a.ProjectID }},
	{"ExternalID", func(a *deskauth.Account) *string { return &a.ExternalID }},
	{"PasswordHash", func(a *deskauth.Account) *string { return &a.PasswordHash }},
	{"Email", func(a *deskauth.Account) *string { return &a.Email }},
	{"ID", func(a *deskauth.Account) *string { return &a.ID }},
}

// wholeOrRefused checks that a store keeps these strings to the byte or refuses them.
func (p *probe) wholeOrRefused(texts []string) {
	p.Helper()
	for i, text := range texts {
		for _, f := range stringFields {
			call := fmt.Sprintf("with %s %s", f.name, suite.Quote(text))
			a := fullAccount(fmt.Sprintf("created-%d-%s", i, f.name))
			*f.of(&a) = text
			if err := p.store.CreateUser(p.ctx, a); err == nil {
				p.holds(a)
			} else {
				p.isFailure(err, "CreateUser "+call)
				p.noID(a.ID)
				p.noEmail(a.Email)
			}
			if f.name == "ID" {
				// The next text must find the ID free, and the next field the Email.
				continue
			}
			before := otherAccount(fmt.Sprintf("updated-%d-%s", i, f.name))
			p.create(before)
			after := fullAccount(before.ID)
			*f.of(&after) = text + " updated"
			if err := p.store.UpdateUser(p.ctx, after); err == nil {
				after.Version++
				p.holds(after)
			} else {
				p.isFailure(err, "UpdateUser "+call)
				p.holds(before)
				p.noEmail(after.Email)
			}
		}
	}
}
