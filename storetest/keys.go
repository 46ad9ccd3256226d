package storetest

import (
	"strings"

	"github.com/deskauth/deskauth"
)

var keysClauses = []clause{{
	name: "IDsAreBytes",
	says: "IDs are compared by bytes: those that differ are of different accounts",
	mend: keysMend,
	test: func(p *probe) {
		p.apart(alike, func(key string) deskauth.Account { return bareAccount(key) })
	},
}, {
	name: "EmailsAreBytes",
	says: "addresses are compared by bytes: those that differ are of different accounts",
	mend: keysMend,
	test: func(p *probe) {
		p.apart(alikeEmails(), func(key string) deskauth.Account {
			a := bareAccount("of " + key)
			a.Email = key
			return a
		})
	},
}, {
	name: "LongestKeys",
	says: "an ID has up to 128 bytes and an Email up to 254, and all of them count",
	mend: "make the columns wide enough, and index all of the key, not its beginning",
	test: longestKeys,
}, {
	name: "IDIsNoEmail",
	says: "UserByID finds IDs and UserByEmail finds addresses, also where one looks like the other",
	mend: "keep two indexes, or different prefixes for the two kinds of key",
	test: idIsNoEmail,
}, {
	name: "NobodyHas",
	says: "a key that no account can have, such as one with a NUL or one that is not UTF-8, finds nobody",
	mend: "answer ErrUserNotFound before the database refuses such a parameter; a driver may also cut it at the NUL, and find somebody else",
	test: nobodyHas,
}}

const keysMend = `compare keys by bytes: COLLATE "C" in PostgreSQL, a *_bin or VARBINARY column in MySQL (whose other collations ignore case, accents and trailing blanks), BINARY in SQLite, and a text column where numbers stay text`

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
	emails := []string{"a@b.com", "A@b.com", "a@B.com", "a@b.com ", "a@b.com  ", " a@b.com", "a@b.com.", "a@bücher.com", "a@bu\u0308cher.com", "a@xn--bcher-kva.com"}
	for _, key := range alike {
		emails = append(emails, key+"@alike.com")
	}
	return emails
}

// apart checks that the keys are free until their account is made, that all accounts live
// beside each other, and that each key finds its own.
func (p *probe) apart(keys []string, account func(key string) deskauth.Account) {
	p.Helper()
	var made []deskauth.Account
	for i, key := range keys {
		a := account(key)
		p.noID(a.ID)
		p.noEmail(a.Email)
		a.SessionEpoch = int64(i)
		if err := p.store.CreateUser(p.ctx, a); err != nil {
			p.Errorf("CreateUser with the new key %s: got the error %v, want nil; earlier keys were %s", quote(key), err, quote(strings.Join(keys[:i], " ")))
			continue
		}
		made = append(made, a)
	}
	p.holds(made...)
	for i := range made {
		made[i] = p.update(made[i])
	}
	p.holds(made...)
}

func longestKeys(p *probe) {
	for _, char := range []string{"x", "é", "😀"} {
		stem := strings.Repeat(char, 124/len(char))
		p.apart([]string{stem + "1234", stem + "1235", stem}, bareAccount)
	}
	local, domain := strings.Repeat("x", 64), strings.Repeat("y.", (254-64-4)/2)
	p.apart([]string{local + "@" + domain + "com", local + "@" + domain + "con", local + "@" + domain + "co"}, func(key string) deskauth.Account {
		a := bareAccount("of " + key[len(key)-4:])
		a.Email = key
		return a
	})
}

func idIsNoEmail(p *probe) {
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

func nobodyHas(p *probe) {
	// What the keys below would find, cut or replaced.
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
		"\x00", "alike\x00", "alike\x00x", "\x00alike", "al\x00ike", "alike\x00@example.com", "alike@example.com\x00", "alike@example.com\x00x",
		"alike\xff", "alike\xffx", "\xff", "\xc0\x80", "alike\xc0\x80", "alike\xff@example.com", "alike@example.com\xed\xa0\x80",
	} {
		p.noID(key)
		p.noEmail(key)
	}
}
