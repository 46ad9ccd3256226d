package passhash_test

import (
	"strings"
	"testing"

	"github.com/deskauth/deskauth/internal/passhash"
)

const (
	salt16 = "c29tZXNhbHRzb21lc2FsdA"
	tag32  = "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	good   = "$argon2id$v=19$m=64,t=1,p=1$" + salt16 + "$" + tag32
)

// refused are texts that a store could answer with and nothing may be computed of.
var refused = []struct{ name, encoded string }{
	{"memory above 256 MiB", argon("m=262145,t=1,p=1")},
	{"memory of 4 TiB", argon("m=4294967295,t=1,p=1")},
	{"memory above 32 bits", argon("m=4294967360,t=1,p=1")},
	{"memory above 64 bits", argon("m=18446744073709551680,t=1,p=1")},
	{"memory of 7 for one lane", argon("m=7,t=1,p=1")},
	{"memory below 8 for each lane", argon("m=127,t=1,p=16")},
	{"memory of 0", argon("m=0,t=1,p=1")},
	{"no passes", argon("m=64,t=0,p=1")},
	{"17 passes", argon("m=64,t=17,p=1")},
	{"4294967295 passes", argon("m=64,t=4294967295,p=1")},
	{"no lanes", argon("m=64,t=1,p=0")},
	{"17 lanes", argon("m=1024,t=1,p=17")},
	{"256 lanes, 0 in a byte", argon("m=8192,t=1,p=256")},
	{"257 lanes, 1 in a byte", argon("m=8192,t=1,p=257")},
	{"salt of 7 bytes", "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbA$" + tag32},
	{"no salt", "$argon2id$v=19$m=64,t=1,p=1$$" + tag32},
	{"salt of 65 bytes", "$argon2id$v=19$m=64,t=1,p=1$" + strings.Repeat("A", 87) + "$" + tag32},
	{"tag of 15 bytes", "$argon2id$v=19$m=64,t=1,p=1$" + salt16 + "$" + tag32[:20]},
	{"no tag", "$argon2id$v=19$m=64,t=1,p=1$" + salt16 + "$"},
	{"tag of 65 bytes", "$argon2id$v=19$m=64,t=1,p=1$" + salt16 + "$" + strings.Repeat("A", 87)},
	{"zeros before the memory", argon("m=064,t=1,p=1")},
	{"zeros before the passes", argon("m=64,t=01,p=1")},
	{"zeros before the lanes", argon("m=64,t=1,p=01")},
	{"a sign", argon("m=+64,t=1,p=1")},
	{"a minus", argon("m=-64,t=1,p=1")},
	{"a hexadecimal number", argon("m=0x40,t=1,p=1")},
	{"an underscore", argon("m=6_4,t=1,p=1")},
	{"a blank", argon("m= 64,t=1,p=1")},
	{"no number", argon("m=,t=1,p=1")},
	{"another order above a bound", argon("t=17,m=64,p=1")},
	{"another order and lanes above a bound", argon("p=17,t=1,m=1024")},
	{"another order and zeros", argon("p=1,t=01,m=64")},
	{"a parameter twice in another order", argon("p=1,t=1,p=1")},
	{"a parameter twice, at first 0", argon("m=0,m=64,t=1")},
	{"a parameter twice and all three", argon("p=0,t=1,m=64,p=1")},
	{"an unknown parameter", argon("m=64,t=1,x=1")},
	{"a parameter in upper case", argon("M=64,t=1,p=1")},
	{"no parameters", argon("")},
	{"a blank in another order", argon("p=1, t=1,m=64")},
	{"no version", strings.Replace(good, "v=19$", "", 1)},
	{"version 16", strings.Replace(good, "v=19$", "v=16$", 1)},
	{"the version at the end", argon("m=64,t=1,p=1,v=19")},
	{"Argon2i", strings.Replace(good, "argon2id", "argon2i", 1)},
	{"Argon2d", strings.Replace(good, "argon2id", "argon2d", 1)},
	{"a parameter twice", argon("m=64,m=64,p=1")},
	{"a parameter too few", argon("m=64,t=1")},
	{"a parameter too many", argon("m=64,t=1,p=1,keyid=Zm9v")},
	{"a trailing comma", argon("m=64,t=1,p=1,")},
	{"padded salt", "$argon2id$v=19$m=64,t=1,p=1$" + salt16 + "==$" + tag32},
	{"padded tag", good + "="},
	{"the alphabet of URLs", strings.NewReplacer("c29t", "_-_-").Replace(good)},
	{"a bit after the salt", strings.Replace(good, "c2FsdA$", "c2FsdB$", 1)},
	{"a bit after the tag", good[:len(good)-1] + "d"},
	{"a line break in the salt", strings.Replace(good, salt16, salt16[:4]+"\n"+salt16[4:], 1)},
	{"a line break after it", good + "\n"},
	{"a blank before it", " " + good},
	{"a NUL after it", good + "\x00"},
	{"a part too many", good + "$" + tag32},
	{"a part too few", "$argon2id$v=19$m=64,t=1,p=1$" + tag32},
	{"no version", "$argon2id$m=64,t=1,p=1$" + salt16 + "$" + tag32},
	{"version 16", "$argon2id$v=16$m=64,t=1,p=1$" + salt16 + "$" + tag32},
	{"version 20", "$argon2id$v=20$m=64,t=1,p=1$" + salt16 + "$" + tag32},
	{"version 019", "$argon2id$v=019$m=64,t=1,p=1$" + salt16 + "$" + tag32},
	{"argon2i", "$argon2i$v=19$m=64,t=1,p=1$" + salt16 + "$" + tag32},
	{"argon2d", "$argon2d$v=19$m=64,t=1,p=1$" + salt16 + "$" + tag32},
	{"upper case", strings.ToUpper(good)},
	{"nothing", ""},
	{"a dollar", "$"},
	{"only a prefix", "$argon2id$v=19$"},
	{"the password itself", "hunter2"},
	{"scrypt", "$scrypt$ln=15,r=8,p=1$" + salt16 + "$" + tag32},
	{"MD5 crypt", "$1$somesalt$yW3bk.8Pn9t4Y5Sy0Zs9r0"},
	{"10 KB of dollars", strings.Repeat("$", 10<<10)},
	{"1 MB of dollars behind the prefix", good + strings.Repeat("$", 1<<20)},
	{"10 KB of a tag", good + strings.Repeat("A", 10<<10)},

	{"bcrypt of cost 15", "$2b$15$" + bcryptUstarU[7:]},
	{"bcrypt of cost 31", "$2b$31$" + bcryptUstarU[7:]},
	{"bcrypt of cost 32", "$2b$32$" + bcryptUstarU[7:]},
	{"bcrypt of cost 99", "$2b$99$" + bcryptUstarU[7:]},
	{"bcrypt of cost 3", "$2b$03$" + bcryptUstarU[7:]},
	{"bcrypt of cost 0", "$2b$00$" + bcryptUstarU[7:]},
	{"bcrypt of one digit", "$2b$5$" + bcryptUstarU[7:]},
	{"bcrypt of one digit, 60 long", "$2b$5$" + bcryptUstarU[7:] + "."},
	{"bcrypt of the cost +5", "$2b$+5$" + bcryptUstarU[7:]},
	{"bcrypt of the cost -5", "$2b$-5$" + bcryptUstarU[7:]},
	{"bcrypt of the cost blank 5", "$2b$ 5$" + bcryptUstarU[7:]},
	{"bcrypt of the cost 5.", "$2b$5.$" + bcryptUstarU[7:]},
	{"bcrypt $2x$", "$2x$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e"},
	{"bcrypt $2$", "$2$05$" + bcryptUstarU[7:]},
	{"bcrypt $2$, 60 long", "$2$05$" + bcryptUstarU[7:] + "."},
	{"bcrypt $2c$", "$2c$05$" + bcryptUstarU[7:]},
	{"bcrypt $3a$", "$3a$05$" + bcryptUstarU[7:]},
	{"bcrypt $2A$", "$2A$05$" + bcryptUstarU[7:]},
	{"bcrypt without a dollar after the cost", "$2b$05." + bcryptUstarU[7:]},
	{"bcrypt with a byte too few", bcryptUstarU[:59]},
	{"bcrypt with a byte too many", bcryptUstarU + "W"},
	{"bcrypt with a bit after the tag", bcryptUstarU[:59] + "X"},
	{"bcrypt with another bit after the tag", bcryptUstarU[:59] + "Y"},
	{"bcrypt with a line break", bcryptUstarU[:59] + "\n"},
	{"bcrypt with a +", bcryptUstarU[:40] + "+" + bcryptUstarU[41:]},
	{"bcrypt with a + for the first byte", bcryptUstarU[:7] + "+" + bcryptUstarU[8:]},
	{"bcrypt with a NUL", bcryptUstarU[:40] + "\x00" + bcryptUstarU[41:]},
	{"bcrypt with a byte above 127", bcryptUstarU[:40] + "\xc3" + bcryptUstarU[41:]},
}

