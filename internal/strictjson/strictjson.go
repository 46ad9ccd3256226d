// Package strictjson reads one JSON object as strictly as a door has to: a text has one
// meaning or is refused.
//
// Beyond the grammar of RFC 8259 it refuses what encoding/json lets through: duplicate
// names at any depth, invalid UTF-8, lone surrogates, a byte order mark, and nesting deeper
// than [MaxDepth]. It compares names exactly and never folds their case. It knows nothing
// of tokens or requests and keeps no state.
package strictjson

import (
	"bytes"
	"errors"
	"fmt"
)

// MaxDepth is how many objects and arrays may be open at once, the outermost included.
const MaxDepth = 32

// A Member is one name and value of an object. Members stand in the order of the text.
type Member struct {
	Name  []byte // unescaped; shares memory with the text if it has no escapes
	Value Value
}

// Errors of [Object] that a caller may tell apart from bad syntax.
var (
	ErrNotObject = errors.New("it is not a JSON object")
	ErrTooDeep   = fmt.Errorf("it nests deeper than %d levels", MaxDepth)
)

// Object parses data as one JSON object and appends its members to dst. Spare capacity in
// dst saves allocations. An error says what is wrong with data and at which byte (`it has
// the name "email" twice (at byte 31)`).
func Object(data []byte, dst []Member) ([]Member, error) {
	p, err := begin(data)
	if err != nil {
		return nil, err
	}
	dst, err = p.object(dst, 1)
	if err != nil {
		return nil, err
	}
	if err := p.end(); err != nil {
		return nil, err
	}
	return dst, nil
}

type parser struct {
	data []byte
	pos  int

	loose  bool  // take a name twice in an object, and values that nest too deep
	faults Fault // what was taken
}

// begin returns a parser at the brace of an object.
func begin(data []byte) (parser, error) {
	p := parser{data: data}
	if bytes.HasPrefix(data, []byte("\xef\xbb\xbf")) {
		return p, errors.New("it starts with a byte order mark")
	}
	p.space()
	if p.peek() != '{' {
		return p, ErrNotObject
	}
	return p, nil
}

// end refuses what follows the object.
func (p *parser) end() error {
	p.space()
	if p.pos != len(p.data) {
		return p.failf("there is data after the object")
	}
	return nil
}

// A placeError says what is wrong with a text, and where.
type placeError struct {
	what string
	at   int
}

func (e *placeError) Error() string { return fmt.Sprintf("%s (at byte %d)", e.what, e.at) }

func (p *parser) failf(format string, args ...any) error {
	return &placeError{fmt.Sprintf(format, args...), p.pos}
}

func (p *parser) syntax() error {
	if p.pos >= len(p.data) {
		return errors.New("it ends too early")
	}
	return p.failf("it is not valid JSON")
}

// peek returns the byte at the cursor, or 0 at the end: a 0 has no meaning in JSON.
func (p *parser) peek() byte {
	if p.pos < len(p.data) {
		return p.data[p.pos]
	}
	return 0
}

func (p *parser) space() {
	for p.pos < len(p.data) {
		switch p.data[p.pos] {
		case ' ', '\t', '\n', '\r':
			p.pos++
		default:
			return
		}
	}
}

// object parses the object whose brace is at the cursor and appends its members to dst.
func (p *parser) object(dst []Member, depth int) ([]Member, error) {
	p.pos++ // {
	p.space()
	if p.peek() == '}' {
		p.pos++
		return dst, nil
	}
	var seen names
	first := len(dst)
	for {
		name, err := p.name()
		if err != nil {
			return nil, err
		}
		if seen.has(dst[first:], name) {
			if !p.loose {
				return nil, p.failf("it has the name %q twice", clip(name))
			}
			p.faults |= TwiceInside
		}
		if err := p.colon(); err != nil {
			return nil, err
		}
		start := p.pos
		if err := p.value(depth); err != nil {
			return nil, err
		}
		dst = append(dst, Member{Name: name, Value: p.data[start:p.pos]})
		more, err := p.comma('}')
		if !more {
			return dst, err
		}
	}
}

// name parses a member's name, without the colon.
func (p *parser) name() ([]byte, error) {
	if p.peek() != '"' {
		return nil, p.syntax()
	}
	quoted, err := p.str()
	if err != nil {
		return nil, err
	}
	name, err := unquote(quoted)
	if err != nil {
		return nil, p.syntax()
	}
	return name, nil
}

// colon parses the colon behind a name, and the white space around it.
func (p *parser) colon() error {
	p.space()
	if p.peek() != ':' {
		return p.syntax()
	}
	p.pos++
	p.space()
	return nil
}

func (p *parser) array(depth int) error {
	p.pos++ // [
	p.space()
	if p.peek() == ']' {
		p.pos++
		return nil
	}
	for {
		if err := p.value(depth); err != nil {
			return err
		}
		more, err := p.comma(']')
		if !more {
			return err
		}
	}
}

// comma parses what follows a member or an element, and the white space around it. It
// reports whether that is a comma. The closing bracket is the end, and all else an error.
func (p *parser) comma(closing byte) (more bool, err error) {
	p.space()
	switch p.peek() {
	case ',':
		p.pos++
		p.space()
		return true, nil
	case closing:
		p.pos++
		return false, nil
	}
	return false, p.syntax()
}

// value parses any value. depth is how many objects and arrays are open around it.
func (p *parser) value(depth int) error {
	switch p.peek() {
	case '"':
		_, err := p.str()
		return err
	case '{':
		if depth == MaxDepth {
			return p.tooDeep()
		}
		var buf [8]Member
		_, err := p.object(buf[:0], depth+1)
		return err
	case '[':
		if depth == MaxDepth {
			return p.tooDeep()
		}
		return p.array(depth + 1)
	case 't':
		return p.literal("true")
	case 'f':
		return p.literal("false")
	case 'n':
		return p.literal("null")
	}
	return p.number()
}

// names finds a repeated name. It compares the members one by one up to a number, and keeps
// a set from then on, so that a text of n bytes never costs n² steps.
type names struct{ set map[string]struct{} }

// linear is the number of members from which on a set is cheaper than a look at each.
const linear = 64

func (n *names) has(members []Member, name []byte) bool {
	if len(members) < linear {
		for i := range members {
			if bytes.Equal(members[i].Name, name) {
				return true
			}
		}
		return false
	}
	if n.set == nil {
		n.set = make(map[string]struct{})
		for i := range members {
			n.set[string(members[i].Name)] = struct{}{}
		}
	}
	_, found := n.set[string(name)]
	n.set[string(name)] = struct{}{}
	return found
}

// clip shortens a name that an error quotes. It copies: else every text would have to be on
// the heap.
func clip(name []byte) string { return string(name[:min(len(name), 64)]) }
