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
	for name, tt := range map[string]struct {
		cfg                    deskauth.Config
		email, client, project string
	}{
		"the longest address":          {deskauth.Config{}, longEmail, here, testkit.ProjectA},
		"a client of 200 bytes":        {deskauth.Config{}, longEmail, longClient, testkit.ProjectA},
		"a client of 201 bytes":        {deskauth.Config{}, longEmail, longClient + "c", testkit.ProjectA},
		"a client of 1 MiB":            {deskauth.Config{}, longEmail, strings.Repeat("c", 1<<20), testkit.ProjectA},
		"a zone of 1 KiB":              {deskauth.Config{}, longEmail, "fe80::1%" + strings.Repeat("z", 1<<10), testkit.ProjectA},
		"a client of long characters":  {deskauth.Config{}, longEmail, "x" + strings.Repeat("é", 200), testkit.ProjectA},
		"a client that is no text":     {deskauth.Config{}, longEmail, "\xff\xfe", testkit.ProjectA},
		"a project of 128 bytes":       {deskauth.Config{}, longEmail, here, strings.Repeat("p", 128)},
		"an address of the host's own": {deskauth.Config{CanonicalEmail: asItIs}, strings.Repeat("é", 127), longClient, testkit.ProjectA},
	} {
		t.Run(name, func(t *testing.T) {
			secrets := testkit.Secrets()
			secrets.Projects[tt.project] = nil
			taken := make(map[string]bool)
			note := func(key string) {
				taken[key] = true
				if len(key) == 0 || len(key) > 600 {
					t.Errorf("a key has %d bytes, want 1 to 600: %.80q…", len(key), key)
				}
				if !utf8.ValidString(key) {
					t.Errorf("a key is no text: …%q", key[max(0, len(key)-20):])
				}
			}
			tt.cfg.Limiter = &spyLimiter{
				take: func(_ context.Context, key string, _ deskauth.Rate) (time.Duration, error) {
					note(key)
					return 0, nil
				},
				reset: func(_ context.Context, key string) error {
					if note(key); !taken[key] {
						t.Errorf("Reset of %.80q, which was not taken", key)
					}
					return nil
				},
			}
			k := testkit.NewOn(t, memstore.New(), secrets, tt.cfg)
			if _, err := k.Signup(t.Context(), deskauth.SignupInput{Email: tt.email, Password: deskauth.NewSecret("correct horse"), FirstName: "A", LastName: "L", Client: tt.client}); err != nil {
				t.Fatal(err)
			}
			if err := trySignin(t, k, tt.email, "correct horse", tt.client); err != nil {
				t.Error(err)
			}
			if _, err := k.SigninAnonymously(t.Context(), deskauth.AnonymousInput{ProjectID: tt.project, Client: tt.client}); err != nil {
				t.Error(err)
			}
			if len(taken) != len(allLimits) {
				t.Errorf("%d keys are taken, want one of each limit", len(taken))
			}
		})
	}
}

// Projects that nobody knows are the client's to make up: they count for the client, and
// must not fill the limiter with keys.
func TestUnknownProjectsHaveNoKey(t *testing.T) {
	t.Parallel()
	keys := make(map[string]bool)
	k := testkit.New(t, deskauth.Config{Limiter: &spyLimiter{take: func(_ context.Context, key string, _ deskauth.Rate) (time.Duration, error) {
		if keys[key] = true; len(keys) > 1 {
			return time.Hour, nil
		}
		return 0, nil
	}}})
	for n := range 10 {
		_, err := k.SigninAnonymously(t.Context(), deskauth.AnonymousInput{ProjectID: fmt.Sprint("unknown ", n), Client: here})
		if !errors.Is(err, deskauth.ErrProjectNotFound) {
			t.Errorf("an unknown project: %v", err)
		}
	}
	if len(keys) != 1 {
		t.Errorf("the keys %v are taken, want the client's only", keys)
	}
}
