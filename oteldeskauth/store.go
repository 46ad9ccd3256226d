package oteldeskauth

import (
	"context"
	"fmt"

	"github.com/deskauth/deskauth"
)

// The methods of a store, by their places in storeMethods.
const (
	createUser = iota
	userByID
	userByEmail
	updateUser
	purgeIdle
	lastActivity
	deleteUser
	listUsers
	importUsers
)

var storeMethods = []string{
	createUser: "CreateUser", userByID: "UserByID", userByEmail: "UserByEmail", updateUser: "UpdateUser",
	purgeIdle: "PurgeIdle", lastActivity: "LastActivity", deleteUser: "DeleteUser",
	listUsers: "ListUsers", importUsers: "ImportUsers",
}

// Store returns users with each call measured. It has the optional abilities that users
// has, and no others: [deskauth.UserLister] and the like, and [deskauth.InMemory]. Other
// methods, such as Close, are those of users. Store returns nil for nil.
func (t *Telemetry) Store(users deskauth.UserStore) deskauth.UserStore {
	if users == nil {
		return nil
	}
	s := &store{users: users, calls: t.store}
	wrapped := withAbilities(s)
	if inMemory(users) {
		s.inMemory = wrapped
	}
	return wrapped
}

// A store measures the calls of users.
type store struct {
	users    deskauth.UserStore
	calls    *calls
	inMemory any // what Store returned, if the promise of users goes for it
}

// InMemory implements [deskauth.InMemory]. It returns nil, which is no promise, where users
// makes none.
func (s *store) InMemory() any { return s.inMemory }

// Format implements [fmt.Formatter]: nothing that users holds is printed.
func (s *store) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "oteldeskauth.Store(%T)", s.users) }

// CreateUser implements [deskauth.UserStore].
func (s *store) CreateUser(ctx context.Context, a deskauth.Account) (err error) {
	s.calls.observe(ctx, createUser, func(ctx context.Context) error {
		err = s.users.CreateUser(ctx, a)
		return err
	})
	return err
}

// UserByID implements [deskauth.UserStore].
func (s *store) UserByID(ctx context.Context, id string) (acc deskauth.Account, err error) {
	s.calls.observe(ctx, userByID, func(ctx context.Context) error {
		acc, err = s.users.UserByID(ctx, id)
		return err
	})
	return acc, err
}

// UserByEmail implements [deskauth.UserStore].
func (s *store) UserByEmail(ctx context.Context, email string) (acc deskauth.Account, err error) {
	s.calls.observe(ctx, userByEmail, func(ctx context.Context) error {
		acc, err = s.users.UserByEmail(ctx, email)
		return err
	})
	return acc, err
}

// UpdateUser implements [deskauth.UserStore].
func (s *store) UpdateUser(ctx context.Context, a deskauth.Account) (err error) {
	s.calls.observe(ctx, updateUser, func(ctx context.Context) error {
		err = s.users.UpdateUser(ctx, a)
		return err
	})
	return err
}
