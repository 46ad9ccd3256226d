package passhash

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/bcrypt"
)

const (
	bcryptBytes    = 60 // the length of every hash: "$2b$10$", 22 of salt, 31 of tag
	bcryptPassword = 72 // the bytes that it reads of a password and the NUL behind it
)

// bcryptHash is an imported hash, which is verified and never made. bcrypt takes the bytes
// of a password as they come, and the first 72 of them.
type bcryptHash string

func parseBcrypt(encoded string) (Hash, error) {
	if len(encoded) != bcryptBytes || encoded[6] != '$' {
		return nil, errors.New("the stored bcrypt hash is not 60 characters like $2b$10$…")
	}
	for _, c := range []byte(encoded[7:]) {
		if c != '.' && c != '/' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return nil, errors.New("the stored bcrypt hash has a character that is not bcrypt's")
		}
	}
	if strings.IndexByte(bcryptAlphabet, encoded[len(encoded)-1])%4 != 0 { // no password has such a hash
		return nil, errors.New("the stored bcrypt hash has a last character that bcrypt never writes")
	}
	cost, err := bcrypt.Cost([]byte(encoded))
	if err != nil || encoded[4] < '0' { // a sign in front of the cost
		return nil, errors.New("the stored bcrypt hash has no cost of 4 to 31")
	}
	if cost > MaxBcryptCost {
		return nil, fmt.Errorf("the stored bcrypt hash has the cost %d; %d is the most", cost, MaxBcryptCost)
	}
	return bcryptHash(encoded), nil
}

func (h bcryptHash) Verify(password string) bool {
	return bcrypt.CompareHashAndPassword([]byte(h), []byte(password)) == nil
}

// cost is the base-2 logarithm of the rounds: 4 to MaxBcryptCost.
func (h bcryptHash) cost() int {
	cost, _ := bcrypt.Cost([]byte(h)) // parsed before
	return cost
}

func (h bcryptHash) WeakerThan(Params) bool { return true }

func (h bcryptHash) Covers(password string) bool {
	return len(password) < bcryptPassword && strings.IndexByte(password, 0) < 0
}

func (h bcryptHash) String() string { return string(h) }
