package strictjson

import (
	"bytes"
	"errors"
	"sort"
	"unicode/utf8"
)

// A mark stands for a string that was mended.
type mark struct {
	end    int // its end in the mended text
	grown  int // by how many bytes the text up to there is longer than the given one
	faults Fault
}

// mendStrings returns a copy of data in which all strings can be read, and a mark for each
// that is another now. It judges nothing else: data need not be JSON.
//
// Mending makes no name of another: every place of it has U+FFFD or a control character,
// which no name has that means something. It closes no string, and it makes no escape
// sequence of what is none.
func mendStrings(data []byte) (text []byte, marks []mark) {
	text = make([]byte, 0, len(data)+64)
	p := parser{data: data}
	for p.pos < len(data) {
		quote := bytes.IndexByte(data[p.pos:], '"')
		if quote == -1 {
			return append(text, data[p.pos:]...), marks
		}
		text = append(text, data[p.pos:p.pos+quote+1]...)
		p.pos += quote + 1
		var faults Fault
		text, faults = p.mendString(text)
		if faults != 0 {
			marks = append(marks, mark{end: len(text), grown: len(text) - p.pos, faults: faults})
		}
	}
	return text, marks
}

// mendString appends to text the string that the cursor is in, and goes behind its end.
func (p *parser) mendString(text []byte) (_ []byte, faults Fault) {
	for p.pos < len(p.data) {
		start := p.pos
		switch c := p.data[start]; {
		case c == '"':
			p.pos++
			return append(text, c), faults
		case c == '\\':
			if p.looseEscape() {
				text, faults = append(text, `\ufffd`...), faults|HalfSurrogate
				continue
			}
		case c < ' ':
			p.pos++
			text, faults = append(text, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15]), faults|RawControl
			continue
		case c < utf8.RuneSelf:
			p.pos++
		default:
			_, size := utf8.DecodeRune(p.data[start:])
			p.pos += size
			if size == 1 { // no rune above ASCII has one byte
				text, faults = utf8.AppendRune(text, utf8.RuneError), faults|NotUTF8
				continue
			}
		}
		text = append(text, p.data[start:p.pos]...)
	}
	return text, faults
}

// looseEscape passes the escape sequence whose backslash is at the cursor, or both of a
// surrogate pair. It reports whether it was half of a pair. What is no escape sequence it
// passes too: it is refused when the text is read.
func (p *parser) looseEscape() (half bool) {
	p.pos++ // backslash
	if p.peek() != 'u' {
		p.pos = min(p.pos+1, len(p.data))
		return false
	}
	p.pos++
	unit := p.hex4()
	end := p.pos
	if unit < 0xD800 || unit > 0xDFFF || unit < 0xDC00 && p.lowSurrogate() {
		return false
	}
	p.pos = end
	return true
}

// inData returns an error about a mended text with the place in the given one.
func inData(err error, marks []mark) error {
	bad, ok := errors.AsType[*placeError](err)
	if !ok {
		return err
	}
	before := sort.Search(len(marks), func(i int) bool { return marks[i].end > bad.at })
	if before > 0 {
		bad.at -= marks[before-1].grown
	}
	return bad
}
