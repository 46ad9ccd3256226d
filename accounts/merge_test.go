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

// A change is what happens to an account between two copies.
type change struct {
	from, to func(*deskauth.Account) // in the store that is read, and in the target
	kept     bool                    // the account is as it was in the target
	want     error
	says     string
}

var later = testkit.Start.Add(2 * time.Hour)

// named gives the account another name at a time.
func named(name string, at time.Time) func(*deskauth.Account) {
	return func(a *deskauth.Account) { a.FirstName, a.UpdatedAt = name, at }
}

// renamed gives it another name and leaves the time as it was.
func renamed(a *deskauth.Account) { a.FirstName = "New" }

func disabled(at time.Time) func(*deskauth.Account) {
	return func(a *deskauth.Account) { a.Disabled, a.UpdatedAt = true, at }
}

func active(at time.Time) func(*deskauth.Account) {
	return func(a *deskauth.Account) { a.LastActiveAt = at }
}

// both makes one edit after another.
func both(first, second func(*deskauth.Account)) func(*deskauth.Account) {
	return func(a *deskauth.Account) { first(a); second(a) }
}

var (
	day     = later.Add(testkit.Day)
	anew    = func(a *deskauth.Account) { a.CreatedAt, a.UpdatedAt, a.LastActiveAt = later, later, day }
	asAgent = func(a *deskauth.Account) {
		a.Kind, a.ProjectID, a.Email, a.UpdatedAt = deskauth.KindUser, "", "was-a-guest@f22.it", later
	}
)

// A later state of an account replaces an earlier one. Everything else is refused.
var changes = map[string]change{
	"changed in the source":               {from: named("New", later)},
	"active in the source":                {from: active(day)},
	"changed in both, last in the source": {from: named("New", day), to: named("Other", later)},
	"only written in the target":          {to: func(*deskauth.Account) {}},
	"disabled in both, first in the source": {
		from: disabled(later), to: disabled(later.Add(time.Minute)), kept: true,
	},
	"disabled in both, first in the target": {from: disabled(later.Add(time.Minute)), to: disabled(later)},
	"active in the target":                  {to: active(day), kept: true},

	"changed in the target":                           {to: named("New", day), want: deskauth.ErrConflict},
	"changed in the target, with the time as it was":  {to: renamed, want: deskauth.ErrConflict},
	"disabled in the source, with the time as it was": {from: testkit.Disable, want: deskauth.ErrConflict},
	"ended in the target": {
		to: testkit.RaiseEpoch, want: deskauth.ErrConflict, says: "differs in SessionEpoch (",
	},
	"active in the source, disabled in the target": {
		from: active(day), to: disabled(later), want: deskauth.ErrConflict,
	},
	"changed in the source, active in the target": {
		from: named("New", later.Add(2*testkit.Day)), to: active(day), want: deskauth.ErrConflict,
	},
	"changed in the source, ended in the target": {
		from: named("New", later), to: testkit.RaiseEpoch, want: deskauth.ErrConflict,
	},
	"active in the source, and changed with the time as it was": {
		from: both(renamed, active(day)), want: deskauth.ErrConflict,
	},
	"another account with the ID": {from: anew, want: deskauth.ErrConflict},
	"disabled in the target, changed later in the source": {
		from: named("New", day), to: disabled(later), want: deskauth.ErrConflict,
	},
	"changed in both, active in the target": {
		from: named("New", later), to: both(renamed, active(day)), want: deskauth.ErrConflict,
	},
	"a guest that became an agent in the source": {from: asAgent},
	"a guest that became an agent in the target": {
		from: named("New", day), to: asAgent, want: deskauth.ErrConflict,
	},
}

// A second run brings what has changed in the store that is read, and touches nothing that
// is as new in the target.
func TestCopy_Again(t *testing.T) {
	t.Parallel()
	for name, c := range changes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			copyAgain(t, c)
		})
	}
}

