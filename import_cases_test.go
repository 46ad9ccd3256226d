package deskauth_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

var importable = map[string]deskauth.Account{
	"a user":                    user(),
	"a guest":                   guest(),
	"an external user":          external(),
	"a user without a password": hashed(""),
	"a bcrypt hash":             hashed(importedBcrypt),
	"a bcrypt hash of $2b$":     hashed("$2b$14$" + importedRest),
	"a bcrypt hash of $2y$":     hashed("$2y$10$" + importedRest),
	"the order of npm's argon2": hashed(strings.Replace(importedArgon2id, "t=2,p=1", "p=1,t=2", 1)),
	"another order":             hashed(strings.Replace(importedArgon2id, "m=1024,t=2,p=1", "p=1,m=1024,t=2", 1)),
	"no names":                  user(func(a *account) { a.FirstName, a.LastName = "", "" }),
	"no times": guest(func(a *account) {
		a.CreatedAt, a.UpdatedAt = time.Time{}, time.Time{}
	}),
	"a guest with an address":         guest(func(a *account) { a.Email = "X@tiledesk.com" }),
	"an ID of 128 bytes":              user(func(a *account) { a.ID = strings.Repeat("x", 128) }),
	"an ID of Han characters":         user(func(a *account) { a.ID = "春子" }),
	"a disabled user":                 user(func(a *account) { a.Disabled = true }),
	"a State":                         user(func(a *account) { a.State = `{"v":1,"code":7,"of a later version":[1]}` }),
	"empty attributes":                described("{}"),
	"attributes of 8 KiB":             described(`{"a":"` + strings.Repeat("x", 8<<10-8) + `"}`),
	"attributes with blanks":          described(" { \"a\" : 1 } "),
	"a Version and an epoch below 0":  user(func(a *account) { a.Version, a.SessionEpoch = -1, -1 }),
	"a Version and an epoch of 2^53":  user(func(a *account) { a.Version, a.SessionEpoch = 1<<53, 1<<53 }),
	"a user with a project's ID":      user(func(a *account) { a.ProjectID = testkit.ProjectA }),
	"a user known by another ID, too": user(func(a *account) { a.ExternalID = "x 1" }),
	"a guest with an external ID":     guest(func(a *account) { a.ExternalID = "x 1" }),
	"a guest's State":                 guest(func(a *account) { a.State = `{"v":1,"undated_refused":true}` }),
}

