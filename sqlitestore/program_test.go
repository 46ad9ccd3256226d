package sqlitestore_test

import (
	"fmt"
	"os/exec"
	"reflect"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/sqlitestore"
)

// program runs the program sqlite3, often an older SQLite than the driver's, on a file.
func program(t *testing.T, path, input string, args ...string) (output string) {
	t.Helper()
	sqlite3, err := exec.LookPath("sqlite3")
	if err != nil {
		testkit.Missing(t, "sqlite3", "apt-get install sqlite3", err)
	}
	cmd := exec.CommandContext(t.Context(), sqlite3, append([]string{"-bail", path}, args...)...)
	cmd.Stdin = strings.NewReader(input)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("sqlite3 %s %.200q: %v\n%s", args, input, err, out)
	}
	return string(out)
}

// populated returns the path of a database with accounts of every kind, of which some have
// no attributes, and the store that still has it open.
func populated(t *testing.T) (path string, store *sqlitestore.Store) {
	t.Helper()
	path = newPath(t)
	store = openStore(t, path)
	for i := range 60 {
		a := account(fmt.Sprintf("account-%02d", i))
		a.FirstName = "O'Brien \"Zoë\" 😀\u2028 $1 ;--"
		a.Kind = []deskauth.Kind{deskauth.KindUser, deskauth.KindGuest, deskauth.KindExternal}[i%3]
		if i%2 == 0 {
			a.Attributes = []byte(`{"plan":"it's ` + "\U0001F600" + `","n":12345678901234567890.10,"x":[{"y":null}]}`)
			a.LastActiveAt = a.CreatedAt
		}
		if err := store.CreateUser(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	return path, store
}

func listAll(t *testing.T, store *sqlitestore.Store) []deskauth.Account {
	t.Helper()
	all, err := store.ListUsers(t.Context(), "", 1000)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// The program checks, reads and writes the file while the store has it open.
func TestProgram(t *testing.T) {
	t.Parallel()
	path, store := populated(t)
	for query, want := range map[string]string{
		`PRAGMA integrity_check`:                                                     "ok\n",
		`PRAGMA quick_check`:                                                         "ok\n",
		`SELECT count(*) FROM deskauth_accounts`:                                     "60\n",
		`SELECT count(attributes) FROM deskauth_accounts`:                            "30\n",
		`SELECT attributes->>'plan' FROM deskauth_accounts WHERE id = 'account-00'`:  "it's \U0001F600\n",
		`SELECT count(*) FROM deskauth_accounts WHERE json_type(attributes) IS NULL`: "30\n",
	} {
		if got := program(t, path, "", query); got != want {
			t.Errorf("%s: got %q, want %q", query, got, want)
		}
	}
	program(t, path, "", `INSERT INTO deskauth_accounts (id, kind, attributes, created_at, updated_at)
		VALUES ('by hand', 'user', NULL, 1, 2), ('by hand too', 'guest', '{"a":1}', 3, 4)`)
	program(t, path, "", `UPDATE deskauth_accounts SET attributes = NULL, version = version + 1
		WHERE id = 'account-00'`)
	for _, id := range []string{"by hand", "by hand too", "account-00"} {
		a, err := store.UserByID(t.Context(), id)
		if err != nil || a.ID != id || (a.Attributes == nil) != (id != "by hand too") {
			t.Errorf("UserByID of %q: got %v, attributes %s and the error %v", id, a, a.Attributes, err)
		}
	}
}

// A copy by the program, in either way, is a database with the same accounts.
func TestProgramCopies(t *testing.T) {
	t.Parallel()
	path, store := populated(t)
	want := listAll(t, store)
	for name, make := range map[string]func(to string){
		"VACUUM INTO": func(to string) { program(t, path, "", `VACUUM INTO '`+to+`'`) },
		".backup":     func(to string) { program(t, path, "", `.backup '`+to+`'`) },
		".dump":       func(to string) { program(t, to, program(t, path, "", ".dump")) },
	} {
		to := newPath(t)
		make(to)
		copied := openStore(t, to)
		if got := listAll(t, copied); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %d accounts, want the %d of the database", name, len(got), len(want))
		}
		checkIntegrity(t, to)
		if err := copied.CreateUser(t.Context(), account("new")); err != nil {
			t.Errorf("%s: CreateUser in the copy: got the error %v, want nil", name, err)
		}
		if got, original := schemaOf(t, openDB(t, to)), schemaOf(t, openDB(t, path)); got != original {
			t.Errorf("%s: got the schema\n%s\nwant\n%s", name, got, original)
		}
	}
}

// A file of the first version, once it is mended, can be dumped, restored and written too.
func TestProgramOnAMendedFile(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	oldDatabase(t, path)
	store := openStore(t, path)
	restored := newPath(t)
	program(t, restored, program(t, path, "", ".dump"))
	if got, want := listAll(t, openStore(t, restored)), listAll(t, store); !reflect.DeepEqual(got, want) || len(got) != 2 {
		t.Errorf("the restored dump: got %v, want %v", got, want)
	}
	program(t, path, "", `INSERT INTO deskauth_accounts (id, kind, created_at, updated_at)
		VALUES ('by hand', 'user', 1, 2)`)
	if got := program(t, path, "", `PRAGMA integrity_check`); got != "ok\n" {
		t.Errorf("PRAGMA integrity_check: got %q, want ok", got)
	}
}
