package jose

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"regexp"
)

// NotSecret returns an error for a key or a certificate, which is not a secret for HMAC.
// Its text goes on from the name of a key, as that of [NewKey] does.
//
// With a public key for the secret of an HMAC, everybody who has the public key can sign
// (RFC 8725 §2.1). A private key and a text in UTF-16 are refused too: the system on the
// other side uses other bytes.
//
// The beginning of a key is enough, because files are read line by line.
func NotSecret(alg string, given []byte) error {
	k := kindOf(given)
	if encoding := markedEncoding(given); k.what == "" && encoding != "" {
		k = kind{"a text", encoding, "write it in UTF-8, without a byte order mark"}
	}
	for run := range bytes.FieldsFuncSeq(given, notOfBase64) {
		if k.what != "" {
			break
		}
		if len(run) >= minRunBytes {
			k = kindOfRun(run)
		}
	}
	switch {
	case k.what == "":
		return nil
	case k.in != "":
		k.what += " in " + k.in
	}
	return fmt.Errorf("is %s; %s needs a secret (%s)", k.what, alg, k.mend)
}

// A kind is what a text is that is not a secret. The zero kind is that of secrets.
type kind struct{ what, in, mend string }

const chooseAnother = "and choose an RS, PS, ES or EdDSA algorithm"

var (
	pemBegin = []byte("-----BEGIN ")
	// webKey finds what a JWK and a JWK set must have (RFC 7517 §4.1, §5.1).
	webKey = regexp.MustCompile(`["'](?:kty|keys)\\*["']\s*:`)
	// openSSH finds the base64 of a length, and of "ssh-", "ecdsa", "sk-ssh" or "sk-ecdsa".
	openSSH = regexp.MustCompile(`AAAA[A-Q](?:[HXn3]NzaC1|[GWm2]VjZHNh|[HXn3]NrL[XW])`)
)

// kindOf returns what a text is, or what bytes are.
func kindOf(given []byte) kind {
	if bytes.Contains(given, pemBegin) {
		return kind{"a PEM text", "", "to use the key in it, parse it with crypto/x509 " + chooseAnother}
	}
	if what := kindOfDER(given); what != "" {
		return kind{what, "DER", "to use the key in it, write it as PEM or parse it with crypto/x509, " + chooseAnother}
	}
	if bytes.HasPrefix(given, []byte("openssh-key-v1\x00")) ||
		bytes.Contains(given, []byte("AAAA")) && openSSH.Match(given) {
		return kind{"a key of OpenSSH", "", "to use it, write it as PEM, as ssh-keygen -e -m PKCS8 does " +
			"for RSA and ECDSA, " + chooseAnother}
	}
	if bytes.Contains(given, []byte("<RSAKeyValue>")) {
		return kind{"an RSA key", "XML", "to use it, write it as PEM, " + chooseAnother}
	}
	text := bytes.TrimSpace(bytes.TrimPrefix(given, []byte("\ufeff")))
	if len(text) > 0 && (text[0] == '{' || text[0] == '[') && webKey.Match(text) {
		return kind{"a JSON Web Key", "", "secrets.ParseJWKS reads the public keys of a set; " +
			"the secret of an oct key is what its k decodes to"}
	}
	return kind{}
}

// minRunBytes is how many digits the beginning of a key has. Most words have fewer.
const minRunBytes = 16

// kindOfRun returns what a run of digits of base64, or of hexadecimal, encodes. The last
// digits do not matter. Most secrets are such runs, too.
func kindOfRun(run []byte) kind {
	decoded := make([]byte, len(run))
	if n, err := hex.Decode(decoded, run[:len(run)&^1]); err == nil {
		if k := kindOf(decoded[:n]); k.what != "" {
			k.in = "hexadecimal"
			return k
		}
	}
	digits := bytes.Clone(run[:len(run)&^3])
	for i, digit := range digits { // of base64url
		switch digit {
		case '-':
			digits[i] = '+'
		case '_':
			digits[i] = '/'
		}
	}
	n, _ := base64.StdEncoding.Decode(decoded, digits) // which has digits only
	k := kindOf(decoded[:n])
	if k.what != "" {
		k.in = "base64"
	}
	return k
}

func notOfBase64(r rune) bool {
	return !('A' <= r && r <= 'Z' || 'a' <= r && r <= 'z' || '0' <= r && r <= '9' ||
		r == '+' || r == '/' || r == '-' || r == '_')
}

// markedEncoding returns the encoding that a byte order mark at the beginning names. Random
// bytes may begin with the two of UTF-16: more than half of what follows has to be of an
// alphabet. A mark in UTF-8 is for checkText.
func markedEncoding(given []byte) string {
	var order binary.ByteOrder = binary.LittleEndian
	switch {
	case bytes.HasPrefix(given, []byte("\xff\xfe\x00\x00")), bytes.HasPrefix(given, []byte("\x00\x00\xfe\xff")):
		return "UTF-32"
	case bytes.HasPrefix(given, []byte("\xfe\xff")):
		order = binary.BigEndian
	case !bytes.HasPrefix(given, []byte("\xff\xfe")):
		return ""
	}
	units, letters := 0, 0
	for rest := given[2:]; len(rest) >= 2; rest = rest[2:] {
		units++
		if order.Uint16(rest) < 0x0800 { // Latin, Greek, Cyrillic, Hebrew, Arabic and the like
			letters++
		}
	}
	if 2*letters <= units {
		return ""
	}
	return "UTF-16"
}
