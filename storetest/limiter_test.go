package storetest_test

import (
	"context"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/gcra"
	"github.com/deskauth/deskauth/storetest"
)

// limiterVariable names the broken limiter that TestRunLimiter runs the suite on.
const limiterVariable = "DESKAUTH_STORETEST_BROKEN_LIMITER"

// A clock stands still until it is moved.
type clock struct{ offset atomic.Int64 }

func (c *clock) now() time.Time       { return time.Unix(1_700_000_001, c.offset.Load()) }
func (c *clock) pass(d time.Duration) { c.offset.Add(int64(d)) }

// A soundLimiter counts as the default does, which nobody outside can get at.
type soundLimiter struct{ gcra *gcra.Limiter }

func newSoundLimiter(now func() time.Time) *soundLimiter {
	return &soundLimiter{gcra.New(now, 1<<20)}
}

func (l *soundLimiter) Take(_ context.Context, key string, rate deskauth.Rate) (time.Duration, error) {
	return l.gcra.Take(key, rate.Attempts, rate.Per), nil
}

func (l *soundLimiter) Reset(_ context.Context, key string) error {
	l.gcra.Reset(key)
	return nil
}

// TestRunLimiter runs the suite on a sound limiter, or, started by
// TestBrokenLimitersFail, on a broken one.
func TestRunLimiter(t *testing.T) {
	limiter := func(now func() time.Time) deskauth.Limiter { return newSoundLimiter(now) }
	if name := os.Getenv(limiterVariable); name != "" {
		i := slices.IndexFunc(brokenLimiters, func(b brokenLimiter) bool { return b.name == name })
		limiter = brokenLimiters[i].limiter
	}
	var c clock
	storetest.RunLimiter(t, func(*testing.T) deskauth.Limiter { return limiter(c.now) }, c.pass)
}

// TestBrokenLimitersFail proves that the suite bites: on each broken limiter the clause
// that it breaks fails, and says what was promised and what to mend.
func TestBrokenLimitersFail(t *testing.T) {
	for _, b := range brokenLimiters {
		for _, clause := range b.clauses {
			t.Run(b.name+"/"+clause, func(t *testing.T) {
				t.Parallel()
				out, err := runLimiterSuite(b.name, clause)
				if err == nil || !strings.Contains(out, "--- FAIL: TestRunLimiter/"+clause+" ") {
					t.Errorf("a limiter that %s: got error %v and the output below, want that TestRunLimiter/%s fails\n%s", b.name, err, clause, out)
				}
				for _, want := range []string{"the contract: ", "to mend: "} {
					if !strings.Contains(out, want) {
						t.Errorf("the output does not say %q:\n%s", want, out)
					}
				}
				// The limiter is broken on purpose and not by mistake.
				for _, unwanted := range []string{"DATA RACE", "panic:"} {
					if strings.Contains(out, unwanted) {
						t.Errorf("the output says %q:\n%s", unwanted, out)
					}
				}
			})
		}
	}
}

// TestEveryLimiterClauseIsBroken holds that no clause is there which no broken limiter
// breaks.
func TestEveryLimiterClauseIsBroken(t *testing.T) {
	t.Parallel()
	out, err := runLimiterSuite("", "")
	if err != nil {
		t.Fatalf("the suite on a sound limiter: %v\n%s", err, out)
	}
	var clauses []string
	for _, m := range regexp.MustCompile(`--- PASS: TestRunLimiter/(\w+/\w+) `).FindAllStringSubmatch(out, -1) {
		clauses = append(clauses, m[1])
	}
	if len(clauses) == 0 {
		t.Fatalf("no clause in the output:\n%s", out)
	}
	for _, b := range brokenLimiters {
		for _, clause := range b.clauses {
			if !slices.Contains(clauses, clause) {
				t.Errorf("the limiter that %s breaks %s, which is no clause", b.name, clause)
			}
		}
	}
	for _, clause := range clauses {
		if !slices.ContainsFunc(brokenLimiters, func(b brokenLimiter) bool { return slices.Contains(b.clauses, clause) }) {
			t.Errorf("no broken limiter breaks %s: add one that does", clause)
		}
	}
}

// runLimiterSuite runs the suite in a process of its own, where it may fail, on the limiter
// with the name and as far as the clause goes.
func runLimiterSuite(limiter, clause string) (out string, err error) {
	run := "^TestRunLimiter$"
	if group, name, ok := strings.Cut(clause, "/"); ok {
		run += "/^" + group + "$/^" + name + "$"
	}
	cmd := exec.Command(os.Args[0], "-test.run="+run, "-test.v", "-test.timeout=2m")
	cmd.Env = append(os.Environ(), limiterVariable+"="+limiter)
	text, err := cmd.CombinedOutput()
	return string(text), err
}
