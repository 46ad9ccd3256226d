package deskauth_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// Not parallel: it counts what the process allocates.
func TestS28_LockedAccountAnswersTheSameToEveryPassword(t *testing.T) {
	store := &testkit.CountingStore{UserStore: memstore.New()}
	k := testkit.NewOn(t, store, testkit.Secrets(), deskauth.Config{
		Argon2: deskauth.Argon2Params{Memory: 8 << 10, Time: 1, Parallelism: 1},
	})
	k.MustSignup(t, "andrea@f22.it", "correct horse")
	signin := func(password, client string) error { return trySignin(t, k, "andrea@f22.it", password, client) }
	guess(t, k, 10, "andrea@f22.it", here)
	before := store.Calls()
	for _, password := range []string{
		"correct horse", "battery staple", "x", strings.Repeat("x", 4096), "correct horse",
	} {
		k.Events.Take()
		var err error
		n := testkit.Allocated(func() { err = signin(password, here) })
		testkit.WantLimited(t, fmt.Sprintf("the password %.20q", password), err, 90*time.Second)
		if n > 1<<20 { // a hash takes 8 MiB
			t.Errorf("the password %.20q: %d bytes allocated, want no hash", password, n)
		}
		if e := k.Events.TakeLast(); e.Reason != "rate limited" || e.UserID != "" {
			t.Errorf("the password %.20q: event %+v", password, e)
		}
	}
	if n := store.Calls() - before; n != 0 {
		t.Errorf("the store was asked %d times for a locked account, want never", n)
	}
	// A success from elsewhere does not unlock a client that has used up its own attempts.
	if err := signin("correct horse", there); err != nil {
		t.Errorf("another client: %v", err)
	}
	testkit.WantLimited(t, "after another's success", signin("correct horse", here), 90*time.Second)
	k.Clock.Advance(90 * time.Second)
	guess(t, k, 1, "andrea@f22.it", here)
	testkit.WantLimited(t, "after one attempt more", signin("correct horse", here), 90*time.Second)
	k.Clock.Advance(90 * time.Second)
	if err := signin("correct horse", here); err != nil {
		t.Errorf("the right password after the wait: %v", err)
	}
	guess(t, k, 1, "andrea@f22.it", here) // the one that the success gave back
	testkit.WantLimited(t, "after that", signin("correct horse", here), 90*time.Second)
}

func TestSuccessGivesItsOwnAttemptBack(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	k.MustSignup(t, "andrea@f22.it", "correct horse")
	signin := func(email, client string) error { return trySignin(t, k, email, "correct horse", client) }
	for range 200 { // more than an account has in all
		if err := signin("andrea@f22.it", here); err != nil {
			t.Fatal(err)
		}
	}
	guess(t, k, 9, "andrea@f22.it", here)
	for range 20 {
		if err := signin("andrea@f22.it", here); err != nil {
			t.Fatal(err)
		}
	}
	guess(t, k, 1, "andrea@f22.it", here)
	testkit.WantLimited(t, "after ten guesses and many successes", signin("andrea@f22.it", here), 90*time.Second)
	// And nothing of another address, or of another client.
	guess(t, k, 10, "other@f22.it", here)
	guess(t, k, 9, "andrea@f22.it", there)
	if err := signin("andrea@f22.it", there); err != nil {
		t.Fatal(err)
	}
	guess(t, k, 1, "andrea@f22.it", there)
	testkit.WantLimited(t, "another address", signin("other@f22.it", here), 90*time.Second)
	testkit.WantLimited(t, "another client", signin("andrea@f22.it", there), 90*time.Second)
}

func TestSigninsPerAccountOverManyClients(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	k.MustSignup(t, "andrea@f22.it", "correct horse")
	fromMany := func(from, to int) {
		t.Helper()
		for i := from; i < to; i++ {
			guess(t, k, 1, "andrea@f22.it", fmt.Sprintf("198.51.100.%d", i))
		}
	}
	fromMany(0, 99)
	if err := trySignin(t, k, "andrea@f22.it", "correct horse", here); err != nil {
		t.Fatalf("the owner after 99 guesses of others: %v", err)
	}
	fromMany(99, 100)
	for _, client := range []string{here, "2001:db8::1", ""} {
		err := trySignin(t, k, "andrea@f22.it", "correct horse", client)
		testkit.WantLimited(t, "a new client "+client, err, 36*time.Second)
		if e := k.Events.TakeLast(); e.Limit != "SigninsPerAccount" || e.Client != client {
			t.Errorf("event %+v, want SigninsPerAccount and the client %q", e, client)
		}
	}
	guess(t, k, 1, "nobody@f22.it", here) // another address is not concerned
	k.Clock.Advance(36 * time.Second)
	if err := trySignin(t, k, "andrea@f22.it", "correct horse", there); err != nil {
		t.Errorf("the owner after the wait: %v", err)
	}
}

