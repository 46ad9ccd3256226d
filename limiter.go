package deskauth

import (
	"context"
	"fmt"
	"time"

	"github.com/deskauth/deskauth/internal/gcra"
)

// maxLimiterKeys is how many keys a [NewMemoryLimiter] remembers, some 50 MiB of them.
const maxLimiterKeys = 1 << 20

const (
	maxAttempts = 1_000_000_000
	maxPer      = 366 * 24 * time.Hour
)

// A Rate allows a number of attempts in a time, all at once if need be. After that they
// come back one by one, evenly: of 10 in 15 minutes, one every 90 seconds. The zero Rate
// stands for the default of the field it is in.
type Rate struct {
	Attempts int
	Per      time.Duration
}

// NoLimit switches a limit off, and weakens what the limit protects: see its field in
// [Limits].
var NoLimit = Rate{Attempts: -1}

// off does not compare with NoLimit, which is a variable that any code could change.
func (r Rate) off() bool { return r == Rate{Attempts: -1} }

// inRange asks for a nanosecond or more between two attempts.
func (r Rate) inRange() bool {
	return 1 <= r.Attempts && r.Attempts <= maxAttempts && time.Duration(r.Attempts) <= r.Per && r.Per <= maxPer
}

// Check returns an error if a limiter cannot count at the rate: one out of range, the zero
// Rate, or [NoLimit].
func (r Rate) Check() error {
	if r.inRange() {
		return nil
	}
	return fmt.Errorf("deskauth: a rate is %d in %v; 1 to %d attempts in up to %v are allowed, "+
		"at most one in a nanosecond", r.Attempts, r.Per, maxAttempts, maxPer)
}

// siteFactor is how many times the attempts of one client the /48 of an IPv6 client has. A
// site may be an office, and may be one attacker with 65,536 networks of its own.
const siteFactor = 16

// ofSite returns the rate of a /48.
func (r Rate) ofSite() Rate {
	if r.off() {
		return r
	}
	r.Attempts = int(min(int64(r.Attempts)*siteFactor, maxAttempts, int64(r.Per))) // in range, as r is
	return r
}

// An Attempt is one attempt of a key, at a rate.
type Attempt struct {
	// Key is a text of 1 to 600 bytes. It may hold personal data: hash it where it is
	// stored.
	Key string
	// Rate has 1 to 1,000,000,000 Attempts in a Per of up to 366 days, at most one in a
	// nanosecond. It is the same each time that the key is taken or given back.
	Rate Rate
}

// A Limiter counts attempts. It must be safe for concurrent use. The default is
// [NewMemoryLimiter], which counts for one process. One that counts in a place that several
// processes share makes their limits one: the module redislimit counts in Redis. The
// package limitertest checks an implementation against all of this.
//
// Both methods get one attempt or more, and do not keep or change the slice. They return
// when their context ends: an [Auth] gives Take the deadline of Config.CallTimeout and
// GiveBack a second, and waits for a method that does not heed it.
type Limiter interface {
	// Take reserves one attempt of every key, or none of any. It is called before the work,
	// so that attempts in parallel are all counted. A key that stands twice in a call
	// counts twice.
	//
	// When all attempts are allowed, it reserves them and returns -1 and 0. Otherwise it
	// reserves nothing, and returns the index of the attempt that has to wait longest and
	// how long. After that time the whole call is allowed, if no other call comes first.
	//
	// An error means that the Limiter failed. The event has it, and the operation fails.
	Take(ctx context.Context, attempts ...Attempt) (refused int, wait time.Duration, err error)

	// GiveBack returns one reserved attempt of every key, and two of a key that stands
	// twice. A key that has all its attempts gets no more. A key without reserved attempts
	// is no error.
	//
	// An error is logged, and changes nothing else: the attempts stay counted.
	GiveBack(ctx context.Context, attempts ...Attempt) error
}

// NewMemoryLimiter returns a [Limiter] that counts in memory, for one process. It reads the
// time from now; nil stands for [time.Now]. It remembers up to a million keys in some 50
// MiB. A new key then pushes out one that has few attempts to remember. It starts no
// goroutine. Its methods ignore the context, and return an error only for a rate out of
// range.
//
// It counts by the monotonic reading of the times, which those of time.Now carry: setting
// the wall clock changes nothing. With times that carry none, what was counted is forgotten
// when the clock is set back by more than a second.
func NewMemoryLimiter(now func() time.Time) Limiter {
	if now == nil {
		now = time.Now
	}
	return memoryLimiter{gcra.New(now, maxLimiterKeys)}
}

type memoryLimiter struct{ gcra *gcra.Limiter }

// InMemory implements [InMemory].
func (m memoryLimiter) InMemory() any { return m }

func (m memoryLimiter) Take(_ context.Context, attempts ...Attempt) (refused int, wait time.Duration, err error) {
	all, err := counted(make([]gcra.Attempt, 0, 8), attempts)
	if err != nil {
		return -1, 0, err
	}
	refused, wait = m.gcra.Take(all)
	return refused, wait, nil
}

func (m memoryLimiter) GiveBack(_ context.Context, attempts ...Attempt) error {
	all, err := counted(make([]gcra.Attempt, 0, 8), attempts)
	if err != nil {
		return err
	}
	m.gcra.GiveBack(all)
	return nil
}

// counted appends the attempts to dst, as gcra has them.
func counted(dst []gcra.Attempt, attempts []Attempt) ([]gcra.Attempt, error) {
	for _, a := range attempts {
		if err := a.Rate.Check(); err != nil {
			return nil, err
		}
		dst = append(dst, gcra.Attempt{Key: a.Key, Attempts: a.Rate.Attempts, Per: a.Rate.Per})
	}
	return dst, nil
}
