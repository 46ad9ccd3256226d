package deskauth

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of an address, RFC 5321 §4.5.3.1 with erratum 1690.
const (
	maxEmailBytes = 254
	maxLocalBytes = 64
	maxLabelBytes = 63
)

var (
	errEmailASCII = errors.New("must be written in ASCII letters, digits and signs only")
	errEmailForm  = errors.New("is not a valid e-mail address")
	errEmailLong  = errors.New("is too long for an e-mail address")
)

// CanonicalEmail returns the one spelling by which an address is stored and compared. The
// text of its error ends the sentence "the e-mail address …". It is the default of
// Config.CanonicalEmail.
//
// It lower-cases the address and changes nothing else. It refuses blanks around the
// address, comments, quotes, display names and everything outside ASCII. So one mailbox has
// one account, in whatever case its address is written. A blank or an invisible character
// is named with its place, because the person who typed the address does not see it.
//
// An address has at most 254 bytes. The local part is a dot-atom of at most 64 bytes (RFC
// 5322 §3.2.3). The domain has two or more labels of letters, digits and inner hyphens, at
// most 63 bytes each; the last label is not all digits.
func CanonicalEmail(address string) (string, error) {
	if len(address) > maxEmailBytes {
		return "", errEmailLong
	}
	if err := checkBlanks(address); err != nil {
		return "", err
	}
	for i := range len(address) {
		if address[i] >= 0x80 {
			return "", errEmailASCII
		}
	}
	address = strings.ToLower(address) // byte-wise: it is ASCII
	local, domain, ok := strings.Cut(address, "@")
	if !ok || !isDotAtom(local) || !isDomain(domain) {
		return "", errEmailForm
	}
	return address, nil
}

// checkBlanks names the first blank or invisible character, which comes with a copied
// address.
func checkBlanks(address string) error {
	at := strings.IndexFunc(address, isInvisible)
	if at < 0 {
		return nil
	}
	r, size := utf8.DecodeRuneInString(address[at:])
	place := "inside"
	rest := strings.TrimLeftFunc(address[at+size:], isInvisible)
	switch atEnd := strings.TrimRightFunc(rest, isInvisible) != rest; {
	case at == 0 && atEnd:
		place = "at both ends"
	case at == 0:
		place = "at its beginning"
	case rest == "":
		place = "at its end"
	}
	return fmt.Errorf("has %s %s: remove it", invisibleName(r), place)
}

func isInvisible(r rune) bool {
	return unicode.In(r, unicode.Z, unicode.Cc, unicode.Cf,
		unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

func invisibleName(r rune) string {
	switch {
	case r == ' ':
		return "a blank"
	case r == '\n' || r == '\r':
		return "a line break"
	case unicode.IsSpace(r):
		return fmt.Sprintf("a blank (%U)", r)
	}
	return fmt.Sprintf("an invisible character (%U)", r)
}

func isDotAtom(local string) bool {
	if len(local) > maxLocalBytes {
		return false
	}
	for atom := range strings.SplitSeq(local, ".") {
		if atom == "" {
			return false
		}
		for i := range len(atom) {
			if c := atom[i]; !isLowerOrDigit(c) && !strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", rune(c)) {
				return false
			}
		}
	}
	return true
}

func isDomain(domain string) bool {
	labels := 0
	allDigits := false
	for label := range strings.SplitSeq(domain, ".") {
		if label == "" || len(label) > maxLabelBytes || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		allDigits = true
		for i := range len(label) {
			c := label[i]
			if !isLowerOrDigit(c) && c != '-' {
				return false
			}
			allDigits = allDigits && '0' <= c && c <= '9'
		}
		labels++
	}
	return labels >= 2 && !allDigits
}
