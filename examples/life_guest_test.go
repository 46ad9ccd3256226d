package examples_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// A guestLife is one guest's account, with the sessions that its owner holds.
type guestLife struct {
	t       *testing.T
	k       *testkit.Kit
	store   anyStore
	n       int
	id      string
	session string
	other   string
}

// email is the address that the guest signs up with, and heir the external user that it
// turns out to be.
func (l *guestLife) email() string { return fmt.Sprintf("guest%d@f22.it", l.n) }
func (l *guestLife) heir() string  { return fmt.Sprintf("heir %d", l.n) }

// upgrade makes the guest an agent. Of two upgrades to one address, the one that comes too
// late may find the address before it finds that the guest is none any more.
func (l *guestLife) upgrade() error {
	_, err := l.k.Upgrade(l.t, l.session, l.email())
	if errors.Is(err, deskauth.ErrUserExists) { // nobody else has it
		return deskauth.ErrInvalidToken
	}
	return err
}

// link signs the external user in, whatever becomes of the guest.
func (l *guestLife) link() error {
	_, err := l.k.Link(l.t, testkit.TokenA(`"`+l.heir()+`"`), l.session)
	return err
}

// guestTransitions are what can happen to a guest's account, but for the purge.
var guestTransitions = []transition[*guestLife]{
	{"UpgradeGuest", func(_ context.Context, l *guestLife) error { return l.upgrade() }},
	{"link", func(_ context.Context, l *guestLife) error { return l.link() }},
	{"Signout", func(ctx context.Context, l *guestLife) error { return l.k.Signout(ctx, l.session) }},
	{"Signout of the other session", func(ctx context.Context, l *guestLife) error {
		return l.k.Signout(ctx, l.other)
	}},
	{"SignoutEverywhere", func(ctx context.Context, l *guestLife) error { return l.k.SignoutEverywhere(ctx, l.id) }},
	{"SetDisabled", func(ctx context.Context, l *guestLife) error { return l.k.SetDisabled(ctx, l.id, true) }},
	{"UpdateAccount", func(ctx context.Context, l *guestLife) error {
		_, err := l.k.UpdateAccount(ctx, l.id, func(a *deskauth.Account) error {
			a.Attributes = []byte(`{"page":"/checkout"}`)
			return nil
		})
		return err
	}},
	{"DeleteUser", func(ctx context.Context, l *guestLife) error { return l.k.DeleteUser(ctx, l.id) }},
}

func (l *guestLife) state(t *testing.T) string {
	t.Helper()
	acc, err := l.store.UserByID(t.Context(), l.id)
	if err != nil {
		return "gone"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s disabled=%t %s %s;", acc.Kind, acc.Disabled, acc.FirstName, acc.Attributes)
	if acc.Email == l.email() {
		b.WriteString(" with its address;")
	}
	if _, err := l.k.Verify(t.Context(), l.session); err == nil {
		b.WriteString(" the session goes on;")
	}
	if _, err := l.k.Verify(t.Context(), l.other); err == nil {
		b.WriteString(" the other one goes on;")
	}
	if heir, err := l.k.LinkedTo(t.Context(), l.id); heir != "" || err != nil {
		fmt.Fprintf(&b, " linked to its heir: %t, %v;", heir == deskauth.ExternalUserID(testkit.ProjectA, l.heir()), err)
	}
	if _, err := l.k.TrySignin(t, l.email(), testkit.AndreasPassword); err == nil {
		b.WriteString(" the password signs in;")
	}
	return b.String()
}

// newGuestLives returns a function that begins the lives of guests on a store.
func newGuestLives(t *testing.T, store anyStore) func() *guestLife {
	t.Helper()
	k := testkit.NewOn(t, store, testkit.Secrets(), deskauth.Config{
		Limits: testkit.NoLimits(), HashParallelism: 4, Logger: testkit.Quiet,
	})
	n := 0
	return func() *guestLife {
		n++
		s, err := k.SigninAnonymously(t.Context(), deskauth.AnonymousInput{
			ProjectID: testkit.ProjectA, FirstName: "Andrea", Attributes: []byte(`{"page":"/pricing"}`),
		})
		testkit.Must(t, err)
		return &guestLife{
			t: t, k: k, store: store, n: n, id: s.User.ID, session: s.Token, other: k.MustIssue(t, s.User.ID).Token,
		}
	}
}

// TestS33_RacesOfAGuestsLife: see [raceEachTwo]. A guest that goes up leaves its sessions
// behind, and goes up once.
func TestS33_RacesOfAGuestsLife(t *testing.T) {
	onEveryStore(t, func(t *testing.T, store anyStore, inMemory bool) {
		rounds := rounds{memory: 20, thorough: 100, raceDetector: 20, others: 2}.on(inMemory)
		raceEachTwo(t, rounds, guestTransitions, newGuestLives(t, store), newGuestLives(t, memstore.New()))
	})
}
