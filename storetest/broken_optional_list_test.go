package storetest_test

import (
	"context"
	"slices"
	"strings"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/suite/bite"
)

type pageOf = func(f *faulty, page []deskauth.Account, after string, limit int) []deskauth.Account

// brokenLists go wrong in ListUsers.
var brokenLists = []broken{
	{"ignores case when it sorts", []string{"ListUsers/SortedByBytes"}, sortsBy(strings.ToLower)},
	{"sorts as UTF-16", []string{"ListUsers/SortedByBytes"}, sortsBy(func(id string) string {
		return strings.NewReplacer("\uffee", "\U0010ffff", "ａ", "\U0010fffe").Replace(id)
	})},
	{"lists from the given ID on", []string{"ListUsers/After"}, onPages(listsFromGivenID)},
	{"lists nothing after an unknown ID", []string{"ListUsers/After"},
		onPages(func(f *faulty, page []deskauth.Account, after string, _ int) []deskauth.Account {
			if _, err := f.Store.UserByID(context.Background(), after); err != nil && after != "" {
				return nil
			}
			return page
		})},
	{"lists at most 4", []string{"ListUsers/Limit"},
		onPages(func(_ *faulty, page []deskauth.Account, _ string, _ int) []deskauth.Account {
			return page[:min(4, len(page))]
		})},
	{"returns ErrUserNotFound for an empty page", []string{"ListUsers/Limit"},
		onList(func(f *faulty, ctx context.Context, after string, limit int) ([]deskauth.Account, error) {
			page, err := f.Store.ListUsers(ctx, after, limit)
			if err == nil && len(page) == 0 {
				err = deskauth.ErrUserNotFound
			}
			return page, err
		})},
	{"lists no hashes", []string{"ListUsers/EveryField"},
		onPages(func(_ *faulty, page []deskauth.Account, _ string, _ int) []deskauth.Account {
			for i := range page {
				page[i].PasswordHash = ""
			}
			return page
		})},
	{"counts from the beginning", []string{"ListUsers/WhileOthersComeAndGo"}, countsPages},
	{"hands out its memory of a page", []string{"ListUsers/MemoryOfTheReader"}, handsOutPages},
	{"lists although the context has ended", []string{"ListUsers/EndedContext"},
		onList(func(f *faulty, ctx context.Context, after string, limit int) ([]deskauth.Account, error) {
			return f.Store.ListUsers(context.WithoutCancel(ctx), after, limit)
		})},
}

// onList makes stores with another ListUsers.
func onList(list func(f *faulty, ctx context.Context, after string, limit int) ([]deskauth.Account, error)) maker {
	return func() deskauth.UserStore {
		f := newFaulty()
		f.list = func(ctx context.Context, after string, limit int) ([]deskauth.Account, error) {
			return list(f, ctx, after, limit)
		}
		return f
	}
}

// onPages makes stores that change their pages.
func onPages(change pageOf) maker {
	return onList(func(f *faulty, ctx context.Context, after string, limit int) ([]deskauth.Account, error) {
		page, err := f.Store.ListUsers(ctx, after, limit)
		return change(f, page, after, limit), err
	})
}

func listsFromGivenID(f *faulty, page []deskauth.Account, after string, limit int) []deskauth.Account {
	a, err := f.Store.UserByID(context.Background(), after)
	if err != nil {
		return page
	}
	page = slices.Insert(page, 0, a)
	return page[:min(limit, len(page))]
}

// sortsBy makes stores that sort the IDs by what the function makes of them.
func sortsBy(key func(string) string) maker {
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

// countsPages goes on after as many accounts as stood before the ID when it was listed.
func countsPages() deskauth.UserStore {
	var before bite.Table[int]
	return onPages(func(f *faulty, _ []deskauth.Account, after string, limit int) []deskauth.Account {
		all, _ := f.Store.ListUsers(context.Background(), "", 1000)
		from, _ := before.At(after)
		from = min(from, len(all))
		page := all[from:min(from+limit, len(all))]
		if len(page) > 0 {
			before.Set(page[len(page)-1].ID, from+len(page))
		}
		return page
	})()
}

func handsOutPages() deskauth.UserStore {
	var pages bite.Table[[]deskauth.Account]
	return onPages(func(_ *faulty, page []deskauth.Account, after string, _ int) []deskauth.Account {
		if cached, ok := pages.At(after); ok {
			return cached
		}
		pages.Set(after, page)
		return page
	})()
}
