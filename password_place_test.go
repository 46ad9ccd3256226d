package deskauth_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// A hanger is a host of which one method hangs.
type hanger struct {
	deskauth.UserStore
	deskauth.SecretProvider
	method string        // that hangs
	mend   chan struct{} // closed to let all go on
}

// at hangs in the method until the context ends or all is mended.
func (h *hanger) at(ctx context.Context, method string) error {
	if method != h.method {
		return nil
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-h.mend:
		return nil
	}
}

func (h *hanger) Take(ctx context.Context, _ ...deskauth.Attempt) (refused int, wait time.Duration, err error) {
	return -1, 0, h.at(ctx, "Take")
}

func (h *hanger) GiveBack(ctx context.Context, _ ...deskauth.Attempt) error {
	return h.at(ctx, "GiveBack")
}

func (h *hanger) CreateUser(ctx context.Context, a deskauth.Account) error {
	return errors.Join(h.at(ctx, "CreateUser"), h.UserStore.CreateUser(ctx, a))
}

func (h *hanger) UpdateUser(ctx context.Context, a deskauth.Account) error {
	return errors.Join(h.at(ctx, "UpdateUser"), h.UserStore.UpdateUser(ctx, a))
}

func (h *hanger) UserByID(ctx context.Context, id string) (deskauth.Account, error) {
	acc, err := h.UserStore.UserByID(ctx, id)
	return acc, errors.Join(h.at(ctx, "UserByID"), err)
}

func (h *hanger) SessionKeys(ctx context.Context) ([]deskauth.Key, error) {
	keys, err := h.SecretProvider.SessionKeys(ctx)
	return keys, errors.Join(h.at(ctx, "SessionKeys"), err)
}

// kit returns an Auth with few places, whose host hangs where it is told to.
func (h *hanger) kit(t *testing.T) *testkit.Kit {
	method := h.method
	h.method = "" // while New asks for the keys
	k := testkit.NewOn(t, h, h, deskauth.Config{
		HashParallelism: 1,
		HashQueue:       1,
		Limiter:         h,
		PasswordCheck:   func(ctx context.Context, _ string) error { return h.at(ctx, "PasswordCheck") },
		OnEvent: func(ctx context.Context, e deskauth.Event) {
			if e.Client == stuck {
				h.at(ctx, "OnEvent")
			}
		},
	})
	h.method = method
	return k
}

const stuck = "192.0.2.66"

// A place in the queue is held while the account is looked up and the hash computed, and
// at no other time. So another of the host's functions that hangs takes no place.
func TestS39_WhatHangsTakesNoPlace(t *testing.T) {
	t.Parallel()
	signup := func(ctx context.Context, k *testkit.Kit) error {
		in := testkit.Andrea()
		in.Client = stuck
		_, err := k.Signup(ctx, in)
		return err
	}
	weak := deskauth.SigninInput{
		Email: "weak@f22.it", Password: deskauth.NewSecret(testkit.AndreasPassword), Client: stuck,
	}
	signin := func(ctx context.Context, k *testkit.Kit) error {
		_, err := k.Signin(ctx, weak)
		return err
	}
	check := func(ctx context.Context, k *testkit.Kit) error {
		_, err := k.CheckPassword(ctx, weak)
		return err
	}
	set := func(ctx context.Context, k *testkit.Kit) error {
		return k.SetPassword(ctx, "imported weak@f22.it", "a longer password")
	}
	for _, tt := range []struct {
		call    string
		do      func(context.Context, *testkit.Kit) error
		methods string
	}{
		{"Signup", signup, "Take PasswordCheck CreateUser OnEvent"},
		{"Signin", signin, "Take GiveBack SessionKeys UpdateUser OnEvent"},
		{"CheckPassword", check, "Take GiveBack UpdateUser OnEvent"},
		{"SetPassword", set, "PasswordCheck UserByID UpdateUser"},
	} {
		for method := range strings.FieldsSeq(tt.methods) {
			t.Run(tt.call+"/"+method, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { hangs(t, method, tt.do) })
			})
		}
	}
}

func hangs(t *testing.T, method string, do func(context.Context, *testkit.Kit) error) {
	h := &hanger{
		UserStore: memstore.New(), SecretProvider: testkit.Secrets(), method: method, mend: make(chan struct{}),
	}
	k := h.kit(t)
	testkit.Put(t, h.UserStore, "weak@f22.it", testkit.WeakHash)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var all sync.WaitGroup
	var hung atomic.Int64
	for range 6 { // three times the places
		all.Go(func() {
			if err := do(ctx, k); errors.Is(err, context.DeadlineExceeded) {
				hung.Add(1)
			}
		})
		synctest.Wait()
	}
	if n := k.Gate().Waiting(); n != 0 {
		t.Errorf("%d of those that hang have a place", n)
	}
	release := k.Gate().Occupy(1, 0) // the one permit is free
	for _, client := range []string{"192.0.2.1", "192.0.2.2"} {
		err := k.Gate().DoFor(waitABit(t), client, func() { t.Error("two hashes run at once") })
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the other place: %v, want it to be free, and to wait in it", err)
		}
	}
	release()
	all.Wait()
	if method != "OnEvent" && method != "GiveBack" && hung.Load() == 0 { // these fail no call
		t.Error("no call met its deadline: nothing hung")
	}
}

func waitABit(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	t.Cleanup(cancel)
	return ctx
}

// A check that hangs for some passwords holds up no other sign-up, and ends with its
// caller.
func TestS39_HangingPasswordCheck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const bad = "a password that hangs"
		k := testkit.New(t, deskauth.Config{
			HashParallelism: 1, HashQueue: 1, Limits: testkit.NoLimits(),
			PasswordCheck: func(ctx context.Context, password string) error {
				if password == bad {
					<-ctx.Done()
				}
				return ctx.Err()
			},
		})
		signup := func(ctx context.Context, n int, password string) error {
			in := testkit.Andrea()
			in.Email, in.Password = fmt.Sprintf("agent%d@f22.it", n), deskauth.NewSecret(password)
			_, err := k.Signup(ctx, in)
			return err
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		var all sync.WaitGroup
		for n := range 20 {
			all.Go(func() {
				if err := signup(ctx, n, bad); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("a sign-up whose check hangs: %v, want its deadline", err)
				}
			})
		}
		synctest.Wait()
		began := time.Now()
		if err := signup(t.Context(), 100, "correct horse"); err != nil {
			t.Errorf("another sign-up: %v", err)
		}
		if _, err := k.TrySignin(t, "agent100@f22.it", "correct horse"); err != nil {
			t.Errorf("its sign-in: %v", err)
		}
		if waited := time.Since(began); waited != 0 {
			t.Errorf("the others waited %v", waited)
		}
		all.Wait()
	})
}
