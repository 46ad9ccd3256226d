package limitertest_test

import (
	"sync/atomic"
	"time"

	"github.com/deskauth/deskauth"
)

// A clock stands still until it is moved.
type clock struct{ offset atomic.Int64 }

func (c *clock) now() time.Time       { return time.Unix(1_700_000_001, c.offset.Load()) }
func (c *clock) pass(d time.Duration) { c.offset.Add(int64(d)) }

func soundLimiter(now func() time.Time) deskauth.Limiter { return deskauth.NewMemoryLimiter(now) }
