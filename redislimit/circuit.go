package redislimit

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

const (
	pause     = time.Second // between two questions to a server that is away
	tellPause = time.Minute // between two lines in the log
)

// A circuit decides whether Redis is asked. After a failure no call asks any more, so that
// an outage costs the callers of its first moment their patience, and no others. A probe
// asks beside the calls, once a second.
type circuit struct {
	now func() time.Time // goes forward
	log *slog.Logger

	mu         sync.Mutex
	away       bool
	turn       int       // rises when Redis goes away and when it comes back
	askAgain   time.Time // while away
	probing    bool      // a probe is under way
	told       bool      // the log knows of this outage
	lastTold   time.Time
	longest    time.Duration // Per of the attempts so far
	mark       int64         // of the data in Redis; 0 when it was never seen
	guardUntil time.Time
}

func newCircuit(now func() time.Time, log *slog.Logger) *circuit { return &circuit{now: now, log: log} }

// enter reports whether the caller may ask Redis, and whether it starts a probe. Whoever
// asks then calls succeed, fail or doubt with this turn. What it learns says nothing of a
// later turn. All of what it asks about has come back after per.
func (c *circuit) enter(per time.Duration) (turn int, ask, probe bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.longest = max(c.longest, per)
	if !c.away {
		return c.turn, true, false
	}
	probe = !c.probing && !c.now().Before(c.askAgain)
	c.probing = c.probing || probe
	return c.turn, false, probe
}

// doubt says that a caller did not wait for the answer. It reports whether to start a
// probe, which finds out what the caller did not.
func (c *circuit) doubt(turn int) (probe bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	probe = turn == c.turn && !c.away && !c.probing
	c.probing = c.probing || probe
	return probe
}

// probed says that a probe has ended, after it has called succeed or fail.
func (c *circuit) probed() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.probing = false
}

// succeed says that Redis answers, and the mark of its data.
func (c *circuit) succeed(turn int, mark int64) {
	if c.close(turn, mark) {
		c.report(slog.LevelInfo, "redislimit: Redis is back and counts attempts again")
	}
}

func (c *circuit) fail(turn int, err error) {
	if c.open(turn) {
		c.report(slog.LevelError, "redislimit: Redis is away", "error", err)
	}
}

// report writes a line to the host's log. A handler that panics cannot be reported
// anywhere, and must not end the process from a probe.
func (c *circuit) report(level slog.Level, message string, attributes ...any) {
	defer func() { _ = recover() }()
	c.log.Log(context.Background(), level, message, attributes...)
}

// close ends an outage if there is one, and reports whether to log it. After an outage, and
// after Redis has lost its data, Redis does not know all that this process has counted.
func (c *circuit) close(turn int, mark int64) (tell bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if turn != c.turn {
		return false
	}
	if c.away || c.mark != 0 && c.mark != mark {
		c.guardUntil = c.now().Add(c.longest)
	}
	c.mark = mark
	if !c.away {
		return false
	}
	c.away = false
	c.turn++
	tell, c.told = c.told, false
	return tell
}

// open begins an outage or goes on with it, and reports whether to log it.
func (c *circuit) open(turn int) (tell bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if turn != c.turn {
		return false
	}
	if !c.away {
		c.turn++
	}
	now := c.now()
	c.away, c.askAgain = true, now.Add(pause)
	if !c.lastTold.IsZero() && now.Sub(c.lastTold) < tellPause {
		return false
	}
	c.told, c.lastTold = true, now
	return true
}

// guarded reports whether the count in memory has a say, because Redis may know less. It
// has until all that was counted has come back.
func (c *circuit) guarded() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.away || c.now().Before(c.guardUntil)
}
