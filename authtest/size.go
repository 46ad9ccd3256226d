package authtest

import (
	"fmt"
	"strings"
)

// sizeAttacks cost whoever reads them more than whoever sends them. None is worth its
// length to an honest sender, so a target refuses them by their length.
func sizeAttacks(f *forger) {
	const million = 1 << 20
	token := f.honest()
	dots, as := strings.Repeat(".", million), strings.Repeat("A", million)
	const unsigned = "Work was done, and memory taken, for parts that nobody signed (CVE-2025-30204, CVE-2025-27144)."
	for _, c := range []struct{ name, token string }{
		{"1 MB of dots", dots},
		{"1 MB of dots after the token", token + dots},
		{"1 MB of dots before the token", dots + token},
		{"1 MB of base64", as},
		{"1 MB of base64 in three parts", as[:million/3] + "." + as[:million/3] + "." + as[:million/3]},
		{"1 MB of base64 after the signature", token + as},
		{"1 MB of padding after the signature", token + strings.Repeat("=", million)},
		{"1 MB of line breaks after the token", token + strings.Repeat("\r\n", million/2)},
		{"1 MB of spaces before the token", strings.Repeat(" ", million) + token},
		{"1 MB of NULs after the token", token + strings.Repeat("\x00", million)},
		{"the token 5,000 times", strings.Repeat(token+".", 5000)},
		{"1 MB of open braces as the header", b64(strings.Repeat("{", million)) + token[strings.IndexByte(token, '.'):]},
	} {
		f.add("size: "+c.name, c.token, unsigned)
	}
	const signed = "There is no limit to what is read (RFC 8725 §3.7 asks for care with what comes in); a slow reader of such a token stands still for everybody."
	const deep = 9_999 // in the object of all claims
	many := members(100_000)
	text := strings.Repeat("x", million)
	for _, c := range []struct{ name, member string }{
		{"100,000 members", many},
		{"a text of 1 MB", `"x":"` + text + `"`},
		{"a name of 1 MB", quote(text) + `:1`},
		{"a number of 1 MB", `"x":` + strings.Repeat("9", million)},
		{"a fraction of 1 MB", `"x":0.` + strings.Repeat("9", million)},
		{"escapes of 1 MB", `"x":"` + strings.Repeat(`\u0041`, million/6) + `"`},
		{"objects 10,000 deep", `"x":` + strings.Repeat(`{"x":`, deep) + "1" + strings.Repeat("}", deep)},
		{"arrays 10,000 deep", `"x":` + strings.Repeat("[", deep) + strings.Repeat("]", deep)},
		{"a list of 500,000", `"x":[` + strings.Repeat("1,", 500_000) + "1]"},
		{"1 MB of spaces", strings.Repeat(" ", million) + `"x":1`},
	} {
		f.addSigned("size: payload with "+c.name, f.header(), f.payload(c.member), signed)
		f.addSigned("size: header with "+c.name, f.header(c.member), f.payload(), signed)
	}
	f.addSigned("size: exp of 1 MB", f.header(), f.with("exp", future+"."+strings.Repeat("0", million)), signed)
	f.addSigned("size: kid of 1 MB", headerOf(quote(f.alg), `"kid":`+quote(text)), f.payload(), signed)
}

// members returns n members with different names.
func members(n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `"n%d":0`, i)
	}
	return b.String()
}
