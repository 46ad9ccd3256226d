package strictjson

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"unicode/utf8"
)

// A Value is the text of one JSON value as [Object] found it: without white space around
// it, and with its syntax checked.
type Value []byte

// IsString reports whether v is a string.
func (v Value) IsString() bool { return len(v) > 1 && v[0] == '"' }

// IsNull reports whether v is null.
func (v Value) IsNull() bool { return string(v) == "null" }

// Text returns the string that v is, and false if v is something else.
func (v Value) Text() (string, bool) {
	if !v.IsString() {
		return "", false
	}
	b, err := unquote(v)
	return string(b), err == nil
}

// AppendText appends the string that v is to dst, and reports false if v is something else.
func (v Value) AppendText(dst []byte) ([]byte, bool) {
	if !v.IsString() {
		return dst, false
	}
	b, err := unquote(v)
	return append(dst, b...), err == nil
}

// Equals reports whether v is the string s. It allocates nothing if v has no escapes.
func (v Value) Equals(s string) bool {
	if !v.IsString() {
		return false
	}
	b, err := unquote(v)
	return err == nil && string(b) == s
}

// Integer reports whether v is a number without fraction and exponent, in its one canonical
// spelling: "-0" is not.
func (v Value) Integer() bool {
	for _, c := range v {
		if (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return len(v) > 0 && string(v) != "-0"
}

// Float returns the number that v is, and false if v is something else or too large for a
// float64.
func (v Value) Float() (float64, bool) {
	f, err := strconv.ParseFloat(string(v), 64)
	return f, err == nil
}

// Int64 returns the value of an integer without a fraction or an exponent. It allocates
// nothing.
func (v Value) Int64() (n int64, ok bool) {
	digits, negative := bytes.CutPrefix(v, []byte("-"))
	for _, c := range digits {
		if c < '0' || c > '9' || n < math.MinInt64/10 {
			return 0, false
		}
		n = 10 * n // counted down, as there is one negative number more
		if n < math.MinInt64+int64(c-'0') {
			return 0, false
		}
		n -= int64(c - '0')
	}
	switch {
	case len(digits) == 0 || !negative && n == math.MinInt64:
		return 0, false
	case negative:
		return n, true
	}
	return -n, true
}

// Depth returns how many objects and arrays are open at once in the value, 0 for a scalar.
func (v Value) Depth() (most int) {
	depth, inString := 0, false
	for i := 0; i < len(v); i++ {
		switch c := v[i]; {
		case c == '\\': // which only strings have
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			depth++
			most = max(most, depth)
		case c == '}' || c == ']':
			depth--
		}
	}
	return most
}

// unquote returns what a checked string stands for. The result shares v's memory if v has
// no escapes.
func unquote(v Value) ([]byte, error) {
	if bytes.IndexByte(v, '\\') == -1 {
		return v[1 : len(v)-1], nil
	}
	var s string
	err := json.Unmarshal(bytes.Clone(v), &s) // a copy: else every v would have to be on the heap
	return []byte(s), err
}

const hexDigits = "0123456789abcdef"

// AppendString appends s to dst as a JSON string. It escapes what JSON demands and nothing
// else, no HTML characters. Each byte of invalid UTF-8 becomes U+FFFD.
func AppendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	plain := 0 // s[plain:i] is still to be copied as it is
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c < utf8.RuneSelf && c != '"' && c != '\\' {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			_, size := utf8.DecodeRuneInString(s[i:])
			if size > 1 {
				i += size
				continue
			}
		}
		dst = append(dst, s[plain:i]...)
		switch {
		case c >= utf8.RuneSelf:
			dst = utf8.AppendRune(dst, utf8.RuneError)
		case c < ' ':
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		default:
			dst = append(dst, '\\', c)
		}
		i++
		plain = i
	}
	return append(append(dst, s[plain:]...), '"')
}

// Compact returns v without the white space between its parts, in memory of its own. What
// is not JSON it copies as it is.
func (v Value) Compact() []byte { return v.AppendCompact(nil) }

// AppendCompact appends what [Value.Compact] returns to dst.
func (v Value) AppendCompact(dst []byte) []byte {
	if !bytes.ContainsAny(v, " \t\r\n{[") { // most values are one part
		return append(dst, v...)
	}
	b := bytes.NewBuffer(dst)
	if err := json.Compact(b, v); err != nil {
		return append(dst, v...)
	}
	return b.Bytes()
}
