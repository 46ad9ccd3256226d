package deskauth_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// The contract of [deskauth.Limiter] promises texts of at most 600 bytes.
func TestLimiterKeys(t *testing.T) {
	t.Parallel()
	longEmail := strings.Repeat("a", 64) + "@" + strings.Repeat(strings.Repeat("b", 61)+".", 3) + "it"
	if _, err := deskauth.CanonicalEmail(longEmail + "a"); err != nil || len(longEmail) != 253 {
		t.Fatalf("the address of %d bytes and one more: %v", len(longEmail), err)
	}
	longEmail += "a"
	asItIs := func(address string) (string, error) { return address, nil }
	longClient := strings.Repeat("c", 200)
	none := deskauth.Config{}
	for name, tt := range map[string]struct {
		cfg                    deskauth.Config
		email, client, project string
	}{
		"the longest address":         {none, longEmail, here, testkit.ProjectA},
		"a client of 200 bytes":       {none, longEmail, longClient, testkit.ProjectA},
		"a client of 201 bytes":       {none, longEmail, longClient + "c", testkit.ProjectA},
		"a client of 1 MiB":           {none, longEmail, strings.Repeat("c", 1<<20), testkit.ProjectA},
		"a zone of 1 KiB":             {none, longEmail, "fe80::1%" + strings.Repeat("z", 1<<10), testkit.ProjectA},
		"a client of long characters": {none, longEmail, "x" + strings.Repeat("é", 200), testkit.ProjectA},
		"a client that is no text":    {none, longEmail, "\xff\xfe", testkit.ProjectA},
		"a project of 128 bytes":      {none, longEmail, here, strings.Repeat("p", 128)},
		"an address of the host's own": {
			deskauth.Config{CanonicalEmail: asItIs}, strings.Repeat("é", 127), longClient, testkit.ProjectA,
		},
	} {
		t.Run(name, func(t *testing.T) {
			secrets := testkit.Secrets()
			secrets.Projects[tt.project] = nil
			taken := make(map[deskauth.Attempt]bool)
			tt.cfg.Limiter = &spyLimiter{
				take: func(_ context.Context, attempts []deskauth.Attempt) (int, time.Duration, error) {
					for _, a := range attempts {
						checkLimiterKey(t, a.Key)
						taken[a] = true
					}
					return -1, 0, nil
				},
				giveBack: func(_ context.Context, attempts []deskauth.Attempt) error {
					for _, a := range attempts {
						if !taken[a] {
							t.Errorf("GiveBack of %.80q at %v, which was not taken", a.Key, a.Rate)
						}
					}
					return nil
				},
			}
			k := testkit.NewOn(t, memstore.New(), secrets, tt.cfg)
			in := testkit.Andrea()
			in.Email, in.Client = tt.email, tt.client
			if _, err := k.Signup(t.Context(), in); err != nil {
				t.Fatal(err)
			}
			if err := trySignin(t, k, tt.email, testkit.AndreasPassword, tt.client); err != nil {
				t.Error(err)
			}
			if err := tryGuestOf(t, k, tt.client, tt.project); err != nil {
				t.Error(err)
			}
			want := len(allLimits) - 1 // no external user signs in
			if strings.Contains(tt.client, "::") {
				want += 3 // the site's, for each limit by client alone
			}
			if len(taken) != want {
				t.Errorf("%d keys are taken, want %d", len(taken), want)
			}
		})
	}
}

func checkLimiterKey(t *testing.T, key string) {
	t.Helper()
	if len(key) == 0 || len(key) > 600 {
		t.Errorf("a key has %d bytes, want 1 to 600: %.80q…", len(key), key)
	}
	if !utf8.ValidString(key) {
		t.Errorf("a key is not text: …%q", key[max(0, len(key)-20):])
	}
}

// A client can make up projects without end. Attempts at them count for the client, and
// must not fill the limiter with keys.
func TestUnknownProjectsHaveNoKey(t *testing.T) {
	t.Parallel()
	keys := make(map[string]bool)
	limiter := spying(func(a deskauth.Attempt) { keys[a.Key] = true })
	k := testkit.New(t, deskauth.Config{Limiter: limiter})
	for n := range 10 {
		err := tryGuestOf(t, k, here, fmt.Sprint("unknown ", n))
		if !errors.Is(err, deskauth.ErrProjectNotFound) {
			t.Errorf("an unknown project: %v", err)
		}
	}
	if len(keys) != 1 {
		t.Errorf("the keys %v are taken, want the client's only", keys)
	}
}
