package passhash_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/deskauth/deskauth/internal/passhash"
)

// cheap are parameters for tests that are about anything but the cost.
var cheap = passhash.Params{Memory: 64, Time: 1, Parallelism: 1}

// The vectors of Argon2id, version 0x13, in src/test.c of the reference implementation
// (github.com/P-H-C/phc-winner-argon2). The vector of RFC 9106 §5.3 has a secret and
// associated data, which a PHC string cannot say.
var argon2idVectors = []struct{ password, encoded string }{
	{"password", "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"},
	{"password", "$argon2id$v=19$m=262144,t=2,p=1$c29tZXNhbHQ$eP4eyR+zqlZX1y5xCFTkw9m5GYx0L5YWwvCFvtlbLow"},
	{"password", "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"},
	{"password", "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc"},
	{"password", "$argon2id$v=19$m=65536,t=1,p=1$c29tZXNhbHQ$9qWtwbpyPd3vm1rB1GThgPzZ3/ydHL92zKL+15XZypg"},
	{"password", "$argon2id$v=19$m=65536,t=4,p=1$c29tZXNhbHQ$kCXUjmjvc5XMqQedpMTsOv+zyJEf5PhtGiUghW9jFyw"},
	{"differentpassword", "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$C4TWUs9rDEvq7w3+J4umqA32aWKB1+DSiRuBfYxFj94"},
	{"password", "$argon2id$v=19$m=65536,t=2,p=1$ZGlmZnNhbHQ$vfMrBczELrFdWP0ZsfhWsRPaHppYdP3MVEMIVlqoFBw"},
}

func TestArgon2idVectors(t *testing.T) {
	for _, v := range argon2idVectors {
		t.Run(v.encoded[:34], func(t *testing.T) {
			if testing.Short() && !strings.Contains(v.encoded, "m=256,") {
				t.Skip("takes up to 256 MiB")
			}
			h := parse(t, v.encoded)
			if !h.Verify(v.password) {
				t.Errorf("%q does not verify", v.password)
			}
			if strings.Contains(v.encoded, "m=256,") && h.Verify(v.password+"x") {
				t.Errorf("%q verifies, too", v.password+"x")
			}
			if got := h.String(); got != v.encoded {
				t.Errorf("String() = %s", got)
			}
		})
	}
}

// The costs may stand in any order: npm's argon2 writes m=65536,p=4,t=3. Each of these
// hashes is the same one, and keeps its text.
func TestArgon2idCostsInAnyOrder(t *testing.T) {
	t.Parallel()
	// Made by npm's argon2 0.45.1 of "correct horse", with memoryCost 1024.
	const made = "$argon2id$v=19$m=1024,p=1,t=2$ZAhmuUNQdjRZwC5PBo1q5w$xaxONwEcyFyRe9UXOtP5WquwwIhC4c7CzXwO7fiEf7k"
	for _, costs := range []string{
		"m=1024,p=1,t=2", "m=1024,t=2,p=1", "p=1,m=1024,t=2", "p=1,t=2,m=1024", "t=2,m=1024,p=1", "t=2,p=1,m=1024",
	} {
		encoded := strings.Replace(made, "m=1024,p=1,t=2", costs, 1)
		h := parse(t, encoded)
		if !h.Verify("correct horse") || h.Verify("correct hors") {
			t.Errorf("%s: the right password verifies: %t, a wrong one: %t",
				costs, h.Verify("correct horse"), h.Verify("correct hors"))
		}
		if got := h.String(); got != encoded {
			t.Errorf("%s: String() = %s, want the stored text", costs, got)
		}
		if h.WeakerThan(passhash.Params{Memory: 1024, Time: 2, Parallelism: 1}) {
			t.Errorf("%s: the hash is weaker than its own costs", costs)
		}
	}
	// Its default, of "correct horse" too.
	const byDefault = "$argon2id$v=19$m=65536,p=4,t=3$uiogWRQQDT1R739fEhrR4g$WxY+42rHVt2G7mIflGzFRdMW49eufpQcly/c0zAjUKI"
	if !parse(t, byDefault).Verify("correct horse") {
		t.Error("the default hash of npm's argon2 does not verify")
	}
}

func TestNewIsReadBackAndSalted(t *testing.T) {
	t.Parallel()
	p := passhash.Params{Memory: 96, Time: 3, Parallelism: 2}
	first, second := newHash(t, "correct horse", p), newHash(t, "correct horse", p)
	if first.String() == second.String() {
		t.Errorf("two hashes of one password are one text: %s", first)
	}
	if want := "$argon2id$v=19$m=96,t=3,p=2$"; !strings.HasPrefix(first.String(), want) {
		t.Errorf("New made %s, want it to start with %s", first, want)
	}
	h := parse(t, first.String())
	if !h.Verify("correct horse") || h.Verify("battery staple") || h.Verify("") {
		t.Errorf("right %t, wrong %t, empty %t; want only the first",
			h.Verify("correct horse"), h.Verify("battery staple"), h.Verify(""))
	}
}

