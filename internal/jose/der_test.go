package jose_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/deskauth/deskauth/internal/jose"
)

// What the error calls a key; a secret is the empty text.
const (
	aKey, aPublicKey, aPrivateKey = "a key", "a public key", "a private key"
	anEncryptedKey, aCertificate  = "an encrypted private key", "a certificate"
)

// nameOf returns what the error calls the text, or nothing for a secret.
func nameOf(t *testing.T, text []byte) string {
	t.Helper()
	err := jose.NotSecret(jose.HS256, text)
	if err == nil {
		return ""
	}
	what, _, ok := strings.Cut(strings.TrimPrefix(err.Error(), "is "), "; HS256 needs a secret (")
	if !ok {
		t.Errorf("%q: got the error %q", text, err)
	}
	return what
}

// kindInDER returns what the error calls DER, or nothing for a secret.
func kindInDER(t *testing.T, der []byte) string {
	t.Helper()
	return strings.TrimSuffix(nameOf(t, der), " in DER")
}

// tlv returns an element of DER with the parts in its body.
func tlv(tag byte, parts ...[]byte) []byte {
	body := bytes.Join(parts, nil)
	head := []byte{tag, byte(len(body))}
	switch n := len(body); {
	case n >= 1<<16:
		head = []byte{tag, 0x83, byte(n >> 16), byte(n >> 8), byte(n)}
	case n >= 1<<8:
		head = []byte{tag, 0x82, byte(n >> 8), byte(n)}
	case n >= 1<<7:
		head = []byte{tag, 0x81, byte(n)}
	}
	return append(head, body...)
}

// fill returns so many bytes after the first ones. They are of no text, and of no DER.
func fill(size int, first ...byte) []byte {
	return append(first, bytes.Repeat([]byte{0xaa}, max(0, size-len(first)))...)[:size]
}

func sequence(parts ...[]byte) []byte { return tlv(0x30, parts...) }

func integer(size int, first ...byte) []byte { return tlv(0x02, fill(size, first...)) }

var (
	madeOID  = tlv(0x06, []byte{0x2a, 0x03, 0x04})
	madeBits = tlv(0x03, fill(33))
	// What is made by hand: RFC 5280 §4.1, RFC 5958 §2 and §3, RFC 5915 §3, RFC 8017 §A.1.
	madePublic     = sequence(sequence(madeOID), madeBits)
	madeEncrypted  = sequence(sequence(madeOID), tlv(0x04, fill(33)))
	madePKCS8      = sequence(integer(1, 0), sequence(madeOID), tlv(0x04, fill(33)))
	madeSEC1       = sequence(integer(1, 1), tlv(0x04, fill(33)))
	madeRSA        = sequence(integer(1, 0), integer(65, 0, 0x80), integer(3))
	madeRSAPublic  = sequence(integer(65, 0, 0x80), integer(3, 1, 0, 1))
	madeLongRSA    = sequence(integer(128), integer(3, 1, 0, 1))
	madeCert       = sequence(sequence(tlv(0xa0, integer(1, 2)), integer(9, 1)), sequence(madeOID))
	madeFirstCert  = sequence(sequence(integer(9, 1), sequence(madeOID)), sequence(madeOID))
	madePKCS7      = sequence(tlv(0x06, []byte{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02}), tlv(0xa0, fill(33)))
	madeParameters = sequence(sequence(madeOID, fill(100)), madeBits)
)

// kinds are what the error calls bytes, by the number that is tried. Without one they are
// a secret.
type kinds map[int]string

