package deskauth

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
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

// checkReserved sees to it that every reserved address is one.
func (c Config) checkReserved() error {
	for _, address := range c.ReservedEmails {
		if _, err := c.CanonicalEmail(address); err != nil {
			return fmt.Errorf("deskauth: Config.ReservedEmails: %.300q %w", address, err)
		}
	}
	return nil
}

// reservedEmails are the canonical forms of the reserved addresses.
func (c Config) reservedEmails() (reserved []string) {
	for _, address := range c.ReservedEmails {
		email, err := c.CanonicalEmail(address)
		if err == nil { // as checkReserved has seen
			reserved = append(reserved, email)
		}
	}
	return reserved
}

// isReserved reports whether an address, in any spelling, is nobody's to sign up with or to
// claim.
func (a *Auth) isReserved(address string) bool {
	if a.isGuestAddress(address) {
		return true
	}
	if len(a.reserved) == 0 {
		return false
	}
	email, err := a.cfg.CanonicalEmail(strings.TrimSpace(address))
	if err != nil { // another system may still read it as one of these
		email = strings.ToLower(strings.TrimSpace(address))
	}
	return slices.Contains(a.reserved, email)
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

// looksLikeAgent reports whether a system that shares the session secret may take an `_id`
// for that of an agent: a text of 24 hexadecimal digits, or of any 12 bytes.
func looksLikeAgent(id string) bool {
	if len(id) == 12 {
		return true
	}
	_, err := hex.DecodeString(id)
	return len(id) == 24 && err == nil
}
