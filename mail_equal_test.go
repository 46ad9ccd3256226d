package deskauth_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

// brokenMailers are the ways in which a Mailer takes a mail, and does not.
func brokenMailers() map[string]deskauth.Mailer {
	return map[string]deskauth.Mailer{
		"takes it": mailerFunc(func(deskauth.Mail) error { return nil }),
		"fails":    mailerFunc(func(deskauth.Mail) error { return testkit.ErrDown }),
		"panics":   mailerFunc(func(deskauth.Mail) error { panic("the queue is nil") }),
		"hangs": contextMailer(func(ctx context.Context, _ deskauth.Mail) error {
			<-ctx.Done()
			return ctx.Err()
		}),
		"takes it too late": contextMailer(func(ctx context.Context, _ deskauth.Mail) error {
			<-ctx.Done()
			return nil
		}),
	}
}

// A call of the Limiter may be a round trip. So whatever the Mailer does, an address with
// an account has the same calls, and the same mails left, as one without.
func TestS32_WhoAsksCostsTheLimiterTheSame(t *testing.T) {
	t.Parallel()
	for name, mailer := range brokenMailers() {
		for what, addresses := range map[string][]string{
			"reset":  {"nobody@f22.it", "andrea@f22.it", "disabled@f22.it", "agent@f22.it"},
			"change": {"nobody@f22.it", "andrea@f22.it", "disabled@f22.it"},
		} {
			t.Run(name+"/"+what, func(t *testing.T) {
				t.Parallel()
				var first string
				for _, address := range addresses {
					calls := limiterCallsFor(t, mailer, what, address)
					if first == "" {
						first = calls
					}
					if calls != first {
						t.Errorf("for %s the Limiter has the calls\n%s\nand for %s\n%s", addresses[0], first, address, calls)
					}
				}
				if n := strings.Count(first, "mail to ADDRESS {2 1h0m0s}}]: refused -1"); n != 2 {
					t.Errorf("%d of 3 mails are allowed, want 2:\n%s", n, first)
				}
			})
		}
	}
}

// limiterCallsFor asks three times for a mail to an address that may have two, and returns
// the calls of the Limiter and their answers. In place of the address it says ADDRESS.
func limiterCallsFor(t *testing.T, mailer deskauth.Mailer, what, address string) string {
	t.Helper()
	calls := &recordingLimiter{Limiter: deskauth.NewMemoryLimiter(new(testkit.Clock).Now)}
	k := testkit.New(t, deskauth.Config{
		Mailer: mailer, Limiter: calls, CallTimeout: time.Millisecond, Logger: testkit.Quiet,
		Limits: deskauth.Limits{MailsPerAddress: deskauth.Rate{Attempts: 2, Per: time.Hour}},
	})
	for _, email := range []string{"andrea@f22.it", "disabled@f22.it", "agent@f22.it"} {
		testkit.Put(t, k.Store, email, testkit.WeakHash)
	}
	testkit.Change(t, k.Store, "imported disabled@f22.it", testkit.Disable)
	for range 3 {
		var err error
		switch what {
		case "reset":
			err = k.RequestPasswordReset(t.Context(), deskauth.MailInput{Email: address, Client: testkit.Here})
		case "change":
			in := askChange(k.MustIssue(t, "imported agent@f22.it").Token, address)
			in.Client = testkit.Here
			err = k.RequestEmailChange(t.Context(), in)
		}
		testkit.Must(t, err)
	}
	return strings.NewReplacer(address, "ADDRESS").Replace(calls.String())
}

// Where a mail is withheld, the code that is made all the same is not of the account. So it
// fails for none, not even for one whose State cannot be read.
func TestS32_AWithheldMailLooksAtNoAccount(t *testing.T) {
	t.Parallel()
	for _, reason := range []deskauth.Reason{deskauth.ReasonAccountDisabled, deskauth.ReasonRateLimited} {
		limits := testkit.NoLimits()
		limits.MailsPerAddress = deskauth.Rate{Attempts: 1, Per: time.Hour}
		k := testkit.NewMail(t, deskauth.Config{Limits: limits})
		ask := func() error {
			return k.RequestPasswordReset(t.Context(), deskauth.MailInput{Email: "andrea@f22.it"})
		}
		agent := k.MustAgent(t, "andrea@f22.it")
		if reason == deskauth.ReasonRateLimited {
			testkit.Must(t, ask())
		}
		testkit.Change(t, k.Store, agent.ID, func(a *deskauth.Account) {
			a.State, a.Disabled = "x", reason == deskauth.ReasonAccountDisabled
		})
		if err := ask(); err != nil {
			t.Errorf("%s: got the error %v, want none", reason, err)
		}
		if e := k.Events.TakeLast(); e.Type != deskauth.EventMailWithheld || e.Reason != reason {
			t.Errorf("%s: event %+v, want mail withheld", reason, e)
		}
	}
}

// A recordingLimiter writes down its calls.
type recordingLimiter struct {
	deskauth.Limiter
	mu    sync.Mutex
	calls []string
}

func (l *recordingLimiter) Take(ctx context.Context, attempts ...deskauth.Attempt) (int, time.Duration, error) {
	refused, wait, err := l.Limiter.Take(ctx, attempts...)
	l.note("Take", attempts, fmt.Sprintf("refused %d, wait %v, error %v", refused, wait, err))
	return refused, wait, err
}

func (l *recordingLimiter) GiveBack(ctx context.Context, attempts ...deskauth.Attempt) error {
	err := l.Limiter.GiveBack(ctx, attempts...)
	l.note("GiveBack", attempts, fmt.Sprint(err))
	return err
}

func (l *recordingLimiter) note(method string, attempts []deskauth.Attempt, answer string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls = append(l.calls, fmt.Sprintf("%s of %v: %s", method, slices.Clone(attempts), answer))
}

func (l *recordingLimiter) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.calls, "\n")
}
