package storetest

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/deskauth/deskauth"
)

var listClauses = []clause{{
	name: "SortedByBytes",
	says: "pages are sorted by the bytes of the IDs, each with the least after the one before it",
	mend: `ORDER BY and compare bytes: COLLATE "C" in PostgreSQL, a *_bin or VARBINARY column in MySQL; UTF-16 has another order than UTF-8`,
	test: listsSortedByBytes,
}, {
	name: "After",
	says: "a page has the accounts after the given ID, which need not be anybody's; the first page comes after \"\"",
	mend: "WHERE id > after, with after as a parameter",
	test: func(p *probe) {
		ids := p.createAll("b", "d", "dd", "e")
		for after, from := range map[string]int{
			"": 0, "a": 0, "az": 0, "b": 1, "b ": 1, "c": 1, "d": 2, "d\u00e9": 3, "de": 3, "e": 4, "f": 4, "😀": 4,
			"%": 0, "'": 0, "' OR '1'='1": 0, "B": 0, "D": 0,
		} {
			p.lists(after, 10, ids[from:])
			p.lists(after, 1, ids[from:min(from+1, len(ids))])
		}
	},
}, {
	name: "Limit",
	says: "a page has at most limit accounts, and fewer only if it is the last; an empty one is no error",
	mend: "LIMIT as it is given; a limit may be any int of 1 or more, so allocate nothing of its size",
	test: func(p *probe) {
		p.lists("", 10, nil)
		ids := p.createAll("1", "2", "3", "4", "5")
		for _, limit := range []int{1, 2, 4, 5, 6, 1000, math.MaxInt32} {
			p.lists("", limit, ids[:min(limit, len(ids))])
		}
		p.lists("2", 3, ids[2:])
		p.lists("2", 4, ids[2:])
		p.lists("5", 1, nil)
	},
}, {
	name: "EveryField",
	says: "ListUsers returns accounts of every kind, with every field as it was stored",
	mend: "read the columns of a page as UserByID reads those of one account, the password hash too",
	test: func(p *probe) {
		made := []deskauth.Account{fullAccount("1"), otherAccount("2"), bareAccount("3"), fullAccount("4"), bareAccount("5")}
		for _, a := range made {
			p.create(a)
		}
		next := otherAccount("4")
		made[3] = p.update(next)
		p.listsWhole(made)
	},
}, {
	name: "WhileOthersComeAndGo",
	says: "an account that is there all the while is on exactly one page",
	mend: "go on after the last ID; an OFFSET skips accounts when others are deleted, and repeats some when others are created",
	test: listsWhileOthersComeAndGo,
}, {
	name: "MemoryOfTheReader",
	says: "what a reader does with a page changes nothing in the store",
	mend: "copy the Attributes, and give each caller a slice of its own",
	test: func(p *probe) {
		want := []deskauth.Account{fullAccount("1"), fullAccount("2")}
		for _, a := range want {
			p.create(a)
		}
		page := p.page("", 2)
		for i := range page {
			scribble(page[i].Attributes)
			page[i].ID = "#"
		}
		p.listsWhole(want)
		p.holds(want...)
	},
}, {
	name: "EndedContext",
	says: "when the context has ended, ListUsers returns an error wrapping the context's",
	mend: contextMend,
	test: func(p *probe) {
		p.createAll("1", "2")
		p.refusesEnded("ListUsers", func(ctx context.Context) error {
			_, err := p.lister().ListUsers(ctx, "", 1)
			return err
		})
	},
}}

func (p *probe) lister() deskauth.UserLister { return p.store.(deskauth.UserLister) }

func (p *probe) createAll(ids ...string) []string {
	p.Helper()
	for _, id := range ids {
		p.create(bareAccount(id))
	}
	return ids
}

func (p *probe) page(after string, limit int) []deskauth.Account {
	p.Helper()
	page, err := p.lister().ListUsers(p.ctx, after, limit)
	if err != nil {
		p.Fatalf("ListUsers after %s: got the error %v, want nil", quote(after), err)
	}
	return page
}

// lists checks which accounts are on a page.
func (p *probe) lists(after string, limit int, want []string) {
	p.Helper()
	if got := idsOf(p.page(after, limit)); !slices.Equal(got, want) {
		p.Errorf("ListUsers after %s with limit %d: got %+q, want %+q", quote(after), limit, got, want)
	}
}

func idsOf(accounts []deskauth.Account) (ids []string) {
	for _, a := range accounts {
		ids = append(ids, a.ID)
	}
	return ids
}

func listsSortedByBytes(p *probe) {
	ids := slices.Concat(alike, []string{
		"a", "B", "é", "a-", "A", "b", "_", "10", "2", "a b", "ab", "aB", "Ab", "z", "ä", "ö", "~", "\uffee", "𝔘",
		strings.Repeat("x", 127), strings.Repeat("x", 128), strings.Repeat("x", 127) + "y",
	})
	slices.Sort(ids)
	ids = slices.Compact(ids)
	made := make([]deskauth.Account, len(ids))
	for i := range ids {
		at := i * 31 % len(ids) // in no order
		for made[at].ID != "" {
			at = (at + 1) % len(ids)
		}
		made[at] = bareAccount(ids[at])
		p.create(made[at])
	}
	p.listsWhole(made)
	for i, id := range ids {
		p.lists(id, 1, ids[i+1:min(i+2, len(ids))])
	}
}

func listsWhileOthersComeAndGo(p *probe) {
	const residents, strangers = 60, 150
	var want []string
	for i := range residents {
		want = append(want, p.createAll(fmt.Sprintf("%03d resident", i))...)
	}
	deleter, canDelete := p.store.(deskauth.UserDeleter)
	p.watch(func(turn func()) error {
		for i := range strangers {
			a := bareAccount(fmt.Sprintf("%03d stranger", i*37%residents))
			a.ID += fmt.Sprint(i)
			if err := p.store.CreateUser(p.ctx, a); err != nil {
				return fmt.Errorf("CreateUser: %w", err)
			}
			turn()
			if !canDelete {
				continue
			}
			if err := deleter.DeleteUser(p.ctx, a.ID); err != nil {
				return fmt.Errorf("DeleteUser: %w", err)
			}
		}
		return nil
	}, func(writing func() bool) error {
		for more := true; more; {
			more = writing()
			all, err := p.walk(7, residents+strangers)
			if err != nil {
				return err
			}
			got := slices.DeleteFunc(idsOf(all), func(id string) bool { return strings.Contains(id, "stranger") })
			if !slices.Equal(got, want) {
				return fmt.Errorf("ListUsers while others come and go: got %d of those who stay, %+q, want %d", len(got), got, len(want))
			}
		}
		return nil
	})
}
