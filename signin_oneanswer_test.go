package deskauth_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"slices"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/passhash"
	"github.com/deskauth/deskauth/internal/testkit"
	"golang.org/x/crypto/bcrypt"
)

// A stranger is one way of not signing in.
type stranger struct {
	name, email, password string
	reason                deskauth.Reason // in the event only
}

// fullCost makes hashes of 8 MiB. That is nearly all which a sign-in allocates, so bytes
// allocated are hashes computed.
var fullCost = deskauth.Argon2Params{Memory: 8 << 10, Time: 1, Parallelism: 1}

// strangers returns every way, on a kit without limits.
func strangers(t *testing.T, cfg deskauth.Config) (*testkit.Kit, []stranger) {
	t.Helper()
	cfg.Limits, cfg.Logger = testkit.NoLimits(), testkit.Quiet
	k := testkit.New(t, cfg)
	u := k.MustSignup(t, "andrea@f22.it", "correct horse")
	acc, err := k.Store.UserByID(t.Context(), u.ID)
	if err != nil {
		t.Fatal(err)
	}
	good := acc.PasswordHash
	inProject := func(kind deskauth.Kind) func(*deskauth.Account) {
		return func(a *deskauth.Account) { a.Kind, a.ProjectID = kind, testkit.ProjectA }
	}
	testkit.Put(t, k.Store, "disabled@f22.it", good, testkit.Disable)
	testkit.Put(t, k.Store, "nohash@f22.it", "")
	testkit.Put(t, k.Store, "guesthash@f22.it", good, inProject(deskauth.KindGuest))
	testkit.Put(t, k.Store, "external@f22.it", good, inProject(deskauth.KindExternal))
	testkit.Put(t, k.Store, "nokind@f22.it", good, func(a *deskauth.Account) { a.Kind = "" })
	testkit.Put(t, k.Store, "giant@f22.it", "$argon2id$v=19$m=4194304,t=1,p=1$"+someSalt+"$"+someTag)
	testkit.Put(t, k.Store, "garbage@f22.it", "correct horse")
	return k, []stranger{
		{"wrong password", "andrea@f22.it", "battery staple", "wrong password"},
		{"unknown address", "nobody@f22.it", "correct horse", "unknown address"},
		{"disabled, right password", "disabled@f22.it", "correct horse", "account disabled"},
		{"disabled, wrong password", "disabled@f22.it", "battery staple", "wrong password"},
		{"no password", "nohash@f22.it", "correct horse", "no password"},
		{"guest's address", k.MustGuest(t, testkit.ProjectA).User.Email, "correct horse", "unknown address"},
		{"guest with a hash", "guesthash@f22.it", "correct horse", "no password"},
		{"external user with a hash", "external@f22.it", "correct horse", "no password"},
		{"account of no kind", "nokind@f22.it", "correct horse", "no password"},
		{"giant hash", "giant@f22.it", "correct horse", "unusable hash"},
		{"garbage hash", "garbage@f22.it", "correct horse", "unusable hash"},
	}
}

// Not parallel: it counts what the process allocates.
func TestS15_OneAnswerAndOneHashForEveryStranger(t *testing.T) {
	k, all := strangers(t, deskauth.Config{Argon2: fullCost})
	want := uint64(0)
	for _, x := range all {
		k.Events.Take()
		var s deskauth.Session
		var err error
		n := testkit.Allocated(func() { s, err = k.TrySignin(t, x.email, x.password) })
		if want == 0 {
			want = n // of a wrong password, the first
			if want < 8<<20 || want > 9<<20 {
				t.Fatalf("a wrong password allocated %d bytes, want the 8 MiB of one hash", want)
			}
		}
		// The value itself, so that no wrapper tells the cases apart.
		if err != deskauth.ErrInvalidCredentials || s.Token != "" || s.User.ID != "" {
			t.Errorf("%s: session of %q, error %#v; want ErrInvalidCredentials and nothing around it",
				x.name, s.User.ID, err)
		}
		if diff := max(n, want) - min(n, want); diff > want/50 {
			t.Errorf("%s: %d bytes allocated, and %d for a wrong password", x.name, n, want)
		}
		if e := k.Events.TakeLast(); e.Type != deskauth.EventRefused || e.Reason != x.reason {
			t.Errorf("%s: event %+v, want the reason %q", x.name, e, x.reason)
		}
	}
	n := testkit.Allocated(func() { k.MustSignin(t, "andrea@f22.it", "correct horse") })
	if n > want+want/50 {
		t.Errorf("a sign-in allocated %d bytes, and a wrong password %d", n, want)
	}
}

