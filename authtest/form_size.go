package authtest

import (
	"fmt"
	"strings"
)

const (
	whyUnsignedSize = "The target worked, and took memory, for parts that no signature covers " +
		"(CVE-2025-30204, CVE-2025-27144)."
	whySignedSize = "The target has no limit to what it reads, although RFC 8725 §3.7 asks for care with input. " +
		"While it reads such a token, other clients wait."
)

// million is the size of an attack in bytes.
const million = 1 << 20

// sizeAttacks cost the reader more than the sender. No honest token is that long, so a
// target refuses them by their length.
func sizeAttacks(f *forger) {
	token := f.honest()
	dots, as := strings.Repeat(".", million), strings.Repeat("A", million)
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
		f.add("size: "+c.name, c.token, whyUnsignedSize)
	}
	f.signedSizes()
}

func (f *forger) signedSizes() {
	const deep = 9_999 // within the object of all members
	text := strings.Repeat("x", million)
	for _, c := range []struct{ name, member string }{
		{"100,000 members", members(100_000)},
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
		f.addSigned("size: payload with "+c.name, f.header(), f.payload(c.member), whySignedSize)
		f.addSigned("size: header with "+c.name, f.header(c.member), f.payload(), whySignedSize)
	}
	exp := future + "." + strings.Repeat("0", million)
	f.addSigned("size: exp of 1 MB", f.header(), f.with("exp", exp), whySignedSize)
	f.addSigned("size: kid of 1 MB", headerOf(quote(f.alg), `"kid":`+quote(text)), f.payload(), whySignedSize)
}

// members returns n members with different names, in JSON.
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
