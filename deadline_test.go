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

// A slowHost is a store, a provider, a limiter and a password check. Each method takes its
// time, or hangs until its context ends. It is not safe for concurrent use.
type slowHost struct {
	*memstore.Store // whose method InMemory makes no promise for this type
	takes           map[string]time.Duration
	givenBack       int
}

const forever = -1

func (h *slowHost) wait(ctx context.Context, method string) error {
	takes := h.takes[method]
	if takes == forever {
		<-ctx.Done()
	} else {
		time.Sleep(takes)
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("the host: %w", err)
	}
	return nil
}

func (h *slowHost) CreateUser(ctx context.Context, a deskauth.Account) error {
	return errors.Join(h.wait(ctx, "UserStore.CreateUser"), h.Store.CreateUser(context.Background(), a))
}

func (h *slowHost) UpdateUser(ctx context.Context, a deskauth.Account) error {
	if err := h.wait(ctx, "UserStore.UpdateUser"); err != nil {
		return err
	}
	return h.Store.UpdateUser(ctx, a)
}

func (h *slowHost) UserByEmail(ctx context.Context, email string) (deskauth.Account, error) {
	if err := h.wait(ctx, "UserStore.UserByEmail"); err != nil {
		return deskauth.Account{}, err
	}
	return h.Store.UserByEmail(ctx, email)
}

func (h *slowHost) UserByID(ctx context.Context, id string) (deskauth.Account, error) {
	if err := h.wait(ctx, "UserStore.UserByID"); err != nil {
		return deskauth.Account{}, err
	}
	return h.Store.UserByID(ctx, id)
}

func (h *slowHost) SessionKeys(ctx context.Context) ([]deskauth.Key, error) {
	return testkit.Secrets().Session, h.wait(ctx, "SecretProvider.SessionKeys")
}

func (h *slowHost) ProjectKeys(ctx context.Context, projectID string) ([]deskauth.Key, error) {
	return testkit.Secrets().Projects[projectID], h.wait(ctx, "SecretProvider.ProjectKeys")
}

func (h *slowHost) Take(ctx context.Context, _ ...deskauth.Attempt) (int, time.Duration, error) {
	return -1, 0, h.wait(ctx, "Limiter.Take")
}

func (h *slowHost) GiveBack(ctx context.Context, _ ...deskauth.Attempt) error {
	err := h.wait(ctx, "Limiter.GiveBack")
	if err == nil {
		h.givenBack++
	}
	return err
}

func (h *slowHost) check(ctx context.Context, _ string) error {
	return h.wait(ctx, "Config.PasswordCheck")
}

// slowKit returns a kit on the host, with a weak hash of Andrea's password in the store.
func slowKit(t *testing.T, h *slowHost, cfg deskauth.Config) *testkit.Kit {
	t.Helper()
	h.Store = memstore.New()
	testkit.Put(t, h.Store, "andrea@f22.it", testkit.WeakHash)
	cfg.Limiter, cfg.PasswordCheck = h, h.check
	return testkit.NewOn(t, h, h, cfg)
}

// slowCalls are calls, and the methods of the host that they use, in their order.
var slowCalls = []struct {
	name    string
	methods string
	do      func(context.Context, *testkit.Kit) (got string, err error)
}{
	{
		"Signup", "Limiter.Take Config.PasswordCheck UserStore.UserByEmail UserStore.CreateUser",
		func(ctx context.Context, k *testkit.Kit) (string, error) {
			in := testkit.Andrea()
			in.Client = "192.0.2.1"
			u, err := k.Signup(ctx, in)
			return u.ID, err
		},
	},
	{
		"Signin",
		"Limiter.Take UserStore.UserByEmail UserStore.UpdateUser SecretProvider.SessionKeys",
		func(ctx context.Context, k *testkit.Kit) (string, error) {
			password := deskauth.NewSecret(testkit.AndreasPassword)
			s, err := k.Signin(ctx, deskauth.SigninInput{Email: "andrea@f22.it", Password: password})
			return s.Token, err
		},
	},
	{
		"SigninAnonymously",
		"Limiter.Take SecretProvider.ProjectKeys SecretProvider.SessionKeys UserStore.CreateUser",
		func(ctx context.Context, k *testkit.Kit) (string, error) {
			s, err := k.SigninAnonymously(ctx, deskauth.AnonymousInput{ProjectID: testkit.ProjectA})
			return s.Token, err
		},
	},
	{
		"SigninWithCustomToken",
		"SecretProvider.ProjectKeys SecretProvider.SessionKeys UserStore.UserByID UserStore.CreateUser",
		func(ctx context.Context, k *testkit.Kit) (string, error) {
			token := deskauth.NewSecret(testkit.TokenA(`"123"`))
			s, err := k.SigninWithCustomToken(ctx, deskauth.CustomTokenInput{Token: token})
			return s.Token, err
		},
	},
	{
		"VerifyStateless", "SecretProvider.SessionKeys",
		func(ctx context.Context, k *testkit.Kit) (string, error) {
			id, err := k.VerifyStateless(ctx, testkit.ForgeSession(`{"sub":"guest"}`))
			return id.UserID, err
		},
	},
}

