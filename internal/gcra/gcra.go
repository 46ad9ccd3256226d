// Package gcra limits attempts by the generic cell rate algorithm (ITU-T I.371). It keeps
// one point in time for each key, however many attempts the key has made. All of it is in
// memory, and the number of keys is bounded.
package gcra

import (
	"crypto/sha256"
	"math"
	"sync"
	"time"
)

const (
	shards = 64
	sample = 8 // how many keys makeRoom looks at
)

// A Limiter counts attempts. It is safe for concurrent use. The zero Limiter is not usable:
// call [New].
type Limiter struct {
	now     func() time.Time
	maxKeys int // in each shard
	shards  [shards]shard
}

// A shard holds the time at which the last attempt of each key is forgotten, which is its
// theoretical arrival time, in nanoseconds since 1970.
type shard struct {
	mu   sync.Mutex
	keys map[[16]byte]int64
	_    [48]byte // a cache line to itself
}

// New returns a Limiter that reads the time from now. It remembers up to maxKeys keys, and
// no fewer than 64, at some 50 bytes each. It starts no goroutine: a new key pushes out old
// ones.
func New(now func() time.Time, maxKeys int) *Limiter {
	l := &Limiter{now: now, maxKeys: max(maxKeys/shards, 1)}
	for i := range l.shards {
		l.shards[i].keys = make(map[[16]byte]int64)
	}
	return l
}

// Take counts an attempt of key and returns 0, or counts nothing and returns how long the
// caller has to wait for the next one. It allows so many attempts in each period: all of
// them at once, and then one every per/attempts. Both have to be above zero.
func (l *Limiter) Take(key string, attempts int, per time.Duration) time.Duration {
	s, id := l.find(key)
	now := l.now().UnixNano()
	step := int64(per) / int64(attempts)
	s.mu.Lock()
	defer s.mu.Unlock()
	free, found := s.keys[id]
	free = min(free, now+int64(per)) // further ahead only when the clock was set back
	next := max(free, now) + step
	if wait := next - now - int64(per); wait > 0 {
		return time.Duration(wait)
	}
	if !found {
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

// find hashes the key. The hash gives every key the same size, and an attacker cannot
// choose keys that collide.
func (l *Limiter) find(key string) (*shard, [16]byte) {
	sum := sha256.Sum256([]byte(key))
	return &l.shards[sum[16]%shards], [16]byte(sum[:16])
}

// makeRoom looks at a few keys at random and removes those that are forgotten by now. If
// the shard is still full, it also removes the one that would be forgotten first. That key
// has the fewest attempts to remember, so a flood of new keys pushes out itself and not the
// key under attack.
func (s *shard) makeRoom(now int64, maxKeys int) {
	looked := 0
	var earliest [16]byte
	earliestFree := int64(math.MaxInt64)
	for id, free := range s.keys {
		if free <= now {
			delete(s.keys, id)
		} else if free < earliestFree {
			earliest, earliestFree = id, free
		}
		looked++
		if looked == sample {
			break
		}
	}
	if len(s.keys) >= maxKeys {
		delete(s.keys, earliest)
	}
}
