package passhash

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

const (
	argon2idPrefix = "$argon2id$v=19$" // 19 is argon2.Version, RFC 9106

	saltBytes = 16 // RFC 9106 §3.1
	tagBytes  = 32

	minSaltBytes, maxSaltBytes = 8, 64  // RFC 9106 §3.1 asks for 8 or more
	minTagBytes, maxTagBytes   = 16, 64 // 128 bits are too many to try
)

// Params are the cost parameters of Argon2id (RFC 9106 §3.1).
type Params struct {
	Memory      uint32 // KiB
	Time        uint32 // passes
	Parallelism uint8  // lanes
}

// Check returns an error that says which parameter is out of bounds. argon2.IDKey itself
// panics, or allocates as much as it is told to.
func (p Params) Check() error {
	switch {
	case p.Time < 1 || p.Time > MaxTime:
		return fmt.Errorf("time is %d; 1 to %d are allowed", p.Time, MaxTime)
	case p.Parallelism < 1 || p.Parallelism > MaxParallelism:
		return fmt.Errorf("parallelism is %d; 1 to %d are allowed", p.Parallelism, MaxParallelism)
	case p.Memory < 8*uint32(p.Parallelism) || p.Memory > MaxMemory:
		return fmt.Errorf("memory is %d KiB; %d (8 for each lane) to %d are allowed",
			p.Memory, 8*uint32(p.Parallelism), MaxMemory)
	}
	return nil
}

type argon2id struct {
	Params
	salt, tag []byte
	stored    string // as it was parsed; empty for one that was just made
}

// New hashes password with Argon2id and a fresh salt. It costs the time and memory that p
// says.
func New(password string, p Params) (Hash, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	h := argon2id{Params: p, salt: make([]byte, saltBytes)}
	rand.Read(h.salt) // never fails since Go 1.24: it ends the program instead
	h.tag = h.compute(password, tagBytes)
	return h, nil
}

// Decoy returns a hash that no password has. It costs as much to verify as one made with
// p, and nothing to make. It stands in for the hash of an account that does not exist.
func Decoy(p Params) (Hash, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	h := argon2id{Params: p, salt: make([]byte, saltBytes), tag: make([]byte, tagBytes)}
	rand.Read(h.salt)
	rand.Read(h.tag)
	return h, nil
}

// compute normalises the password first. A password may have several spellings in Unicode,
// and the keyboard chooses one, not the person (NIST SP 800-63B §3.1.1.2).
func (h argon2id) compute(password string, size int) []byte {
	normal := norm.NFC.Bytes([]byte(password))
	return argon2.IDKey(normal, h.salt, h.Time, h.Memory, h.Parallelism, uint32(size))
}

func (h argon2id) Verify(password string) bool {
	return subtle.ConstantTimeCompare(h.compute(password, len(h.tag)), h.tag) == 1
}

func (h argon2id) WeakerThan(p Params) bool {
	work, wanted := uint64(h.Memory)*uint64(h.Time), uint64(p.Memory)*uint64(p.Time)
	return work < wanted || h.Memory < p.Memory/4 || h.Parallelism != p.Parallelism ||
		len(h.salt) < saltBytes || len(h.tag) < tagBytes
}

func (h argon2id) Covers(string) bool { return true }

func (h argon2id) String() string {
	if h.stored != "" {
		return h.stored
	}
	return fmt.Sprintf("%sm=%d,t=%d,p=%d$%s$%s", argon2idPrefix, h.Memory, h.Time, h.Parallelism,
		base64.RawStdEncoding.EncodeToString(h.salt), base64.RawStdEncoding.EncodeToString(h.tag))
}

var errMalformed = errors.New(
	"the stored Argon2id hash is not a PHC string like $argon2id$v=19$m=…,t=…,p=…$salt$tag")

func parseArgon2id(encoded string) (Hash, error) {
	parts := strings.Split(strings.TrimPrefix(encoded, argon2idPrefix), "$")
	if len(parts) != 3 {
		return nil, errMalformed
	}
	costs, err := parseCosts(parts[0])
	if err != nil {
		return nil, err
	}
	salt, saltOK := decode(parts[1])
	tag, tagOK := decode(parts[2])
	if !saltOK || !tagOK {
		return nil, errMalformed
	}
	if len(salt) < minSaltBytes || len(salt) > maxSaltBytes {
		return nil, fmt.Errorf("the stored Argon2id hash has a salt of %d bytes; %d to %d are allowed",
			len(salt), minSaltBytes, maxSaltBytes)
	}
	if len(tag) < minTagBytes || len(tag) > maxTagBytes {
		return nil, fmt.Errorf("the stored Argon2id hash has a tag of %d bytes; %d to %d are allowed",
			len(tag), minTagBytes, maxTagBytes)
	}
	return argon2id{Params: costs, salt: salt, tag: tag, stored: encoded}, nil
}

// decode decodes a salt or tag in its one spelling. DecodeString itself skips line breaks.
func decode(text string) (decoded []byte, ok bool) {
	decoded, err := base64.RawStdEncoding.Strict().DecodeString(text)
	return decoded, err == nil && base64.RawStdEncoding.EncodedLen(len(decoded)) == len(text)
}

// parseCosts parses the part of a hash that is like m=19456,t=2,p=1, in any order: npm's
// argon2 writes m=65536,p=4,t=3. Each of the three is there once, as a number without a
// sign or a zero in front.
func parseCosts(encoded string) (Params, error) {
	costs := map[string]uint64{"m": 0, "t": 0, "p": 0}
	parts := strings.Split(encoded, ",")
	for _, part := range parts {
		name, text, _ := strings.Cut(part, "=")
		n, err := strconv.ParseUint(text, 10, 32)
		before, known := costs[name]
		if err != nil || !known || before != 0 || text != strconv.FormatUint(n, 10) {
			return Params{}, errMalformed
		}
		costs[name] = n
	}
	if len(parts) != len(costs) {
		return Params{}, errMalformed
	}
	if lanes := costs["p"]; lanes > MaxParallelism { // a byte may not hold it
		return Params{}, fmt.Errorf("the stored Argon2id hash: parallelism is %d; 1 to %d are allowed",
			lanes, MaxParallelism)
	}
	p := Params{Memory: uint32(costs["m"]), Time: uint32(costs["t"]), Parallelism: uint8(costs["p"])}
	if err := p.Check(); err != nil {
		return Params{}, fmt.Errorf("the stored Argon2id hash: %w", err)
	}
	return p, nil
}
