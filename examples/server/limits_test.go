package main

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	adaGuess   = `{"email":"ada@example.com","password":"a wrong password"}`
	someOrigin = "Origin: https://shop.example"
)

// TestLimits guesses at the server with its defaults. After ten guesses the right password
// does no better than a wrong one.
func TestLimits(t *testing.T) {
	t.Parallel()
	p := start(t)
	if got := p.post("/signup", ada); got.status != http.StatusOK {
		t.Fatalf("sign up: %v", got)
	}
	for n := range 10 {
		if got := p.post("/signin", adaGuess, someOrigin); got.status != http.StatusUnauthorized {
			t.Fatalf("guess %d: got %v, want 401", n+1, got)
		}
	}
	for name, body := range map[string]string{
		"a wrong password":              adaGuess,
		"the right password":            adaSignin,
		"the address in other spelling": strings.Replace(adaSignin, "ada@", "ADA@", 1),
	} {
		got := p.post("/signin", body, someOrigin,
			"X-Forwarded-For: 203.0.113.9", "X-Real-IP: 203.0.113.9", "Forwarded: for=203.0.113.9")
		const refusal = `{"success":false,"msg":"Too many attempts. Try again later.","code":"too_many_attempts"}`
		if got.status != http.StatusTooManyRequests || got.body != refusal {
			t.Errorf("%s after ten guesses: got %v, want 429", name, got)
		}
		if seconds, err := strconv.Atoi(got.header.Get("Retry-After")); err != nil || seconds < 1 || seconds > 90 {
			t.Errorf("%s: Retry-After is %q, want 1 to 90 whole seconds", name, got.header.Get("Retry-After"))
		}
		wantReadable(t, got)
	}
	if got := p.post("/signin", strings.Replace(adaGuess, "ada@", "other@", 1)); got.status != http.StatusUnauthorized {
		t.Errorf("another address: got %v, want 401", got)
	}
	p.post("/signinAnonymously", guest, someOrigin).token(t)
	p.stop()
	logs := p.logs.String()
	if strings.Count(logs, "level=WARN") < 3 || !strings.Contains(logs, `reason="rate limited"`) ||
		!strings.Contains(logs, "client=127.0.0.1") {
		t.Errorf("the log does not warn of the three refusals and name the client:\n%s", logs)
	}
}

// wantReadable wants a page of another origin to be able to read the answer and
// Retry-After.
func wantReadable(t *testing.T, got answer) {
	t.Helper()
	if origin := got.header.Get("Access-Control-Allow-Origin"); origin != "*" {
		t.Errorf("Access-Control-Allow-Origin is %q, want * in %v", origin, got)
	}
	var exposed []string
	for _, value := range got.header.Values("Access-Control-Expose-Headers") {
		for name := range strings.SplitSeq(value, ",") {
			exposed = append(exposed, http.CanonicalHeaderKey(strings.TrimSpace(name)))
		}
	}
	if !slices.Contains(exposed, "Retry-After") {
		t.Errorf("Access-Control-Expose-Headers is %q, want Retry-After in it", exposed)
	}
}

func TestNoLimits(t *testing.T) {
	t.Parallel()
	p := start(t, "-no-limits")
	if got := p.post("/signup", ada); got.status != http.StatusOK {
		t.Fatalf("sign up: %v", got)
	}
	for n := range 15 {
		if got := p.post("/signin", adaGuess); got.status != http.StatusUnauthorized {
			t.Fatalf("guess %d: got %v, want 401", n+1, got)
		}
	}
	p.post("/signin", adaSignin).token(t)
	for n := range 25 {
		if got := p.post("/signup", ada); got.status != http.StatusForbidden {
			t.Fatalf("sign-up %d of a taken address: got %v, want 403", n+1, got)
		}
	}
}
