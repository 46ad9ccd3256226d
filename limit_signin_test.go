package deskauth_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

const (
	here  = "192.0.2.1"
	there = "192.0.2.2"
)

// guess tries wrong passwords, each of which has to be evaluated.
func guess(t *testing.T, k *testkit.Kit, n int, email, client string) {
	t.Helper()
	for i := range n {
		if err := trySignin(t, k, email, fmt.Sprint("guess ", i), client); err != deskauth.ErrInvalidCredentials {
			t.Fatalf("guess %d of %d for %s from %q: %v, want ErrInvalidCredentials", i+1, n, email, client, err)
		}
	}
}

// Not parallel: it counts what the process allocates.
func TestS28_LockedAccountAnswersTheSameToEveryPassword(t *testing.T) {
	store := &spyStore{UserStore: memstore.New()}
	k := testkit.NewOn(t, store, testkit.Secrets(), deskauth.Config{Argon2: deskauth.Argon2Params{Memory: 8 << 10, Time: 1, Parallelism: 1}})
	k.MustSignup(t, "andrea@f22.it", "correct horse")
	guess(t, k, 10, "andrea@f22.it", here)
	store.calls.Store(0)
	for _, password := range []string{"correct horse", "battery staple", "x", strings.Repeat("x", 4096), "correct horse"} {
		k.Events.Take()
		var err error
		n := allocated(func() { err = trySignin(t, k, "andrea@f22.it", password, here) })
		wantLimited(t, fmt.Sprintf("the password %.20q", password), err, 90*time.Second)
		if n > 1<<20 { // a hash takes 8 MiB
			t.Errorf("the password %.20q: %d bytes allocated, want no hash", password, n)
		}
		if e := k.Events.TakeLast(); e.Reason != "rate limited" || e.UserID != "" {
			t.Errorf("the password %.20q: event %+v", password, e)
		}
	}
	if n := store.calls.Load(); n != 0 {
		t.Errorf("the store was asked %d times for a locked account, want never", n)
	}
	// A success elsewhere does not help who has used up its own.
	if err := trySignin(t, k, "andrea@f22.it", "correct horse", there); err != nil {
		t.Errorf("another client: %v", err)
	}
	wantLimited(t, "after another's success", trySignin(t, k, "andrea@f22.it", "correct horse", here), 90*time.Second)
	k.Clock.Advance(90 * time.Second)
	guess(t, k, 1, "andrea@f22.it", here)
	wantLimited(t, "after one attempt more", trySignin(t, k, "andrea@f22.it", "correct horse", here), 90*time.Second)
	k.Clock.Advance(90 * time.Second)
	if err := trySignin(t, k, "andrea@f22.it", "correct horse", here); err != nil {
		t.Errorf("the right password after the wait: %v", err)
	}
	guess(t, k, 10, "andrea@f22.it", here)
}