// The limits answer alike for every stranger, at each of 30 moments.
func TestS15_LimitsTellNothingOfAnAddress(t *testing.T) {
	t.Parallel()
	k, all := strangers(t, deskauth.Config{})
	series := func(x stranger) (errs []string) {
		limited := testkit.NewOn(t, k.Store, testkit.Secrets(), deskauth.Config{})
		for i := range 30 {
			_, err := limited.Signin(t.Context(), deskauth.SigninInput{
				Email: x.email, Password: deskauth.NewSecret(x.password), Client: "192.0.2.1",
			})
			errs = append(errs, fmt.Sprint(err))
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

// The costs of the hashes that are timed. They take milliseconds, far more than all the
// rest of a sign-in.
var (
	timedCost  = deskauth.Argon2Params{Memory: 4 << 10, Time: 1, Parallelism: 1}
	weakerCost = passhash.Params{Memory: 1 << 10, Time: 1, Parallelism: 1}
)

const importedCost = 5

// legacy returns ways not to sign in with an imported or an old hash.
func legacy(t *testing.T, k *testkit.Kit) []stranger {
	t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte("correct horse"), importedCost)
	if err != nil {
		t.Fatal(err)
	}
	weaker, err := passhash.New("correct horse", weakerCost)
	if err != nil {
		t.Fatal(err)
	}
	testkit.Put(t, k.Store, "bcrypt@f22.it", string(hash))
	testkit.Put(t, k.Store, "bcryptdisabled@f22.it", string(hash), testkit.Disable)
	testkit.Put(t, k.Store, "weaker@f22.it", weaker.String())
	return []stranger{
		{"wrong password, bcrypt", "bcrypt@f22.it", "battery staple", "wrong password"},
		{"disabled, right, bcrypt", "bcryptdisabled@f22.it", "correct horse", "account disabled"},
		{"wrong password, weaker", "weaker@f22.it", "battery staple", "wrong password"},
	}
}

// Not parallel: it measures the processor's time, which a busy machine does not stretch as
// it does the clock's. What is left of noise gets more runs.
func TestS15_StrangersTakeTheSameTime(t *testing.T) {
	if testing.Short() {
		t.Skip("computes hundreds of hashes of 4 MiB")
	}
	branches := []string{
		"wrong password", "unknown address", "disabled, right password", "guest's address", "no password",
		"giant hash",
	}
	for name, cfg := range map[string]deskauth.Config{
		"nothing imported": {Argon2: timedCost},
		"bcrypt imported":  {Argon2: timedCost, ImportedBcryptCost: importedCost},
	} {
		t.Run(name, func(t *testing.T) {
			k, all := strangers(t, cfg)
			all = slices.DeleteFunc(all, func(x stranger) bool { return !slices.Contains(branches, x.name) })
			for _, x := range legacy(t, k) {
				if cfg.ImportedBcryptCost != 0 || x.name == "wrong password, weaker" {
					all = append(all, x)
				}
			}
			const tries = 15
			for try := range tries {
				if inSameTime(medians(t, k, all, min(10*(try+1), 30))) {
					return
				}
			}
			t.Fatalf("%d times, the medians were more than 20 %% apart, "+
				"or that of a weaker hash less than half or more than twice of theirs", tries)
		})
	}
}

// inSameTime reports whether medians are within 20 %. A weaker hash may take from half to
// twice as long: it is two hashes for one, each with memory of its own.
func inSameTime(medians map[string]time.Duration) bool {
	const weaker = "wrong password, weaker"
	evened := medians[weaker]
	delete(medians, weaker)
	times := slices.Sorted(maps.Values(medians))
	least, most := times[0], times[len(times)-1]
	return most-least <= most/5 && evened > least/2 && evened < 2*most
}

// medians lets the strangers take turns, and returns and logs the median time of each. The
// garbage of one is collected before the next has its turn: left to itself, the collector
// finds a rhythm and always meets the same ones.
//
// The ballast, which nobody touches, keeps the memory of the hashes at hand. The runtime
// gives back what is free above a tenth of what was in use, and to get a page anew takes a
// virtual machine longer than to hash it.
func medians(t *testing.T, k *testkit.Kit, all []stranger, rounds int) map[string]time.Duration {
	t.Helper()
	took := make([][]time.Duration, len(all))
	ballast := make([]byte, 256<<20)
	defer runtime.KeepAlive(ballast)
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	for range rounds {
		for _, i := range rand.Perm(len(all)) { // whom the collector meets is chance, too
			x := all[i]
			runtime.GC()
			begin := testkit.ProcessorTime(t)
			_, err := k.TrySignin(t, x.email, x.password)
			took[i] = append(took[i], testkit.ProcessorTime(t)-begin)
			if !errors.Is(err, deskauth.ErrInvalidCredentials) {
				t.Fatalf("%s: %v", x.name, err)
			}
		}
	}
	byName := make(map[string]time.Duration)
	for i, x := range all {
		slices.Sort(took[i])
		byName[x.name] = took[i][rounds/2]
		t.Logf("%-26s %v", x.name, byName[x.name])
	}
	return byName
}
