package deskauth_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

// A limited is one of the limits, and a call that it limits.
type limited struct {
	name string // of its field in Limits
	// try is one attempt. Each attempt has another n.
	try func(t *testing.T, k *testkit.Kit, client string, n int) error
}

// allLimits are those that refuse whoever tries.
var allLimits = []limited{
	{"SigninsPerClient", tryGuess},
	{"SigninsPerAccountAndClient", tryGuess},
	{"SigninsPerAccount", tryGuess},
	{"SignupsPerClient", trySignup},
	{"GuestsPerClient", tryGuest},
	{"GuestsPerProject", tryGuest},
	{"ExternalsPerProject", tryExternal},
}

// mailLimits are tested apart: see mail_limit_test.go. One of them refuses nobody.
var mailLimits = []limited{{name: "MailsPerAddress"}, {name: "MailsPerClient"}}

// rate returns where the limit's rate stands.
func (l limited) rate(limits *deskauth.Limits) *deskauth.Rate {
	return reflect.ValueOf(limits).Elem().FieldByName(l.name).Addr().Interface().(*deskauth.Rate)
}

// The clients of most of these tests.
const (
	here  = testkit.Here
	there = testkit.There
)

// tryGuess is a wrong password. It returns nil if the password was compared.
func tryGuess(t *testing.T, k *testkit.Kit, client string, n int) error {
	t.Helper()
	err := trySignin(t, k, "nobody@f22.it", fmt.Sprint("guess ", n), client)
	if err == deskauth.ErrInvalidCredentials {
		return nil
	}
	return err
}

func trySignup(t *testing.T, k *testkit.Kit, client string, n int) error {
	t.Helper()
	in := testkit.Andrea()
	in.Email, in.Client = fmt.Sprintf("agent%d@f22.it", n), client
	_, err := k.Signup(t.Context(), in)
	return err
}

func tryGuest(t *testing.T, k *testkit.Kit, client string, _ int) error {
	t.Helper()
	return tryGuestOf(t, k, client, testkit.ProjectA)
}

func tryGuestOf(t *testing.T, k *testkit.Kit, client, project string) error {
	t.Helper()
	in := deskauth.AnonymousInput{ProjectID: project, Client: client}
	_, err := k.SigninAnonymously(t.Context(), in)
	return err
}

func tryExternal(t *testing.T, k *testkit.Kit, client string, n int) error {
	t.Helper()
	_, err := k.SigninWithCustomToken(t.Context(), deskauth.CustomTokenInput{
		Token: deskauth.NewSecret(testkit.TokenA(fmt.Sprint(n))), Client: client,
	})
	return err
}

// trySignin is a sign-in that returns either a session or an error, and never both.
func trySignin(t *testing.T, k *testkit.Kit, email, password, client string) error {
	t.Helper()
	in := deskauth.SigninInput{Email: email, Password: deskauth.NewSecret(password), Client: client}
	s, err := k.Signin(t.Context(), in)
	if (s.Token == "") != (err != nil) || err != nil && s.User.ID != "" {
		t.Errorf("Signin of %q: a token of %d bytes for %q, and the error %v", email, len(s.Token), s.User.ID, err)
	}
	return err
}

// guess tries wrong passwords, each of which has to be compared.
func guess(t *testing.T, k *testkit.Kit, n int, email, client string) {
	t.Helper()
	for i := range n {
		err := trySignin(t, k, email, fmt.Sprint("guess ", i), client)
		if err != deskauth.ErrInvalidCredentials {
			t.Fatalf("guess %d of %d for %s from %q: %v, want ErrInvalidCredentials", i+1, n, email, client, err)
		}
	}
}

func isValidation(err error) bool {
	_, ok := errors.AsType[*deskauth.ValidationError](err)
	return ok
}

func limitedSignin(ctx context.Context, k *testkit.Kit) (string, error) {
	password := deskauth.NewSecret("correct horse")
	s, err := k.Signin(ctx, deskauth.SigninInput{Email: "andrea@f22.it", Password: password, Client: here})
	return s.Token + s.User.ID, err
}

func limitedChange(ctx context.Context, k *testkit.Kit) (string, error) {
	s, err := k.ChangePassword(ctx, deskauth.ChangePasswordInput{
		Token:   deskauth.NewSecret(testkit.AgentToken("imported andrea@f22.it")),
		Current: deskauth.NewSecret("correct horse"), New: deskauth.NewSecret("battery staple"), Client: here,
	})
	return s.Token + s.User.ID, err
}

func limitedSignup(ctx context.Context, k *testkit.Kit) (string, error) {
	in := testkit.Andrea()
	in.Client = here
	u, err := k.Signup(ctx, in)
	return u.ID + u.Email, err
}