// Of each byte that decides, every value is tried.
func TestS02_BytesThatMakeAKey(t *testing.T) {
	t.Parallel()
	versions := kinds{0: aPrivateKey, 1: aPrivateKey, 2: aPrivateKey, 3: aPrivateKey}
	lengths := kinds{0x81: aPublicKey, 0x82: aPublicKey, 0x83: aPublicKey} // in so many octets
	for size := range 0x80 {
		lengths[size] = aPublicKey
	}
	for name, c := range map[string]struct {
		der  []byte
		at   int
		want kinds
	}{
		"public: outer tag":            {madePublic, 0, kinds{0x30: aPublicKey}},
		"public: algorithm's tag":      {madePublic, 2, kinds{0x30: aPublicKey}},
		"public: OID's tag":            {madePublic, 4, kinds{0x06: aPublicKey}},
		"public: OID's beginning":      {madePublic, 6, kinds{0x2a: aPublicKey, 0x2b: aPublicKey, 0x60: aPublicKey}},
		"public: tag of the bits":      {madePublic, 9, kinds{0x03: aPublicKey, 0x04: anEncryptedKey}},
		"public: size of the bits":     {madePublic, 10, lengths},
		"encrypted: algorithm's tag":   {madeEncrypted, 2, kinds{0x30: anEncryptedKey}},
		"encrypted: OID's tag":         {madeEncrypted, 4, kinds{0x06: anEncryptedKey}},
		"parameters: algorithm's tag":  {madeParameters[:60], 3, kinds{0x30: aKey}},
		"parameters: OID's tag":        {madeParameters[:60], 5, kinds{0x06: aKey}},
		"PKCS #8: version's tag":       {madePKCS8, 2, kinds{0x02: aPrivateKey}},
		"PKCS #8: version":             {madePKCS8, 4, versions},
		"PKCS #8: algorithm's tag":     {madePKCS8, 5, kinds{0x30: aPrivateKey, 0x04: aPrivateKey}},
		"PKCS #8: OID's tag":           {madePKCS8, 7, kinds{0x06: aPrivateKey}},
		"SEC 1: version's tag":         {madeSEC1, 2, kinds{0x02: aPrivateKey}},
		"SEC 1: version":               {madeSEC1, 4, versions},
		"SEC 1: key's tag":             {madeSEC1, 5, kinds{0x04: aPrivateKey}},
		"RSA: version's tag":           {madeRSA, 2, kinds{0x02: aPrivateKey}},
		"RSA: modulus's tag":           {madeRSA, 5, kinds{0x02: aPrivateKey, 0x04: aPrivateKey}},
		"RSA: modulus's sign":          {madeRSA, 7, kinds{0: aPrivateKey}},
		"RSA public: modulus's tag":    {madeRSAPublic, 2, kinds{0x02: aPublicKey}},
		"RSA public: modulus's sign":   {madeRSAPublic, 4, kinds{0: aPublicKey}},
		"certificate: outer tag":       {madeCert, 0, kinds{0x30: aCertificate}},
		"certificate: tag":             {madeCert, 2, kinds{0x30: aCertificate}},
		"certificate: [0]":             {madeCert, 4, kinds{0xa0: aCertificate}},
		"certificate: version's tag":   {madeCert, 6, kinds{0x02: aCertificate}},
		"certificate: version's size":  {madeCert, 7, kinds{1: aCertificate}},
		"version 1: tag":               {madeFirstCert, 2, kinds{0x30: aCertificate}},
		"version 1: serial's tag":      {madeFirstCert, 4, kinds{0x02: aCertificate}},
		"version 1: algorithm's tag":   {madeFirstCert, 15, kinds{0x30: aCertificate}},
		"PKCS #7: tag":                 {madePKCS7, 2, kinds{0x06: aCertificate}},
		"PKCS #7: size":                {madePKCS7, 3, kinds{9: aCertificate}},
		"PKCS #7: last number but one": {madePKCS7, 11, kinds{7: aCertificate}},
	} {
		for value := range 256 {
			der := slices.Clone(c.der)
			der[c.at] = byte(value)
			if got := kindInDER(t, der); got != c.want[value] {
				t.Errorf("%s %#02x: got %q, want %q", name, value, got, c.want[value])
			}
		}
	}
}

