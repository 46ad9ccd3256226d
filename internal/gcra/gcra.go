// Package gcra counts attempts in memory by the generic cell rate algorithm (ITU-T I.371):
// one time for each key, however many attempts it has made, and bounded in how many keys
// it remembers.
package gcra

import (
	"crypto/sha256"
	"sync"
	"time"
)

const (
	shards = 64
	sample = 8 // how many keys are looked at to make room for a new one
)

// Limiter is safe for concurrent use. The zero Limiter is not usable: see [New].
type Limiter struct {
	now     func() time.Time
	maxKeys int // of a shard
	shards  [shards]shard
}

// A shard has for each key the time at which all its attempts will be forgotten (the
// theoretical arrival time), in nanoseconds since 1970.
type shard struct {
	mu   sync.Mutex
	keys map[[16]byte]int64
	_    [48]byte // a cache line to itself
}

// New returns a Limiter that reads the time from now and remembers up to maxKeys keys, some
// 50 bytes each. It starts no goroutine: what is forgotten is removed as new keys come.
func New(now func() time.Time, maxKeys int) *Limiter {
	l := &Limiter{now: now, maxKeys: max(maxKeys/shards, 1)}
	for i := range l.shards {
		l.shards[i].keys = make(map[[16]byte]int64)
	}
	return l
}

// Take counts an attempt of key, of which it allows attempts in each period, all at once if
// need be, and then one in each attempts-th of the period. It returns 0, or counts nothing
// and returns how long it is until an attempt is allowed.
func (l *Limiter) Take(key string, attempts int, per time.Duration) time.Duration {
	s, id := l.find(key)
	now := l.now().UnixNano()
	step := int64(per) / int64(attempts)
	s.mu.Lock()
	defer s.mu.Unlock()
	free, known := s.keys[id]
	free = min(free, now+int64(per)) // further ahead only when the clock was set back
	next := max(free, now) + step
	if wait := next - now - int64(per); wait > 0 {
		return time.Duration(wait)
	}
	if !known {
		s.makeRoom(now, l.maxKeys)
	}
	s.keys[id] = next
	return 0
}

// Reset forgets the attempts of key.
func (l *Limiter) Reset(key string) {
	s, id := l.find(key)
	s.mu.Lock()
	delete(s.keys, id)
	s.mu.Unlock()
}

// find hashes the key, so that what is kept of it has one size and cannot be chosen to
// collide.
func (l *Limiter) find(key string) (*shard, [16]byte) {
	sum := sha256.Sum256([]byte(key))
	return &l.shards[sum[16]%shards], [16]byte(sum[:16])
}

// makeRoom looks at a few keys at random, removes those that are forgotten by now, and, if
// the shard is full, the one that would be forgotten first: it has the least attempts to
// remember, so that a flood of new keys pushes itself out and not a key under attack.
func (s *shard) makeRoom(now int64, maxKeys int) {
	seen := 0
	var first [16]byte
	firstFree := int64(0)
	for id, free := range s.keys {
		if free <= now {
			delete(s.keys, id)
		} else if firstFree == 0 || free < firstFree {
			first, firstFree = id, free
		}
		if seen++; seen == sample {
			break
		}
	}
	if len(s.keys) >= maxKeys {
		delete(s.keys, first)
	}
}