func TestNewAndDecoyRefuseParamsOutOfBounds(t *testing.T) {
	for _, tt := range []struct {
		p    passhash.Params
		says string
	}{
		{passhash.Params{}, "time"},
		{passhash.Params{Memory: 64, Time: 0, Parallelism: 1}, "time is 0"},
		{passhash.Params{Memory: 64, Time: 17, Parallelism: 1}, "time is 17"},
		{passhash.Params{Memory: 64, Time: 1, Parallelism: 0}, "parallelism is 0"},
		{passhash.Params{Memory: 1 << 10, Time: 1, Parallelism: 17}, "parallelism is 17"},
		{passhash.Params{Memory: 7, Time: 1, Parallelism: 1}, "memory is 7 KiB"},
		{passhash.Params{Memory: 127, Time: 1, Parallelism: 16}, "128 (8 for each lane)"},
		{passhash.Params{Memory: 262145, Time: 1, Parallelism: 1}, "memory is 262145 KiB"},
	} {
		var made, decoy passhash.Hash
		var err, decoyErr error
		if n := allocated(func() { made, err = passhash.New("password", tt.p) }); n > 100e3 {
			t.Errorf("New with %+v allocated %d bytes", tt.p, n)
		}
		decoy, decoyErr = passhash.Decoy(tt.p)
		if made != nil || decoy != nil || err == nil || decoyErr == nil {
			t.Errorf("%+v: New returned %v, Decoy %v; want errors", tt.p, err, decoyErr)
			continue
		}
		if !strings.Contains(err.Error(), tt.says) || decoyErr.Error() != err.Error() {
			t.Errorf("%+v: New says %q and Decoy %q, want both to name %q", tt.p, err, decoyErr, tt.says)
		}
	}
}

func TestDecoyIsNobodysPassword(t *testing.T) {
	t.Parallel()
	decoy, err := passhash.Decoy(cheap)
	if err != nil {
		t.Fatal(err)
	}
	for _, password := range []string{"", "password", decoy.String()} {
		if decoy.Verify(password) {
			t.Errorf("the decoy verifies %q", password)
		}
	}
	if decoy.WeakerThan(cheap) {
		t.Error("the decoy is weaker than what it stands in for")
	}
	again, err := passhash.Decoy(cheap)
	if err != nil {
		t.Fatal(err)
	}
	one, other := strings.Split(decoy.String(), "$"), strings.Split(again.String(), "$")
	if one[4] == other[4] || one[5] == other[5] {
		t.Errorf("two decoys share a salt or a tag: %s and %s", decoy, again)
	}
}

// The memory of a computation is nearly all of what it allocates, and says its parameters.
func TestS15_DecoyCostsWhatAHashCosts(t *testing.T) {
	p := passhash.Params{Memory: 8 << 10, Time: 1, Parallelism: 1}
	hash := newHash(t, "password", p)
	decoy, err := passhash.Decoy(p)
	if err != nil {
		t.Fatal(err)
	}
	right := allocated(func() { hash.Verify("password") })
	wrong := allocated(func() { hash.Verify("not it at all") })
	missing := allocated(func() { decoy.Verify("password") })
	if right < 8<<20 {
		t.Fatalf("a verification allocated %d bytes, less than the memory it is to use", right)
	}
	for name, n := range map[string]uint64{"wrong password": wrong, "decoy": missing} {
		if diff := max(n, right) - min(n, right); diff > right/100 {
			t.Errorf("%s: %d bytes allocated, a verification %d", name, n, right)
		}
	}
	if making := allocated(func() { passhash.Decoy(p) }); making > 100e3 {
		t.Errorf("making a decoy allocated %d bytes: it computes something", making)
	}
}