// One client tries a password at many addresses. A success at its own address gives back
// none of the tries at the others.
func TestSigninsPerClient(t *testing.T) {
	t.Parallel()
	limits := testkit.NoLimits()
	limits.SigninsPerClient = deskauth.Rate{Attempts: 6, Per: time.Hour}
	k := testkit.New(t, deskauth.Config{Limits: limits})
	k.MustSignup(t, "mine@f22.it", "correct horse")
	for n := range 3 {
		guess(t, k, 1, fmt.Sprintf("agent%d@f22.it", n), here)
		if err := trySignin(t, k, "mine@f22.it", "correct horse", here); err != nil {
			t.Fatal(err)
		}
	}
	testkit.WantLimited(t, "another address", trySignin(t, k, "agent4@f22.it", "guess", here), 10*time.Minute)
	testkit.WantLimited(t, "the own address", trySignin(t, k, "mine@f22.it", "correct horse", here), 10*time.Minute)
	if err := trySignin(t, k, "mine@f22.it", "correct horse", there); err != nil {
		t.Errorf("another client: %v", err)
	}
}

func TestS28_SpellingsShareOneCounter(t *testing.T) {
	t.Parallel()
	spellings := []string{"andrea@f22.it", "ANDREA@F22.IT", "Andrea@f22.It", "aNDREA@F22.it"}
	k := testkit.New(t, deskauth.Config{})
	for i := range 10 {
		guess(t, k, 1, spellings[i%len(spellings)], here)
	}
	for _, email := range spellings {
		testkit.WantLimited(t, email, trySignin(t, k, email, "guess", here), 90*time.Second)
	}
	// The rule for addresses is the host's, if it has one.
	k = testkit.New(t, deskauth.Config{CanonicalEmail: func(address string) (string, error) {
		local, domain, _ := strings.Cut(strings.ToLower(address), "@")
		local, _, _ = strings.Cut(local, "+")
		return local + "@" + domain, nil
	}})
	for i := range 10 {
		guess(t, k, 1, fmt.Sprintf("Andrea+%d@f22.it", i), here)
	}
	testkit.WantLimited(t, "another tag", trySignin(t, k, "andrea+10@F22.it", "guess", here), 90*time.Second)
}

func TestS28_ParallelGuessesAreAllCounted(t *testing.T) {
	t.Parallel()
	store := &testkit.CountingStore{UserStore: memstore.New()}
	k := testkit.NewOn(t, store, testkit.Secrets(), deskauth.Config{HashQueue: 1000})
	k.MustSignup(t, "andrea@f22.it", "correct horse")
	before := store.Calls()
	var compared, limited atomic.Int64
	var all sync.WaitGroup
	gun := make(chan struct{})
	for i := range 100 {
		all.Go(func() {
			<-gun
			email := []string{"andrea@f22.it", "ANDREA@F22.IT"}[i%2]
			err := trySignin(t, k, email, fmt.Sprint("guess ", i), here)
			switch {
			case err == deskauth.ErrInvalidCredentials:
				compared.Add(1)
			case errors.Is(err, deskauth.ErrTooManyAttempts):
				limited.Add(1)
			default:
				t.Errorf("a guess: %v", err)
			}
		})
	}
	close(gun)
	all.Wait()
	if lookups := store.Calls() - before; compared.Load() != 10 || limited.Load() != 90 || lookups != 10 {
		t.Errorf("of 100 guesses at once %d were compared and %d limited, with %d look-ups; want 10, 90 and 10",
			compared.Load(), limited.Load(), lookups)
	}
}

// An address or password that no account can have is refused before it is counted.
func TestBadInputUsesUpNoSignins(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	for range 30 {
		for email, password := range map[string]string{
			"andrea@f22.it": "", "andrea @f22.it": "guess", "ANDREA@F22.IT": "p\xff", "": "guess",
		} {
			if err := trySignin(t, k, email, password, here); !isValidation(err) {
				t.Fatalf("%q: %v, want a *ValidationError", email, err)
			}
		}
	}
	guess(t, k, 10, "andrea@f22.it", here)
}

// A guess is a guess, whether or not a session follows.
func TestCheckPasswordCountsAsASignin(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	check := func(n int) error {
		password := deskauth.NewSecret(fmt.Sprint("guess ", n))
		in := deskauth.SigninInput{Email: "andrea@f22.it", Password: password, Client: here}
		u, err := k.CheckPassword(t.Context(), in)
		if u.User.ID != "" {
			t.Errorf("CheckPassword of a guess = %q, %v", u.User.ID, err)
		}
		return err
	}
	for n := range 5 {
		if err := check(n); err != deskauth.ErrInvalidCredentials {
			t.Fatalf("check %d: %v, want ErrInvalidCredentials", n, err)
		}
	}
	guess(t, k, 5, "andrea@f22.it", here)
	for what, err := range map[string]error{
		"CheckPassword": check(5), "Signin": trySignin(t, k, "andrea@f22.it", "guess", here),
	} {
		if !errors.Is(err, deskauth.ErrTooManyAttempts) {
			t.Errorf("%s after 10 guesses: %v, want ErrTooManyAttempts", what, err)
		}
	}
}
