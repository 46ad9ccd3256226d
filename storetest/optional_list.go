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
	Name: "SortedByBytes",
	Says: "Pages are sorted by the bytes of the IDs. Each page has the least IDs after the page before it.",
	Mend: `ORDER BY bytes and compare bytes: COLLATE "C" in PostgreSQL, a *_bin or VARBINARY column in MySQL. ` +
		"UTF-16 has another order than UTF-8.",
	Test: listsSortedByBytes,
}, {
	Name: "After",
	Says: "A page has the accounts after the given ID, which need not exist. The first page comes after \"\".",
	Mend: "Use WHERE id > after, with after as a parameter.",
	Test: func(p *probe) {
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
	Name: "Limit",
	Says: "A page has at most limit accounts, and fewer only if it is the last. An empty page is not an error.",
	Mend: "Use LIMIT with the given number. It may be any int of 1 or more, so allocate nothing of its size.",
	Test: func(p *probe) {
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
	Name: "EveryField",
	Says: "ListUsers returns accounts of every kind, with every field as it was stored.",
	Mend: "Read the columns of a page as UserByID reads those of one account, the password hash too.",
	Test: func(p *probe) {
		created := []deskauth.Account{
			fullAccount("1"), otherAccount("2"), bareAccount("3"), fullAccount("4"), bareAccount("5"),
		}
		for _, a := range created {
			p.create(a)
		}
		next := otherAccount("4")
		created[3] = p.update(next)
		p.listsWhole(created)
	},
}, {
	Name: "WhileOthersComeAndGo",
	Says: "An account that exists all the while is on exactly one page.",
	Mend: "Go on after the last ID. An OFFSET skips accounts when others are deleted, " +
		"and repeats accounts when others are created.",
	Test: listsWhileOthersComeAndGo,
}, {
	Name: "MemoryOfTheReader",
	Says: "A reader that changes a page changes nothing in the store.",
	Mend: "Copy the Attributes, and give each caller a slice of its own.",
	Test: func(p *probe) {
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
	Name: "EndedContext",
	Says: "When the context has ended, ListUsers returns an error wrapping the context's.",
	Mend: contextMend,
	Test: func(p *probe) {
		p.createAll("1", "2")
		p.failsWhenEnded("ListUsers", func(ctx context.Context) error {
			_, err := p.lister().ListUsers(ctx, "", 1)
			return err
		})
	},
}}

// createAll creates bare accounts with these IDs.
func (p *probe) createAll(ids ...string) []string {
	p.Helper()
	for _, id := range ids {
		p.create(bareAccount(id))
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
	created := make([]deskauth.Account, len(ids))
	for i := range ids {
		at := i * 31 % len(ids) // in no order
		for created[at].ID != "" {
			at = (at + 1) % len(ids)
		}
		created[at] = bareAccount(ids[at])
		p.create(created[at])
	}
	p.listsWhole(created)
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
				return fmt.Errorf("ListUsers while others come and go: got %d of the accounts that stay, %+q, want %d",
					len(got), got, len(want))
			}
		}
		return nil
	})
}
