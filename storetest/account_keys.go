package storetest

import (
	"strings"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/suite"
)

var keysClauses = []clause{{
	Name: "IDsAreBytes",
	Says: "IDs are compared by bytes. Different IDs belong to different accounts.",
	Mend: keysMend,
	Test: func(p *probe) {
		p.keepsApart(alike, bareAccount)
	},
}, {
	Name: "EmailsAreBytes",
	Says: "Addresses are compared by bytes. Different addresses belong to different accounts.",
	Mend: keysMend,
	Test: func(p *probe) {
		p.keepsApart(alikeEmails(), func(key string) deskauth.Account {
			a := bareAccount("of " + key)
			a.Email = key
			return a
		})
	},
}, {
	Name: "LongestKeys",
	Says: "An ID has up to 128 bytes and an Email up to 254, and all of them count.",
	Mend: "Make the columns wide enough. Index the whole key, not its beginning.",
	Test: longestKeys,
}, {
	Name: "IDIsNotAnEmail",
	Says: "UserByID finds IDs and UserByEmail finds addresses, even where one looks like the other.",
	Mend: "Keep two indexes, or give the two kinds of key different prefixes.",
	Test: idIsNotAnEmail,
}, {
	Name: "ImpossibleKeys",
	Says: "A key that no account can have, such as one with a NUL or one that is not UTF-8, finds nothing.",
	Mend: "Answer ErrUserNotFound before the database sees the key: it may refuse it, " +
		"or its driver may cut it at the NUL and find another account.",
	Test: impossibleKeys,
}}

const keysMend = `Compare keys by bytes: COLLATE "C" in PostgreSQL, BINARY in SQLite, ` +
	"a *_bin or VARBINARY column in MySQL, whose other collations ignore case, accents and trailing blanks. " +
	"Use a text column, in which numbers stay text."

// alike are different keys that one database or another takes for the same.
var alike = []string{
	"alike", "Alike", "ALIKE", // case
	" alike", "alike ", "alike  ", " ", // trimming, PAD SPACE
	"\u00e1like", "a\u0301like", "alıke", "alİke", "ali\u212ae", "ａlike", // accents, NFC and NFD, folding, NFKC
	"ali\u200dke", "ali\u00adke", "alike\u200b", "\ufeffalike", // characters that collations ignore
	"ss", "ß", "ẞ", "æ", "ae", "は", "ハ", "ぱ", "😀", "😁", "שלום", "שָׁלוֹם",
	"1", "01", "1.0", "1e0", "+1", "１", "0x1", "true", "null", "NULL", // guessed types
	"a_ike", "a%", "%", "_", "*", "a.ike", ".*", "a?ike", `a\_ike`, // patterns
	`"alike"`, "'alike'", "alike'--", "alike/", "alike:", "alike\\", // quotes and separators
}

// alikeEmails puts the differences on both sides of the @.
func alikeEmails() []string {
	emails := []string{
		"a@b.com", "A@b.com", "a@B.com", "a@b.com ", "a@b.com  ", " a@b.com", "a@b.com.",
		"a@bücher.com", "a@bu\u0308cher.com", "a@xn--bcher-kva.com",
	}
	for _, key := range alike {
		emails = append(emails, key+"@alike.com")
	}
	return emails
}

// keepsApart checks that a key is free until its account is created, that all the accounts
// can exist together, and that each key finds its own account.
func (p *probe) keepsApart(keys []string, account func(key string) deskauth.Account) {
	p.Helper()
	var created []deskauth.Account
	for i, key := range keys {
		a := account(key)
		p.noID(a.ID)
		p.noEmail(a.Email)
		a.SessionEpoch = int64(i)
		if err := p.store.CreateUser(p.ctx, a); err != nil {
			p.Errorf("CreateUser with the new key %s: got the error %v, want nil; earlier keys were %s",
				suite.Quote(key), err, suite.Quote(strings.Join(keys[:i], " ")))
			continue
		}
		created = append(created, a)
	}
	p.holds(created...)
	for i := range created {
		created[i] = p.update(created[i])
	}
	p.holds(created...)
}

func longestKeys(p *probe) {
	for _, char := range []string{"x", "é", "😀"} {
		stem := strings.Repeat(char, 124/len(char))
		p.keepsApart([]string{stem + "1234", stem + "1235", stem}, bareAccount)
	}
	address := strings.Repeat("x", 64) + "@" + strings.Repeat("y.", (254-64-4)/2)
	p.keepsApart([]string{address + "com", address + "con", address + "co"}, func(key string) deskauth.Account {
		a := bareAccount("of " + key[len(key)-4:])
		a.Email = key
		return a
	})
}

func idIsNotAnEmail(p *probe) {
	a, b := bareAccount("a@example.com"), bareAccount("b")
	b.Email = a.ID
	p.create(a)
	p.noEmail(a.ID)
	p.create(b)
	p.holds(a, b)

	c := bareAccount("c")
	c.Email = "d"
	p.create(c)
	p.noID(c.Email)
	d := bareAccount(c.Email)
	p.create(d)
	p.holds(a, b, c, d)
}

func impossibleKeys(p *probe) {
	// What the keys below would find if they were cut or replaced.
	for _, id := range []string{"alike", "alike\ufffd", "alike\ufffdx", "\ufffd", "\ufffd\ufffd"} {
		a := bareAccount(id)
		a.Email = id + "@example.com"
		p.create(a)
	}
	a := bareAccount("none")
	a.Email = "alike"
	p.create(a)
	p.create(bareAccount("without Email"))
	for _, key := range []string{
		"\x00", "alike\x00", "alike\x00x", "\x00alike", "al\x00ike",
		"alike\x00@example.com", "alike@example.com\x00", "alike@example.com\x00x",
		"alike\xff", "alike\xffx", "\xff", "\xc0\x80", "alike\xc0\x80",
		"alike\xff@example.com", "alike@example.com\xed\xa0\x80",
	} {
		p.noID(key)
		p.noEmail(key)
	}
}