// Whatever of the host's hangs, the call ends after Config.CallTimeout. The event says
// which method it was, and which setting.
func TestS40_WhateverHangsEndsInTime(t *testing.T) {
	t.Parallel()
	for _, c := range slowCalls {
		for method := range strings.FieldsSeq(c.methods) {
			for _, limit := range []time.Duration{0, 300 * time.Millisecond} {
				t.Run(fmt.Sprint(c.name, "/", method, "/", limit), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						h := &slowHost{takes: map[string]time.Duration{method: forever}}
						k := slowKit(t, h, deskauth.Config{CallTimeout: limit})
						if limit == 0 {
							limit = 5 * time.Second
						}
						begin := time.Now()
						got, err := c.do(t.Context(), k)
						testkit.WantFailure(t, got, err)
						if took := time.Since(begin); took != limit || !errors.Is(err, context.DeadlineExceeded) {
							t.Errorf("after %v: %v; want an error after %v that wraps context.DeadlineExceeded",
								took, err, limit)
						}
						wantTimeout(t, k.Events.TakeLast(), method, limit)
					})
				})
			}
		}
	}
}

func wantTimeout(t *testing.T, e deskauth.Event, method string, limit time.Duration) {
	t.Helper()
	if e.Type != deskauth.EventFailed || e.Reason != deskauth.ReasonTimeout || e.Err == nil {
		t.Errorf("event %+v, want a failure by timeout", e)
	}
	for _, said := range []string{method, "Config.CallTimeout is " + limit.String()} {
		if !strings.Contains(e.Detail, said) || !strings.Contains(fmt.Sprint(e.Err), said) {
			t.Errorf("detail %q, error %v; want both to say %q", e.Detail, e.Err, said)
		}
	}
}

// The deadline is one for all calls of an operation.
func TestS40_CallsShareTheirTime(t *testing.T) {
	t.Parallel()
	for _, c := range slowCalls[:4] {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				methods := strings.Fields(c.methods)
				last := methods[len(methods)-1]
				h := &slowHost{takes: map[string]time.Duration{last: forever}}
				for _, method := range methods[:len(methods)-1] {
					h.takes[method] = 500 * time.Millisecond
				}
				k := slowKit(t, h, deskauth.Config{})
				begin := time.Now()
				got, err := c.do(t.Context(), k)
				testkit.WantFailure(t, got, err)
				if took := time.Since(begin); took != 5*time.Second {
					t.Errorf("after %v: %v, want an error after 5s", took, err)
				}
				wantTimeout(t, k.Events.TakeLast(), last, 5*time.Second)
			})
		})
	}
}

// Calls that are each in time and together are not, fail as well.
func TestS40_CallsAreLateTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := &slowHost{takes: map[string]time.Duration{
			"SecretProvider.ProjectKeys": 2 * time.Second,
			"SecretProvider.SessionKeys": 2 * time.Second,
			"UserStore.CreateUser":       2 * time.Second,
		}}
		k := slowKit(t, h, deskauth.Config{})
		s, err := k.TryGuest(t, testkit.ProjectA)
		testkit.WantFailure(t, s.Token, err)
		wantTimeout(t, k.Events.TakeLast(), "UserStore.CreateUser", 5*time.Second)
	})
}

// The wait for a password hash takes nothing from the calls before it and after it.
func TestS40_HashDoesNotCount(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := &slowHost{takes: map[string]time.Duration{
			"UserStore.UserByEmail": 2 * time.Second,
			"UserStore.UpdateUser":  2 * time.Second,
		}}
		k := slowKit(t, h, deskauth.Config{HashParallelism: 1})
		release := k.Gate().Occupy(1, 0)
		time.AfterFunc(time.Minute, release)
		begin := time.Now()
		s, err := k.TrySignin(t, "andrea@f22.it", testkit.AndreasPassword)
		if took := time.Since(begin); err != nil || s.Token == "" || took < time.Minute {
			t.Errorf("after %v: %v, want a session when the hash had its turn", took, err)
		}
	})
}

// Attempts are given back after a failure by timeout, in a time of their own. If that
// hangs, too, the answer waits a second more.
func TestS40_GivingBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := &slowHost{takes: map[string]time.Duration{"UserStore.UserByEmail": forever}}
		k := slowKit(t, h, deskauth.Config{})
		for given, want := range map[time.Duration]time.Duration{0: 5 * time.Second, forever: 6 * time.Second} {
			h.takes["Limiter.GiveBack"] = given
			begin := time.Now()
			s, err := k.TrySignin(t, "andrea@f22.it", testkit.AndreasPassword)
			testkit.WantFailure(t, s.Token, err)
			if took := time.Since(begin); took != want {
				t.Errorf("after %v: %v, want an error after %v", took, err, want)
			}
			wantTimeout(t, k.Events.TakeLast(), "UserStore.UserByEmail", 5*time.Second)
		}
		if h.givenBack != 1 {
			t.Errorf("attempts were given back %d times, want once", h.givenBack)
		}
	})
}

// An earlier end of the caller's stands, and is no failure of the host's.
func TestS40_CallersOwnEnd(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(context.Context) (context.Context, context.CancelFunc){
		"deadline": func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, time.Second)
		},
		"cancelled": func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(time.Second, cancel)
			return ctx, cancel
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := &slowHost{takes: map[string]time.Duration{"UserStore.CreateUser": forever}}
				k := slowKit(t, h, deskauth.Config{})
				ctx, cancel := end(t.Context())
				defer cancel()
				begin := time.Now()
				_, err := k.SigninAnonymously(ctx, deskauth.AnonymousInput{ProjectID: testkit.ProjectA})
				if took := time.Since(begin); took != time.Second || !errors.Is(err, ctx.Err()) {
					t.Errorf("after %v: %v; want %v after 1s", took, err, ctx.Err())
				}
				e := k.Events.TakeLast()
				if e.Type != deskauth.EventRefused || e.Reason != deskauth.ReasonCanceled {
					t.Errorf("event %+v, want a refusal, canceled", e)
				}
			})
		})
	}
}

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
