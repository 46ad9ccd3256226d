package deskauth_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

// network returns an address of one of the 65,536 networks of a site.
func network(n int) string { return fmt.Sprintf("2001:db8:7:%x::%x", n&0xffff, n+1) }

// Nobody is locked out of an account by one /48 that turns its /64s.
func TestS37_OneSiteLocksNoAccount(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	k.MustSignup(t, "andrea@f22.it", "correct horse")
	compared := 0
	for round := range 4 { // an hour
		for n := range 300 {
			err := trySignin(t, k, "andrea@f22.it", "guess", network(1000*round+n))
			if err == deskauth.ErrInvalidCredentials {
				compared++
			} else if !errors.Is(err, deskauth.ErrTooManyAttempts) {
				t.Fatal(err)
			}
		}
		if e := k.Events.TakeLast(); e.Limit != "SigninsPerAccountAndClient" {
			t.Errorf("event %+v, want SigninsPerAccountAndClient", e)
		}
		for _, client := range []string{here, "2001:db8:8::1", ""} {
			if err := trySignin(t, k, "andrea@f22.it", "correct horse", client); err != nil {
				t.Errorf("round %d: the owner from %q: %v", round, client, err)
			}
		}
		k.Clock.Advance(15 * time.Minute)
	}
	if compared != 40 {
		t.Errorf("one site made %d guesses in an hour, want 40", compared)
	}
}

// One /48 leaves a project half of its guests.
func TestS37_OneSiteUsesUpNoProject(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	guests := 0
	for n := range 12_000 {
		err := tryGuest(t, k, network(n), n)
		if err == nil {
			guests++
		} else if !errors.Is(err, deskauth.ErrTooManyAttempts) {
			t.Fatal(err)
		}
	}
	if e := k.Events.TakeLast(); guests != 16*300 || e.Limit != "GuestsPerClient" {
		t.Errorf("one site made %d guests, and then %+v; want 4800, and GuestsPerClient", guests, e)
	}
	for _, client := range []string{here, "2001:db8:8::1", ""} {
		if err := tryGuest(t, k, client, 0); err != nil {
			t.Errorf("a guest from %q: %v", client, err)
		}
	}
}

// Each limit by client counts a site too, with 16 times the attempts.
func TestS37_ASiteHasSixteenTimesTheAttemptsOfAClient(t *testing.T) {
	t.Parallel()
	for _, l := range allLimits {
		if !strings.HasSuffix(l.name, "PerClient") {
			continue
		}
		limits := testkit.NoLimits()
		*l.rate(&limits) = deskauth.Rate{Attempts: 2, Per: time.Hour}
		k := testkit.New(t, deskauth.Config{Limits: limits})
		for n := range 32 {
			if err := l.try(t, k, network(n), n); err != nil {
				t.Fatalf("%s: attempt %d from a network of its own: %v", l.name, n+1, err)
			}
		}
		testkit.WantLimited(t, l.name+": attempt 33", l.try(t, k, network(32), 32), 112500*time.Millisecond)
		if e := k.Events.TakeLast(); e.Limit != l.name || e.Client != network(32) {
			t.Errorf("event %+v, want %s and the client as it was given", e, l.name)
		}
		for n, other := range []string{"2001:db8:8::1", "2001:db8:6:ffff::1", "192.0.2.1", "64:ff9b::c000:202"} {
			if err := l.try(t, k, other, 40+n); err != nil {
				t.Errorf("%s: %s is another site: %v", l.name, other, err)
			}
		}
	}
}

