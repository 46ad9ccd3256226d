package storetest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/deskauth/deskauth"
)

// brokenTexts go wrong where strings are not text.
var brokenTexts = []broken{
	{"cuts names at a NUL", []string{"Account/NULWholeOrRefused"}, onWrite(func(a *deskauth.Account) {
		a.FirstName, _, _ = strings.Cut(a.FirstName, "\x00")
	})},
	{"drops NULs from hashes", []string{"Account/NULWholeOrRefused"}, onWrite(func(a *deskauth.Account) {
		a.PasswordHash = strings.ReplaceAll(a.PasswordHash, "\x00", "")
	})},
	{"returns ErrUserNotFound for a NUL", []string{"Account/NULWholeOrRefused"},
		onUpdate(func(f *faulty, ctx context.Context, a deskauth.Account) error {
			if strings.Contains(a.LastName, "\x00") {
				return fmt.Errorf("%w: invalid name", deskauth.ErrUserNotFound)
			}
			return f.Store.UpdateUser(ctx, a)
		})},
	{"writes what it refuses", []string{"Account/NULWholeOrRefused"},
		onCreate(func(f *faulty, ctx context.Context, a deskauth.Account) error {
			if err := f.Store.CreateUser(ctx, a); err != nil || !strings.Contains(a.ExternalID, "\x00") {
				return err
			}
			return errors.New("invalid ExternalID")
		})},
	{"replaces what is not UTF-8", []string{"Account/InvalidUTF8WholeOrRefused"}, onWrite(func(a *deskauth.Account) {
		a.LastName = strings.ToValidUTF8(a.LastName, "\ufffd")
	})},
	{"cuts addresses where they are not UTF-8", []string{"Account/InvalidUTF8WholeOrRefused"},
		onWrite(func(a *deskauth.Account) {
			if i := strings.IndexByte(a.Email, 0xff); i >= 0 {
				a.Email = a.Email[:i]
			}
		})},
}
