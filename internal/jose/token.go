package jose

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/deskauth/deskauth/internal/strictjson"
)

// MaxTokenBytes is the length of the longest token that [Parse] looks at.
const MaxTokenBytes = 16 << 10

const (
	maxHeaderBytes    = 4 << 10
	maxSignatureBytes = 2 << 10 // decoded; an RSA key of 16,384 bits makes as many
)

// encoding is base64url without padding. It refuses trailing bits that are not zero, but it
// skips CR and LF, so [Parse] refuses those first.
var encoding = base64.RawURLEncoding.Strict()

// A Token is a compact JWS whose envelope has been checked and whose signature has not.
// Until [Token.VerifiedBy] says yes, a stranger may have written the payload.
type Token struct {
	Algorithm string // the header's alg; the key's algorithm decides
	KeyID     string // the header's kid, empty for none
	Payload   []byte

	signed    []byte // header.payload, the bytes under the signature
	signature []byte
}

// Parse takes a token apart. It checks the size, that there are exactly three parts of
// strict base64url, and that the header asks for nothing that this package does not do.
// The error is for a log.
func Parse(token string) (Token, error) {
	if len(token) > MaxTokenBytes {
		return Token{}, fmt.Errorf("the token has over %d bytes", MaxTokenBytes)
	}
	header, rest, _ := strings.Cut(token, ".")
	payload, signature, ok := strings.Cut(rest, ".")
	if !ok || strings.IndexByte(signature, '.') != -1 {
		return Token{}, errors.New("the token does not have exactly three parts")
	}
	if strings.IndexByte(token, '\r') != -1 || strings.IndexByte(token, '\n') != -1 {
		return Token{}, errors.New("the token has a line break in it")
	}
	if header == "" || payload == "" || signature == "" {
		return Token{}, errors.New("the token has an empty part")
	}
	if len(header) > maxHeaderBytes || len(signature) > encoding.EncodedLen(maxSignatureBytes) {
		return Token{}, errors.New("the token's header or signature is too long")
	}

	// One allocation holds the token and what its parts decode to.
	signed := len(header) + 1 + len(payload)
	end := len(token) + encoding.DecodedLen(len(payload))
	sum := end + encoding.DecodedLen(len(signature))
	buf := make([]byte, sum+encoding.DecodedLen(len(header)))
	text := buf[:copy(buf, token)]
	t := Token{signed: text[:signed], Payload: buf[len(token):end:end], signature: buf[end:sum:sum]}
	if header == usualHeader {
		t.Algorithm = HS256
	} else if err := t.parseHeader(text[:len(header)], buf[sum:]); err != nil {
		return Token{}, err
	}
	if _, err := encoding.Decode(t.Payload, text[len(header)+1:signed]); err != nil {
		return Token{}, errors.New("the token's payload is not strict base64url")
	}
	if _, err := encoding.Decode(t.signature, text[signed+1:]); err != nil {
		return Token{}, errors.New("the token's signature is not strict base64url")
	}
	return t, nil
}

// VerifiedBy reports whether k's signature is on t. The algorithm is the key's: a token
// that names another one was not signed by k. Neither was one that names another key ID, if
// k has an ID at all.
func (t *Token) VerifiedBy(k *Key) bool {
	return t.Names(k) && k.scheme().verifies(t.signed, t.signature)
}

// Names reports whether t says that k may have signed it: by the algorithm, and by the key
// ID if both have one. A thumbprint is not what a key was given: any ID may mean the key.
func (t *Token) Names(k *Key) bool {
	return t.Algorithm == k.alg && (t.KeyID == "" || k.id == "" || t.KeyID == k.id)
}

// Sign returns the compact JWS of payload by k. The payload must not be empty, and the
// token must not become longer than MaxTokenBytes.
func (k *Key) Sign(payload []byte) (string, error) {
	if !k.CanSign() {
		return "", fmt.Errorf("%s key %.64q is a public key and cannot sign", k.alg, k.id)
	}
	if len(payload) == 0 {
		return "", errors.New("the payload is empty")
	}
	size := len(k.header) + 1 + encoding.EncodedLen(len(payload)) + 1 + encoding.EncodedLen(k.material().size)
	if size > MaxTokenBytes {
		return "", fmt.Errorf("the token would have %d bytes; it may have %d at most", size, MaxTokenBytes)
	}
	b := buffers.Get().(*buffer)
	defer buffers.Put(b)
	b.token = append(append(b.token[:0], k.header...), '.')
	b.token = encoding.AppendEncode(b.token, payload)
	var err error
	b.signature, err = k.scheme().sign(b.signature[:0], b.token)
	if err != nil {
		return "", fmt.Errorf("sign with %s key %.64q: %w", k.alg, k.id, err)
	}
	b.token = append(b.token, '.')
	b.token = encoding.AppendEncode(b.token, b.signature)
	return string(b.token), nil
}

// A buffer holds a token while it is made.
type buffer struct{ token, signature []byte }

var buffers = sync.Pool{New: func() any { return new(buffer) }}

// usualHeader is that of most tokens, ours and others'. To compare is cheaper than to read.
var usualHeader = header(HS256, "")

// parseHeader checks the protected header, which it decodes into text. It refuses a
// parameter that changes what the signature means (crit, b64, zip) or what the payload is
// (cty, typ). It ignores one that brings a key (jku, jwk, x5u, x5c), because the keys are
// ours.
func (t *Token) parseHeader(encoded, text []byte) error {
	if _, err := encoding.Decode(text, encoded); err != nil {
		return errors.New("the token's header is not strict base64url")
	}
	var memberBuf [8]strictjson.Member
	members, err := strictjson.Object(text, memberBuf[:0])
	if err != nil {
		return fmt.Errorf("the token's header: %w", err)
	}
	for _, m := range members {
		ok := true
		switch string(m.Name) {
		case "alg":
			t.Algorithm, ok = algorithm(m.Value)
		case "kid":
			t.KeyID, ok = m.Value.Text()
		case "typ":
			ok = isType(m.Value)
		case "cty":
			ok = m.Value.IsString() && !isType(m.Value)
		case "crit", "b64", "zip":
			ok = false
		}
		if !ok {
			return fmt.Errorf("the token's header has a %q that is not accepted", string(m.Name))
		}
	}
	if t.Algorithm == "" {
		return errors.New("the token's header has no algorithm")
	}
	return nil
}

// algorithm returns v if it is an algorithm that a [Key] may have. It allocates nothing.
func algorithm(v strictjson.Value) (string, bool) {
	for _, alg := range [...]string{HS256, RS256, ES256, EdDSA, HS384, HS512, RS384, RS512, PS256, ES384} {
		if v.Equals(alg) {
			return alg, true
		}
	}
	return "", false
}

// isType reports whether v names the media type of a JWT, RFC 7519 §5.1. A typ may say so,
// because that is what the token is. A cty may not: it announces a token inside the token.
func isType(v strictjson.Value) bool {
	if v.Equals("JWT") { // as most tokens say
		return true
	}
	s, _ := v.Text()
	return strings.EqualFold(s, "JWT") || strings.EqualFold(s, "application/jwt")
}
