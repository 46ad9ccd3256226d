package accounts_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/accounts"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

var errScan = errors.New("infinity is no time")

// A brokenStore has rows that cannot be read.
type brokenStore struct {
	*memstore.Store
	broken []string // their IDs
}

func (s *brokenStore) rowError(id string) error {
	return fmt.Errorf("brokenstore: %w", &deskauth.RowError{ID: id, Err: errScan})
}

func (s *brokenStore) ListUsers(ctx context.Context, after string, limit int) ([]deskauth.Account, error) {
	page, err := s.Store.ListUsers(ctx, after, limit)
	for i, a := range page {
		if slices.Contains(s.broken, a.ID) {
			return page[:i], s.rowError(a.ID)
		}
	}
	return page, err
}

func (s *brokenStore) UserByID(ctx context.Context, id string) (deskauth.Account, error) {
	if slices.Contains(s.broken, id) {
		return deskauth.Account{}, s.rowError(id)
	}
	return s.Store.UserByID(ctx, id)
}

// spoil gives accounts what they could never sign in with, by their place in the order of
// IDs. It returns their IDs.
func spoil(t *testing.T, store *memstore.Store, places ...int) (ids []string) {
	t.Helper()
	accounts := all(t, store)
	for n, place := range places {
		id := accounts[place].ID
		testkit.Change(t, store, id, func(a *deskauth.Account) {
			switch n % 3 {
			case 0:
				a.PasswordHash = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA"
			case 1:
				a.Attributes = []byte("[]")
			case 2:
				a.FirstName = "\x07"
			}
		})
		ids = append(ids, id)
	}
	return ids
}

// remaining returns the accounts without those that are left out.
func remaining(accounts []deskauth.Account, out []string) []deskauth.Account {
	return slices.DeleteFunc(accounts, func(a deskauth.Account) bool { return slices.Contains(out, a.ID) })
}

// idsAt returns the IDs of accounts by their place.
func idsAt(t *testing.T, store *memstore.Store, places ...int) (ids []string) {
	t.Helper()
	accounts := all(t, store)
	for _, place := range places {
		ids = append(ids, accounts[place].ID)
	}
	return ids
}

// places are at the ends of pages, inside of them, and one after the other.
var places = []int{0, 1, 2, 500, 998, 999, 1000, 1001, 1499, 2000, 2499}

// An unfindable store lists an account that it cannot find.
type unfindable struct {
	*memstore.Store
	broken string // its ID
}

func (s *unfindable) UserByID(ctx context.Context, id string) (deskauth.Account, error) {
	if id == s.broken {
		return deskauth.Account{}, &deskauth.RowError{ID: id, Err: errScan}
	}
	return s.Store.UserByID(ctx, id)
}

// An account that waits for its address is left out too, if the new store can no longer
// read it.
func TestS55_CopyLeavesOutWhoWaits(t *testing.T) {
	t.Parallel()
	from, target := memstore.New(), &unfindable{Store: memstore.New(), broken: "1"}
	create(t, from, agent("1", emailNo(1)))
	create(t, target, agent("1", emailNo(1)))
	create(t, target, agent("holder", emailNo(2)))
	testkit.Change(t, from, "1", changeEmail(emailNo(2)))
	create(t, from, agent("2", emailNo(3)))
	if _, err := accounts.Copy(t.Context(), from, target, accounts.CopyConfig{}); !errors.Is(err, errScan) {
		t.Errorf("without SkipBroken: got the error %v, want the store's", err)
	}
	var skipped []string
	got, err := accounts.Copy(t.Context(), from, target, accounts.CopyConfig{SkipBroken: func(id string, err error) {
		if !errors.Is(err, errScan) || !strings.Contains(err.Error(), "in the new store") {
			t.Errorf("%s was skipped for %v, want the store's error", id, err)
		}
		skipped = append(skipped, id)
	}})
	if got != 1 || err != nil || !slices.Equal(skipped, []string{"1"}) {
		t.Errorf("got %d, skipped %q and the error %v, want 1 and the one that waits skipped", got, skipped, err)
	}
}

