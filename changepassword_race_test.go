package deskauth_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// beforeWrite returns a kit whose store runs do once, between the check of the password and
// the write.
func beforeWrite(t *testing.T, do func(k *testkit.Kit, id string)) *testkit.Kit {
	t.Helper()
	store := &testkit.CountingStore{UserStore: memstore.New()}
	k := testkit.NewOn(t, store, testkit.Secrets(), deskauth.Config{})
	behind := testkit.NewOn(t, store.UserStore, testkit.Secrets(), deskauth.Config{})
	k.Store, _ = store.UserStore.(*memstore.Store)
	store.BeforeUpdate = func(_ context.Context, a deskauth.Account) error {
		store.BeforeUpdate = nil
		do(behind, a.ID)
		return nil
	}
	return k
}

// What comes between the check of the current password and the write wins, and the change
// of password changes nothing.
func TestS31_WhatComesBetweenWins(t *testing.T) {
	t.Parallel()
	var token string // of the session that asks
	for name, c := range map[string]struct {
		do   func(k *testkit.Kit, id string)
		want error
	}{
		"SetPassword": {func(k *testkit.Kit, id string) {
			if err := k.SetPassword(t.Context(), id, "set by the host"); err != nil {
				t.Error(err)
			}
		}, deskauth.ErrInvalidToken},
		"another hash by SQL": {func(k *testkit.Kit, id string) {
			hash := testkit.Bcrypt(t, "set by SQL", "$2b$")
			testkit.Change(t, k.Store, id, func(a *deskauth.Account) { a.PasswordHash = hash })
		}, deskauth.ErrInvalidCredentials},
		"no hash by SQL": {func(k *testkit.Kit, id string) {
			testkit.Change(t, k.Store, id, func(a *deskauth.Account) { a.PasswordHash = "" })
		}, deskauth.ErrInvalidCredentials},
		"ChangePassword by the same session": {func(k *testkit.Kit, _ string) {
			testkit.MustChange(t, k, token, testkit.AndreasPassword, "by the same session")
		}, deskauth.ErrInvalidCredentials},
		"disabled by SQL": {func(k *testkit.Kit, id string) {
			testkit.Change(t, k.Store, id, testkit.Disable)
		}, deskauth.ErrInvalidToken},
		"SetDisabled": {func(k *testkit.Kit, id string) {
			if err := k.SetDisabled(t.Context(), id, true); err != nil {
				t.Error(err)
			}
		}, deskauth.ErrInvalidToken},
		"an epoch raised by SQL": {func(k *testkit.Kit, id string) {
			testkit.Change(t, k.Store, id, testkit.RaiseEpoch)
		}, deskauth.ErrInvalidToken},
		"Signout": {func(k *testkit.Kit, _ string) {
			if err := k.Signout(t.Context(), token); err != nil {
				t.Error(err)
			}
		}, deskauth.ErrInvalidToken},
		"SignoutEverywhere": {func(k *testkit.Kit, id string) {
			if err := k.SignoutEverywhere(t.Context(), id); err != nil {
				t.Error(err)
			}
		}, deskauth.ErrInvalidToken},
		"DeleteUser": {func(k *testkit.Kit, id string) {
			if err := k.DeleteUser(t.Context(), id); err != nil {
				t.Error(err)
			}
		}, deskauth.ErrInvalidToken},
	} {
		for _, endAll := range []bool{false, true} {
			var after deskauth.Account
			k := beforeWrite(t, func(k *testkit.Kit, id string) {
				c.do(k, id)
				after, _ = k.Store.UserByID(t.Context(), id)
			})
			acc := testkit.Put(t, k.Store, "andrea@f22.it", testkit.WeakHash)
			token = k.MustIssue(t, acc.ID).Token
			s, err := k.ChangePassword(t.Context(), deskauth.ChangePasswordInput{
				Token: deskauth.NewSecret(token), Current: deskauth.NewSecret(testkit.AndreasPassword),
				New: deskauth.NewSecret(newPassword), EndAll: endAll,
			})
			if err != c.want || s.Token != "" {
				t.Errorf("%s: %v, want %v itself", name, err, c.want)
			}
			now, err := k.Store.UserByID(t.Context(), acc.ID)
			if now.Version != after.Version || now.PasswordHash != after.PasswordHash ||
				err != nil && !errors.Is(err, deskauth.ErrUserNotFound) {
				t.Errorf("%s: the account was written after it: %v", name, err)
			}
		}
	}
}

