package jose

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/rsa"
	"crypto/sha256"
)

// A Derived is a secret of its own that is made of a key's: whoever has one of the two
// cannot make the other's signatures. It is safe for concurrent use.
type Derived struct{ mac func() *mac } // a function, as in Key

// SumBytes is the length of what [Derived.Sum] appends.
const SumBytes = sha256.Size

// Derive returns the secret that HKDF-SHA256 (RFC 5869) makes of the key's secret part and
// a label. A public key has none: ok is false then. It is made once for each label.
func (k *Key) Derive(label string) (d Derived, ok bool) {
	if !k.CanSign() {
		return Derived{}, false
	}
	if known, found := k.derived.Load(label); found {
		return known.(Derived), true
	}
	secret := must(hkdf.Key(sha256.New, k.material().secretPart(), nil, label, sha256.Size))
	m := newMAC(sha256.New, secret)
	made, _ := k.derived.LoadOrStore(label, Derived{func() *mac { return m }})
	return made.(Derived), true
}

// Sum appends the HMAC-SHA256 of text to dst.
func (d Derived) Sum(dst, text []byte) []byte {
	sum, _ := d.mac().sign(dst, text) // which never fails
	return sum
}

// Verifies reports whether sum is that of text, in constant time.
func (d Derived) Verifies(text, sum []byte) bool { return d.mac().verifies(text, sum) }

// secretPart returns what nobody can know who has no more than the public key.
func (m *material) secretPart() []byte {
	switch key := m.private.(type) {
	case *rsa.PrivateKey:
		return key.D.Bytes()
	case *ecdsa.PrivateKey:
		return must(key.Bytes())
	case ed25519.PrivateKey:
		return key.Seed()
	}
	return m.private.([]byte)
}

// must is for what cannot fail: HKDF knows the length that it is asked for, and newMaterial
// lets no curve through that has no bytes. A zero secret would be worse than a panic.
func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}
