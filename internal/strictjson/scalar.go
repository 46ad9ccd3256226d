package strictjson

import "unicode/utf8"

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
		if p.pos++; !p.digits() {
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

func (p *parser) digits() bool {
	start := p.pos
	for c := p.peek(); '0' <= c && c <= '9'; c = p.peek() {
		p.pos++
	}
	return p.pos > start
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
			r, size := utf8.DecodeRune(p.data[p.pos:])
			if r == utf8.RuneError && size <= 1 {
				return nil, p.failf("it is not valid UTF-8")
			}
			p.pos += size
		}
	}
	return nil, p.syntax()
}

// escape parses the escape sequence whose backslash is at the cursor. A surrogate
// must be the first half of a pair, so that a string has one decoding.
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
	switch r, ok := p.hex4(); {
	case !ok:
		return p.syntax()
	case r < 0xD800 || r > 0xDFFF:
		return nil
	case r < 0xDC00 && p.peek() == '\\':
		if p.pos++; p.peek() == 'u' {
			p.pos++
			if low, ok := p.hex4(); ok && 0xDC00 <= low && low <= 0xDFFF {
				return nil
			}
		}
	}
	return p.failf("it has half of a surrogate pair")
}

func (p *parser) hex4() (r rune, ok bool) {
	if len(p.data)-p.pos < 4 {
		return 0, false
	}
	for range 4 {
		c := p.data[p.pos]
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
		p.pos++
	}
	return r, true
}
