package storetest

import (
	"fmt"
	"runtime"
	"slices"

	"github.com/deskauth/deskauth"
)

// listsWhole checks that these are all accounts, by pages of several sizes.
func (p *probe) listsWhole(want []deskauth.Account) {
	p.Helper()
	for _, limit := range []int{1, 2, 1000} {
		all, err := p.walk(limit, len(want)+1)
		if err != nil {
			p.Fatal(err)
		}
		if !slices.Equal(idsOf(all), idsOf(want)) {
			p.Errorf("ListUsers by pages of %d: got %+q, want %+q", limit, idsOf(all), idsOf(want))
			continue
		}
		for i, got := range all {
			p.same("ListUsers", got, want[i], nil)
		}
	}
}

// walk reads all pages, of which there are at most maxPages that are not empty.
func (p *probe) walk(limit, maxPages int) (all []deskauth.Account, err error) {
	last := ""
	for range maxPages {
		page, err := p.lister().ListUsers(p.ctx, last, limit)
		if err != nil {
			return nil, fmt.Errorf("ListUsers after %s: got the error %w, want nil", quote(last), err)
		}
		for _, a := range page {
			if a.ID <= last {
				return nil, fmt.Errorf("ListUsers with limit %d: got account %s after %s, want the order of bytes and no account twice", limit, quote(a.ID), quote(last))
			}
			last = a.ID
		}
		all = append(all, page...)
		if len(page) < limit {
			break
		}
		runtime.Gosched() // lets accounts come and go between two pages
	}
	return all, nil
}
