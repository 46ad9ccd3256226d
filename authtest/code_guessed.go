package authtest

import (
	"bytes"
	"fmt"
	"math/big"
	"strings"
)

// guessedCodes are what a field holds in which there is no code.
func guessedCodes(f *codeForger) {
	const why = "An account without a code is found by a code that is nothing, or a code is a constant."
	for _, s := range []string{
		"", "null", "nil", "undefined", "None", "NULL", "NaN", "0", "1", "-1", "true", "false", "[]", "{}", "[object Object]",
		"code", "test", "admin", "secret", "000000", "123456", "111111", "12345678",
		"00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff",
	} {
		f.add(quote(s), s, why)
	}
	for _, c := range []string{"0", "1", "9", "A", "a", "f", "x", "-", " ", "\x00", "="} {
		f.add(fmt.Sprintf("%q for each character", c), strings.Repeat(c, len(f.Code)), why)
	}
	for _, r := range f.readings {
		for _, c := range []byte{0, 0xff} {
			f.add(fmt.Sprintf("%#02x for each byte, %s", c, r.name), r.encode(bytes.Repeat([]byte{c}, len(r.bytes))), why)
		}
	}
}

// queryCodes are patterns that find the code, and conditions that are always true.
func queryCodes(f *codeForger) {
	const (
		whyPattern   = "The code is looked up with a pattern, so a few characters find it (CWE-155, CWE-625)."
		whyCondition = "The code becomes a part of a query (CWE-89, CWE-943)."
	)
	code, n := f.Code, len(f.Code)
	half := code[:n/2]
	for _, p := range []string{"%", "*", ".*", ".+", "?", "^", "$", "^.", ".", "[^x]*", "(?s).*", "|", "**", "x|.*"} {
		f.add("pattern "+p, p, whyPattern)
	}
	f.addAll(whyPattern, []named{
		{"underscores", strings.Repeat("_", n)},
		{"dots", strings.Repeat(".", n)},
		{"question marks", strings.Repeat("?", n)},
		{"half and a per cent sign", half + "%"},
		{"half and a star", half + "*"},
		{"half and any", half + ".*"},
		{"half at the start", "^" + half},
		{"underscore for the first", "_" + code[1:]},
		{"dot for the first", "." + code[1:]},
		{"question mark for the first", "?" + code[1:]},
		{"class for the first", "[" + code[:1] + "]" + code[1:]},
		{"any case", "(?i)" + code},
		{"anchored", "^" + code + "$"},
		{"either", "x|" + code},
	})
	for _, c := range []string{
		"' OR '1'='1", `" OR "1"="1`, "1 OR 1=1", "' OR 1=1 --", "x' UNION SELECT 1 --", "'='", `{"$ne":null}`, `{"$ne":""}`,
		`{"$gt":""}`, `{"$exists":true}`, `{"$regex":".*"}`, "[$ne]=", "' || '1'=='1", "*)(code=*", "' or ''='",
		"${code}", "{{code}}",
	} {
		f.add("condition "+c, c, whyCondition)
	}
	for _, c := range []string{"'--", `"--`, "' OR '1'='1", "';", "' #", ")(|(x=*"} {
		f.add("the code and "+c, code+c, whyCondition)
	}
}

// longCodes cost the reader more than the sender. No good code is that long, so a target
// refuses them by their length.
func longCodes(f *codeForger) {
	const why = "The target has no limit to the codes that it reads, or reads only the start of one. While it reads, " +
		"other clients wait (CWE-400)."
	as := strings.Repeat("A", million)
	f.addAll(why, []named{
		{"1 MB of the letter A", as},
		{"1 MB of zeros", strings.Repeat("0", million)},
		{"1 MB of the letter A after the code", f.Code + as},
		{"1 MB of the letter A before the code", as + f.Code},
		{"1 MB of padding after the code", f.Code + strings.Repeat("=", million)},
		{"1 MB of line breaks after the code", f.Code + strings.Repeat("\r\n", million/2)},
		{"1 MB of spaces before the code", strings.Repeat(" ", million) + f.Code},
		{"1 MB of NULs after the code", f.Code + strings.Repeat("\x00", million)},
		{"1 MB of dots after the code", f.Code + strings.Repeat(".", million)},
		{"1 MB of per cent signs", strings.Repeat("%", million)},
		{"1 MB of slashes before the code", strings.Repeat("/", million) + f.Code},
		{"the code 5,000 times", strings.Repeat(f.Code, 5000)},
		{"the code 5,000 times, with commas", strings.Repeat(f.Code+",", 5000)},
	})
}

// addBig returns the number in digits plus a power of two.
func addBig(digits string, power uint) string {
	n, _ := new(big.Int).SetString(digits, 10)
	return n.Add(n, new(big.Int).Lsh(big.NewInt(1), power)).String()
}