// An account that cannot be copied stops the copy, which names it and says why.
func TestS55_CopyNamesBrokenAccounts(t *testing.T) {
	t.Parallel()
	for name, to := range targets {
		from, target := storeOf(t, 2500), memstore.New()
		spoilt := spoil(t, from, 1700, 1800, 1900)
		got, err := accounts.Copy(t.Context(), from, to(target), accounts.CopyConfig{})
		if err == nil || got != 1000 || target.Len() != 1000 {
			t.Errorf("%s: got %d, %d stored and the error %v, want the first 1000 and an error", name, got, target.Len(), err)
		}
		for i, says := range []string{"PasswordHash", "Attributes", "FirstName"} {
			text := fmt.Sprint(err)
			if !strings.Contains(text, spoilt[i]) || !strings.Contains(text, says) {
				t.Errorf("%s: got the error %v, want one that names account %s and its %s", name, err, spoilt[i], says)
			}
		}
		if row, ok := errors.AsType[*deskauth.RowError](err); !ok || row.ID != spoilt[0] {
			t.Errorf("%s: got the error %v, want one that wraps a RowError", name, err)
		}
	}
	// A row that cannot be read is such an account.
	from, target := &brokenStore{Store: storeOf(t, 2500)}, memstore.New()
	from.broken = idsAt(t, from.Store, 1200)
	got, err := accounts.Copy(t.Context(), from, target, accounts.CopyConfig{})
	if got != 1000 || !errors.Is(err, errScan) || !strings.Contains(err.Error(), from.broken[0]) {
		t.Errorf("a broken row: got %d and the error %v, want the first page and an error that names it", got, err)
	}
	// Hundreds of them are counted.
	from.Store, from.broken = storeOf(t, 900), nil
	for i := range 900 {
		from.broken = append(from.broken, accountNo(i).ID)
	}
	many := spoil(t, from.Store, slices.Collect(func(yield func(int) bool) {
		for i := 0; i < 300 && yield(i); i++ {
		}
	})...)
	_, err = accounts.Copy(t.Context(), from.Store, target, accounts.CopyConfig{})
	if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("and %d others", len(many)-20)) {
		t.Errorf("300 accounts that cannot be copied: got the error %.300v, want one that counts them", err)
	}
}

// Where asked to, the copy goes on without them, and says which ones it left out.
func TestS55_CopySkipsBrokenAccounts(t *testing.T) {
	t.Parallel()
	for name, to := range targets {
		for _, unreadable := range []string{"none", "all", "some"} {
			from, target := &brokenStore{Store: storeOf(t, 2500)}, memstore.New()
			out := idsAt(t, from.Store, places...)
			var spoilt []int
			for i, place := range places { // some are on one page with an account that is refused
				if unreadable == "all" || unreadable == "some" && i%2 == 1 {
					from.broken = append(from.broken, out[i])
				} else {
					spoilt = append(spoilt, place)
				}
			}
			spoil(t, from.Store, spoilt...)
			want := remaining(all(t, from.Store), out)
			for _, run := range []string{"the first copy", "the second copy"} {
				var skipped []string
				got, err := accounts.Copy(t.Context(), from, to(target), accounts.CopyConfig{
					SkipBroken: func(id string, err error) {
						if row, ok := errors.AsType[*deskauth.RowError](err); !ok || row.ID != id {
							t.Errorf("%s: skipped %s because of %v, want a RowError of it", name, id, err)
						}
						skipped = append(skipped, id)
					},
				})
				if err != nil || got != len(want) || !slices.Equal(skipped, out) {
					t.Errorf("%s, %s: got %d, skipped %d and the error %v, want %d and %d",
						name, run, got, len(skipped), err, len(want), len(out))
				}
				if !reflect.DeepEqual(all(t, target), want) {
					t.Errorf("%s, %s: the copy is not what was copied", name, run)
				}
			}
		}
	}
}

