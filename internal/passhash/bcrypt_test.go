package passhash_test

import (
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"
)

const (
	bcryptUstarU = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW" // of "U*U"
	bcryptCost10 = "$2b$10$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW" // of nothing known
)

// The vectors of crypt_blowfish (github.com/openwall/crypt_blowfish, wrapper.c), but for
// $2x$, which is the hash of a bug with bytes above 0x7f, and the one $2a$ whose password
// crypt_blowfish itself changes, so that it cannot match a hash of that bug.
var bcryptVectors = []struct{ encoded, password string }{
	{bcryptUstarU, "U*U"},
	{"$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK", "U*U*"},
	{"$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a", "U*U*U"},
	{
		"$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui",
		"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789chars after 72 are ignored",
	},
	{"$2y$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e", "\xff\xff\xa3"},
	{"$2b$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e", "\xff\xff\xa3"},
	{"$2y$05$/OK.fbVrR/bpIqNJ5ianF.Sa7shbm4.OzKpvFnX1pQLmQW96oUlCq", "\xa3"},
	{"$2a$05$/OK.fbVrR/bpIqNJ5ianF.Sa7shbm4.OzKpvFnX1pQLmQW96oUlCq", "\xa3"},
	{"$2b$05$/OK.fbVrR/bpIqNJ5ianF.Sa7shbm4.OzKpvFnX1pQLmQW96oUlCq", "\xa3"},
	{"$2y$05$/OK.fbVrR/bpIqNJ5ianF.o./n25XVfn6oAPaUvHe.Csk4zRfsYPi", "\xff\xa334\xff\xff\xff\xa3345"},
	{"$2y$05$/OK.fbVrR/bpIqNJ5ianF.nRht2l/HRhr6zmCp9vYUvvsqynflf9e", "\xff\xa3345"},
	{"$2a$05$/OK.fbVrR/bpIqNJ5ianF.nRht2l/HRhr6zmCp9vYUvvsqynflf9e", "\xff\xa3345"},
	{"$2a$05$/OK.fbVrR/bpIqNJ5ianF.6IflQkJytoRVc1yuaNtHfiuq.FRlSIS", "\xa3ab"},
	{"$2y$05$/OK.fbVrR/bpIqNJ5ianF.6IflQkJytoRVc1yuaNtHfiuq.FRlSIS", "\xa3ab"},
	{
		"$2a$05$/OK.fbVrR/bpIqNJ5ianF.swQOIzjOiJ9GHEPuhEkvqrUyvWhEMx6",
		strings.Repeat("\xaa", 72) + "chars after 72 are ignored as usual",
	},
	{"$2a$05$/OK.fbVrR/bpIqNJ5ianF.R9xrDjiycxMbQE2bp.vgqlYpW5wx2yy", strings.Repeat("\xaa\x55", 36)},
	{"$2a$05$/OK.fbVrR/bpIqNJ5ianF.9tQZzcJfm3uj2NvJ/n5xkhpqLrMpWCe", strings.Repeat("\x55\xaa\xff", 24)},
	{"$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy", ""},
}

func TestBcryptVectors(t *testing.T) {
	t.Parallel()
	for _, v := range bcryptVectors {
		h := parse(t, v.encoded)
		if !h.Verify(v.password) {
			t.Errorf("%s does not verify %q", v.encoded, v.password)
		}
		if other := "x" + v.password; h.Verify(other) {
			t.Errorf("%s verifies %q", v.encoded, other)
		}
		if got := h.String(); got != v.encoded {
			t.Errorf("%s: String() = %s", v.encoded, got)
		}
	}
}

func TestBcryptPrefixesAreOneScheme(t *testing.T) {
	t.Parallel()
	for _, prefix := range []string{"$2a$", "$2b$", "$2y$"} {
		if h := parse(t, prefix+bcryptUstarU[4:]); !h.Verify("U*U") || h.Verify("U*V") {
			t.Errorf("%s verifies U*U: %t, U*V: %t", prefix, h.Verify("U*U"), h.Verify("U*V"))
		}
	}
}

func TestS19_BcryptKeepsItsOwnRules(t *testing.T) {
	t.Parallel()
	of := func(password string) string {
		encoded, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
		if err != nil {
			t.Fatal(err)
		}
		return string(encoded)
	}
	long := strings.Repeat("0123456789abcdef", 5)[:72]
	for _, tt := range []struct {
		name, hashed, given string
		ok                  bool
	}{
		{"72 bytes", long, long, true},
		{"a 73rd byte", long, long + "x", true},
		{"4096 bytes", long, long + strings.Repeat("y", 4024), true},
		{"the 72nd byte", long, long[:71] + "x", false},
		{"NFC for NFD", "cafe\u0301", "caf\u00e9", false},
		{"NFD for NFC", "caf\u00e9", "cafe\u0301", false},
		{"NFD as it was", "cafe\u0301", "cafe\u0301", true},
		{"spaces count", " secret ", "secret", false},
	} {
		if got := parse(t, of(tt.hashed)).Verify(tt.given); got != tt.ok {
			t.Errorf("%s: verifies is %t, want %t", tt.name, got, tt.ok)
		}
	}
}
