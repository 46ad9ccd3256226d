package deskauth_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// A beforeTry is a limiter that refuses nothing. It runs before an attempt at a password is
// counted, when the session of the caller was looked up already.
type beforeTry func()

func (f beforeTry) Take(_ context.Context, attempts ...deskauth.Attempt) (int, time.Duration, error) {
	if strings.HasPrefix(attempts[0].Key, "signin") {
		f()
	}
	return -1, 0, nil
}

func (beforeTry) GiveBack(context.Context, ...deskauth.Attempt) error { return nil }

// The account counts as it is once the caller has a place to hash the password: not the
// session, and not the password, of the moment before. No refusal leaves a place behind.
func TestS54_TheAccountIsReadAgainForThePassword(t *testing.T) {
	t.Parallel()
	sql := func(edit func(*deskauth.Account)) func(*testing.T, testkit.MailKit, *testkit.Host, string) {
		return func(t *testing.T, _ testkit.MailKit, h *testkit.Host, id string) {
			testkit.Change(t, h.Users, id, edit)
		}
	}
	other, same := testkit.Bcrypt(t, "set by SQL", ""), testkit.Bcrypt(t, testkit.AndreasPassword, "")
	for name, c := range map[string]struct {
		between func(t *testing.T, k testkit.MailKit, h *testkit.Host, id string)
		want    error
	}{
		"disabled": {sql(testkit.Disable), deskauth.ErrInvalidToken},
		"ended":    {sql(testkit.RaiseEpoch), deskauth.ErrInvalidToken},
		"SetPassword": {func(t *testing.T, k testkit.MailKit, _ *testkit.Host, id string) {
			testkit.Must(t, k.SetPassword(t.Context(), id, "set by the host"))
			k.Mail.Take()
		}, deskauth.ErrInvalidToken},
		"deleted": {func(t *testing.T, k testkit.MailKit, _ *testkit.Host, id string) {
			testkit.Must(t, k.DeleteUser(t.Context(), id))
		}, deskauth.ErrInvalidToken},
		"another password": {sql(func(a *deskauth.Account) { a.PasswordHash = other }), deskauth.ErrInvalidCredentials},
		"another hash":     {sql(func(a *deskauth.Account) { a.PasswordHash = same }), nil},
		"a store that fails": {func(_ *testing.T, _ testkit.MailKit, h *testkit.Host, _ string) {
			h.Break(testkit.Faults[0], "UserByID")
		}, testkit.ErrDown},
	} {
		var between func()
		h := &testkit.Host{Users: memstore.New(), Secrets: testkit.Secrets()}
		k := testkit.NewWithMail(t, h, h, deskauth.Config{Limiter: beforeTry(func() { between() })})
		agent := k.MustAgent(t, "andrea@f22.it")
		in := changeOf(k.MustIssue(t, agent.ID).Token, "new@f22.it", testkit.AndreasPassword)
		between = func() { c.between(t, k, h, agent.ID) }
		if err := k.RequestEmailChange(t.Context(), in); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if q := k.HashQueue(); q.Running != 0 || q.Waiting != 0 {
			t.Errorf("%s: the queue is %+v when the call has returned", name, q)
		}
		if c.want != nil {
			if mails := k.Mail.Take(); len(mails) != 0 {
				t.Errorf("%s: got the mails %v, want none", name, mails)
			}
			continue
		}
		m := k.Mail.TakeOne(t, deskauth.MailEmailChange)
		if _, err := k.Use(t.Context(), m.Kind, m.Code, ""); err != nil {
			t.Errorf("%s: the code of the mail: %v", name, err)
		}
	}
}

// The notice goes to an address that is verified when it is replaced, whatever mails it has
// had. One that is not verified then may be a stranger's, whose mails are counted.
func TestS54_TheNoticeKnowsTheAddressAsItWasReplaced(t *testing.T) {
	t.Parallel()
	for name, verified := range map[string]bool{
		"verified while the code is used": true, "not verified any more": false,
	} {
		limits := testkit.NoLimits()
		limits.MailsPerAddress = deskauth.Rate{Attempts: 1, Per: time.Hour}
		store := &testkit.CountingStore{UserStore: memstore.New()}
		k := testkit.NewWithMail(t, store, testkit.Secrets(), deskauth.Config{Limits: limits})
		agent := k.MustAgent(t, "andrea@f22.it") // uses up the mails
		m := k.MustMail(t, deskauth.MailEmailChange, agent)
		testkit.Change(t, store, agent.ID, func(a *deskauth.Account) { a.EmailVerified = !verified })
		store.BeforeUpdate = func(context.Context, deskauth.Account) error {
			store.BeforeUpdate = nil
			testkit.Change(t, store, agent.ID, func(a *deskauth.Account) { a.EmailVerified = verified })
			return nil
		}
		_, err := k.Use(t.Context(), m.Kind, m.Code, "")
		testkit.Must(t, err)
		switch mails := k.Mail.Take(); {
		case !verified && len(mails) != 0:
			t.Errorf("%s: got the mails %v, want none", name, mails)
		case verified && (len(mails) != 1 || mails[0].To != "andrea@f22.it"):
			t.Errorf("%s: got the mails %v, want a notice to the address before", name, mails)
		}
	}
}