func copyAgain(t *testing.T, c change) {
	id := accountNo(1).ID // a guest
	from, target := storeOf(t, 20), memstore.New()
	if _, err := accounts.Copy(t.Context(), from, target, accounts.CopyConfig{}); err != nil {
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
	_, err = accounts.Copy(t.Context(), from, target, accounts.CopyConfig{})
	if !errors.Is(err, c.want) || c.want == nil && err != nil {
		t.Fatalf("got %v, want %v", err, c.want)
	}
	after, _ := target.UserByID(t.Context(), id)
	if err != nil {
		text := err.Error()
		if !reflect.DeepEqual(after, before) || !strings.Contains(text, id) || strings.Contains(text, "New") {
			t.Errorf("the account is %+v and was %+v, and the error is %v; want it untouched and named",
				after, before, err)
		}
		if !strings.Contains(text, c.says) {
			t.Errorf("the error is %v, want %q in it", err, c.says)
		}
		return
	}
	want, _ := from.UserByID(t.Context(), id)
	if c.kept {
		want = before
	}
	want.Version, after.Version = 0, 0
	if !reflect.DeepEqual(after, want) {
		t.Errorf("the copy is %+v, want %+v", after, want)
	}
}

// An external user's account has the same ID when it is made again.
func TestCopy_ExternalMadeAgain(t *testing.T) {
	t.Parallel()
	from, target := storeOf(t, 3), memstore.New()
	if _, err := accounts.Copy(t.Context(), from, target, accounts.CopyConfig{}); err != nil {
		t.Fatal(err)
	}
	again := accountNo(2)
	if err := from.DeleteUser(t.Context(), again.ID); err != nil {
		t.Fatal(err)
	}
	again.CreatedAt = testkit.Start.Add(testkit.Day)
	again.UpdatedAt = again.CreatedAt
	again.SessionEpoch, again.Version = again.CreatedAt.UnixMilli(), again.CreatedAt.UnixMilli()
	create(t, from, again)
	if got, err := accounts.Copy(t.Context(), from, target, accounts.CopyConfig{}); got != 3 || err != nil {
		t.Errorf("got %d and %v, want 3", got, err)
	}
	copied, err := target.UserByID(t.Context(), again.ID)
	if err != nil || copied.SessionEpoch != again.SessionEpoch || !copied.CreatedAt.Equal(again.CreatedAt) {
		t.Errorf("the copy is %+v, %v; want %+v", copied, err, again)
	}
}

// A store may keep times to the millisecond and spell JSON anew. An account is the same
// then.
func TestCopy_RespellingStore(t *testing.T) {
	t.Parallel()
	from, target := storeOf(t, 20), &respellingStore{Store: memstore.New()}
	for _, acc := range all(t, from) {
		testkit.Change(t, from, acc.ID, func(a *deskauth.Account) {
			a.CreatedAt, a.UpdatedAt = a.CreatedAt.Add(300*time.Microsecond), a.UpdatedAt.Add(300*time.Microsecond)
		})
	}
	for range 3 {
		if got, err := accounts.Copy(t.Context(), from, target, accounts.CopyConfig{}); got != 20 || err != nil {
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

func (s *respellingStore) ImportUsers(
	ctx context.Context, accounts []deskauth.Account, check func(deskauth.Account) error,
) (result deskauth.ImportResult, err error) {
	for _, a := range result.Screen(accounts, check) {
		a.CreatedAt, a.UpdatedAt = a.CreatedAt.Truncate(time.Millisecond), a.UpdatedAt.Truncate(time.Millisecond)
		if len(a.Attributes) > 0 {
			a.Attributes = []byte(strings.ReplaceAll(string(a.Attributes), ":", " : "))
		}
		err := s.CreateUser(ctx, a)
		switch {
		case err == nil:
			result.Created++
		case !errors.Is(err, deskauth.ErrUserExists):
			return result, err
		}
	}
	return result, nil
}

func (s *respellingStore) UpdateUser(ctx context.Context, a deskauth.Account) error {
	s.updates++
	return s.Store.UpdateUser(ctx, a)
}
