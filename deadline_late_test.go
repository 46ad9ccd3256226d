package deskauth_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// A late answer is still the answer.
func TestS40_LateOutcome(t *testing.T) {
	t.Parallel()
	for _, answer := range []error{deskauth.ErrProjectNotFound, deskauth.ErrPasswordRefused} {
		synctest.Test(t, func(t *testing.T) {
			late := func(ctx context.Context) error {
				<-ctx.Done()
				return fmt.Errorf("%w: found out late", answer)
			}
			secrets := &lateSecrets{testkit.Secrets(), late}
			k := testkit.NewOn(t, memstore.New(), secrets, deskauth.Config{
				PasswordCheck: func(ctx context.Context, _ string) error { return late(ctx) },
			})
			if answer == deskauth.ErrProjectNotFound {
				if _, err := k.TryGuest(t, testkit.ProjectA); !errors.Is(err, answer) {
					t.Errorf("got %v, want %v", err, answer)
				}
				return
			}
			_, err := k.Signup(t.Context(), testkit.Andrea())
			testkit.WantFields(t, "Signup", err, "Password")
			if text := fmt.Sprint(err); strings.Contains(text, "timed out") || !strings.HasSuffix(text, "found out late") {
				t.Errorf("the client is told %q, want what the check says and no more", text)
			}
		})
	}
}

type lateSecrets struct {
	deskauth.StaticSecrets
	late func(context.Context) error
}

func (s *lateSecrets) ProjectKeys(ctx context.Context, _ string) ([]deskauth.Key, error) {
	return nil, s.late(ctx)
}

// A promisingStore says that it is in memory, and keeps the context that it got.
type promisingStore struct {
	deskauth.UserStore
	got context.Context
}

func (s *promisingStore) InMemory() any { return s }

func (s *promisingStore) UserByID(ctx context.Context, id string) (deskauth.Account, error) {
	s.got = ctx
	return s.UserStore.UserByID(ctx, id)
}

// What is in memory gets the caller's context as it is. A type that only embeds such a
// store gets a deadline.
func TestS40_InMemory(t *testing.T) {
	t.Parallel()
	type marked struct{ *memstore.Store }
	type byValue struct {
		deskauth.StaticSecrets
		_ []string // not comparable
	}
	for name, c := range map[string]struct {
		host any
		want bool
	}{
		"memstore":                       {memstore.New(), true},
		"a store around one":             {marked{memstore.New()}, false},
		"a pointer to a store around":    {&marked{memstore.New()}, false},
		"a store that promises":          {&promisingStore{}, true},
		"StaticSecrets":                  {testkit.Secrets(), true},
		"a pointer to StaticSecrets":     {new(deskauth.StaticSecrets), true},
		"secrets around StaticSecrets":   {byValue{}, false},
		"another store":                  {&testkit.CountingStore{UserStore: memstore.New()}, false},
		"the default Limiter":            {deskauth.Config{}.WithDefaults().Limiter, true},
		"nothing that is known":          {struct{}{}, false},
		"a store around one that is not": {&testkit.CountingStore{UserStore: &promisingStore{}}, false},
	} {
		if got := deskauth.IsInMemory(c.host); got != c.want {
			t.Errorf("%s: in memory %t, want %t", name, got, c.want)
		}
	}
	type key struct{}
	ctx := context.WithValue(t.Context(), key{}, "the caller's")
	store := &promisingStore{UserStore: memstore.New()}
	k := testkit.NewOn(t, store, testkit.Secrets(), deskauth.Config{})
	session := k.MustGuest(t, testkit.ProjectA)
	if _, err := k.Verify(ctx, session.Token); err != nil || store.got != ctx {
		t.Errorf("%v; the store got the context %v, want the caller's own", err, store.got)
	}
}

// A store with the deadline has the abilities that it has without.
func TestTimedStoreKeepsItsAbilities(t *testing.T) {
	t.Parallel()
	h := &slowHost{Store: memstore.New()}
	deletes, ok := deskauth.TimeStore(h, time.Second).(deskauth.UserDeleter)
	if !ok {
		t.Fatal("a UserDeleter is none with the deadline")
	}
	if err := deletes.DeleteUser(t.Context(), "nobody"); !errors.Is(err, deskauth.ErrUserNotFound) {
		t.Errorf("DeleteUser = %v, want ErrUserNotFound", err)
	}
	without := &testkit.CountingStore{UserStore: h}
	if _, ok := deskauth.TimeStore(without, time.Second).(deskauth.UserDeleter); ok {
		t.Error("a store that is no UserDeleter is one with the deadline")
	}
}
