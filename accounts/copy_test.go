package accounts_test

import (
	"context"
	"encoding/json"
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

// accountNo is one of many accounts of all kinds.
func accountNo(i int) deskauth.Account {
	a := deskauth.Account{
		User: deskauth.User{
			ID:        fmt.Sprintf("account-%07d", i*7919%10_000_000),
			Kind:      []deskauth.Kind{deskauth.KindUser, deskauth.KindGuest, deskauth.KindExternal}[i%3],
			FirstName: fmt.Sprint("first ", i),
			LastName:  fmt.Sprint("last ", i),
			CreatedAt: testkit.Start,
			UpdatedAt: testkit.Start.Add(time.Duration(i) * time.Millisecond),
		},
		Disabled:     i%7 == 0,
		SessionEpoch: int64(i % 11),
	}
	if a.Kind == deskauth.KindUser {
		a.Email = fmt.Sprintf("%d@example.com", i)
	}
	switch a.Kind {
	case deskauth.KindUser:
		a.EmailVerified, a.PasswordHash = i%2 == 0, hashNo(i)
	case deskauth.KindGuest:
		a.ProjectID, a.LastActiveAt = testkit.ProjectA, testkit.Start.Add(time.Hour)
	case deskauth.KindExternal:
		a.ProjectID, a.ExternalID, a.LastActiveAt = testkit.ProjectB, fmt.Sprint(i), testkit.Start.Add(time.Hour)
		a.ID = deskauth.ExternalUserID(a.ProjectID, a.ExternalID)
		a.Attributes = json.RawMessage(fmt.Sprintf(`{"n":%d.0}`, i))
	}
	return a
}

// hashNo is a hash that no password has.
func hashNo(i int) string {
	return fmt.Sprintf("$argon2id$v=19$m=19456,t=2,p=1$%018dAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", i)
}

// agent is an account with nothing but what every agent has.
func agent(id, email string) deskauth.Account {
	return deskauth.Account{User: deskauth.User{
		ID: id, Kind: deskauth.KindUser, Email: email, CreatedAt: testkit.Start, UpdatedAt: testkit.Start,
	}}
}

func create(t testing.TB, store deskauth.UserStore, a deskauth.Account) {
	t.Helper()
	if err := store.CreateUser(t.Context(), a); err != nil {
		t.Fatal(err)
	}
}

// storeOf returns a store with the first n accounts.
func storeOf(t testing.TB, n int) *memstore.Store {
	t.Helper()
	store := memstore.New()
	for i := range n {
		create(t, store, accountNo(i))
	}
	return store
}

// all returns the accounts of a store in the order of their IDs.
func all(t testing.TB, store deskauth.UserLister) []deskauth.Account {
	t.Helper()
	accounts, err := store.ListUsers(t.Context(), "", 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	return accounts
}

// plain is a store with nothing but the four methods.
type plain struct{ deskauth.UserStore }

// targets are the two ways to write: many accounts at once, and one by one.
var targets = map[string]func(*memstore.Store) deskauth.UserStore{
	"importing":  func(s *memstore.Store) deskauth.UserStore { return s },
	"one by one": func(s *memstore.Store) deskauth.UserStore { return plain{s} },
}

func TestCopy(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 999, 1000, 1001, 2500, 20_000} {
		for name, to := range targets {
			t.Run(fmt.Sprint(n, " ", name), func(t *testing.T) {
				t.Parallel()
				copyTwice(t, n, to)
			})
		}
	}
}

func copyTwice(t *testing.T, n int, to func(*memstore.Store) deskauth.UserStore) {
	from, target := storeOf(t, n), memstore.New()
	want := all(t, from)
	var seen []int
	got, err := accounts.Copy(t.Context(), from, to(target), accounts.CopyConfig{
		Progress: func(n int) { seen = append(seen, n) },
	})
	if err != nil || got != n {
		t.Fatalf("Copy = %d, %v; want %d", got, err, n)
	}
	if !reflect.DeepEqual(all(t, target), want) {
		t.Error("the copy is not what was copied")
	}
	if len(seen) != n/1000+1 || seen[len(seen)-1] != n || !slices.IsSorted(seen) {
		t.Errorf("progress %v, want every thousand and %d in the end", seen, n)
	}
	if again, err := accounts.Copy(t.Context(), from, to(target), accounts.CopyConfig{}); err != nil || again != n {
		t.Errorf("once more = %d, %v; want %d", again, err, n)
	}
	if !reflect.DeepEqual(all(t, target), want) {
		t.Error("once more: the copy has changed")
	}
}

// A guest without a last activity gets one, and a second copy finds nothing to change.
func TestCopy_LastActivity(t *testing.T) {
	t.Parallel()
	for name, to := range targets {
		from, target := memstore.New(), memstore.New()
		made := accountNo(1)
		made.Kind, made.LastActiveAt = deskauth.KindGuest, time.Time{}
		create(t, from, made)
		create(t, target, made) // by an older version
		for range 2 {
			if n, err := accounts.Copy(t.Context(), from, to(target), accounts.CopyConfig{}); n != 1 || err != nil {
				t.Errorf("%s: Copy = %d, %v; want 1", name, n, err)
			}
		}
		made.ID = "another"
		create(t, from, made)
		if n, err := accounts.Copy(t.Context(), from, to(target), accounts.CopyConfig{}); n != 2 || err != nil {
			t.Errorf("%s: Copy = %d, %v; want 2", name, n, err)
		}
		if a, err := target.UserByID(t.Context(), "another"); err != nil || !a.LastActiveAt.Equal(made.UpdatedAt) {
			t.Errorf("%s: got LastActiveAt %v and the error %v, want %v", name, a.LastActiveAt, err, made.UpdatedAt)
		}
	}
}

// A copy that stops in the middle, at any account, is started again.
func TestCopy_Resumes(t *testing.T) {
	t.Parallel()
	from := storeOf(t, 2500)
	for _, stop := range []int{0, 1, 500, 999, 1000, 1001, 2499} {
		target := memstore.New()
		failing := &failingCreates{UserStore: plain{target}, left: stop}
		got, err := accounts.Copy(t.Context(), from, failing, accounts.CopyConfig{})
		if !errors.Is(err, errFull) || got != stop/1000*1000 {
			t.Errorf("stopped at %d: %d, %v; want the whole pages and the store's error", stop, got, err)
		}
		if target.Len() != stop {
			t.Errorf("stopped at %d with %d accounts", stop, target.Len())
		}
		if got, err := accounts.Copy(t.Context(), from, target, accounts.CopyConfig{}); err != nil || got != 2500 {
			t.Errorf("started again after %d: %d, %v", stop, got, err)
		}
		if !reflect.DeepEqual(all(t, target), all(t, from)) {
			t.Errorf("started again after %d: the copy is not what was copied", stop)
		}
	}
}

type failingCreates struct {
	deskauth.UserStore
	left int
}

func (s *failingCreates) CreateUser(ctx context.Context, a deskauth.Account) error {
	s.left--
	if s.left < 0 {
		return errFull
	}
	return s.UserStore.CreateUser(ctx, a)
}

func TestCopy_TakenAddress(t *testing.T) {
	t.Parallel()
	from, target := storeOf(t, 20), memstore.New()
	holder := accountNo(500)
	holder.Email = accountNo(3).Email
	create(t, target, holder)
	got, err := accounts.Copy(t.Context(), from, target, accounts.CopyConfig{})
	if got != 19 || !errors.Is(err, deskauth.ErrUserExists) || !strings.Contains(err.Error(), accountNo(3).ID) {
		t.Errorf("got %d and %v, want 19, ErrUserExists and the account's ID", got, err)
	}
	if got, err := target.UserByID(t.Context(), holder.ID); err != nil || !reflect.DeepEqual(got, holder) {
		t.Errorf("the holder of the address is %+v, %v; want it untouched", got, err)
	}
}

// A store with far more accounts than are copied is not read as a whole.
func TestCopy_IntoALargeStore(t *testing.T) {
	t.Parallel()
	from, target := memstore.New(), &listedStore{Store: storeOf(t, 20_000)}
	create(t, from, agent("!", "first@example.com")) // before all others
	create(t, from, agent("~", "last@example.com"))  // after them
	for range 3 {
		if got, err := accounts.Copy(t.Context(), from, target, accounts.CopyConfig{}); got != 2 || err != nil {
			t.Errorf("got %d and %v, want 2", got, err)
		}
	}
	if target.listed > 3*1000 {
		t.Errorf("three copies of 2 accounts read %d of the target, want no more than a page each", target.listed)
	}
}

type listedStore struct {
	*memstore.Store
	listed int
}

func (s *listedStore) ListUsers(ctx context.Context, after string, limit int) ([]deskauth.Account, error) {
	page, err := s.Store.ListUsers(ctx, after, limit)
	s.listed += len(page)
	return page, err
}

// A lister that breaks its contract must not make the copy go on for ever.
func TestCopy_BadListers(t *testing.T) {
	t.Parallel()
	for name, list := range map[string]func(after string, limit int) ([]deskauth.Account, error){
		"always the same page": func(_ string, limit int) ([]deskauth.Account, error) {
			return all(t, storeOf(t, limit)), nil
		},
		"not sorted": func(string, int) ([]deskauth.Account, error) {
			return []deskauth.Account{accountNo(4), accountNo(1), accountNo(3)}, nil
		},
		"fails": func(string, int) ([]deskauth.Account, error) { return nil, errFull },
	} {
		_, err := accounts.Copy(t.Context(), lister(list), memstore.New(), accounts.CopyConfig{})
		if err == nil || !strings.HasPrefix(err.Error(), "accounts: copy: ") {
			t.Errorf("%s: got %v, want an error", name, err)
		}
	}
}

type lister func(after string, limit int) ([]deskauth.Account, error)

func (l lister) ListUsers(_ context.Context, after string, limit int) ([]deskauth.Account, error) {
	return l(after, limit)
}

// The address that an older version stored with a guest stays behind.
func TestCopy_DropsGuestAddresses(t *testing.T) {
	t.Parallel()
	from, to := memstore.New(), memstore.New()
	guest := accountNo(1)
	guest.Email = "0b5ae5f6-6a8e-4a3e-9d4f-000000000001@tiledesk.com"
	create(t, from, guest)
	for range 2 {
		if n, err := accounts.Copy(t.Context(), from, to, accounts.CopyConfig{}); n != 1 || err != nil {
			t.Fatalf("Copy = %d, %v; want 1", n, err)
		}
		if got, err := to.UserByID(t.Context(), guest.ID); err != nil || got.Email != "" || got.FirstName != guest.FirstName {
			t.Errorf("the copy is %+v, %v; want it without an address", got, err)
		}
	}
}
