package passhash

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
)

// leastRest is the smallest difference of work, in KiB × passes, that is evened out. It is
// a third of a percent of the default cost, which the noise of a network hides.
const leastRest = 128

// Rest returns the hashes to compute in vain after h, so that every refusal costs the same:
// one hash made with p and, if bcryptCost is not 0, one bcrypt hash of that cost. It cannot
// take back what h costs above that.
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
		rest := []Hash{whole}
		for cost := h.cost(); cost < bcryptCost; cost++ { // 2^c + 2^c + 2^(c+1) + … = 2^bcryptCost
			rest = append(rest, bcryptDecoy(cost))
		}
		return rest
	case argon2id:
		rest := difference(p, h.Params)
		if bcryptCost != 0 {
			rest = append(rest, bcryptDecoy(bcryptCost))
		}
		return rest
	}
	return nil
}

// difference returns a hash that costs what p costs more than h does, or nothing. The time
// of Argon2id is in proportion to memory × passes, and allocating the memory takes time
// too. So h and the difference together take the memory of p, or more passes of a quarter
// of the work. The difference alone never takes more memory than p.
func difference(p, h Params) []Hash {
	work := int64(p.Memory)*int64(p.Time) - int64(h.Memory)*int64(h.Time)
	if work < leastRest {
		return nil
	}
	least := 8 * int64(p.Parallelism)
	memory := max(int64(p.Memory)-int64(h.Memory), min((work+3)/4, int64(p.Memory)), least)
	passes := (work + memory - 1) / memory
	memory = max(work/passes, least)
	rest, err := Decoy(Params{Memory: uint32(memory), Time: uint32(passes), Parallelism: p.Parallelism})
	if err != nil {
		return nil
	}
	return []Hash{rest}
}

// bcryptDecoy returns a bcrypt hash of random bytes, whose password is not known.
func bcryptDecoy(cost int) Hash {
	return bcryptHash(fmt.Sprintf("$2b$%02d$%s%s", cost, randomText(16), randomText(23)))
}

// bcryptAlphabet is that of bcrypt's own base64.
const bcryptAlphabet = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

var bcryptEncoding = base64.NewEncoding(bcryptAlphabet).WithPadding(base64.NoPadding)

// randomText returns so many random bytes in bcrypt's own base64.
func randomText(bytes int) string {
	random := make([]byte, bytes)
	rand.Read(random)
	return bcryptEncoding.EncodeToString(random)
}
