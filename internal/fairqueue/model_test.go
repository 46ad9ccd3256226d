package fairqueue

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// A model is the queue as its comment describes it, without a thought for speed: it looks
// through everything, every time.
type model struct {
	permits, places int
	callers         []*caller // with a place, in the order in which they entered
	asked           []*caller // of them those that wait, in the order in which they asked
	turns           []string  // the groups of those, the next one first
}

// A caller is in the model and in the queue.
type caller struct {
	group string
	state state
	place *Place
}

// in returns how many callers of the group are in any of the states.
func (m *model) in(group string, states ...state) (n int) {
	for _, c := range m.callers {
		if c.group == group && slices.Contains(states, c.state) {
			n++
		}
	}
	return n
}

func (m *model) length(group string) int { return m.in(group, preparing, waiting, working) }

// longest returns the length of the longest group that can lose a place.
func (m *model) longest() (length int) {
	for _, c := range m.callers {
		if c.state != working {
			length = max(length, m.length(c.group))
		}
	}
	return length
}

func (m *model) hasRoom(group string) bool {
	return len(m.callers) < m.places || m.longest() > m.length(group)+1
}

// newest returns who of a group would be the last to work.
func (m *model) newest(group string) (last *caller) {
	for _, c := range m.asked {
		if c.group == group {
			last = c
		}
	}
	for _, c := range m.callers {
		if c.group == group && c.state == preparing {
			last = c
		}
	}
	return last
}

func (m *model) enter(c *caller) { m.callers = append(m.callers, c) }

func (m *model) ask(c *caller) {
	c.state = waiting
	m.asked = append(m.asked, c)
	if !slices.Contains(m.turns, c.group) {
		m.turns = append(m.turns, c.group)
	}
	m.serve()
}

func (m *model) leave(c *caller) {
	c.state = gone
	is := func(other *caller) bool { return other == c }
	m.callers = slices.DeleteFunc(m.callers, is)
	m.asked = slices.DeleteFunc(m.asked, is)
	if m.in(c.group, waiting) == 0 {
		m.turns = slices.DeleteFunc(m.turns, func(group string) bool { return group == c.group })
	}
	m.serve()
}

func (m *model) serve() {
	for len(m.turns) > 0 {
		busy := 0
		for _, c := range m.callers {
			if c.state == working {
				busy++
			}
		}
		if busy == m.permits {
			return
		}
		group := m.turns[0]
		m.turns = m.turns[1:]
		i := slices.IndexFunc(m.asked, func(c *caller) bool { return c.group == group })
		m.asked[i].state = working
		m.asked = slices.Delete(m.asked, i, i+1)
		if m.in(group, waiting) > 0 {
			m.turns = append(m.turns, group)
		}
	}
}

// A match plays the same moves on a queue and on a model.
type match struct {
	t       *testing.T
	queue   *Queue
	model   *model
	callers []*caller // all there have been
	moves   []string
}

func newMatch(t *testing.T, permits, more int) *match {
	return &match{t: t, queue: New(permits, more), model: &model{permits: permits, places: permits + more}}
}

// play makes the move that two bytes stand for.
func (m *match) play(move, which byte) {
	if move%2 == 0 || len(m.model.callers) == 0 {
		m.enter(string("abcdefgh"[which%8]))
	} else {
		c := m.model.callers[int(which)%len(m.model.callers)]
		if c.state == preparing && move%4 == 1 {
			m.moves = append(m.moves, "a caller of "+c.group+" asks")
			c.place.ask()
			m.model.ask(c)
		} else {
			m.moves = append(m.moves, "a caller of "+c.group+" leaves")
			c.place.Leave()
			m.model.leave(c)
		}
	}
	m.compare()
}

func (m *match) enter(group string) {
	m.moves = append(m.moves, "a caller of "+group+" enters")
	room := m.model.hasRoom(group)
	if got := m.queue.HasRoom(group); got != room {
		m.t.Fatalf("%q: HasRoom is %t, want %t", m.moves, got, room)
	}
	place, ok := m.queue.Enter(group)
	if ok != room {
		m.t.Fatalf("%q: Enter returns %t, want %t", m.moves, ok, room)
	}
	if !ok {
		return
	}
	if len(m.model.callers) == m.model.places {
		m.pushOut()
	}
	c := &caller{group: group, place: place}
	m.callers = append(m.callers, c)
	m.model.enter(c)
}

// pushOut finds who lost the place in the queue. Of groups of one length it may be any.
func (m *match) pushOut() {
	longest := m.model.longest()
	for _, c := range m.model.callers {
		if c.place.state != gone {
			continue
		}
		if c.state == working || m.model.length(c.group) != longest || c != m.model.newest(c.group) {
			m.t.Fatalf("%q: a caller of %s lost its place; want the newest that does not work of a group of %d",
				m.moves, c.group, longest)
		}
		m.model.leave(c)
		return
	}
	m.t.Fatalf("%q: nobody lost a place, and all are taken", m.moves)
}

func (m *match) compare() {
	for i, c := range m.callers {
		if c.place.state != c.state {
			m.t.Fatalf("%q: caller %d, of %s, is in the state %d, want %d",
				m.moves, i, c.group, c.place.state, c.state)
		}
		told := false
		select {
		case <-c.place.turn:
			told = true
		default:
		}
		if done := c.state == working || c.state == gone; told != done {
			m.t.Fatalf("%q: caller %d, of %s, was told so: %t, want %t", m.moves, i, c.group, told, done)
		}
	}
	names := make(map[string]bool)
	unserved := 0
	for _, c := range m.model.callers {
		names[c.group] = true
		if c.state != working {
			unserved++
		}
	}
	if len(m.queue.groups) != len(names) || len(m.queue.lengths) != len(names) {
		m.t.Fatalf("%q: the queue has %d groups, %d by length; want %d",
			m.moves, len(m.queue.groups), len(m.queue.lengths), len(names))
	}
	served := len(m.model.callers) - unserved
	if busy, others := m.queue.Callers(); busy != served || others != unserved {
		m.t.Fatalf("%q: %d have a permit and %d a place without, want %d and %d",
			m.moves, busy, others, served, unserved)
	}
}

// Random moves, with few places so that they are often all taken.
func TestQueueIsItsModel(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2000) {
		random := rand.New(rand.NewPCG(seed, 0))
		m := newMatch(t, 1+random.IntN(3), 1+random.IntN(6))
		enterMore := random.IntN(3) // 0 for as many that enter as do anything else
		for range 100 {
			move := byte(random.Uint32())
			if random.IntN(3) < enterMore {
				move = 0
			}
			m.play(move, byte(random.Uint32()))
		}
	}
}

// FuzzQueue lets the fuzzer choose the moves.
func FuzzQueue(f *testing.F) {
	for _, permits := range []byte{0, 1, 2} {
		f.Add([]byte{permits, 1, 0, 0, 1, 0, 0, 0, 1, 1, 0, 1, 0, 2, 3, 0})
	}
	f.Add([]byte("\x00\x03\x00\x01\x00\x01\x00\x01\x00\x01\x00\x02\x01\x00\x01\x01\x03\x00\x01\x02"))
	f.Fuzz(func(t *testing.T, moves []byte) {
		if len(moves) < 2 {
			return
		}
		m := newMatch(t, 1+int(moves[0]%4), 1+int(moves[1]%16))
		moves = moves[2:min(len(moves), 400)]
		for ; len(moves) >= 2; moves = moves[2:] {
			m.play(moves[0], moves[1])
		}
	})
}
