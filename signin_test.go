package deskauth_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

func TestSignin(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	u := k.MustSignup(t, "andrea.leo@f22.it", "correct horse")
	k.Events.Take()
	for _, email := range []string{"andrea.leo@f22.it", "ANDREA.LEO@F22.IT", "Andrea.Leo@f22.it"} {
		s := k.MustSignin(t, email, "correct horse")
		if fmt.Sprintf("%+v", s.User) != fmt.Sprintf("%+v", u) || !s.ExpiresAt.Equal(testkit.Start.Add(24*time.Hour)) {
			t.Errorf("%s: session %+v", email, s)
		}
		if id, err := k.Verify(t.Context(), s.Token); err != nil || id.UserID != u.ID {
			t.Errorf("%s: Verify = %+v, %v", email, id, err)
		}
		e := k.Events.TakeLast()
		if e.Type != deskauth.EventSignedIn || e.UserID != u.ID || e.Kind != deskauth.KindUser {
			t.Errorf("%s: event %+v", email, e)
		}
	}
}

func TestSigninNamesBadFields(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	for _, tt := range []struct{ email, password, fields string }{
		{"", "", "Email Password"},
		{"andrea@localhost", "p", "Email"},
		{"andrea@f22.it", "", "Password"},
		{"andrea@f22.it", "p\xff", "Password"},
		{"andrea@f22.it", strings.Repeat("p", 4097), "Password"},
		{"", strings.Repeat("p", 4097), "Email Password"},
	} {
		s, err := k.TrySignin(t, tt.email, tt.password)
		testkit.WantFields(t, fmt.Sprintf("Signin(%q)", tt.email), err, strings.Fields(tt.fields)...)
		if e := k.Events.TakeLast(); e.Reason != "invalid input" || s.Token != "" {
			t.Errorf("%q: event %+v", tt.email, e)
		}
	}
	// A short password may have been chosen under another policy.
	if _, err := k.TrySignin(t, "andrea@f22.it", "p"); !errors.Is(err, deskauth.ErrInvalidCredentials) {
		t.Errorf("a short password: %v, want ErrInvalidCredentials", err)
	}
}

const (
	someSalt = "c29tZXNhbHRzb21lc2FsdA"
	someTag  = "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
)

// Not parallel: it counts what the process allocates.
func TestS17_HashOutOfBoundsIsRefusedAndLogged(t *testing.T) {
	const bcryptRest = "CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
	var log bytes.Buffer
	k := testkit.New(t, deskauth.Config{Logger: slog.New(slog.NewJSONHandler(&log, nil))})
	for i, hash := range []string{
		"$argon2id$v=19$m=262145,t=1,p=1$" + someSalt + "$" + someTag,
		"$argon2id$v=19$m=4194304,t=1,p=1$" + someSalt + "$" + someTag,
		"$argon2id$v=19$m=64,t=17,p=1$" + someSalt + "$" + someTag,
		"$argon2id$v=19$m=64,t=4294967295,p=1$" + someSalt + "$" + someTag,
		"$argon2id$v=19$m=1024,t=1,p=17$" + someSalt + "$" + someTag,
		"$argon2id$v=19$m=64,t=0,p=1$" + someSalt + "$" + someTag,
		"$argon2id$v=19$m=64,t=1,p=0$" + someSalt + "$" + someTag,
		"$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbA$" + someTag,
		"$argon2id$v=19$m=64,t=1,p=1$" + someSalt + "$" + someTag[:20],
		"$2b$15$" + bcryptRest, "$2b$31$" + bcryptRest, "$2x$05$" + bcryptRest, "$2$05$" + bcryptRest,
		"garbage", "correct horse", strings.Repeat("$", 10<<10),
	} {
		email := fmt.Sprintf("user%d@f22.it", i)
		testkit.Put(t, k.Store, email, hash)
		log.Reset()
		var s deskauth.Session
		var err error
		n := testkit.Allocated(func() {
			s, err = k.TrySignin(t, email, "correct horse")
		})
		if err != deskauth.ErrInvalidCredentials || s.Token != "" {
			t.Errorf("%.40s: token %q, error %v; want ErrInvalidCredentials", hash, s.Token, err)
		}
		if n > 1<<20 { // the decoy takes 64 KiB
			t.Errorf("%.40s: the sign-in allocated %d bytes", hash, n)
		}
		line := log.String()
		for _, want := range []string{
			`"level":"WARN"`, `"reason":"unusable hash"`, `"operation":"signin"`, `"detail":"`,
			`"user":"imported ` + email + `"`,
		} {
			if !strings.Contains(line, want) {
				t.Errorf("%.40s: the log has no %s: %s", hash, want, line)
			}
		}
		if len(hash) > 20 && strings.Contains(line, hash[len(hash)-20:]) || strings.Contains(line, "correct horse") {
			t.Errorf("%.40s: the log quotes it: %s", hash, line)
		}
		if e := k.Events.TakeLast(); e.Type != deskauth.EventRefused || e.Reason != "unusable hash" {
			t.Errorf("%.40s: event %+v", hash, e)
		}
	}
}

// BenchmarkSignin is a sign-in with the default cost: nearly all of it is the hash. How
// near is measured beside a bare Argon2id in bench/.
func BenchmarkSignin(b *testing.B) {
	k := testkit.New(b, deskauth.Config{
		Argon2: deskauth.Argon2Params{Memory: 19 << 10, Time: 2, Parallelism: 1},
		Limits: testkit.NoLimits(),
		Logger: testkit.Quiet,
	})
	k.MustSignup(b, "andrea@f22.it", "correct horse")
	b.ReportAllocs()
	in := deskauth.SigninInput{Email: "andrea@f22.it", Password: deskauth.NewSecret("correct horse")}
	for b.Loop() {
		if _, err := k.Signin(b.Context(), in); err != nil {
			b.Fatal(err)
		}
	}
}
