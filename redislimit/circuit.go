package redislimit

import (
	"log/slog"
	"sync"
	"time"
)

const (
	pause     = time.Second // between two questions to a server that is away
	tellPause = time.Minute // between two lines in the log
)

// A circuit decides whether Redis is asked. After a failure nobody asks for a second, so
// that an outage costs one caller a second its patience, and not every caller. Then one
// caller asks.
type circuit struct {
	now func() time.Time // goes forward
	log *slog.Logger

	mu         sync.Mutex
	away       bool
	askAgain   time.Time // while away
	asking     bool      // one caller does, while away
	told       bool      // the log knows of this outage
	lastTold   time.Time
	longest    time.Duration // Per of the attempts so far
	mark       int64         // of the data in Redis; 0 when it was never seen
	guardUntil time.Time
}

func newCircuit(now func() time.Time, log *slog.Logger) *circuit { return &circuit{now: now, log: log} }

// enter reports whether the caller may ask Redis, and whether Redis is away as far as is
// known. A caller that may ask then calls succeed, fail or leave. All of what it asks about
// has come back after per.
func (c *circuit) enter(per time.Duration) (ask, away bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.longest = max(c.longest, per)
	if !c.away {
		return true, false
	}
	if c.asking || c.now().Before(c.askAgain) {
		return false, true
	}
	c.asking = true
	return true, true
}

// leave says that nothing was learned.
func (c *circuit) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asking = false
}

// succeed says that Redis answers, and the mark of its data.
func (c *circuit) succeed(mark int64) {
	if c.close(mark) {
		c.log.Info("redislimit: Redis is back and counts attempts again")
	}
}

func (c *circuit) fail(err error) {
	if c.open() {
		c.log.Error("redislimit: Redis is away", "error", err)
	}
}

// close ends an outage if there is one, and reports whether to log it. After an outage, and
// after Redis has lost its data, Redis does not know all that this process has counted.
func (c *circuit) close(mark int64) (tell bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.away || c.mark != 0 && c.mark != mark {
		c.guardUntil = c.now().Add(c.longest)
	}
	c.mark = mark
	if !c.away {
		return false
	}
	c.away, c.asking = false, false
	tell, c.told = c.told, false
	return tell
}

// open begins an outage or goes on with it, and reports whether to log it.
func (c *circuit) open() (tell bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	c.away, c.asking, c.askAgain = true, false, now.Add(pause)
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
