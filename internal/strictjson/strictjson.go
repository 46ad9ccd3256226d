// Package strictjson reads one JSON object the way a door has to read it: every
// text has at most one meaning, and what has none is refused.
//
// On top of the grammar of RFC 8259 it refuses what encoding/json lets through:
// duplicate names at any depth, invalid UTF-8, lone surrogates, a byte order mark,
// and nesting deeper than [MaxDepth]. Names are compared exactly, never case-folded.
// It knows nothing of tokens or requests and keeps no state.
package strictjson

import (
	"bytes"
	"errors"
	"fmt"
)

// MaxDepth is how many objects and arrays may be open at once, the outermost included.
const MaxDepth = 32

// A Member is one name and value of an object, in the order of the text.
type Member struct {
	Name  []byte // unescaped; shares memory with the text where it has no escapes
	Value Value
}

// Errors of [Object] that a caller may want to tell apart from plain bad syntax.
var (
	ErrNotObject = errors.New("it is not a JSON object")
	ErrTooDeep   = fmt.Errorf("it nests deeper than %d levels", MaxDepth)
)

// Object parses data as one JSON object and appends its members to dst, which a
// caller may hand in with spare capacity to save allocations. The error's text says
// what is wrong with data ("it has the name \"email\" twice").
func Object(data []byte, dst []Member) ([]Member, error) {
	p := parser{data: data}
	if bytes.HasPrefix(data, []byte("\xef\xbb\xbf")) {
		return nil, errors.New("it starts with a byte order mark")
	}
	p.space()
	if p.peek() != '{' {
		return nil, ErrNotObject
	}
	dst, err := p.object(dst, 1)
	if err != nil {
		return nil, err
	}
	if p.space(); p.pos != len(data) {
		return nil, p.failf("there is data after the object")
	}
	return dst, nil
}

type parser struct {
	data []byte
	pos  int
}

func (p *parser) failf(format string, args ...any) error {
	return fmt.Errorf(format+" (at byte %d)", append(args, p.pos)...)
}

func (p *parser) syntax() error {
	if p.pos >= len(p.data) {
		return errors.New("it ends too early")
	}
	return p.failf("it is not valid JSON")
}

// peek returns the byte at the cursor, or 0 at the end: no JSON text goes on with a 0.
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

// object parses an object whose brace is at the cursor and appends its members to dst.
func (p *parser) object(dst []Member, depth int) ([]Member, error) {
	p.pos++ // {
	var seen names
	first := len(dst)
	for p.space(); ; p.space() {
		if p.peek() == '}' && len(dst) == first {
			p.pos++
			return dst, nil
		}
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
		if seen.has(dst[first:], name) {
			return nil, p.failf("it has the name %q twice", clip(name))
		}
		if p.space(); p.peek() != ':' {
			return nil, p.syntax()
		}
		p.pos++
		p.space()
		start := p.pos
		if err := p.value(depth); err != nil {
			return nil, err
		}
		dst = append(dst, Member{Name: name, Value: p.data[start:p.pos]})
		p.space()
		switch p.peek() {
		case ',':
			p.pos++
			if p.space(); p.peek() != '"' {
				return nil, p.syntax()
			}
		case '}':
			p.pos++
			return dst, nil
		default:
			return nil, p.syntax()
		}
	}
}

func (p *parser) value(depth int) error {
	switch c := p.peek(); {
	case c == '"':
		_, err := p.str()
		return err
	case c == '{':
		if depth == MaxDepth {
			return ErrTooDeep
		}
		var few [8]Member
		_, err := p.object(few[:0], depth+1)
		return err
	case c == '[':
		if depth == MaxDepth {
			return ErrTooDeep
		}
		return p.array(depth + 1)
	case c == '-' || '0' <= c && c <= '9':
		return p.number()
	}
	for _, literal := range [...]string{"true", "false", "null"} {
		if len(p.data)-p.pos >= len(literal) && string(p.data[p.pos:p.pos+len(literal)]) == literal {
			p.pos += len(literal)
			return nil
		}
	}
	return p.syntax()
}

func (p *parser) array(depth int) error {
	p.pos++ // [
	if p.space(); p.peek() == ']' {
		p.pos++
		return nil
	}
	for {
		p.space()
		if err := p.value(depth); err != nil {
			return err
		}
		p.space()
		switch p.peek() {
		case ',':
			p.pos++
		case ']':
			p.pos++
			return nil
		default:
			return p.syntax()
		}
	}
}

// names finds a repeated name: by looking through the members while they are few, by
// a set when they are many, so that a text of n bytes never costs n² steps.
type names struct{ set map[string]struct{} }

// linear is how many members are looked through. The search is then still cheaper than a set.
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
		n.set = make(map[string]struct{}, 2*linear)
		for i := range members {
			n.set[string(members[i].Name)] = struct{}{}
		}
	}
	_, found := n.set[string(name)]
	n.set[string(name)] = struct{}{}
	return found
}

// clip keeps a name that is quoted in an error short.
func clip(name []byte) []byte { return name[:min(len(name), 64)] }