func argon(costs string) string { return "$argon2id$v=19$" + costs + "$" + salt16 + "$" + tag32 }

func TestS17_OutOfBoundsIsRefusedBeforeAnyHashing(t *testing.T) {
	for _, tt := range refused {
		var h passhash.Hash
		var err error
		n := allocated(func() { h, err = passhash.Parse(tt.encoded) })
		if err == nil || h != nil {
			t.Errorf("%s: Parse(%.80q) = %v, nil; want an error", tt.name, tt.encoded, h)
			continue
		}
		if n > 100e3 {
			t.Errorf("%s: refusing allocated %d bytes", tt.name, n)
		}
		if strings.Contains(err.Error(), tag32[:12]) || strings.Contains(err.Error(), bcryptUstarU[30:]) {
			t.Errorf("%s: the error quotes the hash: %v", tt.name, err)
		}
	}
}

// An operator reads the error in a log and has to find out what the store holds.
func TestParseSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for encoded, want := range map[string]string{
		argon("m=262145,t=1,p=1"):                        "memory is 262145 KiB; 8 (8 for each lane) to 262144",
		argon("m=64,t=17,p=1"):                           "time is 17; 1 to 16",
		argon("m=64,t=1,p=17"):                           "parallelism is 17; 1 to 16",
		argon("m=64,t=1,p=257"):                          "parallelism is 257; 1 to 16",
		argon("m=64,t=1,p="):                             "not a PHC string like $argon2id$",
		argon("t=1,m=64,x=1"):                            "not a PHC string like $argon2id$",
		argon("m=64,m=64,p=1"):                           "not a PHC string like $argon2id$",
		bcryptUstarU[:59] + "X":                          "a last character that bcrypt never writes",
		strings.Replace(good, salt16, "c29t*"+salt16, 1): "not a PHC string like $argon2id$",
		strings.Replace(good, tag32, "CTFh*"+tag32, 1):   "not a PHC string like $argon2id$",
		strings.Replace(good, salt16, "c29tZXNhbA", 1):   "a salt of 7 bytes; 8 to 64",
		strings.Replace(good, tag32, tag32[:20], 1):      "a tag of 15 bytes; 16 to 64",
		bcryptUstarU[:59]:                                "not 60 characters like $2b$10$",
		bcryptUstarU[:40] + "+" + bcryptUstarU[41:]:      "a character that is not bcrypt's",
		"$2b$03$" + bcryptUstarU[7:]:                     "no cost of 4 to 31",
		"$2b$15$" + bcryptUstarU[7:]:                     "the cost 15; 14 is the most",
		good + strings.Repeat("A", 10<<10):               "too long",
	} {
		_, err := passhash.Parse(encoded)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Parse(%.80q): error %v, want one with %q", encoded, err, want)
		}
	}
}

