package strictjson

import (
	"bytes"
	"cmp"
	"encoding/json"
	"unicode/utf8"
)

// A Flaw is why [Object] refuses a member that is good JSON all the same.
type Flaw struct {
	Member int   // its index
	Err    error // what is wrong, and at which byte

	InName bool // the member's name has the flaw, and not its value
	Mended bool // U+FFFD has taken the place of each half of a surrogate pair in the value
}

// maxPassedDepth bounds the work for a value that nests too deep.
const maxPassedDepth = 500

// Mend is [Object] for a text that Object has refused. It goes on behind a member that is
// valid JSON (RFC 8259) and that Object does not take: one with half of a surrogate pair,
// one that nests too deep, or one with a name twice inside. It returns those members too,
// with a [Flaw] for each.
//
// Half of a surrogate pair becomes U+FFFD in the string values of a member. In its name,
// and in the names inside its value, it is not mended. No two members have one name. They
// share no memory with data.
func Mend(data []byte) (members []Member, flaws []Flaw, err error) {
	p := parser{data: bytes.Clone(data)}
	p.space()
	if p.peek() != '{' {
		return nil, nil, ErrNotObject
	}
	p.pos++
	p.space()
	more := p.peek() != '}'
	if !more {
		p.pos++
	}
	var seen names
	for more {
		name, flaw, err := p.looseName()
		if err != nil {
			return nil, nil, err
		}
		if flaw != nil {
			flaws = append(flaws, Flaw{Member: len(members), Err: flaw, InName: true})
		}
		if seen.has(members, name) {
			return nil, nil, p.failf("it has the name %q twice", clip(name))
		}
		p.space()
		if p.peek() != ':' {
			return nil, nil, p.syntax()
		}
		p.pos++
		p.space()
		start := p.pos
		mended, flaw, err := p.looseValue()
		if err != nil {
			return nil, nil, err
		}
		if flaw != nil {
			flaws = append(flaws, Flaw{Member: len(members), Err: flaw, Mended: mended})
		}
		members = append(members, Member{Name: name, Value: p.data[start:p.pos]})
		if more, err = p.comma('}'); err != nil {
			return nil, nil, err
		}
	}
	p.space()
	if p.pos != len(data) {
		return nil, nil, p.failf("there is data after the object")
	}
	return members, flaws, nil
}

// looseName is name that takes half of a surrogate pair, as U+FFFD.
func (p *parser) looseName() (name []byte, flaw, err error) {
	start, isString := p.pos, p.peek() == '"'
	name, refused := p.name()
	if refused == nil {
		return name, nil, nil
	}
	if !isString || !p.pass(start) {
		return nil, nil, refused
	}
	name, err = unquote(p.data[start:p.pos])
	return name, refused, err
}

// pass goes behind the string, object or array at start. It reports false for what is not
// JSON, or nests far too deep.
func (p *parser) pass(start int) (ok bool) {
	end, depth := start, 0
	for end < len(p.data) {
		switch p.data[end] {
		case '"':
			end = stringEnd(p.data, end)
		case '{', '[':
			depth++
			end++
		case '}', ']':
			depth--
			end++
		default:
			end++
		}
		if depth <= 0 || depth > maxPassedDepth {
			break
		}
	}
	whole := p.data[start:end]
	if !json.Valid(whole) || !utf8.Valid(whole) {
		return false
	}
	p.pos = end
	return true
}

// looseValue is value that takes whatever is JSON, and says why value would not. It calls
// value once, which costs more than all the rest: strangers choose the text.
func (p *parser) looseValue() (mended bool, flaw, err error) {
	start := p.pos
	switch p.peek() {
	case '"', '{', '[':
	default:
		return false, nil, p.value(1)
	}
	if !p.pass(start) {
		return false, nil, cmp.Or(p.value(1), p.syntax())
	}
	end := p.pos
	half := p.mend(start, end)
	p.pos = start
	flaw = p.value(1)
	mended = flaw == nil && half > 0
	if mended {
		p.pos = half
		flaw = p.failf("it has half of a surrogate pair")
	}
	p.pos = end
	return mended, flaw, nil
}

// mend writes U+FFFD for each half of a surrogate pair in the string values between two
// indexes, in as many bytes. It returns the index behind the first half, or 0 for none.
func (p *parser) mend(start, end int) (half int) {
	for i := start; i < end; i++ {
		if p.data[i] != '"' {
			continue
		}
		q := parser{data: p.data[:end], pos: stringEnd(p.data, i)}
		closed := q.pos
		q.space()
		if q.peek() != ':' {
			half = cmp.Or(half, mendString(p.data[:closed], i))
		}
		i = closed - 1
	}
	return half
}

// mendString does so in the string that begins at an index and ends with the text.
func mendString(text []byte, start int) (half int) {
	p := parser{data: text, pos: start}
	for p.pos < len(text) {
		escape := p.pos
		p.pos++
		if text[escape] != '\\' {
			continue
		}
		p.pos++
		if text[escape+1] != 'u' {
			continue
		}
		unit := p.hex4()
		end := p.pos
		if unit < 0xD800 || unit > 0xDFFF || unit < 0xDC00 && p.lowSurrogate() {
			continue
		}
		p.pos = end
		copy(text[escape:end], `\ufffd`)
		half = cmp.Or(half, end)
	}
	return half
}
