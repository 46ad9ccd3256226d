package storetest

import (
	"fmt"
	"math"
	"strings"

	"github.com/deskauth/deskauth"
)

var fieldsClauses = []clause{{
	Name: "EveryField",
	Says: "An account comes back with every field as it was stored.",
	Mend: "Compare the columns of INSERT, UPDATE and SELECT, and their order, with the fields of Account.",
	Test: func(p *probe) { p.keeps("an account with every field", fullAccount("")) },
}, {
	Name: "EmptyFields",
	Says: "An account comes back with every field as it was stored, an empty field too.",
	Mend: "Make the columns NOT NULL without a default of your own, or read NULL as the zero value.",
	Test: func(p *probe) { p.keeps("an account with few fields", bareAccount("")) },
}, {
	Name: "Kinds",
	Says: "An account of any Kind comes back with its Kind.",
	Mend: "Store the text of Kind.",
	Test: func(p *probe) {
		for _, kind := range []deskauth.Kind{deskauth.KindUser, deskauth.KindGuest, deskauth.KindExternal} {
			a := bareAccount("")
			a.Kind = kind
			p.keeps("Kind "+string(kind), a)
		}
	},
}, {
	Name: "Flags",
	Says: "EmailVerified and Disabled come back as they were stored.",
	Mend: "Store both, each in a column of its own.",
	Test: func(p *probe) {
		for i := range 4 {
			a := bareAccount("")
			a.EmailVerified, a.Disabled = i&1 != 0, i&2 != 0
			p.keeps(fmt.Sprintf("EmailVerified %t, Disabled %t", a.EmailVerified, a.Disabled), a)
		}
	},
}, {
	Name: "State",
	Says: "State comes back to the byte: printable ASCII of at most 16 KiB, or empty.",
	Mend: "Use a column of text without a short limit, such as text or varchar(16384). " +
		"It is not JSON to a store: a column of type JSON would respell it.",
	Test: func(p *probe) {
		var all strings.Builder // of the printable characters
		for c := byte(' '); c <= '~'; c++ {
			all.WriteByte(c)
		}
		for _, state := range []string{
			all.String(), strings.Repeat("x", 16<<10), `{"v": 1, "b": 1.0, "a": 2, "a": 2}`, " ", "",
		} {
			a := fullAccount("")
			a.State = state
			p.keeps(fmt.Sprintf("a State of %d bytes", len(state)), a)
		}
	},
}, {
	Name: "SessionEpoch",
	Says: "SessionEpoch comes back as it was stored, any int64.",
	Mend: "Use a signed column of 64 bits. A float64 or a 32-bit integer does not hold every value.",
	Test: func(p *probe) {
		for _, epoch := range []int64{0, 1, -1, math.MaxInt32 + 1, 1<<53 + 1, math.MaxInt64, math.MinInt64} {
			a := bareAccount("")
			a.SessionEpoch = epoch
			p.keeps(fmt.Sprintf("SessionEpoch %d", epoch), a)
		}
	},
}}

// keeps checks that an account comes back as it went in, through CreateUser and through
// UpdateUser. It replaces the ID, and the Email if there is one, by generated ones.
func (p *probe) keeps(label string, a deskauth.Account) {
	p.Helper()
	p.made++
	a.ID = fmt.Sprintf("created-%d", p.made)
	if a.Email != "" {
		a.Email = emailOf(a.ID)
	}
	if err := p.store.CreateUser(p.ctx, a); err != nil {
		p.Errorf("CreateUser with %s: got the error %v, want nil", label, err)
		return
	}
	p.holds(a)

	before := otherAccount(fmt.Sprintf("updated-%d", p.made))
	p.create(before)
	a.ID = before.ID
	if a.Email != "" {
		a.Email = emailOf(a.ID)
	}
	if err := p.store.UpdateUser(p.ctx, a); err != nil {
		p.Errorf("UpdateUser to %s: got the error %v, want nil", label, err)
		return
	}
	a.Version = 1
	p.holds(a)
}
