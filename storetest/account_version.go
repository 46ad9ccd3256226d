package storetest

import (
	"math"

	"github.com/deskauth/deskauth"
)

var versionClauses = []clause{{
	Name: "UpToTheLast",
	Says: "UpdateUser stores a.Version+1 up to math.MaxInt64.",
	Mend: "Use a signed column of 64 bits, with no float64 and no 32-bit integer on the way.",
	Test: func(p *probe) {
		for _, version := range []int64{math.MaxInt32, math.MaxUint32, 1 << 53, math.MaxInt64 - 2, math.MaxInt64 - 1} {
			a := p.createAt(version)
			p.holds(a)
			p.holds(p.update(a))
		}
	},
}, {
	Name: "NoneAfterTheLast",
	Says: "No Version comes after math.MaxInt64. Such an update changes nothing, and fails with an error that wraps " +
		"none of ErrUserNotFound, ErrUserExists and ErrConflict.",
	Mend: "Refuse it before a.Version+1 wraps around in Go or becomes a float in SQL.",
	Test: func(p *probe) {
		a := p.createAt(math.MaxInt64 - 1)
		a = p.update(a)
		for range 2 {
			changed := otherAccount(a.ID)
			changed.Version = a.Version
			p.isFailure(p.store.UpdateUser(p.ctx, changed), "UpdateUser of an account with the last Version")
			p.holds(a)
			p.noEmail(changed.Email)
		}
	},
}, {
	Name: "StaleIsConflict",
	Says: "UpdateUser returns an error wrapping ErrConflict if the versions differ, near the last one too.",
	Mend: "Compare 64-bit integers. To a float64 the last 512 versions are equal.",
	Test: func(p *probe) {
		for _, version := range []int64{1 << 53, math.MaxInt64 - 1, math.MaxInt64} {
			a := p.createAt(version)
			for _, stale := range []int64{version - 1, version - 2, 0, -1, math.MinInt64, math.MaxInt64 / 2} {
				changed := otherAccount(a.ID)
				changed.Version = stale
				p.updateFails(changed, deskauth.ErrConflict)
				p.holds(a)
			}
		}
	},
}}

// createAt creates an account that starts from a Version, under a generated ID.
func (p *probe) createAt(version int64) deskauth.Account {
	p.Helper()
	p.made++
	a := fullAccount("updated " + string(rune('a'+p.made)))
	a.Version = version
	p.create(a)
	return a
}
