package passhash_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/deskauth/deskauth/internal/passhash"
)

func TestS15_RestEvensOut(t *testing.T) {
	t.Parallel()
	p := passhash.Params{Memory: 19456, Time: 2, Parallelism: 1}
	argon := func(costs string) string {
		return "$argon2id$v=19$" + costs + "$c29tZXNhbHRzb21lc2FsdA$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHApl8ArZWb2kZE88"
	}
	const bcrypt = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
	for _, c := range []struct {
		name, hash string
		bcryptCost int
		want       string // the costs of the rest
	}{
		{"the configured cost", argon("m=19456,t=2,p=1"), 0, ""},
		{"half the memory", argon("m=9728,t=2,p=1"), 0, "m=9728,t=2,p=1"},
		{"one pass", argon("m=19456,t=1,p=1"), 0, "m=4864,t=4,p=1"},
		{"nearly the same", argon("m=12288,t=3,p=1"), 0, "m=2048,t=1,p=1"},
		{"a fortieth", argon("m=1024,t=1,p=1"), 0, "m=12629,t=3,p=1"},
		{"more", argon("m=65536,t=3,p=1"), 0, ""},
		{"127 KiB × passes less", argon("m=7757,t=5,p=1"), 0, ""},
		{"128 KiB × passes less", argon("m=19392,t=2,p=1"), 0, "m=64,t=2,p=1"},
		{"bcrypt, not announced", bcrypt, 0, ""},
		{"bcrypt", bcrypt, 5, "m=19456,t=2,p=1"},
		{"bcrypt that is cheaper by one", bcrypt, 6, "m=19456,t=2,p=1 $2b$05$"},
		{"bcrypt that is cheaper by three", bcrypt, 8, "m=19456,t=2,p=1 $2b$05$ $2b$06$ $2b$07$"},
		{"bcrypt that is dearer", bcrypt, 4, "m=19456,t=2,p=1"},
		{"Argon2id beside bcrypt", argon("m=19456,t=2,p=1"), 10, "$2b$10$"},
		{"weaker Argon2id beside bcrypt", argon("m=9728,t=2,p=1"), 10, "m=9728,t=2,p=1 $2b$10$"},
	} {
		hash, err := passhash.Parse(c.hash)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		rest := passhash.Rest(hash, p, c.bcryptCost)
		want := strings.Fields(c.want)
		if len(rest) != len(want) {
			t.Errorf("%s: the rest is %v, want %v", c.name, rest, want)
			continue
		}
		for i, r := range rest {
			if !strings.Contains(r.String(), want[i]) {
				t.Errorf("%s: the rest is %v, want %s", c.name, r, want[i])
			}
			if again, err := passhash.Parse(r.String()); err != nil || again.String() != r.String() {
				t.Errorf("%s: the rest %v is not a hash: %v", c.name, r, err)
			}
			if r.Verify("") || r.Verify("password") {
				t.Errorf("%s: the rest %v has a password", c.name, r)
			}
		}
	}
}

// Whatever a program is configured with, and whatever is stored: the rest costs what is
// missing, within a tenth, and takes no more memory than a hash of the program's own.
func TestS15_RestOfAnyParams(t *testing.T) {
	t.Parallel()
	var all []passhash.Params
	for _, memory := range []uint32{8, 64, 136, 1024, 9728, 19456, 65536, 131072, passhash.MaxMemory} {
		for _, time := range []uint32{1, 2, 3, 5, 9, passhash.MaxTime} {
			for _, lanes := range []uint8{1, 3, 16} {
				if p := (passhash.Params{Memory: memory, Time: time, Parallelism: lanes}); p.Check() == nil {
					all = append(all, p)
				}
			}
		}
	}
	for _, p := range all {
		for _, stored := range all {
			hash := parse(t, costs(stored))
			missing := int(p.Memory*p.Time) - int(stored.Memory*stored.Time)
			rest := passhash.Rest(hash, p, 0)
			if len(rest) == 0 {
				if missing >= 128 {
					t.Errorf("%+v, %+v stored: nothing", p, stored)
				}
				continue
			}
			var memory, time, lanes int
			if _, err := fmt.Sscanf(rest[0].String(), "$argon2id$v=19$m=%d,t=%d,p=%d$", &memory, &time, &lanes); err != nil {
				t.Fatal(err)
			}
			if memory > int(p.Memory) || lanes != int(p.Parallelism) {
				t.Errorf("%+v, %+v stored: the rest has %d KiB and %d lanes", p, stored, memory, lanes)
			}
			if off := memory*time - missing; off > missing/10+8*lanes || -off > missing/10 {
				t.Errorf("%+v, %+v stored: the rest costs %d × %d, want %d", p, stored, memory, time, missing)
			}
		}
	}
}

// costs returns a hash with these parameters, of an unknown password.
func costs(p passhash.Params) string {
	return fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$", p.Memory, p.Time, p.Parallelism) +
		"c29tZXNhbHRzb21lc2FsdA$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHApl8ArZWb2kZE88"
}

// Two refusals after bcrypt hashes do not compute the same: the decoy is made each time.
func TestRestIsRandom(t *testing.T) {
	t.Parallel()
	p := passhash.Params{Memory: 64, Time: 1, Parallelism: 1}
	hash := newHash(t, "password", p)
	first, second := passhash.Rest(hash, p, 4), passhash.Rest(hash, p, 4)
	salt, tag := first[0].String()[7:29], first[0].String()[29:]
	if strings.Contains(second[0].String(), salt) || strings.Contains(second[0].String(), tag) {
		t.Errorf("two decoys share a salt or a tag: %s and %s", first[0], second[0])
	}
}

// Parameters that no hash can have leave nothing to compute, and no nil to stumble over.
func TestRestOfParamsOutOfBoundsIsNothing(t *testing.T) {
	t.Parallel()
	huge := passhash.Params{Memory: 2 * passhash.MaxMemory, Time: 1, Parallelism: 1}
	for name, rest := range map[string][]passhash.Hash{
		"bcrypt":   passhash.Rest(parse(t, bcryptUstarU), huge, 5),
		"Argon2id": passhash.Rest(newHash(t, "password", cheap), huge, 0),
	} {
		if len(rest) != 0 {
			t.Errorf("%s: the rest is %v, want nothing", name, rest)
		}
	}
}

// bcrypt ends at 72 bytes, and repeats a password with the NUL behind it until they are
// full: what verifies need not be what was chosen.
func TestS19_Covers(t *testing.T) {
	t.Parallel()
	bcrypt, err := passhash.Parse("$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW")
	if err != nil {
		t.Fatal(err)
	}
	if !bcrypt.Verify("U*U") || !bcrypt.Verify("U*U\x00U*U") {
		t.Error("this is not the bcrypt that repeats its password")
	}
	for password, want := range map[string]bool{
		"U*U":                   true,
		"U*U\x00U*U":            false,
		"\x00U*U":               false,
		strings.Repeat("x", 71): true,
		strings.Repeat("x", 72): false,
		strings.Repeat("x", 73): false,
	} {
		if got := bcrypt.Covers(password); got != want {
			t.Errorf("bcrypt covers %q: %v, want %v", password, got, want)
		}
	}
	argon, err := passhash.Decoy(passhash.Params{Memory: 64, Time: 1, Parallelism: 1})
	if err != nil || !argon.Covers(strings.Repeat("x", 4096)+"\x00") {
		t.Errorf("Argon2id does not cover a long password: %v", err)
	}
}
