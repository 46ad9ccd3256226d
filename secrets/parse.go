package secrets

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/jose"
)

// A keyList is the keys of a text, in its order.
type keyList struct {
	keys   []deskauth.Key
	prints [][sha256.Size]byte // of each: what two equal keys have in common
}

var pemBegin = []byte("-----BEGIN ")

// parse reads the keys of a text: see the package. Its error quotes nothing of the text.
func parse(text []byte) (list keyList, err error) {
	if !bytes.Contains(text, pemBegin) {
		if err := jose.NotSecret(jose.HS256, text); err != nil { // its lines may look like secrets
			return list, fmt.Errorf("has a key that %w", err)
		}
		if !utf8.Valid(text) || deskauth.NewKey("", "HS256", text).Err() == nil {
			if utf8.Valid(text) && isComment(text, false) {
				return list, errComment
			}
			return list, list.addSecret(text) // random bytes, or one line without its end
		}
	}
	beside := bytes.Contains(text, pemBegin)
	for {
		secrets, block := text, []byte(nil)
		if i := bytes.Index(text, pemBegin); i >= 0 {
			secrets, block = text[:i], text[i:]
		}
		for line := range bytes.Lines(secrets) {
			line = bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
			if len(line) == 0 {
				continue
			}
			if isComment(line, beside) {
				return keyList{}, errComment
			}
			if err := list.addSecret(line); err != nil {
				return keyList{}, err
			}
		}
		if block == nil {
			break
		}
		if text, err = list.addBlock(block); err != nil {
			return keyList{}, err
		}
	}
	if len(list.keys) == 0 {
		return keyList{}, errors.New("has no key: write a secret of 32 bytes or more, or a PEM block")
	}
	return list, nil
}

func (l *keyList) addSecret(secret []byte) error {
	if n := secretsIn(string(secret)); n > 1 {
		return fmt.Errorf("has %d secrets in one line, it seems: write one on each line", n)
	}
	return l.add("HS256", secret, append([]byte("secret "), keyOfHMAC(secret)...))
}

var errComment = errors.New("has a comment, or text around a PEM block: every line would be a secret; " +
	"remove it, or write a secret that has blanks without a PEM block beside it")

// isComment reports whether a line is one that people and programs write about keys, and
// not a secret: one with blanks, behind the mark of a comment, or beside a PEM block (RFC
// 7468 §2 allows such text there).
func isComment(line []byte, besidePEM bool) bool {
	if besidePEM {
		return bytes.ContainsAny(line, " \t:")
	}
	marked := slices.ContainsFunc([]string{"#", ";", "//", "--", "/*"}, func(mark string) bool {
		return bytes.HasPrefix(bytes.TrimLeft(line, " \t"), []byte(mark))
	})
	return marked && bytes.ContainsAny(bytes.Trim(line, " \t"), " \t")
}

// keyOfHMAC returns what HMAC-SHA-256 makes of a secret, so that two texts which are one
// key are seen as one (RFC 2104 §2).
func keyOfHMAC(secret []byte) []byte {
	if len(secret) > sha256.BlockSize {
		sum := sha256.Sum256(secret)
		secret = sum[:]
	}
	return bytes.TrimRight(secret, "\x00")
}

// addBlock adds the key of the PEM block at the beginning of text, and returns the rest.
func (l *keyList) addBlock(text []byte) (rest []byte, err error) {
	block, rest := pem.Decode(text)
	if block == nil || bytes.Count(text[:len(text)-len(rest)], pemBegin) > 1 {
		return nil, errors.New("has an incomplete PEM block")
	}
	if block.Type == "EC PARAMETERS" { // openssl ecparam -genkey writes it before the key
		return rest, nil
	}
	material, err := keyOf(block)
	if err != nil {
		return nil, err
	}
	algorithm, public, err := algorithmOf(material)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return nil, err
	}
	return rest, l.add(algorithm, material, der)
}

func (l *keyList) add(algorithm string, material any, same []byte) error {
	key := deskauth.NewKey("", algorithm, material)
	if err := key.Err(); err != nil {
		what := strings.TrimPrefix(err.Error(), `deskauth: key "" `)
		return fmt.Errorf("has a key, number %d, that %s", len(l.keys)+1, what)
	}
	l.keys, l.prints = append(l.keys, key), append(l.prints, sha256.Sum256(same))
	return nil
}

// shares reports whether two lists have a key in common.
func (l keyList) shares(other map[[sha256.Size]byte]bool) bool {
	for _, print := range l.prints {
		if other[print] {
			return true
		}
	}
	return false
}

var wholeSecret = regexp.MustCompile(`^[A-Za-z0-9+/_=.-]{32,}$`)

// secretsIn returns how many UUIDs, keys in hexadecimal or in base64, or the like a line
// lists: a program that wrote them in one line would have one secret, which no signer has.
// It is 0 if a part is something else: a phrase may have commas and blanks.
func secretsIn(line string) (n int) {
	for part := range strings.FieldsFuncSeq(line, func(r rune) bool { return strings.ContainsRune(" \t,;|", r) }) {
		if !wholeSecret.MatchString(part) {
			return 0
		}
		n++
	}
	return n
}

var projectForm = regexp.MustCompile(`^[A-Za-z0-9._~-]{1,128}$`)
