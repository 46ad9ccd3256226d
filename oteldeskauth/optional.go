package oteldeskauth

import (
	"context"
	"time"

	"github.com/deskauth/deskauth"
)

// The optional abilities of a store. A combination of them is an index in combinations.
const (
	canPurge = 1 << iota
	canReport
	canDelete
	canList
	canImport
)

// abilitiesOf returns what a store can do beside the methods of [deskauth.UserStore].
func abilitiesOf(users deskauth.UserStore) (can int) {
	for ability, has := range map[int]bool{
		canPurge:  is[deskauth.IdlePurger](users),
		canReport: is[deskauth.ActivityReporter](users),
		canDelete: is[deskauth.UserDeleter](users),
		canList:   is[deskauth.UserLister](users),
		canImport: is[deskauth.UserImporter](users),
	} {
		if has {
			can |= ability
		}
	}
	return can
}

func is[T any](users deskauth.UserStore) bool {
	_, ok := users.(T)
	return ok
}

// withAbilities returns the store with the abilities of its users. Go has no type whose
// methods are chosen at run time, so there is one for each combination.
func withAbilities(s *store) deskauth.UserStore {
	return combinations[abilitiesOf(s.users)](s, able{s})
}

// An able measures the calls of every ability. It is part of a type in combinations, which
// shows those that its users have.
type able struct{ of *store }

// PurgeIdle implements [deskauth.IdlePurger].
func (a able) PurgeIdle(
	ctx context.Context, kind deskauth.Kind, idleSince time.Time, limit int,
) (deleted int, err error) {
	a.of.calls.observe(ctx, purgeIdle, func(ctx context.Context) error {
		deleted, err = a.of.users.(deskauth.IdlePurger).PurgeIdle(ctx, kind, idleSince, limit)
		return err
	})
	return deleted, err
}

// LastActivity implements [deskauth.ActivityReporter].
func (a able) LastActivity(ctx context.Context, kind deskauth.Kind, notAfter time.Time) (last time.Time, err error) {
	a.of.calls.observe(ctx, lastActivity, func(ctx context.Context) error {
		last, err = a.of.users.(deskauth.ActivityReporter).LastActivity(ctx, kind, notAfter)
		return err
	})
	return last, err
}

// DeleteUser implements [deskauth.UserDeleter].
func (a able) DeleteUser(ctx context.Context, id string) (err error) {
	a.of.calls.observe(ctx, deleteUser, func(ctx context.Context) error {
		err = a.of.users.(deskauth.UserDeleter).DeleteUser(ctx, id)
		return err
	})
	return err
}

// ListUsers implements [deskauth.UserLister].
func (a able) ListUsers(ctx context.Context, after string, limit int) (page []deskauth.Account, err error) {
	a.of.calls.observe(ctx, listUsers, func(ctx context.Context) error {
		page, err = a.of.users.(deskauth.UserLister).ListUsers(ctx, after, limit)
		return err
	})
	return page, err
}

// ImportUsers implements [deskauth.UserImporter].
func (a able) ImportUsers(
	ctx context.Context, accounts []deskauth.Account, check func(deskauth.Account) error,
) (result deskauth.ImportResult, err error) {
	a.of.calls.observe(ctx, importUsers, func(ctx context.Context) error {
		result, err = a.of.users.(deskauth.UserImporter).ImportUsers(ctx, accounts, check)
		return err
	})
	return result, err
}
