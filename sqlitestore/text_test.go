package sqlitestore_test

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
)

// TestRefusesWhatItCannotKeep stores text that SQLite or a driver may cut.
func TestRefusesWhatItCannotKeep(t *testing.T) {
	t.Parallel()
	store := openStore(t, newPath(t))
	kept := account("a")
	if err := store.CreateUser(t.Context(), kept); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(a *deskauth.Account, bad string){
		"ID":           func(a *deskauth.Account, bad string) { a.ID += bad },
		"Kind":         func(a *deskauth.Account, bad string) { a.Kind += deskauth.Kind(bad) },
		"Email":        func(a *deskauth.Account, bad string) { a.Email += bad },
		"FirstName":    func(a *deskauth.Account, bad string) { a.FirstName += bad },
		"LastName":     func(a *deskauth.Account, bad string) { a.LastName += bad },
		"ProjectID":    func(a *deskauth.Account, bad string) { a.ProjectID += bad },
		"ExternalID":   func(a *deskauth.Account, bad string) { a.ExternalID += bad },
		"PasswordHash": func(a *deskauth.Account, bad string) { a.PasswordHash += bad },
		"Attributes":   func(a *deskauth.Account, bad string) { a.Attributes = []byte(`{"a":"` + bad + `"}`) },
		"no JSON":      func(a *deskauth.Account, bad string) { a.Attributes = []byte(`{"a":`) },
		"time":         func(a *deskauth.Account, bad string) { a.UpdatedAt = time.Unix(math.MaxInt64/1_000_000+1, 0) },
		"early time":   func(a *deskauth.Account, bad string) { a.CreatedAt = time.Unix(math.MinInt64/1_000_000-1, 0) },
	} {
		for _, bad := range []string{"\x00", "\x00b", "\xff", "\xed\xa0\x80"} {
			a := kept
			change(&a, bad)
			if err := store.UpdateUser(t.Context(), a); err == nil || isAnswer(err) && name != "ID" || strings.Contains(err.Error(), "argon2id") {
				t.Errorf("UpdateUser with %q in the %s: got the error %v, want one without the hash", bad, name, err)
			}
			b := account("b")
			change(&b, bad)
			if err := store.CreateUser(t.Context(), b); err == nil || isAnswer(err) || strings.Contains(err.Error(), "argon2id") {
				t.Errorf("CreateUser with %q in the %s: got the error %v, want one without the hash", bad, name, err)
			}
			if n, err := store.ImportUsers(t.Context(), []deskauth.Account{account("c"), b}); err == nil || n != 0 {
				t.Errorf("ImportUsers with %q in the %s: got %d and the error %v, want 0 and an error", bad, name, n, err)
			}
		}
	}
	got, err := store.ListUsers(t.Context(), "", 10)
	if err != nil || len(got) != 1 || got[0].Version != 0 || got[0].PasswordHash != kept.PasswordHash {
		t.Errorf("accounts: got %v and the error %v, want the first alone and unchanged", got, err)
	}
}

func TestOddKeysFindNobody(t *testing.T) {
	t.Parallel()
	store := openStore(t, newPath(t))
	a := account("a")
	if err := store.CreateUser(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	for _, end := range []string{"\x00", "\x00\x00", "\x00b", "\xff", "\ufffd"} {
		if _, err := store.UserByID(t.Context(), a.ID+end); !errors.Is(err, deskauth.ErrUserNotFound) {
			t.Errorf("UserByID of %q: got the error %v, want ErrUserNotFound", a.ID+end, err)
		}
		if _, err := store.UserByEmail(t.Context(), a.Email+end); !errors.Is(err, deskauth.ErrUserNotFound) {
			t.Errorf("UserByEmail of %q: got the error %v, want ErrUserNotFound", a.Email+end, err)
		}
		if err := store.DeleteUser(t.Context(), a.ID+end); !errors.Is(err, deskauth.ErrUserNotFound) {
			t.Errorf("DeleteUser of %q: got the error %v, want ErrUserNotFound", a.ID+end, err)
		}
	}
}

// TestS22_NothingPrintsAHash prints a store, what it returns, and its errors, in every way
// that fmt and slog have.
func TestS22_NothingPrintsAHash(t *testing.T) {
	t.Parallel()
	store := openStore(t, newPath(t))
	a := account("a")
	if err := store.CreateUser(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	got, err := store.UserByID(t.Context(), a.ID)
	if err != nil || got.PasswordHash != a.PasswordHash {
		t.Fatalf("UserByID: got the error %v, want the account with its hash", err)
	}
	stale, invalid := a, a
	stale.Version, invalid.Attributes = 7, []byte("no JSON")
	values := []any{store, struct{ Users deskauth.UserStore }{store}, got, &got}
	for _, err := range []error{store.CreateUser(t.Context(), a), store.UpdateUser(t.Context(), stale), store.UpdateUser(t.Context(), invalid)} {
		if err == nil {
			t.Fatal("got no error, want one to print")
		}
		values = append(values, err)
	}
	var out strings.Builder
	for _, v := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		slog.New(slog.NewTextHandler(&out, nil)).Info("text", "value", v)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("json", "value", v)
	}
	for _, secret := range []string{a.PasswordHash, "c2VjcmV0", fmt.Sprintf("%x", a.PasswordHash)} {
		if strings.Contains(out.String(), secret) {
			t.Errorf("%q was printed:\n%s", secret, out.String())
		}
	}
	if got := fmt.Sprintf("%v %+v", store, store); got != "sqlitestore.Store sqlitestore.Store" {
		t.Errorf("a store prints as %q, want its type alone", got)
	}
}
