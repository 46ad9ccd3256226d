package strictjson

import (
	"encoding/json"
	"fmt"
	"slices"
)

// A Flaw is why [Object] refuses a member that can be read all the same.
type Flaw struct {
	Member int // its index
	Faults Fault
}

// A Fault is what is wrong with the name or the value of a member, or several such things.
type Fault uint8

// The faults. The first three are mended.
const (
	HalfSurrogate Fault = 1 << iota // half of a surrogate pair, which is U+FFFD now
	NotUTF8                         // bytes that are not UTF-8, each of which is U+FFFD now
	RawControl                      // a control character in a string, which is escaped now
	NameTwice                       // the object has the name again; the member is the first
	TwiceInside                     // an object in the value has a name twice
	TooDeep                         // it nests deeper than MaxDepth
)

// Mended reports whether the member is one that Object takes, now.
func (f Fault) Mended() bool { return f&(NameTwice|TwiceInside|TooDeep) == 0 }

// maxLooseDepth is how many objects and arrays may be open at once in a text for [Mend].
const maxLooseDepth = 500

var errFarTooDeep = fmt.Errorf("it nests deeper than %d levels", maxLooseDepth)

// Mend is [Object] for a text that Object has refused. It reads what is one JSON object but
// for its [Fault]s, and returns a [Flaw] for each member that has any. What else Object
// refuses is an error.
//
// No two members have one name, as it is after mending. Members share no memory with data.
// Time and memory are linear in its length: data may be a stranger's.
func Mend(data []byte) (members []Member, flaws []Flaw, err error) {
	text, marks := mendStrings(data)
	m := mender{marks: marks, index: make(map[string]int)}
	m.parser, err = begin(text)
	m.loose = true
	if err == nil {
		err = m.read()
	}
	if err != nil {
		return nil, nil, inData(err, marks)
	}
	flaws = slices.DeleteFunc(m.flaws, func(f Flaw) bool { return f.Faults == 0 })
	return m.members, flaws, nil
}

// A mender reads a text whose strings are mended.
type mender struct {
	parser
	marks   []mark // of strings that are not read yet
	members []Member
	flaws   []Flaw         // one for each member
	index   map[string]int // of the member with a name
}

// read reads the object whose brace is at the cursor, and with it the text.
func (m *mender) read() error {
	m.pos++ // {
	m.space()
	more := m.peek() != '}'
	if !more {
		m.pos++
	}
	for more {
		name, err := m.name()
		if err != nil {
			return err
		}
		if err := m.colon(); err != nil {
			return err
		}
		start := m.pos
		if err := m.value(1); err != nil {
			return err
		}
		m.add(Member{Name: name, Value: m.data[start:m.pos]})
		if more, err = m.comma('}'); err != nil {
			return err
		}
	}
	return m.end()
}

// add adds a member that ends before the cursor, with the faults that were met in it. If
// its name is there already, the faults are the first one's.
func (m *mender) add(member Member) {
	i, twice := m.index[string(member.Name)]
	if !twice {
		i = len(m.members)
		m.index[string(member.Name)] = i
		m.members = append(m.members, member)
		m.flaws = append(m.flaws, Flaw{Member: i})
	}
	faults := &m.flaws[i].Faults
	if twice {
		*faults |= NameTwice
	}
	*faults |= m.faults
	m.faults = 0
	for len(m.marks) > 0 && m.marks[0].end <= m.pos {
		*faults |= m.marks[0].faults
		m.marks = m.marks[1:]
	}
}

// tooDeep refuses the object or array at the cursor. In a loose text it goes behind it, and
// looks at its brackets alone: the stack of a parser that calls itself would need a
// thousand bytes for each bracket of a stranger's.
func (p *parser) tooDeep() error {
	if !p.loose {
		return ErrTooDeep
	}
	p.faults |= TooDeep
	start := p.pos
	for depth := MaxDepth; p.pos == start || depth > MaxDepth; p.pos++ {
		switch p.peek() {
		case '"':
			p.pos = stringEnd(p.data, p.pos) - 1
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case 0:
			return p.syntax()
		}
		if depth > maxLooseDepth {
			return errFarTooDeep
		}
	}
	if !json.Valid(p.data[start:p.pos]) {
		p.pos = start
		return p.syntax()
	}
	return nil
}