func TestSuccessGivesAttemptsBack(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	k.MustSignup(t, "andrea@f22.it", "correct horse")
	for range 15 { // 135 guesses: more than an account has in all
		guess(t, k, 9, "andrea@f22.it", here)
		if err := trySignin(t, k, "andrea@f22.it", "correct horse", here); err != nil {
			t.Fatal(err)
		}
	}
	// And nothing of another address, or of those who did not sign in.
	guess(t, k, 10, "other@f22.it", here)
	guess(t, k, 10, "andrea@f22.it", there)
	if err := trySignin(t, k, "andrea@f22.it", "correct horse", here); err != nil {
		t.Fatal(err)
	}
	wantLimited(t, "another address", trySignin(t, k, "other@f22.it", "correct horse", here), 90*time.Second)
	wantLimited(t, "another client", trySignin(t, k, "andrea@f22.it", "correct horse", there), 90*time.Second)
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
	fromMany(0, 100)
	for _, client := range []string{here, "2001:db8::1", ""} {
		wantLimited(t, "a new client "+client, trySignin(t, k, "andrea@f22.it", "correct horse", client), 36*time.Second)
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

// One password at many addresses: a success at one's own gives back none of the tries at
// those of others.
func TestSigninsPerClient(t *testing.T) {
	t.Parallel()
	limits := noLimits
	limits.SigninsPerClient = deskauth.Rate{Attempts: 6, Per: time.Hour}
	k := testkit.New(t, deskauth.Config{Limits: limits})
	k.MustSignup(t, "mine@f22.it", "correct horse")
	for n := range 3 {
		guess(t, k, 1, fmt.Sprintf("agent%d@f22.it", n), here)
		if err := trySignin(t, k, "mine@f22.it", "correct horse", here); err != nil {
			t.Fatal(err)
		}
	}
	wantLimited(t, "another address", trySignin(t, k, "agent4@f22.it", "guess", here), 10*time.Minute)
	wantLimited(t, "the own address", trySignin(t, k, "mine@f22.it", "correct horse", here), 10*time.Minute)
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
		wantLimited(t, email, trySignin(t, k, email, "guess", here), 90*time.Second)
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
	wantLimited(t, "another tag", trySignin(t, k, "andrea+10@F22.it", "guess", here), 90*time.Second)
}

func TestS28_ParallelGuessesAreAllCounted(t *testing.T) {
	t.Parallel()
	store := &spyStore{UserStore: memstore.New()}
	k := testkit.NewOn(t, store, testkit.Secrets(), deskauth.Config{HashQueue: 1000})
	k.MustSignup(t, "andrea@f22.it", "correct horse")
	store.calls.Store(0)
	var evaluated, limited atomic.Int64
	var all sync.WaitGroup
	gun := make(chan struct{})
	for i := range 100 {
		all.Go(func() {
			<-gun
			err := trySignin(t, k, []string{"andrea@f22.it", "ANDREA@F22.IT"}[i%2], fmt.Sprint("guess ", i), here)
			switch {
			case err == deskauth.ErrInvalidCredentials:
				evaluated.Add(1)
			case errors.Is(err, deskauth.ErrTooManyAttempts):
				limited.Add(1)
			default:
				t.Errorf("a guess: %v", err)
			}
		})
	}
	close(gun)
	all.Wait()
	if evaluated.Load() != 10 || limited.Load() != 90 || store.calls.Load() != 10 {
		t.Errorf("of 100 guesses at once %d were evaluated and %d limited, with %d look-ups; want 10, 90 and 10", evaluated.Load(), limited.Load(), store.calls.Load())
	}
}

// Whoever has the address: the limits answer alike, at each of 30 moments.
func TestS15_LimitsTellNothingOfAnAddress(t *testing.T) {
	t.Parallel()
	k, all := strangers(t, deskauth.Config{})
	series := func(x stranger) (errs []string) {
		limited := testkit.NewOn(t, k.Store, testkit.Secrets(), deskauth.Config{})
		for i := range 30 {
			errs = append(errs, fmt.Sprint(trySignin(t, limited, x.email, x.password, here)))
			if i > 12 {
				limited.Clock.Advance(40 * time.Second)
			}
		}
		return errs
	}
	want := series(all[0])
	if n := len(slices.Compact(slices.Clone(want))); n < 10 {
		t.Fatalf("the series has %d different answers in a row: it shows no limit: %q", n, want)
	}
	for _, x := range all[1:] {
		if got := series(x); !slices.Equal(got, want) {
			t.Errorf("%s:\n got %q\nwant %q", x.name, got, want)
		}
	}
}

// What cannot be anybody's is refused before it is counted.
func TestBadInputUsesUpNoSignins(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	for range 30 {
		for email, password := range map[string]string{"andrea@f22.it": "", "andrea @f22.it": "guess", "ANDREA@F22.IT": "p\xff", "": "guess"} {
			if err := trySignin(t, k, email, password, here); !isValidation(err) {
				t.Fatalf("%q: %v, want a *ValidationError", email, err)
			}
		}
	}
	guess(t, k, 10, "andrea@f22.it", here)
}

func isValidation(err error) bool {
	_, ok := errors.AsType[*deskauth.ValidationError](err)
	return ok
}

// Who is sent away because too many passwords are being hashed has not tried one.
func TestFullHashQueueUsesUpNoAttempts(t *testing.T) {
	for _, l := range allLimits[:4] {
		t.Run(l.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				limits := noLimits
				*l.rate(&limits) = deskauth.Rate{Attempts: 2, Per: time.Hour}
				k := testkit.New(t, deskauth.Config{HashParallelism: 1, HashQueue: 1, Limits: limits})
				release := k.Gate().Occupy(1, 0)
				var queue sync.WaitGroup
				queue.Go(func() { k.Gate().Do(t.Context(), func() {}) })
				synctest.Wait()
				for n := range 10 {
					if err := l.try(t, k, here, n); !errors.Is(err, deskauth.ErrBusy) {
						t.Errorf("call %d with the queue full: %v, want ErrBusy", n+1, err)
						break
					}
				}
				release()
				queue.Wait()
				for n := range 2 {
					if err := l.try(t, k, here, n); err != nil {
						t.Errorf("attempt %d of 2 when the queue is empty: %v", n+1, err)
					}
				}
			})
		})
	}
}

// The same when the queue fills up while an account is looked up.
func TestHashQueueThatFillsUpUsesUpNoAttempts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &spyStore{UserStore: memstore.New()}
		k := testkit.NewOn(t, store, testkit.Secrets(), deskauth.Config{HashParallelism: 1, HashQueue: 1})
		store.find = func() { time.Sleep(time.Second) } // all are there before one is in the queue
		var busy, heard atomic.Int64
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() {
				switch err := trySignin(t, k, "andrea@f22.it", "guess", here); {
				case errors.Is(err, deskauth.ErrBusy):
					busy.Add(1)
				case errors.Is(err, deskauth.ErrInvalidCredentials):
					heard.Add(1)
				}
			})
		}
		all.Wait()
		if busy.Load() != 8 || heard.Load() != 2 {
			t.Errorf("%d were sent away and %d were heard, want 8 and 2", busy.Load(), heard.Load())
		}
		for n := range 8 { // of the 10 attempts that an account and client have
			if err := trySignin(t, k, "andrea@f22.it", "guess", here); err != deskauth.ErrInvalidCredentials {
				t.Fatalf("attempt %d of the 8 that are left: %v, want ErrInvalidCredentials", n+1, err)
			}
		}
	})
}
