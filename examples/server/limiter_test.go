package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/deskauth/deskauth/limitertest/redistest"
)

// statuses posts a body n times, to the processes by turns and over some connections, and
// returns how often each status was the answer.
func statuses(n int, path, body string, processes ...*process) map[int]int {
	got := make([]int, n)
	fromMany(8, n, func(i int) {
		got[i] = processes[i%len(processes)].post(path, body).status
	})
	count := make(map[int]int)
	for _, status := range got {
		count[status]++
	}
	return count
}

// TestTwoProcessesShareLimits counts what a client gets from two processes on one Redis:
// one limit, to the attempt. A third that starts later finds it used up. Where the machine
// is so busy that Redis does not answer in time, each process counts for itself, and that
// round shows nothing.
func TestTwoProcessesShareLimits(t *testing.T) {
	alone := start(t, "-project", "demo=")
	if got := alone.post("/signin", adaGuess); got.status != http.StatusUnauthorized {
		t.Errorf("a process that counts for itself: got %v, want 401", got)
	}
	for range 5 {
		problems, away := shareLimits(t)
		if away {
			continue
		}
		for _, problem := range problems {
			t.Error(problem)
		}
		return
	}
	t.Error("in each of five rounds the log says that Redis is away")
}

// shareLimits is one round. away says that a process did not reach Redis.
func shareLimits(t *testing.T) (problems []string, away bool) {
	t.Helper()
	s := redistest.Start(t)
	args := []string{"-limiter", s.URL(), "-project", "demo=", "-session-secret", sessionSecret, "-log", "json"}
	one, two := start(t, args...), start(t, args...)
	fail := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	if !slices.Contains(one.printed, "attempts are counted in Redis at "+s.Addr()+", database 0") {
		fail("it prints %q, want where attempts are counted", one.printed)
	}
	for name, tt := range map[string]struct {
		path, body       string
		n, good, allowed int // tries, the status of an allowed one, and how many are
	}{
		"guesses at one account": {"/signin", adaGuess, 40, http.StatusUnauthorized, 10},
		"guests":                 {"/signinAnonymously", `{"id_project":"demo"}`, 340, http.StatusOK, 300},
	} {
		got := statuses(tt.n, tt.path, tt.body, one, two)
		if got[tt.good] != tt.allowed || got[http.StatusTooManyRequests] != tt.n-tt.allowed {
			fail("%s: of %d tries two processes answered %v; want %d with %d and the rest with 429",
				name, tt.n, got, tt.allowed, tt.good)
		}
	}
	three := start(t, args...)
	if got := three.post("/signin", adaGuess); got.status != http.StatusTooManyRequests {
		fail("a third process: got %v, want 429", got)
	}
	for _, p := range []*process{one, two, three} {
		p.stop()
		away = away || strings.Contains(p.logs.String(), "Redis is away")
	}
	return problems, away
}

// TestRedisGoesAway kills Redis under a running server, and starts another server without
// it. Both answer all the same, count by themselves, and say so.
func TestRedisGoesAway(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	url := "redis://:canary@" + s.Addr() + "/0" // the server has no password and takes this one
	args := []string{"-limiter", s.URL(), "-project", "demo=", "-session-secret", sessionSecret}
	p := start(t, args...)
	if got := statuses(6, "/signin", adaGuess, p); got[http.StatusUnauthorized] != 6 {
		t.Fatalf("six guesses are answered with %v", got)
	}
	s.Kill()
	got := statuses(10, "/signin", adaGuess, p)
	if got[http.StatusUnauthorized] != 4 || got[http.StatusTooManyRequests] != 6 {
		t.Errorf("without Redis ten more guesses are answered with %v; want 401 for the four that were left", got)
	}
	late := start(t, append(slices.Clone(args), "-limiter", url)...)
	if got := statuses(12, "/signin", adaGuess, late); got[http.StatusUnauthorized] != 10 {
		t.Errorf("a server that starts without Redis answers guesses with %v; want 401 for ten", got)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	var back atomic.Bool
	for begun := time.Now(); !back.Load() && time.Since(begun) < patience; time.Sleep(20 * time.Millisecond) {
		p.post("/signinAnonymously", `{"id_project":"demo"}`)
		back.Store(strings.Contains(p.logs.String(), "Redis is back"))
	}
	if !back.Load() {
		t.Errorf("Redis is back and the server does not say so:\n%s", p.logs)
	}
	if got := p.post("/signin", adaGuess); got.status != http.StatusTooManyRequests {
		t.Errorf("a guess after that: got %v, want 429", got)
	}
	p.stop()
	late.stop()
	for _, logs := range []string{p.logs.String(), late.logs.String()} {
		if strings.Count(logs, "redislimit: Redis is away") != 1 || strings.Contains(logs, "canary") {
			t.Errorf("S22 the log says, want once that Redis is away, and no password:\n%s", hidden(logs))
		}
		if strings.Contains(logs, "pool.go") {
			t.Errorf("the client of Redis prints by itself:\n%s", logs)
		}
	}
}
