package redislimit

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"
)

var errDown = errors.New("connection refused")

// testCircuit returns a circuit with a clock that stands still until it is moved, and its
// log.
func testCircuit() (c *circuit, pass func(time.Duration), logged func() string) {
	now := time.Unix(1_700_000_000, 0)
	var text bytes.Buffer
	c = newCircuit(func() time.Time { return now }, slog.New(slog.NewTextHandler(&text, nil)))
	return c, func(d time.Duration) { now = now.Add(d) }, func() string {
		defer text.Reset()
		return text.String()
	}
}

func wantEnter(t *testing.T, what string, c *circuit, ask, away bool) {
	t.Helper()
	if gotAsk, gotAway := c.enter(time.Minute); gotAsk != ask || gotAway != away {
		t.Errorf("%s: a caller may ask: %t, Redis is away: %t; want %t and %t", what, gotAsk, gotAway, ask, away)
	}
}

func TestOneCallerASecondAsksWhileRedisIsAway(t *testing.T) {
	t.Parallel()
	c, pass, _ := testCircuit()
	for range 3 {
		wantEnter(t, "at first", c, true, false)
	}
	c.fail(errDown)
	wantEnter(t, "after a failure", c, false, true)
	pass(pause - 1)
	wantEnter(t, "a nanosecond early", c, false, true)
	pass(1)
	wantEnter(t, "after a second", c, true, true)
	for range 3 {
		wantEnter(t, "while one asks", c, false, true)
	}
	c.leave() // the caller has hung up
	wantEnter(t, "the next", c, true, true)
	c.fail(errDown)
	wantEnter(t, "after it failed", c, false, true)
	pass(pause)
	wantEnter(t, "a second later", c, true, true)
	c.succeed(1)
	for range 3 {
		wantEnter(t, "when Redis is back", c, true, false)
	}
}

func TestAnOutageIsLoggedOnceAMinute(t *testing.T) {
	t.Parallel()
	c, pass, logged := testCircuit()
	c.succeed(1)
	if text := logged(); text != "" {
		t.Errorf("before an outage: %s", text)
	}
	for minute := range 3 {
		for second := range 60 {
			c.fail(errDown)
			text := logged()
			if (second == 0) != (strings.Count(text, "\n") == 1) {
				t.Errorf("minute %d, second %d: the log says %q", minute, second, text)
			}
			if second == 0 && (!strings.Contains(text, "level=ERROR") || !strings.Contains(text, errDown.Error())) {
				t.Errorf("the log says %q, want an error with its reason", text)
			}
			pass(time.Second)
		}
	}
	c.fail(errDown)
	logged()
	c.succeed(1)
	if text := logged(); strings.Count(text, "\n") != 1 || !strings.Contains(text, "Redis is back") {
		t.Errorf("after the outage the log says %q", text)
	}
	for range 10 { // flapping
		c.fail(errDown)
		c.succeed(1)
		pass(time.Second)
	}
	if text := logged(); text != "" {
		t.Errorf("an outage within a minute of another: the log says %q", text)
	}
	pass(time.Minute)
	c.fail(errDown)
	c.succeed(1)
	if text := logged(); strings.Count(text, "\n") != 2 {
		t.Errorf("an outage a minute later: the log says %q, want its begin and its end", text)
	}
}

// The memory has a say until what was counted without Redis has come back.
func TestTheMemoryGuards(t *testing.T) {
	t.Parallel()
	want := func(what string, c *circuit, guarded bool) {
		t.Helper()
		if got := c.guarded(); got != guarded {
			t.Errorf("%s: guarded is %t, want %t", what, got, guarded)
		}
	}
	c, pass, _ := testCircuit()
	c.enter(time.Hour)
	c.enter(time.Minute)
	want("at first", c, false)
	c.succeed(7)
	want("when Redis answers", c, false)
	c.fail(errDown)
	want("during an outage", c, true)
	pass(24 * time.Hour)
	want("during a long outage", c, true)
	c.succeed(7)
	want("after it", c, true)
	pass(time.Hour - 1)
	want("an hour later", c, true)
	pass(1)
	want("when all has come back", c, false)
	c.succeed(7)
	want("when Redis has its data", c, false)
	c.succeed(8)
	want("when Redis has lost its data", c, true)
	pass(time.Hour)
	c.succeed(8)
	want("an hour later", c, false)
}
