// Package gcra limits attempts by the generic cell rate algorithm (ITU-T I.371). It keeps
// one point in time for each key, however many attempts the key has made. All of it is in
// memory, and the number of keys is bounded.
package gcra

import (
	"crypto/sha256"
	"hash/maphash"
	"math"
	"math/bits"
	"sync"
	"time"
)

const (
	shards = 64 // as many as a uint64 has bits
	sample = 8  // how many keys makeRoom looks at
	usual  = 8  // attempts of one call that need no memory of their own
)

// An Attempt is one attempt of Key. The rate allows so many Attempts in each period Per:
// all of them at once, and then one every Per/Attempts. Both have to be above zero.
type Attempt struct {
	Key      string
	Attempts int
	Per      time.Duration
}

// step is the time after which one attempt comes back, in nanoseconds.
func (a Attempt) step() int64 { return int64(a.Per) / int64(a.Attempts) }

// A Limiter counts attempts. It is safe for concurrent use. The zero Limiter is not usable:
// call [New].
type Limiter struct {
	clock   func() time.Time
	began   time.Time
	maxKeys int // in each shard
	seed    maphash.Seed
	shards  [shards]shard
}

// A shard holds the time at which the last attempt of each key is forgotten, which is its
// theoretical arrival time, as [Limiter.now] counts.
type shard struct {
	mu     sync.Mutex
	keys   map[[16]byte]int64
	latest int64    // when the shard was last asked
	_      [40]byte // a cache line to itself
}

// New returns a Limiter that reads the time from clock. It remembers up to maxKeys keys,
// and no fewer than 64, at some 50 bytes each. It starts no goroutine: a new key pushes out
// old ones.
func New(clock func() time.Time, maxKeys int) *Limiter {
	l := &Limiter{clock: clock, began: clock(), maxKeys: max(maxKeys/shards, 1), seed: maphash.MakeSeed()}
	for i := range l.shards {
		l.shards[i].keys = make(map[[16]byte]int64)
	}
	return l
}

// now returns the time in nanoseconds: those from 1970 to New, and those since. The latter
// are of the monotonic clock if the times of clock carry its reading, as those of time.Now
// do. Then it does not matter how wrong the wall clock was, or is set.
func (l *Limiter) now() int64 { return l.began.UnixNano() + int64(l.clock().Sub(l.began)) }

// A place is where the time of a key is kept.
type place struct {
	shard int
	id    [16]byte
	next  int64 // what Take will write
}

// read returns the time for a call that has the locks: so it goes forward for each key. A
// clock without a monotonic reading can be set back all the same. Then the shards of the
// call forget all that was counted while it was ahead. A second is left to small
// corrections, which would else free every key again and again.
func (l *Limiter) read(places []place) (now int64) {
	now = l.now()
	for _, p := range places {
		s := &l.shards[p.shard]
		if now < s.latest-int64(time.Second) {
			clear(s.keys)
		}
		s.latest = now
	}
	return now
}

// find returns the place of a key. The identity is a hash in which nobody finds two keys
// that collide. The shard is of a hash with a secret seed: chosen keys would otherwise fill
// the shard of another key, and push that one out.
func (l *Limiter) find(key string) place {
	var buf [128]byte // most keys are shorter, and cost no allocation
	sum := sha256.Sum256(append(buf[:0], key...))
	return place{shard: int(maphash.String(l.seed, key) % shards), id: [16]byte(sum[:16])}
}

// places appends the place of each attempt to dst, and returns the set of their shards.
func (l *Limiter) places(dst []place, attempts []Attempt) (all []place, set uint64) {
	for _, a := range attempts {
		p := l.find(a.Key)
		dst, set = append(dst, p), set|1<<p.shard
	}
	return dst, set
}

// lock locks the shards of a set, in their order, so that calls never wait for each other
// in a circle.
func (l *Limiter) lock(set uint64) {
	for ; set != 0; set &= set - 1 {
		l.shards[bits.TrailingZeros64(set)].mu.Lock()
	}
}

func (l *Limiter) unlock(set uint64) {
	for ; set != 0; set &= set - 1 {
		l.shards[bits.TrailingZeros64(set)].mu.Unlock()
	}
}

// Take counts one attempt of every key and returns -1 and 0. Or it counts nothing, and
// returns which attempt has to wait longest, and how long: after that time all of the call
// is allowed. A key that stands twice in a call is counted twice.
func (l *Limiter) Take(attempts []Attempt) (refused int, wait time.Duration) {
	places, set := l.places(make([]place, 0, usual), attempts)
	l.lock(set)
	defer l.unlock(set)
	now := l.read(places)
	for i, a := range attempts {
		next := l.free(places, i, now, int64(a.Per)) + a.step()
		places[i].next = next
		if w := time.Duration(next - now - int64(a.Per)); w > wait {
			refused, wait = i, w
		}
	}
	if wait > 0 {
		return refused, wait
	}
	for _, p := range places {
		l.shards[p.shard].put(p, now, l.maxKeys)
	}
	return -1, 0
}

// free returns when the attempts of a key are forgotten, with those that stand before it in
// the same call.
func (l *Limiter) free(places []place, i int, now, per int64) int64 {
	p := places[i]
	for j := i - 1; j >= 0; j-- {
		if places[j].id == p.id {
			return places[j].next
		}
	}
	return l.shards[p.shard].free(p.id, now, per)
}

// free returns when the attempts of a key are forgotten, or now if they are. A time further
// ahead than the rate can take it was written before a clock was set back a little: see
// [Limiter.read].
func (s *shard) free(id [16]byte, now, per int64) int64 {
	free := s.keys[id]
	if free > now+per {
		return now
	}
	return max(free, now)
}

func (s *shard) put(p place, now int64, maxKeys int) {
	if _, found := s.keys[p.id]; !found {
		s.makeRoom(now, maxKeys)
	}
	s.keys[p.id] = p.next
}

// GiveBack takes one attempt of every key off the count, and two of a key that stands twice
// in the call. A key of which nothing is counted has all its attempts, and gets no more.
func (l *Limiter) GiveBack(attempts []Attempt) {
	places, set := l.places(make([]place, 0, usual), attempts)
	l.lock(set)
	defer l.unlock(set)
	now := l.read(places)
	for i, a := range attempts {
		p := places[i]
		s := &l.shards[p.shard]
		if free := s.free(p.id, now, int64(a.Per)) - a.step(); free > now {
			s.keys[p.id] = free
		} else {
			delete(s.keys, p.id)
		}
	}
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
