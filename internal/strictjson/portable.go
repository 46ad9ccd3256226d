package strictjson

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// MaxPortableDepth is how many objects and arrays may be open at once in JSON that is
// stored, the outermost included. The JSON functions of MariaDB read no more.
const MaxPortableDepth = 31

// maxExponent bounds the exponent of a number as it is written. float64 ends at e±324, and
// PostgreSQL's numeric overflows at e±16383, even where all digits are zeros.
const maxExponent = 999

// Portable returns why v should not be stored, or nil. JSON is good by its grammar, and
// still one value makes the database's own functions fail for a whole table: jsonb and ->>
// of PostgreSQL end a query at the first U+0000.
//
// v is a value of [Object], or its whole text. Portable refuses what Object refuses, such
// as half of a surrogate pair or a name twice. It also refuses U+0000 in strings and names,
// numbers that are out of the range of a float64, and nesting deeper than
// [MaxPortableDepth].
func (v Value) Portable() error { return v.portable(MaxPortableDepth) }

// Portable returns why m should not be stored as a member of an object, or nil.
func (m Member) Portable() error {
	for _, c := range m.Name {
		if c == 0 {
			return errNUL
		}
	}
	return m.Value.portable(MaxPortableDepth - 1)
}

var (
	errNUL    = errors.New(`it has the character \u0000, which databases cannot read`)
	errNumber = errors.New("it has a number out of range, which databases cannot read")
	errDeep   = fmt.Errorf("it nests deeper than %d levels, which databases cannot read", MaxPortableDepth)
)

// portable looks at each string, number and bracket. The syntax of v is checked already, so
// what stands between them tells nothing.
func (v Value) portable(levels int) error {
	depth := 0
	for i := 0; i < len(v); {
		end := i + 1
		switch c := v[i]; {
		case c == '"':
			end = stringEnd(v, i)
			if hasNUL(v[i:end]) {
				return errNUL
			}
		case '0' <= c && c <= '9': // the sign before it changes nothing
			end = numberEnd(v, i)
			if !inRange(string(v[i:end])) {
				return errNumber
			}
		case c == '{' || c == '[':
			depth++
			if depth > levels {
				return errDeep
			}
		case c == '}' || c == ']':
			depth--
		}
		i = end
	}
	return nil
}

// stringEnd returns the index behind the string whose quote is at i.
func stringEnd(v Value, i int) int {
	for i++; i < len(v) && v[i] != '"'; i++ {
		if v[i] == '\\' {
			i++
		}
	}
	return min(i+1, len(v))
}

// hasNUL reports whether a string with its quotes has the escape sequence of U+0000, which
// has one spelling. JSON has no NUL that is not escaped.
func hasNUL(quoted Value) bool {
	for {
		_, escape, found := bytes.Cut(quoted, []byte(`\`))
		switch {
		case !found:
			return false
		case bytes.HasPrefix(escape, []byte("u0000")):
			return true
		}
		quoted = escape[min(1, len(escape)):] // a backslash that is escaped begins nothing
	}
}

// numberEnd returns the index behind the number that begins at i.
func numberEnd(v Value, i int) int {
	for ; i < len(v); i++ {
		switch c := v[i]; {
		case '0' <= c && c <= '9', c == '-', c == '+', c == '.', c == 'e', c == 'E':
		default:
			return i
		}
	}
	return i
}

// inRange reports whether a number is finite as a float64, is zero only if all its digits
// are, and has an exponent that no database refuses.
func inRange(number string) bool {
	mantissa, exponent, _ := strings.Cut(strings.ToLower(number), "e")
	n, _ := strconv.Atoi(exponent) // 0 if there is none, and the last int if it is greater
	if n < -maxExponent || n > maxExponent {
		return false
	}
	f, err := strconv.ParseFloat(number, 64)
	return err == nil && (f != 0 || strings.Trim(mantissa, "0.") == "")
}
