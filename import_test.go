package deskauth_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

const (
	importedPassword = "correct horse"
	importedArgon2id = "$argon2id$v=19$m=1024,t=2,p=1$ZAhmuUNQdjRZwC5PBo1q5w$xaxONwEcyFyRe9UXOtP5WquwwIhC4c7CzXwO7fiEf7k"
	importedRest     = "RVobcQBWvWwarDJ0gNoLJ.7YcYDVlH7HfeJQ8VQ5Qnf5Th.3u.3e6"
	importedBcrypt   = "$2a$04$" + importedRest
)

type account = deskauth.Account

// user returns an imported account that can sign in, with changes.
func user(changes ...func(*account)) account {
	return changed(account{User: deskauth.User{
		ID: "5f2b1c", Kind: deskauth.KindUser, Email: "ada@example.com", FirstName: "Ada", LastName: " ",
		CreatedAt: testkit.Start, UpdatedAt: testkit.Start,
	}, PasswordHash: importedArgon2id}, changes)
}

func guest(changes ...func(*account)) account {
	return changed(account{User: deskauth.User{
		ID: "6a3c2d", Kind: deskauth.KindGuest, FirstName: "guest#1a2b", ProjectID: testkit.ProjectA,
		Attributes: []byte(`{"page":"/pricing"}`), CreatedAt: testkit.Start, UpdatedAt: testkit.Start,
	}}, changes)
}

func external(changes ...func(*account)) account {
	return changed(account{User: deskauth.User{
		ID: deskauth.ExternalUserID(testkit.ProjectA, "123"), Kind: deskauth.KindExternal,
		ProjectID: testkit.ProjectA, ExternalID: "123", Attributes: []byte(`{"plan":"gold"}`),
		CreatedAt: testkit.Start, UpdatedAt: testkit.Start,
	}}, changes)
}

func changed(a account, changes []func(*account)) account {
	for _, change := range changes {
		change(&a)
	}
	return a
}

// hashed is a user with another stored hash, addressed one with another address, and
// described a guest with other attributes.
func hashed(hash string) account     { return user(func(a *account) { a.PasswordHash = hash }) }
func addressed(email string) account { return user(func(a *account) { a.Email = email }) }
func described(attributes string) account {
	return guest(func(a *account) { a.Attributes = []byte(attributes) })
}

// Everything that is wrong with an account is named at once, in the order of its fields.
func TestS55_CheckImportNamesEveryField(t *testing.T) {
	t.Parallel()
	testkit.WantFields(t, "an empty account", deskauth.CheckImport(deskauth.Account{}), "ID", "Kind")
	err := deskauth.CheckImport(deskauth.Account{
		User: deskauth.User{
			Kind: deskauth.KindUser, Email: "ADA@example.com", FirstName: "\x00", LastName: "\x00",
			ProjectID: "\x00", ExternalID: "\x00", Attributes: []byte("1"),
		},
		PasswordHash: "md5",
		Version:      math.MaxInt64,
	})
	testkit.WantFields(t, "a user", err, "ID", "Email", "FirstName", "LastName", "ProjectID", "ExternalID",
		"Attributes", "PasswordHash", "Version")
}

// An imported account signs in, and nobody else can sign up with its mailbox.
func TestS55_ImportedAccountsSignIn(t *testing.T) {
	t.Parallel()
	for name, hash := range map[string]string{
		"Argon2id":      importedArgon2id,
		"npm's argon2":  strings.Replace(importedArgon2id, "t=2,p=1", "p=1,t=2", 1),
		"another order": strings.Replace(importedArgon2id, "m=1024,t=2,p=1", "t=2,p=1,m=1024", 1),
		"bcrypt":        importedBcrypt,
	} {
		k := testkit.New(t, deskauth.Config{})
		result, err := k.Store.ImportUsers(t.Context(), []deskauth.Account{hashed(hash)}, nil)
		if err != nil || result.Created != 1 {
			t.Fatalf("%s: got %+v and the error %v, want 1 created", name, result, err)
		}
		k.MustSignin(t, "Ada@Example.com", importedPassword)
		_, err = k.TrySignin(t, "ada@example.com", importedPassword+"!")
		if !errors.Is(err, deskauth.ErrInvalidCredentials) {
			t.Errorf("%s: a wrong password: got the error %v", name, err)
		}
		in := testkit.Andrea()
		in.Email = "ADA@example.com"
		if _, err := k.Signup(t.Context(), in); !errors.Is(err, deskauth.ErrUserExists) {
			t.Errorf("%s: a sign-up with the mailbox: got the error %v, want ErrUserExists", name, err)
		}
	}
}