// The sizes that are tried have lengths of one to four octets.
func TestS02_SizesThatMakeAKey(t *testing.T) {
	t.Parallel()
	sizes := []int{1<<16 - 1, 1 << 16, 1<<16 + 1, 1 << 17}
	for size := range 600 {
		sizes = append(sizes, size)
	}
	const most = 1 << 17
	for name, c := range map[string]struct {
		min, max int
		what     string
		make     func(size int) []byte
	}{
		"OID": {3, 16, aPublicKey, func(n int) []byte {
			return sequence(sequence(tlv(0x06, fill(n, 0x2a))), madeBits)
		}},
		"parameters": {0, most, aPublicKey, func(n int) []byte {
			return sequence(sequence(madeOID, fill(n)), madeBits)
		}},
		"bits":    {0, most, aPublicKey, func(n int) []byte { return sequence(sequence(madeOID), tlv(0x03, fill(n))) }},
		"version": {1, 1, aPrivateKey, func(n int) []byte { return sequence(integer(n, 1), tlv(0x04, fill(33))) }},
		"serial":  {0, 21, aCertificate, func(n int) []byte { return sequence(sequence(integer(n), sequence(madeOID))) }},
		"PKCS #7": {0, most, aCertificate, func(n int) []byte { return sequence(madePKCS7[2:13], fill(n)) }},
		// The byte before a modulus keeps it positive.
		"RSA":         {128, most, aPrivateKey, func(n int) []byte { return sequence(integer(1, 0), integer(n)) }},
		"RSA, signed": {65, most, aPrivateKey, func(n int) []byte { return sequence(integer(1, 0), integer(n, 0, 0x80)) }},
		"RSA, zeros":  {128, most, aPrivateKey, func(n int) []byte { return sequence(integer(1, 0), integer(n, 0, 0x7f)) }},
		"modulus":     {128, most, aPublicKey, func(n int) []byte { return sequence(integer(n), integer(1, 3)) }},
		"signed":      {65, most, aPublicKey, func(n int) []byte { return sequence(integer(n, 0, 0x80), integer(1, 3)) }},
		"zeros":       {128, most, aPublicKey, func(n int) []byte { return sequence(integer(n, 0, 0x7f), integer(1, 3)) }},
		"exponent":    {1, 8, aPublicKey, func(n int) []byte { return sequence(integer(128), integer(n, 3)) }},
	} {
		for _, size := range sizes {
			want := ""
			if c.min <= size && size <= c.max {
				want = c.what
			}
			if got := kindInDER(t, c.make(size)); got != want {
				t.Errorf("%s of %d bytes: got %q, want %q", name, size, got, want)
			}
		}
	}
}

// A key is cut short at every place. With the algorithm alone, it is a key of some kind.
func TestS02_BeginningsThatMakeAKey(t *testing.T) {
	t.Parallel()
	long := func(length ...byte) []byte { return slices.Concat([]byte{0x30}, length, madePublic[2:]) }
	size := madePublic[1]
	for name, c := range map[string]struct {
		der  []byte
		want kinds // from that length on
	}{
		"public":       {madePublic, kinds{9: aKey, 10: "", 11: aPublicKey}},
		"no octet":     {long(0x80), nil},
		"one octet":    {long(0x81, size), kinds{10: aKey, 11: "", 12: aPublicKey}},
		"two octets":   {long(0x82, 0, size), kinds{11: aKey, 12: "", 13: aPublicKey}},
		"three octets": {long(0x83, 0, 0, size), kinds{12: aKey, 13: "", 14: aPublicKey}},
		"four octets":  {long(0x84, 0, 0, 0, size), nil},
		"parameters":   {madeParameters, kinds{10: aKey, 111: "", 112: aPublicKey}},
		"long bits":    {sequence(sequence(madeOID), tlv(0x03, fill(200))), kinds{10: aKey, 11: "", 13: aPublicKey}},
		"encrypted":    {madeEncrypted, kinds{9: aKey, 10: "", 11: anEncryptedKey}},
		"PKCS #8":      {madePKCS8, kinds{12: aPrivateKey}},
		"SEC 1":        {madeSEC1, kinds{7: aPrivateKey}},
		"RSA":          {madeRSA, kinds{9: aPrivateKey}},
		"RSA public":   {madeRSAPublic, kinds{6: aPublicKey}},
		"RSA, long":    {madeLongRSA, kinds{7: aPublicKey}},
		"certificate":  {madeCert, kinds{8: aCertificate}},
		"version 1":    {madeFirstCert, kinds{16: aCertificate}},
		"PKCS #7":      {madePKCS7, kinds{12: aCertificate}},
	} {
		want := ""
		for size := range len(c.der) + 1 {
			if what, change := c.want[size]; change {
				want = what
			}
			if got := kindInDER(t, c.der[:size]); got != want {
				t.Errorf("the first %d bytes of %s: got %q, want %q", size, name, got, want)
			}
		}
	}
}
