package sqlitestore_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
)

// Times come back as they were stored, to the microsecond.
func TestTimesToTheMicrosecond(t *testing.T) {
	t.Parallel()
	s := openStore(t, newPath(t))
	at := time.Date(2026, 1, 2, 3, 4, 5, 678_901_000, time.UTC)
	a := account("a")
	a.CreatedAt, a.UpdatedAt, a.LastActiveAt = at, at.Add(time.Microsecond), at.Add(2*time.Microsecond)
	if err := s.CreateUser(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	got, err := s.UserByID(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	for name, times := range map[string][2]time.Time{
		"CreatedAt":    {got.CreatedAt, a.CreatedAt},
		"UpdatedAt":    {got.UpdatedAt, a.UpdatedAt},
		"LastActiveAt": {got.LastActiveAt, a.LastActiveAt},
	} {
		if !times[0].Equal(times[1]) {
			t.Errorf("%s: got %v, want %v", name, times[0], times[1])
		}
	}
}

// TestRefusesWhatItCannotKeep stores values that SQLite or a driver may change: text with a
// NUL or invalid UTF-8, Attributes that are not JSON, and times out of range.
func TestRefusesWhatItCannotKeep(t *testing.T) {
	t.Parallel()
	store := openStore(t, newPath(t))
	kept := account("a")
	if err := store.CreateUser(t.Context(), kept); err != nil {
		t.Fatal(err)
	}
	tooLate, tooEarly := time.Unix(math.MaxInt64/1_000_000+1, 0), time.Unix(math.MinInt64/1_000_000-1, 0)
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
		"late time":    func(a *deskauth.Account, bad string) { a.UpdatedAt = tooLate },
		"early time":   func(a *deskauth.Account, bad string) { a.CreatedAt = tooEarly },
	} {
		for _, bad := range []string{"\x00", "\x00b", "\xff", "\xed\xa0\x80"} {
			a := kept
			change(&a, bad)
			err := store.UpdateUser(t.Context(), a)
			if err == nil || isAnswer(err) && name != "ID" || strings.Contains(err.Error(), "argon2id") {
				t.Errorf("UpdateUser, %q in %s: got the error %v, want one without the hash", bad, name, err)
			}
			b := account("b")
			change(&b, bad)
			err = store.CreateUser(t.Context(), b)
			if err == nil || isAnswer(err) || strings.Contains(err.Error(), "argon2id") {
				t.Errorf("CreateUser, %q in %s: got the error %v, want one without the hash", bad, name, err)
			}
			result, err := store.ImportUsers(t.Context(), []deskauth.Account{account("c"), b}, anyone)
			if err == nil || result.Created != 0 {
				t.Errorf("ImportUsers, %q in %s: got %d and the error %v, want 0 and an error", bad, name, result.Created, err)
			}
		}
	}
	got, err := store.ListUsers(t.Context(), "", 10)
	if err != nil || len(got) != 1 || got[0].Version != 0 || got[0].PasswordHash != kept.PasswordHash {
		t.Errorf("accounts: got %v and the error %v, want the first alone and unchanged", got, err)
	}
}
