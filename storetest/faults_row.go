package storetest

import (
	"errors"
	"fmt"
	"slices"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/suite"
)

const rowMend = "Scan the ID first, and wrap the driver's error of any other column in a deskauth.RowError " +
	"with that ID."

var brokenRowClauses = []faultClause{{
	Name: "IsNamed",
	Says: "A look-up of an account whose row cannot be read returns an error wrapping a RowError with its ID. " +
		"It wraps none of ErrUserNotFound, ErrUserExists and ErrConflict.",
	Mend: rowMend,
	Test: func(p *faultProbe) {
		a := fullAccount("broken")
		p.create(a)
		p.breaks(a.ID)
		for _, look := range p.lookUps(a) {
			_, err := look.up()
			p.names(err, a.ID, look.String()+", whose row is broken")
		}
	},
}, {
	Name: "OthersGoOn",
	Says: "An account whose row cannot be read stands in nobody's way.",
	Mend: "Let no call read more rows than it needs.",
	Test: func(p *faultProbe) {
		a, b := fullAccount("a"), fullAccount("b")
		p.create(a)
		p.create(fullAccount("broken"))
		p.create(b)
		p.breaks("broken")
		a.FirstName = "changed"
		p.holds(p.update(a), b)
		p.create(fullAccount("new"))
		p.holds(fullAccount("new"))
		for _, w := range p.abilityWrites("beside", p.create) {
			if err := w.write(p.ctx); err != nil {
				p.Errorf("%s beside a broken row: got the error %v, want nil", w.method, err)
			}
		}
	},
}, {
	Name: "ListGoesOn",
	Says: "ListUsers returns the accounts before the broken row with the error that names it. " +
		"After that ID come the others.",
	Mend: "Return what was read so far together with the error. " + rowMend,
	Test: listsAroundBrokenRows,
}}

// breaks makes the rows of accounts unreadable.
func (p *faultProbe) breaks(ids ...string) {
	p.Helper()
	for _, id := range ids {
		if err := p.door.BreakRow(id); err != nil {
			p.Fatalf("Backdoor.BreakRow(%q): got the error %v, want nil", id, err)
		}
	}
}

// names checks that the error of a call names the account whose row is broken.
func (p *faultProbe) names(err error, id, call string) {
	p.Helper()
	p.isFailure(err, call)
	row, ok := errors.AsType[*deskauth.RowError](err)
	if err != nil && (!ok || row.ID != id) {
		p.Errorf("%s: got %s, want an error that wraps a deskauth.RowError with the ID %s",
			call, describe(err), suite.Quote(id))
	}
}

func listsAroundBrokenRows(p *faultProbe) {
	if !has[deskauth.UserLister](p.store) {
		return
	}
	var all, want, broken []string
	for i := range 12 {
		id := fmt.Sprintf("account-%02d", i)
		p.create(fullAccount(id))
		all = append(all, id)
	}
	for i, id := range all {
		if slices.Contains([]int{0, 3, 4, 5, 8, 11}, i) {
			broken = append(broken, id)
		} else {
			want = append(want, id)
		}
	}
	p.breaks(broken...)
	for _, limit := range []int{1, 2, 3, 5, 12, 1000} {
		p.walkAround(limit, want, broken)
	}
}

// walkAround lists all accounts by pages and goes on after each broken one.
func (p *faultProbe) walkAround(limit int, want, broken []string) {
	p.Helper()
	var got, named []string
	after := ""
	for range 3 * (len(want) + len(broken)) { // more than enough calls
		page, err := p.lister().ListUsers(p.ctx, after, limit)
		for _, a := range page {
			p.same("ListUsers around broken rows", a, fullAccount(a.ID), nil)
			got, after = append(got, a.ID), a.ID
		}
		row, ok := errors.AsType[*deskauth.RowError](err)
		switch {
		case ok:
			named, after = append(named, row.ID), row.ID
			continue
		case err != nil:
			p.Errorf("ListUsers with limit %d: got %s, want a deskauth.RowError", limit, describe(err))
			return
		}
		if len(page) < limit {
			break
		}
	}
	if !slices.Equal(got, want) || !slices.Equal(named, broken) {
		p.Errorf("ListUsers with limit %d, around broken rows: got %+q and errors about %+q, want %+q and %+q",
			limit, got, named, want, broken)
	}
}
