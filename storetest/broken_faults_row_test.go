package storetest_test

import (
	"context"
	"errors"

	"github.com/deskauth/deskauth"
)

var errScan = errors.New("cannot scan column 13")

// brokenRows go wrong where a row cannot be read.
var brokenRows = []brokenFault{
	{"names no account", []string{"BreakRow/IsNamed"}, onRowErrors(func(error) error { return errScan })},
	{"takes a broken row for no account", []string{"BreakRow/IsNamed"},
		onRowErrors(func(error) error { return deskauth.ErrUserNotFound })},
	{"names another account", []string{"BreakRow/IsNamed"},
		onRowErrors(func(error) error { return errBroken("another") })},
	{"reads a broken row as an empty account", []string{"BreakRow/IsNamed"},
		onRowErrors(func(error) error { return nil })},
	{"looks at every row", []string{"BreakRow/OthersGoOn"}, breaks(func(s *simulation) {
		find := s.byID
		s.byID = func(ctx context.Context, id string) (deskauth.Account, error) {
			if s.isBroken("broken") && id == "b" {
				return deskauth.Account{}, errBroken("broken")
			}
			return find(ctx, id)
		}
	})},
	{"lists no page with a broken row", []string{"BreakRow/ListGoesOn"}, onBrokenLists(
		func(_ []deskauth.Account, err error) ([]deskauth.Account, error) { return nil, err })},
	{"names no account of a list", []string{"BreakRow/ListGoesOn"}, onBrokenLists(
		func(page []deskauth.Account, _ error) ([]deskauth.Account, error) { return page, errScan })},
	{"lists as if there were no more", []string{"BreakRow/ListGoesOn"}, onBrokenLists(
		func(page []deskauth.Account, _ error) ([]deskauth.Account, error) { return page, nil })},
}

// onRowErrors changes the error of a look-up of a broken row.
func onRowErrors(change func(error) error) func() *simulation {
	return breaks(func(s *simulation) {
		changed := func(find finder) finder {
			return func(ctx context.Context, key string) (deskauth.Account, error) {
				a, err := find(ctx, key)
				if _, broken := errors.AsType[*deskauth.RowError](err); broken {
					return deskauth.Account{}, change(err)
				}
				return a, err
			}
		}
		s.byID, s.byEmail = changed(s.byID), changed(s.byEmail)
	})
}

// onBrokenLists changes what comes of a page with a broken row.
func onBrokenLists(
	change func(page []deskauth.Account, err error) ([]deskauth.Account, error),
) func() *simulation {
	return breaks(func(s *simulation) {
		list := s.list
		s.list = func(ctx context.Context, after string, limit int) ([]deskauth.Account, error) {
			page, err := list(ctx, after, limit)
			if _, broken := errors.AsType[*deskauth.RowError](err); broken {
				return change(page, err)
			}
			return page, err
		}
	})
}