// What every spelling of a client counts as.
func TestS37_KeysOfAClient(t *testing.T) {
	t.Parallel()
	const v4, v6 = "192.0.2.1", "2001:db8:7:9::/64 2001:db8:7::/48"
	for client, want := range map[string]string{
		"192.0.2.1":                   v4,
		" 192.0.2.1\t":                v4,
		"192.0.2.1:443":               v4,
		"192.0.2.1:":                  v4,
		"192.0.2.1:99999":             v4, // no port at all, and still chosen by the client
		"192.0.2.1:http":              v4,
		"[192.0.2.1]":                 v4,
		"[192.0.2.1]:443":             v4,
		"::ffff:192.0.2.1":            v4,
		"::ffff:c000:201":             v4,
		"::ffff:192.0.2.1%eth0":       v4,
		"[::ffff:192.0.2.1]:443":      v4,
		"[::ffff:192.0.2.1%eth0]:443": v4,
		"64:ff9b::192.0.2.1":          v4,
		"64:ff9b::c000:201%1":         v4,
		"[64:ff9b::c000:201]:443":     v4,
		"2001:db8:7:9::1":             v6,
		"2001:0DB8:0007:0009:0:0:0:1": v6,
		"2001:db8:7:9::1%eth0":        v6,
		"2001:db8:7:9:1:2:192.0.2.1":  v6,
		"[2001:db8:7:9::1]":           v6,
		"[2001:db8:7:9::1]:443":       v6,
		"[2001:db8:7:9::1%eth0]:443":  v6,
		"[2001:db8:7:9::1]:99999":     v6,
		"2001:db8:7:9:1:2:3:4:443":    v6, // as a proxy writes it that knows no brackets
		"2001:db8:7:9::1%eth0:443":    v6,
		"::1":                         "::/64 ::/48",
		"fe80::1%eth0":                "fe80::/64 fe80::/48",
		"64:ff9b:1::192.0.2.1":        "64:ff9b:1::/64 64:ff9b:1::/48", // RFC 8215: not for the world
		"::192.0.2.1":                 "::/64 ::/48",
		"2002:c000:201:5::1":          "2002:c000:201:5::/64 2002:c000:201::/48",
		"phone7":                      "phone7",
		"phone:443":                   "phone:443",
		"2001:db8:7:9::1:443:":        "2001:db8:7:9::/64 2001:db8:7::/48",
		"2001:db8:7:9::g":             "2001:db8:7:9::g",
		"192.0.2.256":                 "192.0.2.256",
		"192.0.2.1,192.0.2.2":         "192.0.2.1,192.0.2.2",
		"\xff":                        `"\xff"`,
		"":                            "",
		" ":                           "",
	} {
		wantKeys(t, client, tryGuest, "guest from ", strings.Fields(want)...)
		wantKeys(t, client, trySignup, "signup from ", strings.Fields(want)...)
		wantKeys(t, client, tryGuess, "signins from ", strings.Fields(want)...)
	}
}

// wantKeys checks the keys with a prefix that an attempt of a client takes.
func wantKeys(
	t *testing.T, client string, try func(*testing.T, *testkit.Kit, string, int) error, prefix string, want ...string,
) {
	t.Helper()
	var got []string
	k := testkit.New(t, deskauth.Config{Limiter: spying(func(a deskauth.Attempt) {
		if from, ok := strings.CutPrefix(a.Key, prefix); ok {
			got = append(got, from)
		}
	})})
	if err := try(t, k, client, 1); err != nil {
		t.Errorf("%q: %v", client, err)
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q counts as %q, want %q", client, got, want)
	}
}

// An account and client count by the whole site.
func TestS37_KeyOfAnAccountAndClient(t *testing.T) {
	t.Parallel()
	for client, want := range map[string][]string{
		"192.0.2.1":              {"192.0.2.1"},
		"[::ffff:192.0.2.1]:443": {"192.0.2.1"},
		"64:ff9b::192.0.2.1":     {"192.0.2.1"},
		"2001:db8:7:9::1%eth0":   {"2001:db8:7::/48"},
		"[2001:db8:7:9::1]:443":  {"2001:db8:7::/48"},
		"phone":                  {"phone"},
		"":                       nil,
	} {
		wantKeys(t, client, tryGuess, "signin nobody@f22.it from ", want...)
	}
}

// A site's rate stays in the range that a Limiter takes, whatever the client's is.
func TestS37_RatesOfASiteAreInRange(t *testing.T) {
	t.Parallel()
	const year = 366 * 24 * time.Hour
	for _, tt := range []struct {
		rate deskauth.Rate
		want int
	}{
		{deskauth.Rate{Attempts: 1, Per: 1}, 1},
		{deskauth.Rate{Attempts: 1, Per: 15}, 15},
		{deskauth.Rate{Attempts: 1, Per: time.Second}, 16},
		{deskauth.Rate{Attempts: 1_000_000_000, Per: time.Second}, 1_000_000_000},
		{deskauth.Rate{Attempts: 500_000_000, Per: year}, 1_000_000_000},
		{deskauth.Rate{Attempts: 62_500_000, Per: year}, 1_000_000_000},
	} {
		var rates []deskauth.Rate
		k := testkit.New(t, deskauth.Config{
			Limits: deskauth.Limits{GuestsPerClient: tt.rate, GuestsPerProject: deskauth.NoLimit},
			Limiter: spying(func(a deskauth.Attempt) {
				rates = append(rates, a.Rate)
			}),
		})
		if err := tryGuest(t, k, "2001:db8::1", 1); err != nil {
			t.Fatal(err)
		}
		if want := []deskauth.Rate{tt.rate, {Attempts: tt.want, Per: tt.rate.Per}}; !slices.Equal(rates, want) {
			t.Errorf("%v is counted at %v, want at %v", tt.rate, rates, want)
		}
	}
}

// Without a limit a site has none.
func TestS37_NoLimitOfASite(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{
		Limits:  testkit.NoLimits(),
		Limiter: spying(func(a deskauth.Attempt) { t.Errorf("%+v is counted", a) }),
	})
	for n, l := range allLimits {
		if err := l.try(t, k, network(n), n); err != nil {
			t.Errorf("%s: %v", l.name, err)
		}
	}
}