func limitedGuest(ctx context.Context, k *testkit.Kit) (string, error) {
	s, err := k.SigninAnonymously(ctx, deskauth.AnonymousInput{ProjectID: testkit.ProjectA, Client: here})
	return s.Token + s.User.ID, err
}

func limitedCheck(ctx context.Context, k *testkit.Kit) (string, error) {
	password := deskauth.NewSecret("correct horse")
	u, err := k.CheckPassword(ctx, deskauth.SigninInput{Email: "andrea@f22.it", Password: password, Client: here})
	return u.User.ID, err
}

func limitedExternal(ctx context.Context, k *testkit.Kit) (string, error) {
	token := deskauth.NewSecret(testkit.TokenA(`"7"`))
	s, err := k.SigninWithCustomToken(ctx, deskauth.CustomTokenInput{Token: token, Client: here})
	return s.Token + s.User.ID, err
}

// limiterFaults are the ways to fail that a Limiter has: those of every host, and the
// answers of a limit that the caller is not over.
func limiterFaults() (fs []testkit.Fault) {
	for _, f := range testkit.Faults {
		if f.Fail != nil {
			fs = append(fs, f)
		}
	}
	return append(fs,
		testkit.Fault{Name: "a limit of its own", Fail: func() error {
			limited := &deskauth.RetryError{Err: deskauth.ErrTooManyAttempts, After: time.Hour}
			return fmt.Errorf("redis: %w", limited)
		}},
		testkit.Fault{Name: "ErrTooManyAttempts", Fail: func() error { return deskauth.ErrTooManyAttempts }},
		testkit.Fault{Name: "ErrUserNotFound", Fail: func() error { return deskauth.ErrUserNotFound }},
	)
}

// A takeFunc is the method Take of a [deskauth.Limiter].
type takeFunc = func(ctx context.Context, attempts []deskauth.Attempt) (refused int, wait time.Duration, err error)

// A spyLimiter does what a test's code says. By default it allows every attempt.
type spyLimiter struct {
	take     takeFunc
	giveBack func(ctx context.Context, attempts []deskauth.Attempt) error
}

// spying returns a spyLimiter that allows every attempt and shows it to a test's code.
func spying(see func(deskauth.Attempt)) *spyLimiter {
	return &spyLimiter{take: func(_ context.Context, attempts []deskauth.Attempt) (int, time.Duration, error) {
		for _, a := range attempts {
			see(a)
		}
		return -1, 0, nil
	}}
}

func (l *spyLimiter) Take(ctx context.Context, attempts ...deskauth.Attempt) (int, time.Duration, error) {
	if l.take != nil {
		return l.take(ctx, attempts)
	}
	return -1, 0, nil
}

func (l *spyLimiter) GiveBack(ctx context.Context, attempts ...deskauth.Attempt) error {
	if l.giveBack != nil {
		return l.giveBack(ctx, attempts)
	}
	return nil
}

// A ledger is a Limiter that knows what is reserved.
type ledger struct {
	deskauth.Limiter
	mu       sync.Mutex
	reserved map[string]int // by key
	takes    int            // calls of Take
}

func newLedger() *ledger {
	return &ledger{Limiter: deskauth.NewMemoryLimiter(nil), reserved: make(map[string]int)}
}

func (l *ledger) Take(ctx context.Context, attempts ...deskauth.Attempt) (int, time.Duration, error) {
	refused, wait, err := l.Limiter.Take(ctx, attempts...)
	l.mu.Lock()
	l.takes++
	l.mu.Unlock()
	if refused < 0 && err == nil {
		l.add(1, attempts)
	}
	return refused, wait, err
}

func (l *ledger) GiveBack(ctx context.Context, attempts ...deskauth.Attempt) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	l.add(-1, attempts)
	return l.Limiter.GiveBack(ctx, attempts...)
}

func (l *ledger) add(n int, attempts []deskauth.Attempt) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, a := range attempts {
		l.reserved[a.Key] += n
		if l.reserved[a.Key] == 0 {
			delete(l.reserved, a.Key)
		}
	}
}

// want checks the keys of which one attempt is reserved.
func (l *ledger) want(t *testing.T, what string, keys ...string) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	got := slices.Sorted(maps.Keys(l.reserved))
	if want := slices.Sorted(slices.Values(keys)); !slices.Equal(got, want) {
		t.Errorf("%s: attempts of %q are used up, want of %q", what, got, want)
	}
	for key, n := range l.reserved {
		if n != 1 {
			t.Errorf("%s: %d attempts of %q are used up, want 1", what, n, key)
		}
	}
}

const (
	ofClient     = "signins from " + here
	ofBoth       = "signin andrea@f22.it from " + here
	ofAccount    = "signin andrea@f22.it"
	ofSignups    = "signup from " + here
	ofGuests     = "guest from " + here
	ofTheProject = "guests of " + testkit.ProjectA
)
