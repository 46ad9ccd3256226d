package passhash

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
)

// leastRest is the work, in KiB × passes, below which a difference is left alone: a
// thousandth of a hash of the default cost is lost in the noise of a network.
const leastRest = 128

// Rest returns what has to be computed in vain after h, so that everybody who is refused
// costs the same: one hash made with p, and, where bcryptCost is not 0, one bcrypt hash of
// that cost. What h costs above that cannot be taken back.
func Rest(h Hash, p Params, bcryptCost int) []Hash {
	switch h := h.(type) {
	case bcryptHash:
		if bcryptCost == 0 {
			return nil
		}
		whole, err := Decoy(p)
		if err != nil {
			return nil
		}
		return []Hash{whole}
	case argon2id:
		rest := difference(p, h.Params)
		if bcryptCost != 0 {
			rest = append(rest, bcryptDecoy(bcryptCost))
		}
		return rest
	}
	return nil
}

// difference returns a hash that costs as much as p costs more than h. The time of Argon2id
// is in proportion to memory × passes, and to get the memory costs something too: both
// together take as much of it as p, or little more.
func difference(p, h Params) []Hash {
	work := int64(p.Memory)*int64(p.Time) - int64(h.Memory)*int64(h.Time)
	if work < leastRest {
		return nil
	}
	memory := max(int64(p.Memory)-int64(h.Memory), (work+3)/4)
	passes := (work + memory - 1) / memory
	rest, err := Decoy(Params{Memory: uint32(work / passes), Time: uint32(passes), Parallelism: p.Parallelism})
	if err != nil {
		return nil
	}
	return []Hash{rest}
}

// bcryptDecoy returns a bcrypt hash that no password is known to have.
func bcryptDecoy(cost int) Hash {
	random := make([]byte, 40)
	rand.Read(random)
	alphabet := base64.NewEncoding("./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
	salt := alphabet.WithPadding(base64.NoPadding).EncodeToString(random[:16])
	tag := alphabet.WithPadding(base64.NoPadding).EncodeToString(random[16:39])
	return bcryptHash(fmt.Sprintf("$2b$%02d$%s%s", cost, salt, tag))
}
