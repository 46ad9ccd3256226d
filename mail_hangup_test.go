package deskauth_test

import (
	"context"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// A caller that hangs up when its account is made or changed loses neither the verification
// nor the notice, whichever of the host's parts look at the context.
func TestMailsOutliveTheirCaller(t *testing.T) {
	t.Parallel()
	store := memstore.New()
	ctx, hangUp := context.WithCancel(t.Context())
	k := testkit.NewWithMail(t, hangingUp{store, hangUp}, impatientSecrets{testkit.Secrets()},
		deskauth.Config{Limiter: impatientLimiter{deskauth.NewMemoryLimiter(time.Now)}})
	agent, err := k.Signup(ctx, deskauth.SignupInput{
		Email: "andrea@f22.it", Password: deskauth.NewSecret(testkit.AndreasPassword), FirstName: "Andrea", LastName: "Leo",
	})
	testkit.Must(t, err)
	k.Mail.TakeOne(t, deskauth.MailEmailVerification)

	for _, verified := range []bool{false, true} {
		testkit.Change(t, store, agent.ID, func(a *deskauth.Account) { a.EmailVerified = verified })
		ctx, hangUp := context.WithCancel(t.Context())
		box := new(testkit.Mailbox)
		of := context.Canceled
		mailer := contextMailer(func(ctx context.Context, m deskauth.Mail) error {
			of = ctx.Err()
			return box.Send(ctx, m)
		})
		k := testkit.NewOn(t, hangingUp{store, hangUp}, testkit.Secrets(), deskauth.Config{
			Mailer: mailer, Limiter: impatientLimiter{deskauth.NewMemoryLimiter(time.Now)},
		})
		testkit.Must(t, k.SetPassword(ctx, agent.ID, "set by the host"))
		box.TakeOne(t, deskauth.MailPasswordChanged)
		if of != nil {
			t.Errorf("verified %v: the context of the notice: %v", verified, of)
		}
	}
}

// The same goes for a mail that a call asks for, once its code is made.
func TestAMailThatIsAskedForOutlivesItsCaller(t *testing.T) {
	t.Parallel()
	ctx, hangUp := context.WithCancel(t.Context())
	var asked bool
	keys := &testkit.Provider{Session: func() ([]deskauth.Key, error) {
		if asked {
			hangUp()
		}
		return testkit.Secrets().Session, nil
	}}
	of := context.Canceled
	k := testkit.NewOn(t, memstore.New(), keys, deskauth.Config{
		Mailer: contextMailer(func(ctx context.Context, _ deskauth.Mail) error {
			of = ctx.Err()
			return of
		}),
	})
	testkit.Put(t, k.Store, "andrea@f22.it", testkit.WeakHash)
	asked = true
	testkit.Must(t, k.RequestPasswordReset(ctx, deskauth.MailInput{Email: "andrea@f22.it"}))
	if e := k.Events.TakeLast(); of != nil || e.Type != deskauth.EventMailSent || ctx.Err() == nil {
		t.Errorf("the context of the mail: %v; event %+v, want mail sent after the caller has hung up", of, e)
	}
}

// A hangingUp store has a caller that hangs up when its account is made or changed.
type hangingUp struct {
	deskauth.UserStore
	hangUp context.CancelFunc
}

func (s hangingUp) CreateUser(ctx context.Context, a deskauth.Account) error {
	defer s.hangUp()
	return s.UserStore.CreateUser(ctx, a)
}

func (s hangingUp) UpdateUser(ctx context.Context, a deskauth.Account) error {
	defer s.hangUp()
	return s.UserStore.UpdateUser(ctx, a)
}

// These give up when the context has ended, as what asks over a network does.
type (
	impatientSecrets struct{ deskauth.SecretProvider }
	impatientLimiter struct{ deskauth.Limiter }
)

func (s impatientSecrets) SessionKeys(ctx context.Context) ([]deskauth.Key, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return s.SecretProvider.SessionKeys(ctx)
}

func (l impatientLimiter) Take(ctx context.Context, attempts ...deskauth.Attempt) (int, time.Duration, error) {
	if err := ctx.Err(); err != nil {
		return -1, 0, err
	}
	return l.Limiter.Take(ctx, attempts...)
}
