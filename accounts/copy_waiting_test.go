package accounts_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/accounts"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// Between two copies, addresses pass from one account to another.
func TestCopy_MovedAddresses(t *testing.T) {
	t.Parallel()
	for name, to := range targets {
		from, target := memstore.New(), memstore.New()
		for i := range 3000 {
			create(t, from, agent(fmt.Sprintf("%05d", i), emailNo(i)))
		}
		if _, err := accounts.Copy(t.Context(), from, to(target), accounts.CopyConfig{}); err != nil {
			t.Fatal(err)
		}
		passOn(t, from)
		var seen []int
		progress := accounts.CopyConfig{Progress: func(n int) { seen = append(seen, n) }}
		got, err := accounts.Copy(t.Context(), from, to(target), progress)
		if want := []int{200, 2000, 3000, 3001}; got != 3001 || err != nil || !slices.Equal(seen, want) {
			t.Errorf("%s: got %d, %v and progress %v; want 3001 and %v", name, got, err, seen, want)
		}
		if !reflect.DeepEqual(withoutVersions(all(t, target)), withoutVersions(all(t, from))) {
			t.Errorf("%s: the copy is not what was copied", name)
		}

		// Two accounts that have swapped addresses stand in each other's way.
		for _, s := range [...]struct{ id, email string }{
			{"00000", "parked@example.com"}, {"00001", emailNo(0)}, {"00000", emailNo(1)},
		} {
			testkit.Change(t, from, s.id, changeEmail(s.email))
		}
		seen = nil
		got, err = accounts.Copy(t.Context(), from, to(target), progress)
		want := []int{998, 1998, 2998, 2999}
		if got != 2999 || !errors.Is(err, deskauth.ErrUserExists) || !slices.Equal(seen, want) {
			t.Errorf("%s: swapped addresses: got %d, %v and progress %v; want the others, ErrUserExists and %v",
				name, got, err, seen, want)
		}
	}
}

// passOn gives more accounts than may wait the address of the next one, which is copied
// later. A new account takes the one that is free in the end.
func passOn(t *testing.T, from *memstore.Store) {
	t.Helper()
	testkit.Change(t, from, "01699", changeEmail("another@example.com"))
	for i := 1698; i >= 200; i-- {
		testkit.Change(t, from, fmt.Sprintf("%05d", i), changeEmail(emailNo(i+1)))
	}
	create(t, from, agent("00000-new", emailNo(200)))
}

func changeEmail(email string) func(*deskauth.Account) {
	return func(a *deskauth.Account) { a.Email, a.UpdatedAt = email, testkit.Start.Add(time.Hour) }
}

func emailNo(i int) string { return fmt.Sprintf("%d@example.com", i) }

func withoutVersions(accounts []deskauth.Account) []deskauth.Account {
	for i := range accounts {
		accounts[i].Version = 0
	}
	return accounts
}

// Where no account makes way, no more than a thousand and a page wait for it.
func TestCopy_TooManyWait(t *testing.T) {
	t.Parallel()
	from, target := &listedStore{Store: memstore.New()}, memstore.New()
	for i := range 5000 {
		id, email := fmt.Sprintf("%05d", i), emailNo(i)
		create(t, from, agent(id, email))
		if i%2 == 0 {
			create(t, target, agent("holder"+id, email))
		}
	}
	got, err := accounts.Copy(t.Context(), from, target, accounts.CopyConfig{})
	if got != 1500 || from.listed != 3000 || !errors.Is(err, deskauth.ErrUserExists) ||
		!strings.Contains(err.Error(), "1499 others") {
		t.Errorf("got %d, %v after %d accounts; want 1500, 1499 others in the error, and 3000", got, err, from.listed)
	}
}