func TestWeakerThan(t *testing.T) {
	t.Parallel()
	want := passhash.Params{Memory: 128, Time: 2, Parallelism: 1}
	const salt, tag = "AAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	for _, tt := range []struct {
		name, encoded string
		weaker        bool
	}{
		{"the same", "m=128,t=2,p=1$" + salt + "$" + tag, false},
		{"less memory", "m=127,t=2,p=1$" + salt + "$" + tag, true},
		{"fewer passes", "m=128,t=1,p=1$" + salt + "$" + tag, true},
		{"less memory, as many passes as make up for it", "m=64,t=4,p=1$" + salt + "$" + tag, false},
		{"less memory, not enough passes", "m=64,t=3,p=1$" + salt + "$" + tag, true},
		{"a quarter of the memory, and no less", "m=32,t=16,p=1$" + salt + "$" + tag, false},
		{"less than a quarter of the memory", "m=31,t=16,p=1$" + salt + "$" + tag, true},
		{"more memory, fewer passes", "m=4096,t=1,p=1$" + salt + "$" + tag, false},
		{"more memory", "m=129,t=2,p=1$" + salt + "$" + tag, false},
		{"more passes", "m=128,t=3,p=1$" + salt + "$" + tag, false},
		{"more lanes", "m=128,t=2,p=4$" + salt + "$" + tag, true}, // not weaker, and its time is another
		{"salt of 8 bytes", "m=128,t=2,p=1$c29tZXNhbHQ$" + tag, true},
		{"tag of 16 bytes", "m=128,t=2,p=1$" + salt + "$" + salt, true},
		{"salt of 32 bytes", "m=128,t=2,p=1$" + tag + "$" + tag, false},
	} {
		if got := parse(t, "$argon2id$v=19$"+tt.encoded).WeakerThan(want); got != tt.weaker {
			t.Errorf("%s: weaker is %t, want %t", tt.name, got, tt.weaker)
		}
	}
	for _, prefix := range []string{"$2a$", "$2b$", "$2y$"} {
		if h := parse(t, prefix+"14"+bcryptUstarU[6:]); !h.WeakerThan(cheap) {
			t.Errorf("%s is not weaker than Argon2id", h)
		}
	}
}

func TestS19_EveryByteOfAPasswordCounts(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("0123456789abcdef", 256) // 4096 bytes
	for _, tt := range []struct {
		name, password, other string
		same                  bool
	}{
		{"after 72 bytes", long[:72] + "a", long[:72] + "b", false},
		{"cut at 72 bytes", long[:100], long[:72], false},
		{"the last of 4096", long, long[:4095] + "x", false},
		{"after a NUL", "secret\x00one", "secret\x00two", false},
		{"cut at a NUL", "secret\x00one", "secret", false},
		{"a trailing NUL", "secret\x00", "secret", false},
		{"a leading space", " secret", "secret", false},
		{"a trailing space", "secret ", "secret", false},
		{"two spaces inside", "sec  ret", "sec ret", false},
		{"upper case", "Secret", "secret", false},
		{"NFC and NFD", "caf\u00e9 \u00c5ngstr\u00f6m", "cafe\u0301 A\u030angstro\u0308m", true},
		{"a singleton", "\u212b", "\u00c5", true}, // the Ångström sign
		{"Hangul", "\ud55c\uae00", "\u1112\u1161\u11ab\u1100\u1173\u11af", true},
		{"accent and none", "caf\u00e9", "cafe", false},
		{"compatibility forms", "\uff41", "a", false}, // NFC, not NFKC
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newHash(t, tt.password, cheap)
			if !h.Verify(tt.password) {
				t.Errorf("%.40q does not verify against its own hash", tt.password)
			}
			if got := h.Verify(tt.other); got != tt.same {
				t.Errorf("%.40q verifies the hash of %.40q: %t, want %t", tt.other, tt.password, got, tt.same)
			}
			if got := newHash(t, tt.other, cheap).Verify(tt.password); got != tt.same {
				t.Errorf("%.40q verifies the hash of %.40q: %t, want %t", tt.password, tt.other, got, tt.same)
			}
		})
	}
}

func TestParseSaysThatASchemeIsUnknown(t *testing.T) {
	t.Parallel()
	if _, err := passhash.Parse("{SSHA}abcdef"); err == nil || !strings.Contains(err.Error(), "no known scheme") {
		t.Errorf("got %v, want an error that says so", err)
	}
}

func BenchmarkVerify(b *testing.B) {
	owasp, err := passhash.New("correct horse", passhash.Params{Memory: 19 << 10, Time: 2, Parallelism: 1})
	if err != nil {
		b.Fatal(err)
	}
	imported, err := passhash.Parse(bcryptCost10)
	if err != nil {
		b.Fatal(err)
	}
	for name, h := range map[string]passhash.Hash{"argon2id": owasp, "bcrypt10": imported} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				h.Verify("battery staple")
			}
		})
	}
}

func newHash(t *testing.T, password string, p passhash.Params) passhash.Hash {
	t.Helper()
	h, err := passhash.New(password, p)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	return h
}

func parse(t *testing.T, encoded string) passhash.Hash {
	t.Helper()
	h, err := passhash.Parse(encoded)
	if err != nil {
		t.Fatalf("Parse(%q): %v", encoded, err)
	}
	return h
}

// allocated returns how many bytes the process allocated while f ran: a test that uses it
// does not run in parallel to others.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}
