package jose

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"hash"
	"sync"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jws"
)

// A scheme makes and checks the signatures of one key. It is safe for concurrent use.
type scheme interface {
	// sign appends the signature of text to dst.
	sign(dst, text []byte) ([]byte, error)
	verifies(text, signature []byte) bool
}

func newScheme(m *material) (scheme, error) {
	switch m.alg {
	case HS256:
		return newMAC(sha256.New, m.private.([]byte)), nil
	case HS384:
		return newMAC(sha512.New384, m.private.([]byte)), nil
	case HS512:
		return newMAC(sha512.New, m.private.([]byte)), nil
	}
	signer, err := jws.NewSigner(jwa.SignatureAlgorithm(m.alg))
	if err != nil {
		return nil, err
	}
	verifier, err := jws.NewVerifier(jwa.SignatureAlgorithm(m.alg))
	if err != nil {
		return nil, err
	}
	return keyPair{m, signer, verifier}, nil
}

// A keyPair is the scheme of a private key and its public key, or of a public key alone.
type keyPair struct {
	*material
	signer   jws.Signer
	verifier jws.Verifier
}

func (p keyPair) sign(dst, text []byte) ([]byte, error) {
	signature, err := p.signer.Sign(text, p.private)
	return append(dst, signature...), err
}

func (p keyPair) verifies(text, signature []byte) bool {
	return p.verifier.Verify(text, signature, p.public) == nil
}

// A mac is the scheme of a secret: HMAC, RFC 2104. An HMAC that has been used before has
// the secret's share of the work behind it. For a text as short as a token, that is a third
// of all work. So they are used again.
type mac struct{ used sync.Pool } // of *macState

// A macState is an HMAC that is in use by one caller.
type macState struct {
	hash.Hash
	sum []byte
}

func newMAC(newHash func() hash.Hash, secret []byte) *mac {
	return &mac{sync.Pool{New: func() any { return &macState{Hash: hmac.New(newHash, secret)} }}}
}

func (m *mac) sign(dst, text []byte) ([]byte, error) {
	s := m.compute(text)
	defer m.used.Put(s)
	return append(dst, s.sum...), nil
}

func (m *mac) verifies(text, signature []byte) bool {
	s := m.compute(text)
	defer m.used.Put(s)
	return hmac.Equal(signature, s.sum)
}

// compute returns a state with the sum of text, which the caller puts back.
func (m *mac) compute(text []byte) *macState {
	s := m.used.Get().(*macState)
	s.Reset()
	s.Write(text) // which never fails
	s.sum = s.Sum(s.sum[:0])
	return s
}
