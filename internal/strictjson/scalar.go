package strictjson

import (
	"bytes"
	"unicode/utf8"
)

// number parses a number. Everything that is not a value of another kind ends up here and
// is refused.
func (p *parser) number() error {
	if p.peek() == '-' {
		p.pos++
	}
	if p.peek() == '0' {
		p.pos++
	} else if !p.digits() {
		return p.syntax()
	}
	if p.peek() == '.' {
		p.pos++
		if !p.digits() {
			return p.syntax()
		}
	}
	if c := p.peek(); c == 'e' || c == 'E' {
		p.pos++
		if c := p.peek(); c == '+' || c == '-' {
			p.pos++
		}
		if !p.digits() {
			return p.syntax()
		}
	}
	return nil
}

// digits parses digits and reports whether there was one.
func (p *parser) digits() bool {
	start := p.pos
	for c := p.peek(); '0' <= c && c <= '9'; c = p.peek() {
		p.pos++
	}
	return p.pos > start
}

// literal parses one of the words true, false and null.
func (p *parser) literal(word string) error {
	if !bytes.HasPrefix(p.data[p.pos:], []byte(word)) {
		return p.syntax()
	}
	p.pos += len(word)
	return nil
}

// str parses the string whose quote is at the cursor and returns it with its quotes.
func (p *parser) str() (Value, error) {
	start := p.pos
	p.pos++ // "
	for p.pos < len(p.data) {
		switch c := p.data[p.pos]; {
		case c == '"':
			p.pos++
			return p.data[start:p.pos], nil
		case c == '\\':
			if err := p.escape(); err != nil {
				return nil, err
			}
		case c < ' ':
			return nil, p.failf("it has a control character in a string")
		case c < utf8.RuneSelf:
			p.pos++
		default:
			_, size := utf8.DecodeRune(p.data[p.pos:])
			if size == 1 { // no rune above ASCII has one byte
				return nil, p.failf("it is not valid UTF-8")
			}
			p.pos += size
		}
	}
	return nil, p.syntax()
}

// escape parses the escape sequence whose backslash is at the cursor. A surrogate must be
// the first half of a pair, so that a string has one decoding.
func (p *parser) escape() error {
	p.pos++ // backslash
	switch p.peek() {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		p.pos++
		return nil
	case 'u':
		p.pos++
	default:
		return p.syntax()
	}
	r := p.hex4()
	switch {
	case r < 0:
		return p.syntax()
	case r < 0xD800 || r > 0xDFFF:
		return nil
	case r < 0xDC00 && p.lowSurrogate():
		return nil
	}
	return p.failf("it has half of a surrogate pair")
}

// lowSurrogate parses the escape sequence of a surrogate pair's second half and reports
// whether there is one.
func (p *parser) lowSurrogate() bool {
	if !bytes.HasPrefix(p.data[p.pos:], []byte(`\u`)) {
		return false
	}
	p.pos += 2
	r := p.hex4()
	return 0xDC00 <= r && r <= 0xDFFF
}

// hex4 parses four hexadecimal digits and returns their value, or -1 if there are none.
func (p *parser) hex4() rune {
	r := rune(0)
	for range 4 {
		c := p.peek()
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return -1
		}
		r = r<<4 | rune(c)
		p.pos++
	}
	return r
}
