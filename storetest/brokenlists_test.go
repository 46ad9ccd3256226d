package storetest_test

import (
	"context"
	"slices"
	"strings"

	"github.com/deskauth/deskauth"
)

// brokenLists go wrong in ListUsers.
var brokenLists = []broken{
	{"ignores case when it sorts", []string{"ListUsers/SortedByBytes"}, sortsBy(strings.ToLower)},
	{"sorts as UTF-16", []string{"ListUsers/SortedByBytes"}, sortsBy(func(id string) string {
		return strings.ReplaceAll(strings.ReplaceAll(id, "\uffee", "\U0010ffff"), "ａ", "\U0010fffe")
	})},
	{"lists from the given ID on", []string{"ListUsers/After"}, onPages(func(f *faulty, page []deskauth.Account, after string, limit int) []deskauth.Account {
		if a, err := f.Store.UserByID(context.Background(), after); err == nil {
			page = slices.Insert(page, 0, a)
			return page[:min(limit, len(page))]
		}
		return page
	})},
	{"wants to know the given ID", []string{"ListUsers/After"}, onPages(func(f *faulty, page []deskauth.Account, after string, _ int) []deskauth.Account {
		if _, err := f.Store.UserByID(context.Background(), after); err != nil && after != "" {
			return nil
		}
		return page
	})},
	{"lists at most 4", []string{"ListUsers/Limit"}, onPages(func(_ *faulty, page []deskauth.Account, _ string, _ int) []deskauth.Account {
		return page[:min(4, len(page))]
	})},
	{"finds nobody in an empty store", []string{"ListUsers/Limit"}, func() deskauth.UserStore {
		f := faults()
		f.list = func(ctx context.Context, after string, limit int) ([]deskauth.Account, error) {
			page, err := f.Store.ListUsers(ctx, after, limit)
			if err == nil && len(page) == 0 {
				err = deskauth.ErrUserNotFound
			}
			return page, err
		}
		return f
	}},
	{"lists no hashes", []string{"ListUsers/EveryField"}, onPages(func(_ *faulty, page []deskauth.Account, _ string, _ int) []deskauth.Account {
		for i := range page {
			page[i].PasswordHash = ""
		}
		return page
	})},
	{"counts from the beginning", []string{"ListUsers/WhileOthersComeAndGo"}, countsPages},
	{"hands out its memory of a page", []string{"ListUsers/MemoryOfTheReader"}, handsOutPages},
	{"lists although the context has ended", []string{"ListUsers/EndedContext"}, func() deskauth.UserStore {
		f := faults()
		f.list = func(ctx context.Context, after string, limit int) ([]deskauth.Account, error) {
			return f.Store.ListUsers(context.WithoutCancel(ctx), after, limit)
		}
		return f
	}},
}

// onPages is a store that changes its pages.
func onPages(change func(f *faulty, page []deskauth.Account, after string, limit int) []deskauth.Account) func() deskauth.UserStore {
	return func() deskauth.UserStore {
		f := faults()
		f.list = func(ctx context.Context, after string, limit int) ([]deskauth.Account, error) {
			page, err := f.Store.ListUsers(ctx, after, limit)
			return change(f, page, after, limit), err
		}
		return f
	}
}

// sortsBy is a store whose order of IDs is that of what the function makes of them.
func sortsBy(key func(string) string) func() deskauth.UserStore {
	return onPages(func(f *faulty, _ []deskauth.Account, after string, limit int) (page []deskauth.Account) {
		all, _ := f.Store.ListUsers(context.Background(), "", 1000)
		slices.SortStableFunc(all, func(a, b deskauth.Account) int { return strings.Compare(key(a.ID), key(b.ID)) })
		for _, a := range all {
			if key(a.ID) > key(after) && len(page) < limit {
				page = append(page, a)
			}
		}
		return page
	})
}

// countsPages goes on after as many accounts as were before the ID when it was listed.
func countsPages() deskauth.UserStore {
	var before table[int]
	return onPages(func(f *faulty, _ []deskauth.Account, after string, limit int) []deskauth.Account {
		all, _ := f.Store.ListUsers(context.Background(), "", 1000)
		from, _ := before.at(after)
		from = min(from, len(all))
		page := all[from:min(from+limit, len(all))]
		if len(page) > 0 {
			before.set(page[len(page)-1].ID, from+len(page))
		}
		return page
	})()
}

func handsOutPages() deskauth.UserStore {
	var pages table[[]deskauth.Account]
	return onPages(func(_ *faulty, page []deskauth.Account, after string, _ int) []deskauth.Account {
		if known, ok := pages.at(after); ok {
			return known
		}
		pages.set(after, page)
		return page
	})()
}
