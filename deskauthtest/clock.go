package deskauthtest

import (
	"sync/atomic"
	"time"
)

// A Clock stands still until the test moves it. The kit moves it by up to a second alone:
// see [Kit.CustomToken]. It is safe for concurrent use.
type Clock struct {
	start time.Time
	moved atomic.Int64 // time.Duration
}

// newClock returns a clock that shows the time of now, so that times of the program under
// test are not far from it. It shows whole seconds, as tokens do.
func newClock() *Clock { return &Clock{start: time.Now().UTC().Truncate(time.Second)} }

// Now returns the time. Give the method to code of your own that has a clock.
func (c *Clock) Now() time.Time { return c.start.Add(time.Duration(c.moved.Load())) }

// Advance moves the clock on, or back by a negative d. Session tokens of users and external
// users end after 24 hours, unless Config.SessionTTL says otherwise.
func (c *Clock) Advance(d time.Duration) { c.moved.Add(int64(d)) }