// A broken row of the new store hinders only the copy of that account.
func TestS55_CopyIntoBrokenRows(t *testing.T) {
	t.Parallel()
	from, target := storeOf(t, 2500), &brokenStore{Store: memstore.New()}
	if _, err := accounts.Copy(t.Context(), from, target, accounts.CopyConfig{}); err != nil {
		t.Fatal(err)
	}
	target.broken = idsAt(t, from, places...)
	_, err := accounts.Copy(t.Context(), from, target, accounts.CopyConfig{})
	if !errors.Is(err, errScan) || !strings.Contains(err.Error(), "in the new store") ||
		!strings.Contains(err.Error(), target.broken[0]) {
		t.Errorf("got the error %v, want one that names the row of the new store", err)
	}
	for _, a := range all(t, from) {
		testkit.Change(t, from, a.ID, func(a *deskauth.Account) { a.LastName, a.UpdatedAt = "changed", later })
	}
	var skipped []string
	got, err := accounts.Copy(t.Context(), from, target, accounts.CopyConfig{
		SkipBroken: func(id string, _ error) { skipped = append(skipped, id) },
	})
	if err != nil || got != 2500-len(places) || !slices.Equal(skipped, target.broken) {
		t.Errorf("got %d, skipped %v and the error %v, want the others and %v", got, skipped, err, target.broken)
	}
	for _, a := range all(t, target.Store) {
		if changed := a.LastName == "changed"; changed == slices.Contains(target.broken, a.ID) {
			t.Errorf("account %s: changed is %v, want that of all but the broken ones", a.ID, changed)
		}
	}
}

// A host's own rule decides. The address is in no form that the default takes.
func TestS55_CopyWithAnotherCheck(t *testing.T) {
	t.Parallel()
	from, target := memstore.New(), memstore.New()
	create(t, from, agent("a", "ada@例え.jp"))
	if got, err := accounts.Copy(t.Context(), from, target, accounts.CopyConfig{}); got != 0 || err == nil {
		t.Errorf("by the default rule: got %d and the error %v, want 0 and an error", got, err)
	}
	k := testkit.NewOn(t, from, testkit.Secrets(), deskauth.Config{
		CanonicalEmail: func(address string) (string, error) { return strings.ToLower(address), nil },
	})
	got, err := accounts.Copy(t.Context(), from, target, accounts.CopyConfig{Check: k.CheckImport})
	if got != 1 || err != nil || target.Len() != 1 {
		t.Errorf("by the host's rule: got %d, %d stored and the error %v, want 1", got, target.Len(), err)
	}
}

// The end of the context is no broken row, whatever the store makes of it. Nor may a lister
// that names the same row again and again keep the copy from ending.
func TestCopy_RowErrorsThatAreNone(t *testing.T) {
	t.Parallel()
	skip := accounts.CopyConfig{SkipBroken: func(id string, err error) { t.Errorf("skipped %s because of %v", id, err) }}
	ctx, cancel := context.WithCancel(t.Context())
	_, err := accounts.Copy(ctx, lister(func(string, int) ([]deskauth.Account, error) {
		cancel()
		return nil, fmt.Errorf("%w: %w", ctx.Err(), &deskauth.RowError{ID: "a", Err: errScan})
	}), memstore.New(), skip)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("an ended context: got the error %v, want context.Canceled", err)
	}
	calls := 0
	_, err = accounts.Copy(t.Context(), lister(func(string, int) ([]deskauth.Account, error) {
		calls++
		return []deskauth.Account{agent("b", "b@example.com")}, &deskauth.RowError{ID: "a", Err: errScan}
	}), memstore.New(), skip)
	if !errors.Is(err, errScan) || calls != 1 {
		t.Errorf("a row before the page: got the error %v after %d calls, want it after one", err, calls)
	}
}
