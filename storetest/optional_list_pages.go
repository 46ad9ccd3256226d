package storetest

import (
	"fmt"
	"runtime"
	"slices"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/suite"
)

func (p *probe) lister() deskauth.UserLister { return p.store.(deskauth.UserLister) }

func (p *probe) page(after string, limit int) []deskauth.Account {
	p.Helper()
	page, err := p.lister().ListUsers(p.ctx, after, limit)
	if err != nil {
		p.Fatalf("ListUsers after %s: got the error %v, want nil", suite.Quote(after), err)
	}
	return page
}

// lists checks which accounts are on a page.
func (p *probe) lists(after string, limit int, want []string) {
	p.Helper()
	if got := idsOf(p.page(after, limit)); !slices.Equal(got, want) {
		p.Errorf("ListUsers after %s with limit %d: got %+q, want %+q", suite.Quote(after), limit, got, want)
	}
}

func idsOf(accounts []deskauth.Account) (ids []string) {
	for _, a := range accounts {
		ids = append(ids, a.ID)
	}
	return ids
}

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

// walk reads all pages, of which at most maxPages are not empty.
func (p *probe) walk(limit, maxPages int) (all []deskauth.Account, err error) {
	last := ""
	for range maxPages {
		page, err := p.lister().ListUsers(p.ctx, last, limit)
		if err != nil {
			return nil, fmt.Errorf("ListUsers after %s: got the error %w, want nil", suite.Quote(last), err)
		}
		for _, a := range page {
			if a.ID <= last {
				return nil, fmt.Errorf("ListUsers with limit %d: got account %s after %s, "+
					"want the order of bytes and no account twice", limit, suite.Quote(a.ID), suite.Quote(last))
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