// unimportable are accounts that could never sign in, with the field that is to blame and a
// part of what the error says about it.
var unimportable = map[string]struct {
	account     deskauth.Account
	field, says string
}{
	"an heir of a user": {
		user(func(a *account) { a.State = `{"v":1,"heir":"x"}` }),
		"State", "a guest who was linked",
	},
	"an heir of an external user": {
		external(func(a *account) { a.State = `{"v":1,"heir":"x"}` }),
		"State", "a guest who was linked",
	},
	"upper case":           {addressed("Ada@Example.com"), "Email", `is found as "ada@example.com" only`},
	"a blank behind":       {addressed("ada@example.com "), "Email", ""},
	"a blank before":       {addressed(" ada@example.com"), "Email", ""},
	"a line break behind":  {addressed("ada@example.com\n"), "Email", ""},
	"quotes around":        {addressed(`"ada@example.com"`), "Email", ""},
	"a quoted local part":  {addressed(`"ada"@example.com`), "Email", ""},
	"a display name":       {addressed("Ada <ada@example.com>"), "Email", ""},
	"not ASCII":            {addressed("adä@example.com"), "Email", "ASCII"},
	"a full-width letter":  {addressed("ａda@example.com"), "Email", "ASCII"},
	"the Kelvin sign":      {addressed("\u212Ada@example.com"), "Email", "ASCII"},
	"a trailing dot":       {addressed("ada@example.com."), "Email", "not a valid"},
	"no domain":            {addressed("ada"), "Email", "not a valid"},
	"no address":           {addressed(""), "Email", "must not be empty"},
	"255 bytes":            {addressed(strings.Repeat("a", 243) + "@example.com"), "Email", "too long"},
	"an address not UTF-8": {addressed("ad\xe9@example.com"), "Email", "UTF-8"},
	"an external's address": {
		external(func(a *account) { a.Email = "ada@example.com" }),
		"Email", "must be empty",
	},
	"SSHA": {hashed("{SSHA}c2FsdHNhbHQ"), "PasswordHash", "no known scheme"},
	"scrypt": {
		hashed("$scrypt$ln=15,r=8,p=1$c2FsdA$aGFzaA"),
		"PasswordHash", "no known scheme",
	},
	"PBKDF2": {hashed("pbkdf2_sha256$600000$salt$aGFzaA="), "PasswordHash", "no known scheme"},
	"MD5":    {hashed("5f4dcc3b5aa765d61d8327deb882cf99"), "PasswordHash", "no known scheme"},
	"SHA-512 crypt": {
		hashed("$6$somesalt$" + strings.Repeat("a", 86)),
		"PasswordHash", "no known scheme",
	},
	"Argon2i": {
		hashed(strings.Replace(importedArgon2id, "argon2id", "argon2i", 1)),
		"PasswordHash", "no known scheme",
	},
	"the password itself":    {hashed(importedPassword), "PasswordHash", "no known scheme"},
	"a hash and blanks":      {hashed(" " + importedArgon2id + " "), "PasswordHash", "without the blanks"},
	"a hash and a newline":   {hashed(importedBcrypt + "\n"), "PasswordHash", "without the blanks"},
	"a hash and CRLF":        {hashed(importedArgon2id + "\r\n"), "PasswordHash", "without the blanks"},
	"a hash in quotes":       {hashed(`"` + importedBcrypt + `"`), "PasswordHash", "without the blanks"},
	"a hash in other quotes": {hashed("'" + importedArgon2id + "'"), "PasswordHash", "without the blanks"},
	"a hash and a NUL":       {hashed(importedArgon2id + "\x00"), "PasswordHash", "without the blanks"},
	"a bcrypt hash cut off":  {hashed(importedBcrypt[:40]), "PasswordHash", "60 characters"},
	"a hash cut off":         {hashed(importedArgon2id[:60]), "PasswordHash", "tag of"},
	"bcrypt of cost 15":      {hashed("$2b$15$" + importedRest), "PasswordHash", "14 is the most"},
	"bcrypt of $2x$":         {hashed("$2x$10$" + importedRest), "PasswordHash", "no known scheme"},
	"memory over 256 MiB": {
		hashed(strings.Replace(importedArgon2id, "m=1024", "m=262145", 1)),
		"PasswordHash", "262144",
	},
	"17 passes": {
		hashed(strings.Replace(importedArgon2id, "t=2", "t=17", 1)),
		"PasswordHash", "1 to 16",
	},
	"600 bytes of hash": {hashed(importedArgon2id + strings.Repeat("A", 600)), "PasswordHash", "too long"},
	"a State of another hand": {
		user(func(a *account) { a.State = "signed out" }),
		"State", "cannot be read",
	},
	"a State of another version": {
		user(func(a *account) { a.State = `{"v":2}` }),
		"State", "cannot be read",
	},
	"a State not in ASCII": {
		guest(func(a *account) { a.State = `{"v":1,"note":"é"}` }),
		"State", "cannot be read",
	},
	"a State over 16 KiB": {
		user(func(a *account) { a.State = `{"v":1,"note":"` + strings.Repeat("x", 16<<10) + `"}` }),
		"State", "cannot be read",
	},
	"no ID":                {user(func(a *account) { a.ID = "" }), "ID", "must not be empty"},
	"an ID of 129 bytes":   {user(func(a *account) { a.ID = strings.Repeat("x", 129) }), "ID", "128 bytes"},
	"a NUL in the ID":      {guest(func(a *account) { a.ID = "a\x00b" }), "ID", "control characters"},
	"an ID not UTF-8":      {guest(func(a *account) { a.ID = "a\xff" }), "ID", "UTF-8"},
	"no kind":              {user(func(a *account) { a.Kind = "" }), "Kind", `use "user"`},
	"an unknown kind":      {user(func(a *account) { a.Kind = "admin" }), "Kind", `is "admin"`},
	"a kind in upper case": {user(func(a *account) { a.Kind = "User" }), "Kind", `is "User"`},
	"a kind and a blank":   {user(func(a *account) { a.Kind = "user " }), "Kind", `is "user "`},
	"an escape in a name": {
		user(func(a *account) { a.FirstName = "\x1b[2J" }),
		"FirstName", "control characters",
	},
	"a newline in a name": {
		user(func(a *account) { a.LastName = "Leo\n" }),
		"LastName", "control characters",
	},
	"a C1 control": {
		user(func(a *account) { a.LastName = "O\u0092Brien" }),
		"LastName", "control characters",
	},
	"a name of 257 bytes": {
		guest(func(a *account) { a.FirstName = strings.Repeat("x", 257) }),
		"FirstName", "256 bytes",
	},
	"a name not UTF-8":       {user(func(a *account) { a.FirstName = "Andr\xe9" }), "FirstName", "UTF-8"},
	"a guest of no project":  {guest(func(a *account) { a.ProjectID = "" }), "ProjectID", "1 to 128"},
	"a project with a slash": {guest(func(a *account) { a.ProjectID = "a/b" }), "ProjectID", "letters"},
	"an external of none":    {external(func(a *account) { a.ProjectID = "" }), "ProjectID", "1 to 128"},
	"no external ID":         {external(func(a *account) { a.ExternalID = "" }), "ExternalID", "_id"},
	"a blank external ID":    {external(func(a *account) { a.ExternalID = " " }), "ExternalID", "_id"},
	"an external ID's NUL":   {external(func(a *account) { a.ExternalID = "1\x00" }), "ExternalID", "_id"},
	"an external ID's bytes": {external(func(a *account) { a.ExternalID = "1\xff" }), "ExternalID", "_id"},
	"another's external ID": {
		external(func(a *account) { a.ExternalID = "124" }),
		"ID", "ExternalUserID derives",
	},
	"an external's own ID":  {external(func(a *account) { a.ID = "123" }), "ID", "ExternalUserID derives"},
	"a list of attributes":  {described(`[]`), "Attributes", "JSON object"},
	"a text of attributes":  {described(`"{}"`), "Attributes", "JSON object"},
	"null attributes":       {described(`null`), "Attributes", "JSON object"},
	"attributes cut off":    {described(`{"a":1`), "Attributes", "cannot be taken"},
	"attributes twice":      {described(`{"a":1,"a":2}`), "Attributes", "twice"},
	"attributes not UTF-8":  {described("{\"a\":\"\xff\"}"), "Attributes", "UTF-8"},
	"attributes with a NUL": {described(`{"a":"\u0000"}`), "Attributes", `\u0000`},
	"attributes over 8 KiB": {
		described(`{"a":"` + strings.Repeat("x", 8<<10) + `"}`),
		"Attributes", "8192 bytes",
	},
	"a time of infinity": {
		user(func(a *account) { a.CreatedAt = time.Unix(math.MaxInt64>>20, 0) }),
		"CreatedAt", "1 to 9999",
	},
	"the year 10000": {
		user(func(a *account) { a.UpdatedAt = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) }),
		"UpdatedAt", "1 to 9999",
	},
	"the year -1": {
		guest(func(a *account) { a.LastActiveAt = time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC) }),
		"LastActiveAt", "1 to 9999",
	},
	"the last Version": {
		user(func(a *account) { a.Version = math.MaxInt64 }),
		"Version", "could not be raised",
	},
	"the last epoch": {
		user(func(a *account) { a.SessionEpoch = math.MaxInt64 }),
		"SessionEpoch", "could not be raised",
	},
}

