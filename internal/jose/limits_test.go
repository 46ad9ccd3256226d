package jose_test

import (
	"crypto/sha256"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/deskauth/deskauth/internal/jose"
)

// longest is the documented length of the longest token.
const longest = 16384

// sized returns a token of p that is exactly n bytes long.
func sized(t *testing.T, p party, n int) string {
	t.Helper()
	header := `{"alg":"` + p.alg + `"}`
	for range 4 { // one of four headers leaves a payload of a length that base64 can have
		rest := n - len(forge(header, "", p.sign))
		if rest%4 != 1 {
			payload := `"` + strings.Repeat("x", rest*3/4-2) + `"`
			if token := forge(header, payload, p.sign); len(token) == n {
				return token
			}
		}
		header += " "
	}
	t.Fatalf("no token of %d bytes", n)
	return ""
}

func TestS11_LongestToken(t *testing.T) {
	t.Parallel()
	for _, alg := range []string{jose.HS256, jose.RS256} {
		p := one(ours(), alg)
		k := p.key(t, "")
		for _, n := range []int{longest - 1, longest} {
			if !opens(sized(t, p, n), k) {
				t.Errorf("%s: a token of %d bytes is refused", alg, n)
			}
		}
		long := sized(t, p, longest+1)
		mustRefuse(t, long, k)
		_, err := jose.Parse(long)
		if err == nil || !strings.Contains(err.Error(), "over 16384 bytes") {
			t.Errorf("%s: error %v for a token of %d bytes", alg, err, len(long))
		}
	}
}

// Not parallel: it counts what the process allocates.
func TestS11_HugeTokensCostNothing(t *testing.T) {
	const (
		mostOver   = 64 << 10  // for a token that is too long to be looked at
		mostWithin = 128 << 10 // for one whose 4 KiB header is read, names and all
		million    = 1 << 20
	)
	p := one(ours(), jose.HS256)
	dots, digits := strings.Repeat(".", million), strings.Repeat("A", million)
	deep := strings.Repeat(`{"a":`, 10_000)
	var many strings.Builder
	many.WriteString(`{"alg":"HS256"`)
	for i := range 100_000 {
		fmt.Fprintf(&many, `,"n%d":0`, i)
	}
	many.WriteString("}")
	for name, token := range map[string]string{
		"1 MB of dots":                  dots,
		"1 MB of base64":                digits,
		"1 MB of base64 in three parts": digits[:million/3] + "." + digits[:million/3] + "." + digits[:million/3],
		"1 MB of line breaks":           strings.Repeat("\n", million),
		"1 MB of payload, signed":       forge(hs256Header, strings.Repeat("x", million), p.sign),
		"100,000 claims, signed":        forge(hs256Header, many.String(), p.sign),
		"100,000 header parameters":     forge(many.String(), claims, p.sign),
		"header 10,000 deep":            forge(`{"alg":"HS256","x":`+deep, claims, p.sign),
		"one byte too many":             sized(t, p, longest+1),

		// Below are tokens of a lawful size.
		"dots":              strings.Repeat(".", longest),
		"one part":          digits[:longest],
		"long header":       digits[:longest-4] + ".A.A",
		"long signature":    b64(`{"alg":"HS256"}`) + "." + digits[:4] + "." + digits[:8<<10],
		"deepest header":    forge(`{"alg":"HS256","x":`+strings.Repeat("[", 2500), claims, p.sign),
		"deepest, objects":  forge(`{"alg":"HS256","x":`+strings.Repeat(`{"":`, 700), claims, p.sign),
		"header full names": forge(many.String()[:2000]+`":0}`, claims, p.sign),
	} {
		if _, err := jose.Parse(token); err == nil {
			t.Errorf("%s: accepted", name)
		} else if len(err.Error()) > 200 {
			t.Errorf("%s: an error of %d bytes", name, len(err.Error()))
		}
		var before, after runtime.MemStats
		const runs = 10
		runtime.ReadMemStats(&before)
		for range runs {
			_, _ = jose.Parse(token)
		}
		runtime.ReadMemStats(&after)
		most := uint64(mostOver)
		if len(token) <= longest {
			most = mostWithin
		}
		if used := (after.TotalAlloc - before.TotalAlloc) / runs; used > most {
			t.Errorf("%s: %d bytes allocated for a token of %d bytes, want %d at most", name, used, len(token), most)
		}
	}
}

// Deep or wide, a header within the limits is refused or accepted by its depth alone.
func TestS11_HeaderDepth(t *testing.T) {
	t.Parallel()
	p := one(ours(), jose.HS256)
	k := p.key(t, "")
	nested := func(open, shut string, n int) string {
		return forge(`{"alg":"HS256","x":`+strings.Repeat(open, n)+"1"+strings.Repeat(shut, n)+"}", claims, p.sign)
	}
	for _, brackets := range [][2]string{{"[", "]"}, {`{"a":`, "}"}} {
		mustOpen(t, nested(brackets[0], brackets[1], 8), k, claims)
		for _, depth := range []int{32, 100, 400} {
			mustRefuse(t, nested(brackets[0], brackets[1], depth), k)
		}
	}
}

// The cheap checks come first, so that a token of the wrong shape is not hashed.
func TestS11_HeaderAndSignatureLimits(t *testing.T) {
	t.Parallel()
	p := one(ours(), jose.HS256)
	k := p.key(t, "")
	header := func(n int) string { return `{"alg":"HS256"}` + strings.Repeat(" ", n-len(`{"alg":"HS256"}`)) }
	mustOpen(t, forge(header(3<<10), claims, p.sign), k, claims) // 4 KiB in base64
	mustRefuse(t, forge(header(3<<10+1), claims, p.sign), k)
	huge := func(signed string) []byte {
		return append(signHMAC(sha256.New, []byte(ourSecret))(signed), make([]byte, 4<<10)...)
	}
	mustRefuse(t, forge(`{"alg":"HS256"}`, claims, huge), k)
	long := forge(`{"alg":"HS256"}`, claims, func(string) []byte { return make([]byte, 16384/8+1) })
	_, err := jose.Parse(long)
	if err == nil || !strings.Contains(err.Error(), "signature is too long") {
		t.Errorf("a signature that is a byte longer than any key's: %v", err)
	}
}
