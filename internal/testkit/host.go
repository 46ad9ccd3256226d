package testkit

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/deskauth/deskauth"
)

// A Provider is a [deskauth.SecretProvider] whose answers a test may change between two
// calls.
type Provider struct {
	Session func() ([]deskauth.Key, error)
	Project func(projectID string) ([]deskauth.Key, error)
}

// SessionKeys implements [deskauth.SecretProvider].
func (p *Provider) SessionKeys(context.Context) ([]deskauth.Key, error) { return p.Session() }

// ProjectKeys implements [deskauth.SecretProvider].
func (p *Provider) ProjectKeys(_ context.Context, projectID string) ([]deskauth.Key, error) {
	return p.Project(projectID)
}

// A Fault is what a method of a [Host] does instead of its work. It fails, or hangs, or
// makes up an answer, for the methods that have one.
type Fault struct {
	Name    string
	Fail    func() error // nil for a made-up answer
	Hangs   bool         // until its context ends
	Account func(other deskauth.Account) deskauth.Account
	Keys    []deskauth.Key
}

// ErrDown is what the first of [Faults] returns.
var ErrDown = errors.New("connection refused")

// Faults are the ways in which a host's method can go wrong.
var Faults = []Fault{
	{Name: "error", Fail: func() error { return ErrDown }},
	{Name: "its own deadline", Fail: func() error {
		return fmt.Errorf("query: %w", context.DeadlineExceeded)
	}},
	{Name: "an error that wraps ours", Fail: func() error {
		return errors.Join(deskauth.ErrInvalidToken, deskauth.ErrTokenExpired, deskauth.ErrInvalidCredentials,
			deskauth.ErrAccountDisabled, deskauth.ErrBusy, deskauth.ErrUsersOnly, deskauth.ErrGuestsOnly,
			deskauth.ErrPasswordUnchanged, deskauth.ErrSigninTooOld, &deskauth.ValidationError{})
	}},
	{Name: "panic", Fail: func() error { panic("index out of range") }},
	{Name: "panic with an error", Fail: func() error { panic(fmt.Errorf("driver: %w", ErrDown)) }},
	{Name: "nil dereference", Fail: func() error { return *(*error)(nil) }},
	{Name: "zero values", Account: func(deskauth.Account) deskauth.Account { return deskauth.Account{} }},
	{
		Name:    "another's",
		Account: func(other deskauth.Account) deskauth.Account { return other },
		Keys:    []deskauth.Key{{}},
	},
	{Name: "a bad key behind a good one", Keys: []deskauth.Key{Key("", SessionSecret), Key("", "short")}},
}

// Fits reports whether a method can have the fault. A method that returns an error alone
// cannot make up an answer, and that a project has no keys is a good answer.
func (f Fault) Fits(method string) bool {
	switch method {
	case "CreateUser", "UpdateUser", "DeleteUser":
		return f.Fail != nil
	case "UserByID", "UserByEmail":
		return f.Fail != nil || f.Account != nil
	case "ProjectKeys":
		return f.Fail != nil || f.Keys != nil
	}
	return true
}

// The methods of a [Host].
var (
	StoreMethods = []string{"CreateUser", "UpdateUser", "UserByID", "UserByEmail", "DeleteUser"}
	KeyMethods   = []string{"SessionKeys", "ProjectKeys"}
)

// A Host is a store and a provider of keys, of which a test breaks some methods. It is not
// safe for concurrent use.
type Host struct {
	Users   deskauth.UserStore
	Secrets deskauth.SecretProvider
	Other   deskauth.Account // what Fault.Account gets
	Hits    int              // calls that met the fault

	fault   Fault
	methods []string
}

// Break gives the methods a fault, and no other method.
func (h *Host) Break(f Fault, methods ...string) { h.fault, h.methods = f, methods }

// Mend makes everything work again.
func (h *Host) Mend() { h.methods = nil }

func (h *Host) breaks(method string) bool {
	if !slices.Contains(h.methods, method) {
		return false
	}
	h.Hits++
	return true
}

func (h *Host) fail(ctx context.Context) error {
	if h.fault.Hangs {
		<-ctx.Done()
		return fmt.Errorf("query: %w", ctx.Err())
	}
	return h.fault.Fail()
}

func (h *Host) account(ctx context.Context) (deskauth.Account, error) {
	if h.fault.Account != nil {
		return h.fault.Account(h.Other), nil
	}
	return deskauth.Account{}, h.fail(ctx)
}

func (h *Host) keys(ctx context.Context) ([]deskauth.Key, error) {
	if h.fault.Fail == nil && !h.fault.Hangs {
		return h.fault.Keys, nil
	}
	return nil, h.fail(ctx)
}

// CreateUser implements [deskauth.UserStore].
func (h *Host) CreateUser(ctx context.Context, a deskauth.Account) error {
	if h.breaks("CreateUser") {
		return h.fail(ctx)
	}
	return h.Users.CreateUser(ctx, a)
}

// UpdateUser implements [deskauth.UserStore].
func (h *Host) UpdateUser(ctx context.Context, a deskauth.Account) error {
	if h.breaks("UpdateUser") {
		return h.fail(ctx)
	}
	return h.Users.UpdateUser(ctx, a)
}

// UserByID implements [deskauth.UserStore].
func (h *Host) UserByID(ctx context.Context, id string) (deskauth.Account, error) {
	if h.breaks("UserByID") {
		return h.account(ctx)
	}
	return h.Users.UserByID(ctx, id)
}

// UserByEmail implements [deskauth.UserStore].
func (h *Host) UserByEmail(ctx context.Context, email string) (deskauth.Account, error) {
	if h.breaks("UserByEmail") {
		return h.account(ctx)
	}
	return h.Users.UserByEmail(ctx, email)
}

// DeleteUser implements [deskauth.UserDeleter], on a store that does.
func (h *Host) DeleteUser(ctx context.Context, id string) error {
	if h.breaks("DeleteUser") {
		return h.fail(ctx)
	}
	deleter, ok := h.Users.(deskauth.UserDeleter)
	if !ok {
		return fmt.Errorf("%T: %w", h.Users, errors.ErrUnsupported)
	}
	return deleter.DeleteUser(ctx, id)
}

// SessionKeys implements [deskauth.SecretProvider].
func (h *Host) SessionKeys(ctx context.Context) ([]deskauth.Key, error) {
	if h.breaks("SessionKeys") {
		return h.keys(ctx)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return h.Secrets.SessionKeys(ctx)
}

// ProjectKeys implements [deskauth.SecretProvider].
func (h *Host) ProjectKeys(ctx context.Context, projectID string) ([]deskauth.Key, error) {
	if h.breaks("ProjectKeys") {
		return h.keys(ctx)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return h.Secrets.ProjectKeys(ctx, projectID)
}