// A stronger hash of the same password, and what has nothing to do with it, do not stop a
// change.
func TestChangePasswordPastOtherWrites(t *testing.T) {
	t.Parallel()
	for name, do := range map[string]func(k *testkit.Kit, id string){
		"a sign-in that stores a stronger hash": func(k *testkit.Kit, _ string) {
			k.MustSignin(t, "andrea@f22.it", testkit.AndreasPassword)
		},
		"a new name": func(k *testkit.Kit, id string) {
			testkit.Change(t, k.Store, id, func(a *deskauth.Account) { a.FirstName = "Ada" })
		},
		"another session that signs out": func(k *testkit.Kit, id string) {
			if err := k.Signout(t.Context(), k.MustIssue(t, id).Token); err != nil {
				t.Error(err)
			}
		},
	} {
		k := beforeWrite(t, do)
		acc := testkit.Put(t, k.Store, "andrea@f22.it", testkit.WeakHash)
		s := k.MustIssue(t, acc.ID)
		if _, err := change(t, k, s.Token, testkit.AndreasPassword, newPassword); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		k.GoesOn(t, name+": the session that asked", s.Token)
		k.MustSignin(t, "andrea@f22.it", newPassword)
	}
}

// Of any number of changes from one password, one is made.
func TestS31_OneOfManyChangesWins(t *testing.T) {
	t.Parallel()
	const callers = 100
	store := &testkit.CountingStore{UserStore: memstore.New()}
	k := testkit.NewOn(t, store, testkit.Secrets(), deskauth.Config{
		Limits: testkit.NoLimits(), HashParallelism: callers, HashQueue: callers,
	})
	k.Store, _ = store.UserStore.(*memstore.Store)
	s := k.MustSession(t, deskauth.KindUser)
	var tokens []string // of some the same session, of others one each
	for i := range callers {
		tokens = append(tokens, s.Token)
		if i%2 == 1 {
			tokens[i] = k.MustIssue(t, s.User.ID).Token
		}
	}
	// All of them compare the password before one of them writes.
	var compared atomic.Int64
	all := make(chan struct{})
	store.BeforeUpdate = func(context.Context, deskauth.Account) error {
		if compared.Add(1) == callers {
			close(all)
		}
		<-all
		return nil
	}
	errs := make([]error, callers)
	var wg sync.WaitGroup
	for i := range callers {
		wg.Go(func() {
			_, errs[i] = change(t, k, tokens[i], oldPassword, fmt.Sprint(newPassword, i))
		})
	}
	wg.Wait()
	winner := -1
	for i, err := range errs {
		switch {
		case err == nil && winner >= 0:
			t.Errorf("%d and %d both won", winner, i)
		case err == nil:
			winner = i
		case err != deskauth.ErrInvalidCredentials && err != deskauth.ErrInvalidToken:
			t.Errorf("%d: %v", i, err)
		}
	}
	if winner < 0 {
		t.Fatal("no change was made")
	}
	if acc := k.Stored(t, s.User.ID); acc.SessionEpoch != 1 {
		t.Errorf("the epoch was raised %d times", acc.SessionEpoch)
	}
	k.MustSignin(t, "andrea@f22.it", fmt.Sprint(newPassword, winner))
	for i, token := range tokens {
		if token == tokens[winner] {
			k.GoesOn(t, fmt.Sprint("session ", i), token)
		} else {
			k.IsOver(t, fmt.Sprint("session ", i), token)
		}
	}
}