// Argon2 hashes the length of its tag, so that a shorter one is the tag of nothing.
func TestS17_NoTruncationOfAHashVerifies(t *testing.T) {
	const password = "U*U"
	for _, whole := range []string{newHash(t, password, cheap).String(), bcryptUstarU} {
		for i := range whole {
			h, err := passhash.Parse(whole[:i])
			if err != nil {
				continue
			}
			if strings.HasPrefix(whole, "$2a$") || h.String() != whole[:i] || h.Verify(password) {
				t.Errorf("Parse(%s) is accepted as %s and verifies: %t", whole[:i], h, h.Verify(password))
			}
		}
	}
}

func TestS17_AcceptingComputesNothing(t *testing.T) {
	for _, encoded := range []string{argon("m=262144,t=16,p=16"), "$2b$14$" + bcryptUstarU[7:]} {
		if n := allocated(func() { parse(t, encoded) }); n > 100e3 {
			t.Errorf("Parse(%s) allocated %d bytes", encoded, n)
		}
	}
}

func TestBoundsThemselvesAreAccepted(t *testing.T) {
	t.Parallel()
	for _, encoded := range []string{
		argon("m=262144,t=1,p=1"), argon("m=8,t=16,p=1"), argon("m=128,t=1,p=16"), argon("m=64,t=1,p=1"),
		"$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$" + tag32,                     // 8 bytes of salt
		"$argon2id$v=19$m=64,t=1,p=1$" + strings.Repeat("A", 86) + "$" + tag32, // 64
		"$argon2id$v=19$m=64,t=1,p=1$" + salt16 + "$" + strings.Repeat("A", 22),
		"$argon2id$v=19$m=64,t=1,p=1$" + salt16 + "$" + strings.Repeat("A", 86),
		"$2a$04$" + bcryptUstarU[7:], "$2b$14$" + bcryptUstarU[7:], "$2y$10$" + bcryptUstarU[7:],
	} {
		if got := parse(t, encoded).String(); got != encoded {
			t.Errorf("Parse(%s) became %s", encoded, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, r := range refused {
		f.Add(r.encoded)
	}
	for _, v := range argon2idVectors {
		f.Add(v.encoded)
	}
	for _, v := range bcryptVectors {
		f.Add(v.encoded)
	}
	f.Add(good)
	f.Fuzz(func(t *testing.T, encoded string) {
		h, err := passhash.Parse(encoded)
		if err != nil {
			if h != nil {
				t.Errorf("Parse(%q) returned a hash and %v", encoded, err)
			}
			return
		}
		if h.String() != encoded {
			t.Errorf("Parse(%q) became %q", encoded, h)
		}
		h.WeakerThan(cheap)
	})
}