func TestS55_CheckImport(t *testing.T) {
	t.Parallel()
	for name, acc := range importable {
		if err := deskauth.CheckImport(acc); err != nil {
			t.Errorf("%s: got the error %v, want nil", name, err)
		}
	}
	for name, c := range unimportable {
		err := deskauth.CheckImport(c.account)
		testkit.WantFields(t, name, err, c.field)
		if err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got the error %v, want one that says %q", name, err, c.says)
		}
		hash := c.account.PasswordHash
		if len(hash) > 20 && strings.Contains(fmt.Sprint(err), hash[len(hash)-20:]) {
			t.Errorf("%s: the error quotes the hash: %v", name, err)
		}
	}
}

// Whoever can be imported can have a session, which lasts.
func TestS55_WhatIsImportedGetsIn(t *testing.T) {
	t.Parallel()
	for name, acc := range importable {
		k := testkit.New(t, deskauth.Config{})
		result, err := k.Store.ImportUsers(t.Context(), []deskauth.Account{acc}, nil)
		if err != nil || result.Created != 1 {
			t.Errorf("%s: %+v, %v", name, result, err)
			continue
		}
		s, err := k.IssueSession(t.Context(), deskauth.IssueInput{UserID: acc.ID})
		if acc.Disabled {
			if err != deskauth.ErrAccountDisabled {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		testkit.Must(t, err)
		for _, later := range []time.Duration{0, 13 * time.Hour} {
			k.Clock.Advance(later)
			if _, err := k.Verify(t.Context(), s.Token); err != nil {
				t.Errorf("%s: after %v: %v", name, later, err)
			}
			if _, err := k.TryCustom(t, s.Token); err != nil {
				t.Errorf("%s: restored after %v: %v", name, later, err)
			}
		}
	}
}

// What is refused is not stored, and named by its row. All others are stored.
func TestS55_ImportUsersRefusesByRow(t *testing.T) {
	t.Parallel()
	var batch []deskauth.Account
	var want []string
	for name, c := range unimportable {
		batch = append(batch, c.account)
		want = append(want, name)
	}
	good := user(func(a *account) { a.ID, a.Email = "good", "good@example.com" })
	batch = append(batch, good)
	store := memstore.New()
	result, err := store.ImportUsers(t.Context(), batch, nil)
	if err != nil || result.Created != 1 || store.Len() != 1 || len(result.Refused) != len(want) {
		t.Fatalf("got %d created, %d stored, %d refused and the error %v, want 1, 1, %d and nil",
			result.Created, store.Len(), len(result.Refused), err, len(want))
	}
	for i, refused := range result.Refused {
		field := unimportable[want[i]].field
		testkit.WantFields(t, want[i], refused, field)
		if refused.Row != i || refused.ID != batch[i].ID || !strings.Contains(refused.Error(), field) {
			t.Errorf("%s: refused is row %d, account %q: %v; want row %d", want[i], refused.Row, refused.ID, refused, i)
		}
	}
	none := &deskauth.RowError{Row: 7, Err: errors.New("bad")}
	if got := none.Error(); !strings.Contains(got, "row 7") || !strings.Contains(got, "bad") {
		t.Errorf("the error of an account without an ID is %q, want its row in it", got)
	}
}
