package deskauth

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf16"

	"golang.org/x/text/unicode/norm"
)

// What follows from Config.BesideTiledesk and Config.ReservedEmails. A system that shares
// the session secret knows its accounts by the form of their IDs, and its administrator by
// an address.

// checkBeside sees to it that the IDs can have the forms that the other server expects.
func (c Config) checkBeside() error {
	if c.BesideTiledesk && c.NewID != nil {
		return errors.New("deskauth: Config.NewID cannot be set with Config.BesideTiledesk, which gives users IDs of " +
			"24 hexadecimal digits and guests UUIDs: a Tiledesk server tells them apart by that form")
	}
	return nil
}

// reservedEmails returns the canonical forms of the reserved addresses.
func (c Config) reservedEmails() (reserved []string, err error) {
	for _, address := range c.ReservedEmails {
		email, err := c.CanonicalEmail(address)
		if err != nil {
			return nil, fmt.Errorf("deskauth: Config.ReservedEmails: %.300q %w", address, err)
		}
		reserved = append(reserved, email)
	}
	return reserved, nil
}

// isReserved reports whether an address, in any spelling, is nobody's to sign up with or to
// claim. A claim may have more than one.
func (a *Auth) isReserved(address string) bool {
	if isPlain(address) {
		return a.isReservedMailbox(address)
	}
	return slices.ContainsFunc(mailboxes(address), a.isReservedMailbox)
}

// isPlain reports whether an address has one spelling, as most have: there is nothing in it
// that mailboxes would change.
func isPlain(address string) bool {
	for _, c := range []byte(address) {
		if c <= ' ' || c > '~' || strings.IndexByte(`<>,;:()"`, c) >= 0 {
			return false
		}
	}
	return !strings.HasSuffix(address, ".")
}

func (a *Auth) isReservedMailbox(mailbox string) bool {
	return a.isGuestAddress(mailbox) || len(a.reserved) > 0 && slices.Contains(a.reserved, a.asReserved(mailbox))
}

// asReserved returns an address as Config.ReservedEmails have been spelled.
func (a *Auth) asReserved(address string) string {
	email, err := a.cfg.CanonicalEmail(address)
	if err != nil { // another system may still read it as one of these
		return strings.ToLower(address)
	}
	return email
}

// mailboxes returns the addresses in a text, of which another system may take any. They are
// without what it may not see, or leave out when it compares: blanks, invisible characters,
// wide letters, comments and display names (RFC 5322 §3.2.2, §3.4), quotes around the local
// part, and the dot at the end of the domain.
func mailboxes(text string) []string {
	text = strings.Map(func(r rune) rune {
		if isInvisible(r) {
			return -1
		}
		return r
	}, norm.NFKC.String(text))
	all := strings.FieldsFunc(withoutComments(text), func(r rune) bool { return strings.ContainsRune("<>,;:", r) })
	for i, address := range all {
		local, domain, _ := strings.Cut(address, "@")
		all[i] = strings.Trim(local, `"`) + "@" + strings.TrimRight(domain, ".")
	}
	return all
}

var innerComment = regexp.MustCompile(`\([^()]*\)`)

// withoutComments leaves out what is in parentheses, eight levels deep, and parentheses
// that are left.
func withoutComments(text string) string {
	if !strings.ContainsAny(text, "()") {
		return text
	}
	for range 8 {
		text = innerComment.ReplaceAllString(text, "")
	}
	return strings.NewReplacer("(", "", ")", "").Replace(text)
}

// newUserID makes the ID of a user.
func (a *Auth) newUserID() string {
	if !a.cfg.BesideTiledesk {
		return a.cfg.NewID()
	}
	var id [12]byte
	rand.Read(id[:]) // which does not fail
	return hex.EncodeToString(id[:])
}

// checkBesideID refuses to make a token by which another system would take a visitor for an
// agent. The account may be older than Config.BesideTiledesk.
func (a *Auth) checkBesideID(acc Account) error {
	if !a.cfg.BesideTiledesk || acc.Kind == KindUser {
		return nil
	}
	id := acc.ID
	if acc.Kind == KindExternal {
		id = acc.ExternalID
	}
	if looksLikeAgent(id) {
		return refusef(ErrInvalidToken, ReasonBadClaims, "the token's _id would have 24 hexadecimal digits, 12 bytes "+
			"or 12 UTF-16 units: with Config.BesideTiledesk that is the form of an agent's ID")
	}
	return nil
}

// looksLikeAgent reports whether a system that shares the session secret may take an `_id`
// for that of an agent: a text of 24 hexadecimal digits, or of any 12 bytes. MongoDB's
// driver for JavaScript counts the units of UTF-16 in the place of bytes.
func looksLikeAgent(id string) bool {
	if len(id) == 12 || utf16Units(id) == 12 {
		return true
	}
	_, err := hex.DecodeString(id)
	return len(id) == 24 && err == nil
}

func utf16Units(text string) (n int) {
	for _, r := range text {
		n += utf16.RuneLen(r)
	}
	return n
}
