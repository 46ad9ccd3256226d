package storetest_test

import (
	"context"
	"errors"
	"strings"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/suite/bite"
)

// brokenKeys mix up keys, in CreateUser and in the look-ups.
var brokenKeys = []broken{
	{"folds the case of IDs", []string{"Keys/IDsAreBytes"}, collates(strings.ToLower, same)},
	{"pads IDs with blanks", []string{"Keys/IDsAreBytes", "UserByID/PlainText"}, collates(trimRight, same)},
	{"folds the case of addresses", []string{"Keys/EmailsAreBytes"}, collates(same, strings.ToLower)},
	{"pads addresses with blanks", []string{"Keys/EmailsAreBytes", "UserByEmail/PlainText"}, collates(same, trimRight)},
	{"stores addresses in lower case", []string{"Keys/EmailsAreBytes", "UpdateUser/FreesTheOldEmail"},
		onWrite(func(a *deskauth.Account) { a.Email = strings.ToLower(a.Email) })},
	{"indexes 100 bytes of an ID", []string{"Keys/LongestKeys"}, collates(first(100), same)},
	{"indexes 253 bytes of an address", []string{"Keys/LongestKeys"}, collates(same, first(253))},
	{"takes an address for an ID", []string{"Keys/IDIsNotAnEmail", "UserByID/Unknown"}, takesEmailForID},

	{"cuts keys at a NUL", []string{"Keys/ImpossibleKeys"}, onLookUps(func(key string) (string, error) {
		key, _, _ = strings.Cut(key, "\x00")
		return key, nil
	})},
	{"replaces what is not UTF-8 in keys", []string{"Keys/ImpossibleKeys"}, onLookUps(func(key string) (string, error) {
		return strings.ToValidUTF8(key, "\ufffd"), nil
	})},
	{"fails for a NUL in a key", []string{"Keys/ImpossibleKeys"}, onLookUps(func(key string) (string, error) {
		if strings.Contains(key, "\x00") {
			return "", errors.New("invalid byte sequence for encoding \"UTF8\": 0x00")
		}
		return key, nil
	})},
}

func same(key string) string      { return key }
func trimRight(key string) string { return strings.TrimRight(key, " ") }

func first(n int) func(string) string {
	return func(key string) string { return key[:min(n, len(key))] }
}

// collates makes stores whose indexes compare keys as the two functions leave them.
func collates(foldID, foldEmail func(string) string) maker {
	return func() deskauth.UserStore {
		var ids, emails bite.Table[string]
		f := newFaulty()
		f.create = func(ctx context.Context, a deskauth.Account) error {
			_, takenID := ids.At(foldID(a.ID))
			_, takenEmail := emails.At(foldEmail(a.Email))
			if takenID || takenEmail {
				return deskauth.ErrUserExists
			}
			ids.Set(foldID(a.ID), a.ID)
			if a.Email != "" {
				emails.Set(foldEmail(a.Email), a.Email)
			}
			return f.Store.CreateUser(ctx, a)
		}
		f.byID = func(ctx context.Context, id string) (deskauth.Account, error) {
			stored, _ := ids.At(foldID(id))
			return f.Store.UserByID(ctx, stored)
		}
		f.byEmail = func(ctx context.Context, email string) (deskauth.Account, error) {
			stored, _ := emails.At(foldEmail(email))
			return f.Store.UserByEmail(ctx, stored)
		}
		return f
	}
}

func takesEmailForID() deskauth.UserStore {
	f := newFaulty()
	f.byID = func(ctx context.Context, id string) (deskauth.Account, error) {
		a, err := f.Store.UserByID(ctx, id)
		if errors.Is(err, deskauth.ErrUserNotFound) {
			return f.Store.UserByEmail(ctx, id)
		}
		return a, err
	}
	return f
}

// onLookUps makes stores that change a key before they look it up, or fail.
func onLookUps(change func(key string) (string, error)) maker {
	return func() deskauth.UserStore {
		f := newFaulty()
		changed := func(find finder) finder {
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
