package jose

import "bytes"

// The tags of DER that keys and certificates begin with (X.690 §8).
const (
	tagInteger  = 0x02
	tagBits     = 0x03
	tagOctets   = 0x04
	tagOID      = 0x06
	tagSequence = 0x30
	tagVersion  = 0xa0 // [0], which a certificate of version 3 begins with
)

// kindOfDER returns what a key or certificate is whose DER, or the beginning of it, is
// given. It looks at the outermost elements alone, so it knows keys of every algorithm,
// also of those that crypto/x509 does not know. Random bytes would have to hit four bytes
// or more.
func kindOfDER(der []byte) string {
	outer, _ := nextElement(der)
	first, rest := nextElement(outer.body)
	if outer.tag != tagSequence || len(first.body) == 0 {
		return ""
	}
	second, _ := nextElement(rest)
	inner, behind := nextElement(first.body)
	switch {
	case first.tag == tagSequence && inner.isOID() && len(rest) == 0: // within long parameters
		return "a key"
	case first.tag == tagSequence && inner.isOID() && second.tag == tagBits:
		return "a public key" // SubjectPublicKeyInfo, RFC 5280 §4.1
	case first.tag == tagSequence && inner.isOID() && second.tag == tagOctets:
		return "an encrypted private key" // RFC 5958 §3
	case first.tag == tagSequence && inner.tag == tagVersion && bytes.HasPrefix(inner.body, []byte{tagInteger, 1}):
		return "a certificate" // RFC 5280 §4.1
	case first.tag == tagSequence && inner.tag == tagInteger && inner.size <= maxSerialBytes &&
		bytes.HasPrefix(behind, []byte{tagSequence}):
		return "a certificate" // of version 1, or a request for one (RFC 2986 §4)
	case bytes.HasPrefix(outer.body, pkcs7):
		return "a certificate" // or several
	case first.tag == tagInteger && first.size == 1 && first.body[0] <= 3: // a version
		return privateKind(second)
	case first.isModulus() && outer.size-first.total >= 3 && outer.size-first.total <= 10: // an exponent's size
		return "a public key" // PKCS #1: RFC 8017 §A.1.1
	}
	return ""
}

// pkcs7 is what the object identifiers of PKCS #7 begin with: 1.2.840.113549.1.7.
var pkcs7 = []byte{tagOID, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07}

const maxSerialBytes = 21 // RFC 5280 §4.1.2.2, with a sign

// privateKind says what has a small number, the version, before second.
func privateKind(second element) string {
	inner, _ := nextElement(second.body)
	switch {
	case second.tag == tagSequence && inner.isOID(): // PKCS #8 (RFC 5958 §2) or PKCS #12
		return "a private key"
	case second.tag == tagOctets: // SEC 1: RFC 5915 §3
		return "a private key"
	case second.isModulus(): // PKCS #1: RFC 8017 §A.1.2
		return "a private key"
	}
	return ""
}

// An element is one of DER. Its body may be cut short.
type element struct {
	tag         byte
	body        []byte
	size, total int // that its header says: of the body, and with the header
}

// nextElement returns the first element, and what is behind it. Without a whole header
// it is the zero element.
func nextElement(der []byte) (e element, rest []byte) {
	if len(der) < 2 {
		return element{}, nil
	}
	e.tag, e.size, e.body = der[0], int(der[1]), der[2:]
	if octets := e.size - 0x80; octets >= 0 {
		if octets < 1 || octets > 3 || len(e.body) < octets {
			return element{}, nil
		}
		e.size = 0
		for _, octet := range e.body[:octets] {
			e.size = e.size<<8 | int(octet)
		}
		e.body = e.body[octets:]
	}
	e.total = len(der) - len(e.body) + e.size
	if len(e.body) > e.size {
		e.body, rest = e.body[:e.size], e.body[e.size:]
	}
	return e, rest
}

// isOID reports whether it names an algorithm: below 1.2, 1.3 or 2.16, of which all are.
func (e element) isOID() bool {
	return e.tag == tagOID && e.size >= 3 && e.size <= 16 && len(e.body) == e.size &&
		(e.body[0] == 0x2a || e.body[0] == 0x2b || e.body[0] == 0x60)
}

// isModulus reports whether a number is large enough to be one of RSA's: of 1024 bits, or
// of 512 with the byte before it that keeps a number positive.
func (e element) isModulus() bool {
	return e.tag == tagInteger && (e.size >= 128 || e.size >= 65 && len(e.body) > 1 && e.body[0] == 0 && e.body[1] >= 0x80)
}
