package storetest_test

import (
	"context"
	"errors"
	"time"

	"github.com/deskauth/deskauth"
)

// brokenReadOnly go wrong where nothing can be written.
var brokenReadOnly = []brokenFault{
	{"acknowledges what cannot be written", []string{"ReadOnly/WritesFail"}, onWriteErrors(errReadOnly, nil)},
	{"takes read-only for a taken key", []string{"ReadOnly/WritesFail"},
		onWriteErrors(errReadOnly, deskauth.ErrUserExists)},
	{"takes read-only for a missing account", []string{"ReadOnly/WritesFail"}, breaks(func(s *simulation) {
		remove := s.deleteByID
		s.deleteByID = func(ctx context.Context, id string) error {
			return swap(remove(ctx, id), errReadOnly, deskauth.ErrUserNotFound)
		}
	})},
	{"purges no guest when it cannot write", []string{"ReadOnly/WritesFail"}, breaks(func(s *simulation) {
		purge := s.purge
		s.purge = func(ctx context.Context, kind deskauth.Kind, since time.Time, limit int) (int, error) {
			n, err := purge(ctx, kind, since, limit)
			return n, swap(err, errReadOnly, nil)
		}
	})},
	{"imports no account when it cannot write", []string{"ReadOnly/WritesFail"}, breaks(func(s *simulation) {
		importAll := s.importAll
		s.importAll = func(ctx context.Context, accounts []deskauth.Account) (int, error) {
			n, err := importAll(ctx, accounts)
			return n, swap(err, errReadOnly, nil)
		}
	})},
	{"counts a guest that it could not delete", []string{"ReadOnly/WritesFail"}, breaks(func(s *simulation) {
		purge := s.purge
		s.purge = func(ctx context.Context, kind deskauth.Kind, since time.Time, limit int) (int, error) {
			n, err := purge(ctx, kind, since, limit)
			if errors.Is(err, errReadOnly) {
				n = 1
			}
			return n, err
		}
	})},
	{"counts an account that it could not import", []string{"ReadOnly/WritesFail"}, breaks(func(s *simulation) {
		importAll := s.importAll
		s.importAll = func(ctx context.Context, accounts []deskauth.Account) (int, error) {
			n, err := importAll(ctx, accounts)
			if errors.Is(err, errReadOnly) {
				n = len(accounts)
			}
			return n, err
		}
	})},
	{"keeps what it could not write", []string{"ReadOnly/WritesFail"}, keepsTheRest(errReadOnly)},
	{"writes when it reads", []string{"ReadOnly/ReadsGoOn"}, breaks(func(s *simulation) {
		find := s.byEmail
		s.byEmail = func(ctx context.Context, email string) (deskauth.Account, error) {
			if s.readOnly.Load() {
				return deskauth.Account{}, errReadOnly
			}
			return find(ctx, email)
		}
	})},
	{"stays read-only", []string{"ReadOnly/WritesAgain"}, staysBroken(errReadOnly)},
}
