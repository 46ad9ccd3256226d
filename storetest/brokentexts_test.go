package storetest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/deskauth/deskauth"
)

// brokenTexts go wrong where strings are no text, or times none.
var brokenTexts = []broken{
	{"cuts keys at a NUL", []string{"Keys/NobodyHas"}, onLookUps(func(key string) (string, error) {
		key, _, _ = strings.Cut(key, "\x00")
		return key, nil
	})},
	{"replaces what is not UTF-8 in keys", []string{"Keys/NobodyHas"}, onLookUps(func(key string) (string, error) {
		return strings.ToValidUTF8(key, "\ufffd"), nil
	})},
	{"fails for a NUL in a key", []string{"Keys/NobodyHas"}, onLookUps(func(key string) (string, error) {
		if strings.Contains(key, "\x00") {
			return "", errors.New("invalid byte sequence for encoding \"UTF8\": 0x00")
		}
		return key, nil
	})},
	{"cuts names at a NUL", []string{"Account/NULWholeOrRefused"}, onWrite(func(a *deskauth.Account) { a.FirstName, _, _ = strings.Cut(a.FirstName, "\x00") })},
	{"drops NULs from hashes", []string{"Account/NULWholeOrRefused"}, onWrite(func(a *deskauth.Account) { a.PasswordHash = strings.ReplaceAll(a.PasswordHash, "\x00", "") })},
	{"says not found for a NUL", []string{"Account/NULWholeOrRefused"}, onUpdate(func(f *faulty, ctx context.Context, a deskauth.Account) error {
		if strings.Contains(a.LastName, "\x00") {
			return fmt.Errorf("%w: invalid name", deskauth.ErrUserNotFound)
		}
		return f.Store.UpdateUser(ctx, a)
	})},
	{"writes what it refuses", []string{"Account/NULWholeOrRefused"}, func() deskauth.UserStore {
		f := faults()
		f.create = func(ctx context.Context, a deskauth.Account) error {
			if err := f.Store.CreateUser(ctx, a); err != nil || !strings.Contains(a.ExternalID, "\x00") {
				return err
			}
			return errors.New("invalid ExternalID")
		}
		return f
	}},
	{"replaces what is not UTF-8", []string{"Account/InvalidUTF8WholeOrRefused"}, onWrite(func(a *deskauth.Account) { a.LastName = strings.ToValidUTF8(a.LastName, "\ufffd") })},
	{"cuts addresses where they are not UTF-8", []string{"Account/InvalidUTF8WholeOrRefused"}, onWrite(func(a *deskauth.Account) {
		if i := strings.IndexByte(a.Email, 0xff); i >= 0 {
			a.Email = a.Email[:i]
		}
	})},
	{"has no zero time", []string{"Account/ZeroTimes"}, onRead(func(a *deskauth.Account) {
		if a.LastActiveAt.IsZero() {
			a.LastActiveAt = time.UnixMilli(0)
		}
	})},
	{"has no 1970", []string{"Account/ZeroTimes"}, onRead(func(a *deskauth.Account) {
		if a.LastActiveAt.UnixMilli() == 0 {
			a.LastActiveAt = time.Time{}
		}
	})},
	{"fills in CreatedAt", []string{"Account/ZeroTimes"}, onWrite(func(a *deskauth.Account) {
		if a.CreatedAt.IsZero() {
			a.CreatedAt = time.Now()
		}
	})},
}

// onLookUps is a store that changes a key before it looks it up, or fails.
func onLookUps(change func(key string) (string, error)) func() deskauth.UserStore {
	return func() deskauth.UserStore {
		f := faults()
		changed := func(find func(context.Context, string) (deskauth.Account, error)) func(context.Context, string) (deskauth.Account, error) {
			return func(ctx context.Context, key string) (deskauth.Account, error) {
				key, err := change(key)
				if err != nil {
					return deskauth.Account{}, err
				}
				return find(ctx, key)
			}
		}
		f.byID, f.byEmail = changed(f.Store.UserByID), changed(f.Store.UserByEmail)
		return f
	}
}
