package examples_test

import (
	"errors"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

// A change is one of what a host does to an account.
type change struct {
	name            string
	kinds           []deskauth.Kind // of account
	endsAll         bool            // sessions, and not one
	email, password string          // a new one; the account's number is in the address
	do              func(r *round) error
	after           func(r *round) // checks what else has to hold
}

// renews reports whether an agent signs in otherwise afterwards.
func (c change) renews() bool { return c.email != "" || c.password != "" }

func (r *round) newEmail() string {
	if r.change.email != "" {
		return r.change.email + r.email
	}
	return r.email
}

func (r *round) newPassword() string {
	if r.change.password != "" {
		return r.change.password
	}
	return testkit.AndreasPassword
}

var onlyUsers = []deskauth.Kind{deskauth.KindUser}

var changes = []change{
	{
		name: "SetPassword", kinds: onlyUsers, endsAll: true, password: "another password",
		do:    func(r *round) error { return r.now.SetPassword(r.t.Context(), r.id, r.newPassword()) },
		after: (*round).signsInAnew,
	},
	{
		name: "UpdateAccount of an address", kinds: onlyUsers, endsAll: true, email: "new.",
		do: func(r *round) error {
			return r.update(func(a *deskauth.Account) { a.Email = r.newEmail() })
		},
		after: (*round).signsInAnew,
	},
	{
		name: "UpdateAccount of a name", kinds: testkit.Kinds,
		do: func(r *round) error {
			return r.update(func(a *deskauth.Account) { a.FirstName = "Ada" })
		},
		after: func(r *round) {
			acc, err := r.store.UserByID(r.t.Context(), r.id)
			switch {
			case r.gone: // or made anew
			case err != nil:
				r.t.Error(err)
			case acc.FirstName != "Ada" && r.kind != deskauth.KindExternal: // whose token says Andrea
				r.t.Errorf("the name is %q, want Ada", acc.FirstName)
			}
		},
	},
	{
		name: "Signout", kinds: testkit.Kinds,
		do:    func(r *round) error { return r.now.Signout(r.t.Context(), r.first) },
		after: func(*round) {},
	},
	{
		name: "SignoutEverywhere", kinds: testkit.Kinds, endsAll: true,
		do: func(r *round) error { return r.now.SignoutEverywhere(r.t.Context(), r.id) },
		after: func(r *round) {
			if r.kind == deskauth.KindExternal && !r.gone {
				if _, err := r.now.TryCustom(r.t, r.custom); err != deskauth.ErrInvalidToken {
					r.t.Errorf("a custom token without iat: %v, want ErrInvalidToken", err)
				}
			}
		},
	},
	{
		name: "SetDisabled", kinds: testkit.Kinds, endsAll: true,
		do:    func(r *round) error { return r.now.SetDisabled(r.t.Context(), r.id, true) },
		after: (*round).isDisabled,
	},
	{
		name: "DeleteUser", kinds: testkit.Kinds, endsAll: true,
		do: func(r *round) error { return r.now.DeleteUser(r.t.Context(), r.id) },
		after: func(r *round) {
			_, err := r.store.UserByID(r.t.Context(), r.id)
			if r.kind == deskauth.KindExternal { // who comes back, at a later time than it came
				r.now.GoesOn(r.t, "a custom token", r.later.MustCustom(r.t, r.custom).Token)
			} else if !errors.Is(err, deskauth.ErrUserNotFound) {
				r.t.Errorf("a deleted account: %v, want ErrUserNotFound", err)
			}
		},
	},
}

func (r *round) update(edit func(*deskauth.Account)) error {
	_, err := r.now.UpdateAccount(r.t.Context(), r.id, func(a *deskauth.Account) error {
		edit(a)
		return nil
	})
	return err
}

// signsInAnew checks that an agent signs in with what is new, and not with what was.
func (r *round) signsInAnew() {
	acc, err := r.store.UserByID(r.t.Context(), r.id)
	if err != nil || acc.SessionEpoch != 1 || acc.Email != r.newEmail() {
		r.t.Errorf("stored with %q, epoch %d, %v; want %q and 1", acc.Email, acc.SessionEpoch, err, r.newEmail())
	}
	if _, err := r.now.TrySignin(r.t, r.email, testkit.AndreasPassword); err != deskauth.ErrInvalidCredentials {
		r.t.Errorf("a sign-in as before: %v, want ErrInvalidCredentials", err)
	}
	s, err := r.now.TrySignin(r.t, r.newEmail(), r.newPassword())
	if err != nil {
		r.t.Errorf("a sign-in with what is new: %v", err)
	}
	r.now.GoesOn(r.t, "a sign-in with what is new", s.Token)
}

// isDisabled checks that an account is disabled, and enables it.
func (r *round) isDisabled() {
	if r.did.err != nil { // purged
		return
	}
	acc, err := r.store.UserByID(r.t.Context(), r.id)
	if r.gone && errors.Is(err, deskauth.ErrUserNotFound) && r.kind == deskauth.KindGuest {
		return
	}
	if err != nil || !acc.Disabled {
		r.t.Errorf("disabled is %t, %v; want true", acc.Disabled, err)
	}
	if _, err := r.now.IssueSession(r.t.Context(), deskauth.IssueInput{UserID: r.id}); err != deskauth.ErrAccountDisabled {
		r.t.Errorf("IssueSession: %v, want ErrAccountDisabled", err)
	}
	if err := r.now.SetDisabled(r.t.Context(), r.id, false); err != nil {
		r.t.Error(err)
	}
	r.now.GoesOn(r.t, "a session after it was enabled", r.now.MustIssue(r.t, r.id).Token)
}
