// Package fairqueue bounds how many callers work at once and how many wait for that, and
// shares both fairly among groups of callers. A group that asks for everything gets what
// the others leave.
//
// A caller takes a place with [Queue.Enter], prepares, waits for a permit with
// [Place.Wait], works, and gives both back with [Place.Leave]. The groups whose callers
// wait get permits in turn (round robin, RFC 970), and the callers of one group in the
// order in which they began to wait.
//
// When all places are taken, the longest group makes way for a shorter one: the newest of
// its callers that does not work yet loses its place. Work that has begun is never
// disturbed. A caller that is alone in its group never loses its place.
package fairqueue

import (
	"container/heap"
	"context"
	"errors"
	"slices"
	"sync"
)

// ErrPushedOut is what [Place.Wait] returns when the place went to a caller of a shorter
// group.
var ErrPushedOut = errors.New("fairqueue: the place went to a caller of a shorter group")

// A Queue has a number of places, and a smaller number of permits to work. It is safe for
// concurrent use, and starts no goroutines. Make one with [New].
type Queue struct {
	mu      sync.Mutex
	permits int               // that are free
	places  int               // that are free
	groups  map[string]*group // those with a caller
	turns   []*group          // those with a caller that waits, the next one first
	lengths byLength          // all groups
}

// A Place belongs to one caller, from [Queue.Enter] until [Place.Leave].
type Place struct {
	queue *Queue
	group *group
	state state
	turn  chan struct{} // closed when the caller may work, or has lost the place
}

// A state is what the caller in a place does.
type state int

const (
	preparing state = iota
	waiting
	working
	gone
)

// New returns a queue for callers that work, at most permits of them, and for so many more
// that do not yet. Both must be 1 or more.
func New(permits, more int) *Queue {
	return &Queue{permits: permits, places: permits + more, groups: make(map[string]*group)}
}

// HasRoom reports whether Enter would give a place to a caller of the group.
func (q *Queue) HasRoom(group string) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.hasRoom(group)
}

// Enter takes a place for a caller of the group. It returns false if all places are taken
// and no other group would still be as long as the caller's if it gave up one of its own.
func (q *Queue) Enter(name string) (p *Place, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.hasRoom(name) {
		return nil, false
	}
	if q.places == 0 {
		q.lengths[0].newest().leave()
	}
	g := q.groups[name]
	if g == nil {
		g = &group{name: name}
		q.groups[name] = g
		heap.Push(&q.lengths, g)
	}
	p = &Place{queue: q, group: g, turn: make(chan struct{})}
	q.places--
	g.length++
	g.preparing = append(g.preparing, p)
	heap.Fix(&q.lengths, g.index)
	return p, true
}

// Callers returns how many callers have a place: those with a permit, and the others.
func (q *Queue) Callers() (working, unserved int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, g := range q.groups {
		ofGroup := len(g.preparing) + len(g.waiting)
		working += g.length - ofGroup
		unserved += ofGroup
	}
	return working, unserved
}

// Wait waits until the caller may work. It returns the context's error if that ends first,
// or [ErrPushedOut] if the caller has lost its place; in both cases the place is given
// back. Call it once.
func (p *Place) Wait(ctx context.Context) error {
	if ctx.Err() == nil { // select chooses by chance when both are ready
		p.ask()
		select {
		case <-p.turn:
			if p.state == gone {
				return ErrPushedOut
			}
			return nil
		case <-ctx.Done():
		}
	}
	p.Leave()
	return ctx.Err()
}

// Leave gives the place back, and the permit with it. It may be called more than once.
func (p *Place) Leave() {
	p.queue.mu.Lock()
	defer p.queue.mu.Unlock()
	p.leave()
}

func (q *Queue) hasRoom(name string) bool {
	length := 1
	if g := q.groups[name]; g != nil {
		length += g.length
	}
	return q.places > 0 || q.lengths[0].yields() > length
}

// ask puts the caller behind those of its group that wait already.
func (p *Place) ask() {
	q, g := p.queue, p.group
	q.mu.Lock()
	defer q.mu.Unlock()
	if p.state != preparing {
		return
	}
	p.state = waiting
	g.preparing = without(g.preparing, p)
	g.waiting = append(g.waiting, p)
	if len(g.waiting) == 1 {
		q.turns = append(q.turns, g)
	}
	q.serve()
}

// serve hands out the free permits, one for each turn.
func (q *Queue) serve() {
	for q.permits > 0 && len(q.turns) > 0 {
		g := q.turns[0]
		p := g.waiting[0]
		q.permits--
		q.stopWaiting(p)
		if len(g.waiting) > 0 {
			q.turns = append(without(q.turns, g), g)
		}
		heap.Fix(&q.lengths, g.index)
		p.state = working
		close(p.turn)
	}
}

func (q *Queue) stopWaiting(p *Place) {
	g := p.group
	g.waiting = without(g.waiting, p)
	if len(g.waiting) == 0 {
		q.turns = without(q.turns, g)
	}
}

// leave takes the caller out of the queue, whatever it does there.
func (p *Place) leave() {
	q, g := p.queue, p.group
	switch p.state {
	case preparing:
		g.preparing = without(g.preparing, p)
	case waiting:
		q.stopWaiting(p)
	case working:
		q.permits++
	case gone:
		return
	}
	if p.state != working {
		defer close(p.turn) // it is closed already for one that works
	}
	p.state = gone
	q.places++
	g.length--
	if g.length > 0 {
		heap.Fix(&q.lengths, g.index)
	} else {
		heap.Remove(&q.lengths, g.index)
		delete(q.groups, g.name)
	}
	q.serve()
}

// without removes one element, and keeps no pointer to it.
func without[T comparable](list []T, element T) []T {
	i := slices.Index(list, element)
	return slices.Delete(list, i, i+1)
}