// A guest comes without the address that another system made up for it: anybody may sign up
// with that, and the guest shows one made from its ID.
func TestS55_ImportedGuestsHaveNoAddress(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	given := guest(func(a *account) { a.Email = "ada@example.com" })
	result, err := k.Store.ImportUsers(t.Context(), []deskauth.Account{given}, nil)
	if err != nil || result.Created != 1 {
		t.Fatalf("got %+v and the error %v, want the guest created", result, err)
	}
	stored, err := k.Store.UserByID(t.Context(), given.ID)
	if err != nil || stored.Email != "" {
		t.Errorf("the stored guest has the address %q and the error %v, want none", stored.Email, err)
	}
	k.MustSignup(t, "ada@example.com", importedPassword)
	if given.Email == "" {
		t.Error("the account of the caller was changed")
	}
}

// Two accounts of a batch with one ID or address: the first is created, and the other is
// named with the row that it clashes with. A guest has no address, so it takes none.
func TestS55_ImportNamesDuplicates(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	numbered := func(id, email string) deskauth.Account {
		a := addressed(email)
		a.ID = id
		return a
	}
	noGuest := guest(func(a *account) { a.ID, a.Email = "guest", "eve@example.com" })
	broken := numbered("broken", "upper@example.com")
	broken.PasswordHash = "{SSHA}c2FsdA"
	batch := []deskauth.Account{
		numbered("1", "ada@example.com"), numbered("2", "ada@example.com"), numbered("1", "bob@example.com"),
		noGuest, numbered("3", "eve@example.com"), numbered("4", "bob@example.com"),
		broken, numbered("5", "upper@example.com"), numbered("6", "ada@example.com"),
	}
	result, err := k.Store.ImportUsers(t.Context(), batch, nil)
	if err != nil || result.Created != 5 {
		t.Errorf("got %d created and the error %v, want 5", result.Created, err)
	}
	want := map[int]string{
		1: `account "2": has the Email of the account in row 0: `,
		2: `account "1": has the ID of the account in row 0: `,
		6: `account "broken": `,
		8: `account "6": has the Email of the account in row 0: `,
	}
	for _, refused := range result.Refused {
		text, ok := want[refused.Row]
		if !ok || !strings.HasPrefix(refused.Error(), text) {
			t.Errorf("row %d: got the error %v, want %q", refused.Row, refused, text)
		}
		if duplicate := refused.Row != 6; duplicate != errors.Is(refused, deskauth.ErrUserExists) {
			t.Errorf("row %d: the error %v wraps ErrUserExists: %t", refused.Row, refused, !duplicate)
		}
		delete(want, refused.Row)
	}
	if len(want) != 0 {
		t.Errorf("not refused: %v", want)
	}
}

// A host's own rule for addresses is the rule for its imports, too.
func TestS55_CheckImportWithARuleOfTheHosts(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{CanonicalEmail: func(address string) (string, error) {
		if !strings.HasSuffix(address, "@例え.jp") {
			return "", fmt.Errorf("must end with @例え.jp")
		}
		return strings.ToLower(address), nil
	}})
	ours, upper, theirs := addressed("ada@例え.jp"), addressed("Ada@例え.jp"), addressed("ada@example.com")
	ours.ID, upper.ID, theirs.ID = "ours", "upper", "theirs"
	result, err := k.Store.ImportUsers(t.Context(), []deskauth.Account{upper, theirs, ours}, k.CheckImport)
	if err != nil || result.Created != 1 || len(result.Refused) != 2 {
		t.Fatalf("got %+v and the error %v, want one account created", result, err)
	}
	for i, says := range []string{`"ada@例え.jp" only`, "must end with"} {
		if refused := result.Refused[i]; !strings.Contains(refused.Error(), says) {
			t.Errorf("refused %d: got %v, want %q", i, refused, says)
		}
	}
	k.MustSignin(t, "ADA@例え.jp", importedPassword)
	if err := deskauth.CheckImport(ours); err == nil {
		t.Error("the rule of the package takes the host's address")
	}
}
