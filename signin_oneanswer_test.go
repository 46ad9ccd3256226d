package deskauth_test

import (
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
)

// A stranger is one way of not signing in.
type stranger struct {
	name, email, password string
	reason                string // in the event only
}

// strangers returns every way, on a kit whose hashes take 8 MiB: that is nearly all which
// a sign-in allocates, so bytes allocated are hashes computed.
func strangers(t *testing.T) (*kit, []stranger) {
	t.Helper()
	k := newAuth(t, deskauth.Config{Argon2: deskauth.Argon2Params{Memory: 8 << 10, Time: 1, Parallelism: 1}})
	u := k.signup(t, "andrea@f22.it", "correct horse")
	acc, err := k.store.UserByID(t.Context(), u.ID)
	if err != nil {
		t.Fatal(err)
	}
	good := acc.PasswordHash
	put(t, k.store, "disabled@f22.it", good, func(a *deskauth.Account) { a.Disabled = true })
	put(t, k.store, "nohash@f22.it", "")
	put(t, k.store, "guesthash@f22.it", good, func(a *deskauth.Account) { a.Kind, a.ProjectID = deskauth.KindGuest, projectA })
	put(t, k.store, "external@f22.it", good, func(a *deskauth.Account) { a.Kind, a.ProjectID = deskauth.KindExternal, projectA })
	put(t, k.store, "nokind@f22.it", good, func(a *deskauth.Account) { a.Kind = "" })
	put(t, k.store, "giant@f22.it", "$argon2id$v=19$m=4194304,t=1,p=1$"+someSalt+"$"+someTag)
	put(t, k.store, "garbage@f22.it", "correct horse")
	return k, []stranger{
		{"wrong password", "andrea@f22.it", "battery staple", "wrong password"},
		{"unknown address", "nobody@f22.it", "correct horse", "unknown address"},
		{"disabled, right password", "disabled@f22.it", "correct horse", "account disabled"},
		{"disabled, wrong password", "disabled@f22.it", "battery staple", "wrong password"},
		{"no password", "nohash@f22.it", "correct horse", "no password"},
		{"guest's address", k.guest(t, projectA).User.Email, "correct horse", "no password"},
		{"guest with a hash", "guesthash@f22.it", "correct horse", "no password"},
		{"external user with a hash", "external@f22.it", "correct horse", "no password"},
		{"account of no kind", "nokind@f22.it", "correct horse", "no password"},
		{"giant hash", "giant@f22.it", "correct horse", "unusable hash"},
		{"garbage hash", "garbage@f22.it", "correct horse", "unusable hash"},
	}
}

// Not parallel: it counts what the process allocates.
func TestS15_OneAnswerAndOneHashForEveryStranger(t *testing.T) {
	k, all := strangers(t)
	want := uint64(0)
	for _, x := range all {
		k.events.take()
		var s deskauth.Session
		var err error
		in := deskauth.SigninInput{Email: x.email, Password: x.password}
		n := allocated(func() { s, err = k.Signin(t.Context(), in) })
		if want == 0 {
			want = n // of a wrong password, the first
			if want < 8<<20 || want > 9<<20 {
				t.Fatalf("a wrong password allocated %d bytes, want the 8 MiB of one hash", want)
			}
		}
		// The value itself, so that no wrapper tells the cases apart.
		if err != deskauth.ErrInvalidCredentials || s.Token != "" || s.User.ID != "" {
			t.Errorf("%s: session of %q, error %#v; want ErrInvalidCredentials and nothing around it", x.name, s.User.ID, err)
		}
		if diff := max(n, want) - min(n, want); diff > want/50 {
			t.Errorf("%s: %d bytes allocated, and %d for a wrong password", x.name, n, want)
		}
		if e := k.events.takeLast(); e.Type != deskauth.EventRefused || e.Reason != x.reason {
			t.Errorf("%s: event %+v, want the reason %q", x.name, e, x.reason)
		}
	}
	if n := allocated(func() { k.signin(t, "andrea@f22.it", "correct horse") }); n > want+want/50 {
		t.Errorf("a sign-in allocated %d bytes, and a wrong password %d", n, want)
	}
}

// The clock decides nothing in one run: a busy machine gets five.
func TestS15_StrangersTakeTheSameTime(t *testing.T) {
	if testing.Short() {
		t.Skip("computes 180 hashes of 8 MiB")
	}
	k, all := strangers(t)
	all = slices.DeleteFunc(all, func(x stranger) bool { // one of each branch
		return !slices.Contains([]string{"wrong password", "unknown address", "disabled, right password", "guest's address", "no password", "giant hash"}, x.name)
	})
	const rounds, tries = 30, 5
	for try := 1; ; try++ {
		took := make([][]time.Duration, len(all))
		runtime.GC()
		for range rounds {
			for i, x := range all {
				begin := time.Now()
				k.Signin(t.Context(), deskauth.SigninInput{Email: x.email, Password: x.password})
				took[i] = append(took[i], time.Since(begin))
			}
		}
		report := ""
		var least, most time.Duration
		for i, x := range all {
			slices.Sort(took[i])
			median := took[i][rounds/2]
			report += fmt.Sprintf("\n%-26s %v", x.name, median)
			if i == 0 {
				least, most = median, median
			}
			least, most = min(least, median), max(most, median)
		}
		t.Logf("medians of %d:%s", rounds, report)
		if most-least <= most/5 {
			return
		}
		if try == tries {
			t.Fatalf("%d times, the medians were more than 20 %% apart", tries)
		}
	}
}

// allocated returns how many bytes the process allocated while f ran: a test that uses it
// does not run in parallel to others.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}
