package examples_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// A life is one agent's account, with all that its owner holds.
type life struct {
	k       testkit.MailKit
	store   anyStore
	id      string
	email   string
	session string // of the last sign-in
	other   string // another session
	codes   map[deskauth.MailKind]deskauth.Secret
}

const lifesPassword = testkit.AndreasPassword

// begin makes an account with a hash of lifesPassword, two sessions, and a code of each
// kind.
func begin(t *testing.T, k testkit.MailKit, store anyStore, n int, hash string) *life {
	t.Helper()
	email := fmt.Sprintf("agent%d@f22.it", n)
	acc := testkit.Put(t, store, email, hash, func(a *deskauth.Account) {
		a.Attributes = []byte(`{"team":"blue"}`)
	})
	l := &life{k: k, store: store, id: acc.ID, email: email, codes: make(map[deskauth.MailKind]deskauth.Secret)}
	for _, kind := range testkit.CodeKinds {
		l.codes[kind] = k.MustMail(t, kind, acc.User).Code
	}
	l.session, l.other = k.MustIssue(t, acc.ID).Token, k.MustIssue(t, acc.ID).Token
	return l
}

func (l *life) use(ctx context.Context, kind deskauth.MailKind) error {
	_, err := l.k.Use(ctx, kind, l.codes[kind], "")
	return err
}

func (l *life) update(ctx context.Context, edit func(*deskauth.Account)) error {
	_, err := l.k.UpdateAccount(ctx, l.id, func(a *deskauth.Account) error {
		edit(a)
		return nil
	})
	return err
}

// transitions are what can happen to an agent's account.
var transitions = []transition[*life]{
	{"Signin", func(ctx context.Context, l *life) error { // which stores a stronger hash
		_, err := l.k.Signin(ctx, deskauth.SigninInput{Email: l.email, Password: deskauth.NewSecret(lifesPassword)})
		return err
	}},
	{"Signout", func(ctx context.Context, l *life) error { return l.k.Signout(ctx, l.session) }},
	{"SignoutEverywhere", func(ctx context.Context, l *life) error { return l.k.SignoutEverywhere(ctx, l.id) }},
	{"ChangePassword", func(ctx context.Context, l *life) error {
		_, err := l.k.ChangePassword(ctx, deskauth.ChangePasswordInput{
			Token:   deskauth.NewSecret(l.session),
			Current: deskauth.NewSecret(lifesPassword), New: deskauth.NewSecret("changed by its owner"),
		})
		return err
	}},
	{"SetPassword", func(ctx context.Context, l *life) error { return l.k.SetPassword(ctx, l.id, "set by the host") }},
	{"ResetPassword", func(ctx context.Context, l *life) error { return l.use(ctx, deskauth.MailPasswordReset) }},
	{"VerifyEmail", func(ctx context.Context, l *life) error { return l.use(ctx, deskauth.MailEmailVerification) }},
	{"ChangeEmail", func(ctx context.Context, l *life) error { return l.use(ctx, deskauth.MailEmailChange) }},
	{"UpdateAccount of the address", func(ctx context.Context, l *life) error {
		return l.update(ctx, func(a *deskauth.Account) { a.Email = "host." + l.email })
	}},
	{"UpdateAccount of a name", func(ctx context.Context, l *life) error {
		return l.update(ctx, func(a *deskauth.Account) { a.LastName = "Hopper" })
	}},
	{"UpdateProfile", func(ctx context.Context, l *life) error {
		name := "Ada"
		_, err := l.k.UpdateProfile(ctx, deskauth.UpdateProfileInput{
			Token: deskauth.NewSecret(l.session), FirstName: &name, Attributes: []byte(`{"team":"red"}`),
		})
		return err
	}},
	{"SetDisabled", func(ctx context.Context, l *life) error { return l.k.SetDisabled(ctx, l.id, true) }},
	{"DeleteAccount", func(ctx context.Context, l *life) error {
		return l.k.DeleteAccount(ctx, deskauth.DeleteAccountInput{Token: deskauth.NewSecret(l.session)})
	}},
	{"DeleteUser", func(ctx context.Context, l *life) error { return l.k.DeleteUser(ctx, l.id) }},
}

// state says all that is left of an account, and of what its owner held.
func (l *life) state(t *testing.T) string {
	t.Helper()
	acc, err := l.store.UserByID(t.Context(), l.id)
	if err != nil {
		return "gone"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s verified=%t disabled=%t %s %s %s;", strings.ReplaceAll(acc.Email, l.email, "EMAIL"),
		acc.EmailVerified, acc.Disabled, acc.FirstName, acc.LastName, acc.Attributes)
	if _, err := l.k.Verify(t.Context(), l.session); err == nil {
		b.WriteString(" the session goes on;")
	}
	if _, err := l.k.Verify(t.Context(), l.other); err == nil {
		b.WriteString(" the other one goes on;")
	}
	for _, kind := range testkit.CodeKinds {
		in := deskauth.CheckCodeInput{Purpose: kind, Code: l.codes[kind]}
		if _, err := l.k.CheckCode(t.Context(), in); err == nil {
			fmt.Fprintf(&b, " %s is good;", kind)
		}
	}
	for _, password := range []string{
		lifesPassword, "changed by its owner", "set by the host", "chosen by a code",
	} { // last, because it may store a stronger hash, which ends codes
		in := deskauth.SigninInput{Email: acc.Email, Password: deskauth.NewSecret(password)}
		if _, err := l.k.CheckPassword(t.Context(), in); err == nil {
			fmt.Fprintf(&b, " %q signs in;", password)
		}
	}
	return b.String()
}

// newLives returns a function that begins lives on a store.
func newLives(t *testing.T, store anyStore) func(hash string) *life {
	t.Helper()
	k := testkit.NewWithMail(t, store, testkit.Secrets(), deskauth.Config{
		Limits: testkit.NoLimits(), Logger: slog.New(slog.DiscardHandler),
	})
	n := 0
	return func(hash string) *life { n++; return begin(t, k, store, n, hash) }
}

// TestS32_RacesOfAnAccountsLife: see [raceEachTwo]. No session and no code lives that
// should not, and of two uses of one code one wins.
//
// A sign-in that replaces the hash leaves that undone where another write comes first. So
// the orders of an account whose hash is strong explain it, too.
func TestS32_RacesOfAnAccountsLife(t *testing.T) {
	onEveryStore(t, func(t *testing.T, store anyStore, inMemory bool) {
		rounds := rounds{memory: 20, thorough: 60, raceDetector: 12, others: 1}.on(inMemory)
		alone, raced, strong := newLives(t, memstore.New()), newLives(t, store), strongHash(t)
		raceEachTwo(t, rounds, transitions, func() *life { return raced(testkit.WeakHash) },
			func() *life { return alone(testkit.WeakHash) }, func() *life { return alone(strong) })
	})
}

// strongHash returns a hash of lifesPassword that no sign-in replaces.
func strongHash(t *testing.T) string {
	t.Helper()
	k := testkit.New(t, deskauth.Config{})
	return k.Stored(t, k.MustSignup(t, "strong@f22.it", lifesPassword).ID).PasswordHash
}
