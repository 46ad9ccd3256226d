package deskauth_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// The other limits see clients as the one for guests does.
func TestS27_EveryLimitCountsIPv6ByNetwork(t *testing.T) {
	t.Parallel()
	for _, l := range allLimits {
		if !strings.HasSuffix(l.name, "Client") {
			continue
		}
		limits := testkit.NoLimits()
		*l.rate(&limits) = deskauth.Rate{Attempts: 2, Per: time.Hour}
		k := testkit.New(t, deskauth.Config{Limits: limits})
		for n := range 2 {
			if err := l.try(t, k, fmt.Sprintf("2001:db8::%d", n+1), n); err != nil {
				t.Fatalf("%s: %v", l.name, err)
			}
		}
		err := l.try(t, k, "2001:db8::abc:3", 3)
		testkit.WantLimited(t, l.name+" from a third address of the network", err, 30*time.Minute)
		if e := k.Events.TakeLast(); e.Client != "2001:db8::abc:3" {
			t.Errorf("%s: event %+v, want the client as it was given", l.name, e)
		}
		other := "2001:db8:0:1::1"
		if l.name == "SigninsPerAccountAndClient" { // counts by /48
			other = "2001:db8:1::1"
		}
		if err := l.try(t, k, other, 4); err != nil {
			t.Errorf("%s from another network: %v", l.name, err)
		}
	}
}

// Unknown clients share no counter, and the limits that need no client hold.
func TestS27_NoBucketForUnknownClients(t *testing.T) {
	t.Parallel()
	var keys []string
	limiter := spying(func(a deskauth.Attempt) { keys = append(keys, a.Key) })
	k := testkit.New(t, deskauth.Config{Limiter: limiter})
	for _, l := range allLimits {
		if err := l.try(t, k, "", 1); err != nil && !errors.Is(err, deskauth.ErrUserExists) {
			t.Errorf("%s: %v", l.name, err)
		}
	}
	if len(keys) != 6 { // three sign-ins of one account, two guests of one project, an external user
		t.Errorf("without a client the keys %q are taken; want those of the account and of the project", keys)
	}
	k = testkit.New(t, deskauth.Config{})
	for n := range 30 {
		if err := trySignup(t, k, "", n); err != nil {
			t.Fatalf("sign-up %d without a client: %v", n+1, err)
		}
	}
	guess(t, k, 100, "nobody@f22.it", "")
	testkit.WantLimited(t, "guess 101 of an account", trySignin(t, k, "nobody@f22.it", "guess", ""), 36*time.Second)
}

func TestSignupsPerClient(t *testing.T) {
	t.Parallel()
	store := &testkit.CountingStore{UserStore: memstore.New()}
	k := testkit.NewOn(t, store, testkit.Secrets(), deskauth.Config{})
	taken := func(client string) error { return trySignup(t, k, client, 1) }
	short := testkit.Andrea()
	short.Password, short.Client = deskauth.NewSecret("short"), here
	for range 50 { // what is wrong in itself is not counted
		if _, err := k.Signup(t.Context(), short); !isValidation(err) {
			t.Fatalf("a short password: %v", err)
		}
	}
	if err := taken(here); err != nil {
		t.Fatal(err)
	}
	for n := range 19 {
		if err := taken(here); !errors.Is(err, deskauth.ErrUserExists) {
			t.Fatalf("a taken address, number %d: %v, want ErrUserExists", n+1, err)
		}
	}
	before := store.Calls()
	testkit.WantLimited(t, "a new address", trySignup(t, k, here, 2), 3*time.Minute)
	testkit.WantLimited(t, "a taken address", taken(here), 3*time.Minute)
	if n := store.Calls() - before; n != 0 {
		t.Errorf("the store was asked %d times over the limit", n)
	}
	if err := trySignup(t, k, there, 2); err != nil {
		t.Errorf("another client: %v", err)
	}
	if err := trySignin(t, k, "agent1@f22.it", "correct horse", here); err != nil {
		t.Errorf("a sign-in of the client that may not sign up: %v", err)
	}
	k.Clock.Advance(3 * time.Minute)
	if err := trySignup(t, k, here, 3); err != nil {
		t.Errorf("after the wait: %v", err)
	}
	testkit.WantLimited(t, "after one sign-up more", trySignup(t, k, here, 4), 3*time.Minute)
}

func TestGuestsPerClient(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	for n := range 300 {
		if err := tryGuest(t, k, here, n); err != nil {
			t.Fatalf("guest %d: %v", n+1, err)
		}
	}
	for _, project := range []string{testkit.ProjectA, testkit.ProjectB} { // all projects count
		testkit.WantLimited(t, "guest 301", tryGuestOf(t, k, here, project), 12*time.Second)
	}
	if err := tryGuest(t, k, there, 0); err != nil {
		t.Errorf("another client: %v", err)
	}
}

func TestGuestsPerProject(t *testing.T) {
	t.Parallel()
	limits := testkit.NoLimits()
	limits.GuestsPerProject = deskauth.Rate{Attempts: 5, Per: 5 * time.Minute}
	k := testkit.New(t, deskauth.Config{Limits: limits})
	signin := func(project string, n int) error {
		return tryGuestOf(t, k, fmt.Sprint("visitor ", n), project)
	}
	for n := range 5 {
		if err := signin(testkit.ProjectA, n); err != nil {
			t.Fatalf("guest %d: %v", n+1, err)
		}
	}
	testkit.WantLimited(t, "guest 6", signin(testkit.ProjectA, 5), time.Minute)
	if e := k.Events.TakeLast(); e.Limit != "GuestsPerProject" || e.ProjectID != testkit.ProjectA {
		t.Errorf("event %+v", e)
	}
	if err := signin(testkit.ProjectB, 6); err != nil {
		t.Errorf("another project: %v", err)
	}
}

// PasswordCheck may be dear: no client can make the host call it without end.
func TestPasswordCheckIsLimited(t *testing.T) {
	t.Parallel()
	asked := 0
	limits := testkit.NoLimits()
	limits.SignupsPerClient = deskauth.Rate{Attempts: 3, Per: time.Hour}
	k := testkit.New(t, deskauth.Config{Limits: limits, PasswordCheck: func(context.Context, string) error {
		asked++
		return deskauth.ErrPasswordRefused
	}})
	for n := range 3 {
		if err := trySignup(t, k, here, n); !isValidation(err) {
			t.Errorf("a refused password: %v", err)
		}
	}
	testkit.WantLimited(t, "the fourth", trySignup(t, k, here, 3), 20*time.Minute)
	if asked != 3 {
		t.Errorf("the check was asked %d times, want 3", asked)
	}
}
