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

func wantEnter(t *testing.T, what string, c *circuit, ask, probe bool) {
	t.Helper()
	if _, gotAsk, gotProbe := c.enter(time.Minute); gotAsk != ask || gotProbe != probe {
		t.Errorf("%s: a caller asks Redis: %t, starts a probe: %t; want %t and %t", what, gotAsk, gotProbe, ask, probe)
	}
}

func TestOneProbeASecondAsksWhileRedisIsAway(t *testing.T) {
	t.Parallel()
	c, pass, _ := testCircuit()
	for range 3 {
		wantEnter(t, "at first", c, true, false)
	}
	c.fail(c.turn, errDown)
	wantEnter(t, "after a failure", c, false, false)
	pass(pause - 1)
	wantEnter(t, "a nanosecond early", c, false, false)
	pass(1)
	wantEnter(t, "after a second", c, false, true)
	pass(time.Hour)
	for range 3 {
		wantEnter(t, "while a probe is under way", c, false, false)
	}
	c.fail(c.turn, errDown)
	c.probed()
	wantEnter(t, "after it failed", c, false, false)
	pass(pause)
	wantEnter(t, "a second later", c, false, true)
	c.succeed(c.turn, 1)
	c.probed()
	for range 3 {
		wantEnter(t, "when Redis is back", c, true, false)
	}
	c.fail(c.turn, errDown)
	pass(pause)
	wantEnter(t, "a second into the next outage", c, false, true)
}

// Callers that do not wait are no failure. One probe at a time finds out what they did not.
func TestDoubtStartsOneProbe(t *testing.T) {
	t.Parallel()
	c, pass, logged := testCircuit()
	want := func(what string, probe bool) {
		t.Helper()
		if got := c.doubt(c.turn); got != probe {
			t.Errorf("%s: a caller that goes starts a probe: %t, want %t", what, got, probe)
		}
	}
	for range 3 {
		want("at first", true)
		want("while a probe is under way", false)
		wantEnter(t, "while a probe is under way", c, true, false)
		c.succeed(c.turn, 1)
		c.probed()
	}
	if text := logged(); text != "" {
		t.Errorf("Redis answers: the log says %q", text)
	}
	want("before an outage", true)
	c.fail(c.turn, errDown)
	c.probed()
	want("while Redis is away", false)
	pass(pause)
	wantEnter(t, "a second later", c, false, true)
	if text := logged(); strings.Count(text, "Redis is away") != 1 {
		t.Errorf("the probe fails: the log says %q", text)
	}
}

// A call that began before an outage, and learns late how it ended, says nothing of what
// came after: a success ends no outage, and a failure begins none.
func TestLateCallsSayNothing(t *testing.T) {
	t.Parallel()
	c, _, logged := testCircuit()
	late, _, _ := c.enter(time.Minute)
	c.succeed(c.turn, 1)
	c.fail(c.turn, errDown)
	logged()
	c.succeed(late, 1)
	if c.doubt(late) {
		t.Error("a late caller that goes starts a probe")
	}
	wantEnter(t, "after a late success", c, false, false)
	c.succeed(c.turn, 1)
	logged()
	c.fail(late, errDown)
	if c.doubt(late) {
		t.Error("a late caller that goes starts a probe when Redis is back")
	}
	wantEnter(t, "after a late failure", c, true, false)
	if text := logged(); text != "" {
		t.Errorf("late calls: the log says %q", text)
	}
}

func TestAnOutageIsLoggedOnceAMinute(t *testing.T) {
	t.Parallel()
	c, pass, logged := testCircuit()
	c.succeed(c.turn, 1)
	if text := logged(); text != "" {
		t.Errorf("before an outage: %s", text)
	}
	for minute := range 3 {
		for second := range 60 {
			c.fail(c.turn, errDown)
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
	c.fail(c.turn, errDown)
	logged()
	c.succeed(c.turn, 1)
	if text := logged(); strings.Count(text, "\n") != 1 || !strings.Contains(text, "Redis is back") {
		t.Errorf("after the outage the log says %q", text)
	}
	for range 10 { // flapping
		c.fail(c.turn, errDown)
		c.succeed(c.turn, 1)
		pass(time.Second)
	}
	if text := logged(); text != "" {
		t.Errorf("an outage within a minute of another: the log says %q", text)
	}
	pass(time.Minute)
	c.fail(c.turn, errDown)
	c.succeed(c.turn, 1)
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
	c.succeed(c.turn, 7)
	want("when Redis answers", c, false)
	c.fail(c.turn, errDown)
	want("during an outage", c, true)
	pass(24 * time.Hour)
	want("during a long outage", c, true)
	c.succeed(c.turn, 7)
	want("after it", c, true)
	pass(time.Hour - 1)
	want("an hour later", c, true)
	pass(1)
	want("when all has come back", c, false)
	c.succeed(c.turn, 7)
	want("when Redis has its data", c, false)
	c.succeed(c.turn, 8)
	want("when Redis has lost its data", c, true)
	pass(time.Hour)
	c.succeed(c.turn, 8)
	want("an hour later", c, false)
}
