package authtest

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// cutCodes are what is left of the code, from either end.
func cutCodes(f *codeForger) {
	const why = "The target compares a code, or its MAC, only as far as it goes. What is left can be guessed " +
		"(CVE-2020-28042)."
	n := len(f.Code)
	for i := range n {
		f.add(fmt.Sprintf("first %d of %d characters", i, n), f.Code[:i], why)
		f.add(fmt.Sprintf("last %d of %d characters", i, n), f.Code[n-i:], why)
	}
	for _, r := range f.readings {
		n := len(r.bytes)
		for i := range n {
			f.add(fmt.Sprintf("first %d of %d bytes, %s", i, n, r.name), r.encode(r.bytes[:i]), why)
			f.add(fmt.Sprintf("last %d of %d bytes, %s", i, n, r.name), r.encode(r.bytes[n-i:]), why)
		}
	}
}

// changedCodes differ from the code in one place.
func changedCodes(f *codeForger) {
	const why = "The target ignores a part of the code, so other codes than the mailed one get in."
	for i := range len(f.Code) {
		text := f.Code[:i] + string([]byte{neighbour(f.Code[i])}) + f.Code[i+1:]
		if f.saysTheSame(text) { // it has unused bits: see misspelledCodes
			continue
		}
		f.add(fmt.Sprintf("character %d of %d", i+1, len(f.Code)), text, why)
	}
	for _, r := range f.readings {
		for i := range r.bytes {
			place := fmt.Sprintf("byte %d of %d, %s", i+1, len(r.bytes), r.name)
			for _, bit := range []byte{0x01, 0x20, 0x80} {
				b := slices.Clone(r.bytes)
				b[i] ^= bit
				f.add(fmt.Sprintf("%s, bit %#02x", place, bit), r.encode(b), why)
			}
			f.add(place+", removed", r.encode(slices.Delete(slices.Clone(r.bytes), i, i+1)), why)
			f.add(place+", zero before it", r.encode(slices.Insert(slices.Clone(r.bytes), i, 0)), why)
		}
		f.add("zero byte at the end, "+r.name, r.encode(append(slices.Clone(r.bytes), 0)), why)
		reversed := slices.Clone(r.bytes)
		slices.Reverse(reversed)
		f.add("reversed, "+r.name, r.encode(reversed), why)
	}
}

// saysTheSame reports whether a lenient decoder reads the bytes of the code in a text.
func (f *codeForger) saysTheSame(text string) bool {
	return slices.ContainsFunc(f.readings, func(r reading) bool {
		b, err := r.decode(text)
		return err == nil && bytes.Equal(b, r.bytes)
	})
}

// neighbour returns another character of the same kind.
func neighbour(c byte) byte {
	switch c {
	case '9', 'z', 'Z':
		return c - 1
	case '-':
		return '_'
	case '_':
		return '-'
	}
	if c < 0x7f {
		return c + 1
	}
	return 'A'
}

// joinedCodes are a part of the code and a part of another.
func joinedCodes(f *codeForger) {
	const why = "The target checks the parts of a code one by one, and not that they belong together."
	for _, o := range f.others() {
		pairs := shared(f.readings, readingsOf(o.text))
		for _, p := range pairs {
			f.join(o, p[0], p[1], why)
		}
		if len(pairs) == 0 && strings.Count(o.text, ".") == strings.Count(f.Code, ".") {
			plain := encoding{"as text", func(b []byte) string { return string(b) }, nil}
			f.join(o, reading{plain, []byte(f.Code)}, reading{plain, []byte(o.text)}, why)
		}
		for _, between := range []string{"", ".", ",", "|", " ", "&code="} {
			f.add(fmt.Sprintf("the code, %q, %s", between, o.name), f.Code+between+o.text, why)
			f.add(fmt.Sprintf("%s, %q, the code", o.name, between), o.text+between+f.Code, why)
		}
	}
}

// join joins two codes at each place, counted from the start or from the end.
func (f *codeForger) join(o named, code, other reading, why string) {
	add := func(name string, head, tail []byte) {
		if text := code.encode(slices.Concat(head, tail)); text != o.text {
			f.add(name+", "+code.name, text, why)
		}
	}
	a, b := code.bytes, other.bytes
	for i := 1; i < max(len(a), len(b)); i++ {
		if i < min(len(a), len(b)) {
			add(fmt.Sprintf("first %d of the code, rest of %s", i, o.name), a[:i], b[i:])
			add(fmt.Sprintf("first %d of %s, rest of the code", i, o.name), b[:i], a[i:])
			add(fmt.Sprintf("all but %d of the code, last %d of %s", i, i, o.name), a[:len(a)-i], b[len(b)-i:])
			add(fmt.Sprintf("all but %d of %s, last %d of the code", i, o.name, i), b[:len(b)-i], a[len(a)-i:])
		}
	}
}
