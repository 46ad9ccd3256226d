package accounts_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/accounts"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// A second run brings what has changed in the store that is read, and touches nothing that
// is as new in the store that is written.
func TestCopy_Again(t *testing.T) {
	t.Parallel()
	later := testkit.Start.Add(2 * time.Hour)
	id := accountNo(1).ID // a guest
	for name, c := range map[string]struct {
		from, to func(*deskauth.Account)
		kept     bool // as it is in the target
		want     error
		says     string
	}{
		"changed in the source": {from: func(a *deskauth.Account) { a.FirstName, a.UpdatedAt = "New", later }},
		"active in the source":  {from: func(a *deskauth.Account) { a.LastActiveAt = later.Add(testkit.Day) }},
		"changed in both, last in the source": {
			from: func(a *deskauth.Account) { a.FirstName, a.UpdatedAt = "New", later.Add(testkit.Day) },
			to:   func(a *deskauth.Account) { a.FirstName, a.UpdatedAt = "Other", later },
		},
		"only written in the target":                      {to: func(*deskauth.Account) {}},
		"changed in the target":                           {to: func(a *deskauth.Account) { a.FirstName, a.UpdatedAt = "New", later.Add(testkit.Day) }, want: deskauth.ErrConflict},
		"changed in the target, with the time as it was":  {to: func(a *deskauth.Account) { a.FirstName = "New" }, want: deskauth.ErrConflict},
		"disabled in the source, with the time as it was": {from: func(a *deskauth.Account) { a.Disabled = true }, want: deskauth.ErrConflict},
		"ended in the target":                             {to: func(a *deskauth.Account) { a.SessionEpoch++ }, want: deskauth.ErrConflict, says: "differs in SessionEpoch ("},
		"active in the source, disabled in the target": {
			from: func(a *deskauth.Account) { a.LastActiveAt = later.Add(testkit.Day) },
			to:   func(a *deskauth.Account) { a.Disabled, a.UpdatedAt = true, later }, want: deskauth.ErrConflict,
		},
		"changed in the source, active in the target": {
			from: func(a *deskauth.Account) { a.FirstName, a.UpdatedAt = "New", later.Add(2*testkit.Day) },
			to:   func(a *deskauth.Account) { a.LastActiveAt = later.Add(testkit.Day) }, want: deskauth.ErrConflict,
		},
		"changed in the source, ended in the target": {
			from: func(a *deskauth.Account) { a.FirstName, a.UpdatedAt = "New", later },
			to:   func(a *deskauth.Account) { a.SessionEpoch++ }, want: deskauth.ErrConflict,
		},
		"active in the source, and changed with the time as it was": {
			from: func(a *deskauth.Account) { a.FirstName, a.LastActiveAt = "New", later.Add(testkit.Day) }, want: deskauth.ErrConflict,
		},
		"another account with the ID": {
			from: func(a *deskauth.Account) {
				a.CreatedAt, a.UpdatedAt, a.LastActiveAt = later, later, later.Add(testkit.Day)
			}, want: deskauth.ErrConflict,
		},
		"disabled in the target, changed later in the source": {
			from: func(a *deskauth.Account) { a.FirstName, a.UpdatedAt = "New", later.Add(testkit.Day) },
			to:   func(a *deskauth.Account) { a.Disabled, a.UpdatedAt = true, later }, want: deskauth.ErrConflict,
		},
		"disabled in both, first in the source": {
			from: func(a *deskauth.Account) { a.Disabled, a.UpdatedAt = true, later },
			to:   func(a *deskauth.Account) { a.Disabled, a.UpdatedAt = true, later.Add(time.Minute) }, kept: true,
		},
		"disabled in both, first in the target": {
			from: func(a *deskauth.Account) { a.Disabled, a.UpdatedAt = true, later.Add(time.Minute) },
			to:   func(a *deskauth.Account) { a.Disabled, a.UpdatedAt = true, later },
		},
		"active in the target": {to: func(a *deskauth.Account) { a.LastActiveAt = later.Add(testkit.Day) }, kept: true},
		"changed in both, active in the target": {
			from: func(a *deskauth.Account) { a.FirstName, a.UpdatedAt = "New", later },
			to:   func(a *deskauth.Account) { a.FirstName, a.LastActiveAt = "New", later.Add(testkit.Day) }, want: deskauth.ErrConflict,
		},
		"an account of another kind with the ID": {
			from: func(a *deskauth.Account) { a.Kind, a.UpdatedAt = deskauth.KindUser, later }, want: deskauth.ErrConflict,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			from, target := storeOf(t, 20), memstore.New()
			if _, err := accounts.Copy(t.Context(), from, target, nil); err != nil {
				t.Fatal(err)
			}
			if c.from != nil {
				testkit.Change(t, from, id, c.from)
			}
			if c.to != nil {
				testkit.Change(t, target, id, c.to)
			}
			before, err := target.UserByID(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			_, err = accounts.Copy(t.Context(), from, target, nil)
			if !errors.Is(err, c.want) || c.want == nil && err != nil {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			after, _ := target.UserByID(t.Context(), id)
			source, _ := from.UserByID(t.Context(), id)
			if c.want != nil {
				if !reflect.DeepEqual(after, before) || !strings.Contains(err.Error(), id) || strings.Contains(err.Error(), "New") {
					t.Errorf("the account is %+v and was %+v, and the error is %v; want it untouched and named", after, before, err)
				}
				if c.says != "" && !strings.Contains(err.Error(), c.says) {
					t.Errorf("the error is %v, want %q in it", err, c.says)
				}
				return
			}
			if c.kept {
				source = before
			}
			source.Version, after.Version = 0, 0
			if !reflect.DeepEqual(after, source) {
				t.Errorf("the copy is %+v, want %+v", after, source)
			}
		})
	}
}

// An external user's account has the same ID when it is made again.
func TestCopy_ExternalMadeAgain(t *testing.T) {
	t.Parallel()
	from, target := storeOf(t, 3), memstore.New()
	if _, err := accounts.Copy(t.Context(), from, target, nil); err != nil {
		t.Fatal(err)
	}
	again := accountNo(2)
	if err := from.DeleteUser(t.Context(), again.ID); err != nil {
		t.Fatal(err)
	}
	again.CreatedAt = testkit.Start.Add(testkit.Day)
	again.UpdatedAt, again.SessionEpoch, again.Version = again.CreatedAt, again.CreatedAt.UnixMilli(), again.CreatedAt.UnixMilli()
	if err := from.CreateUser(t.Context(), again); err != nil {
		t.Fatal(err)
	}
	if got, err := accounts.Copy(t.Context(), from, target, nil); got != 3 || err != nil {
		t.Errorf("got %d and %v, want 3", got, err)
	}
	copied, err := target.UserByID(t.Context(), again.ID)
	if err != nil || copied.SessionEpoch != again.SessionEpoch || !copied.CreatedAt.Equal(again.CreatedAt) {
		t.Errorf("the copy is %+v, %v; want %+v", copied, err, again)
	}
}

// A store may keep times to the millisecond and spell JSON anew: an account is the same then.
func TestCopy_RespellingStore(t *testing.T) {
	t.Parallel()
	from, target := storeOf(t, 20), &respellingStore{Store: memstore.New()}
	for _, acc := range all(t, from) {
		testkit.Change(t, from, acc.ID, func(a *deskauth.Account) {
			a.CreatedAt, a.UpdatedAt = a.CreatedAt.Add(300*time.Microsecond), a.UpdatedAt.Add(300*time.Microsecond)
		})
	}
	for range 3 {
		if got, err := accounts.Copy(t.Context(), from, target, nil); got != 20 || err != nil {
			t.Errorf("got %d and %v, want 20", got, err)
		}
	}
	if target.updates != 0 {
		t.Errorf("accounts that are the same were updated %d times", target.updates)
	}
}

type respellingStore struct {
	*memstore.Store
	updates int
}

func (s *respellingStore) ImportUsers(ctx context.Context, accounts []deskauth.Account) (created int, err error) {
	for _, a := range accounts {
		a.CreatedAt, a.UpdatedAt = a.CreatedAt.Truncate(time.Millisecond), a.UpdatedAt.Truncate(time.Millisecond)
		if len(a.Attributes) > 0 {
			a.Attributes = []byte(strings.ReplaceAll(string(a.Attributes), ":", " : "))
		}
		switch err := s.CreateUser(ctx, a); {
		case err == nil:
			created++
		case !errors.Is(err, deskauth.ErrUserExists):
			return created, err
		}
	}
	return created, nil
}

func (s *respellingStore) UpdateUser(ctx context.Context, a deskauth.Account) error {
	s.updates++
	return s.Store.UpdateUser(ctx, a)
}
