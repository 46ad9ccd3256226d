package storetest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
)

var shared = memstore.New()

// brokenFields do not give back what they were given.
var brokenFields = []broken{
	{"is the same store each time", []string{"NewStore/Empty"}, func() deskauth.UserStore { return shared }},
	{"drops ProjectID", []string{"Account/EveryField"}, onRead(func(a *deskauth.Account) { a.ProjectID = "" })},
	{"drops PasswordHash", []string{"Account/EveryField"}, onRead(func(a *deskauth.Account) { a.PasswordHash = "" })},
	{"swaps the names", []string{"Account/EveryField", "Account/StringsToTheByte"}, onRead(func(a *deskauth.Account) {
		a.FirstName, a.LastName = a.LastName, a.FirstName
	})},
	{"keeps one time for both", []string{"Account/EveryField", "Account/Times"}, onRead(func(a *deskauth.Account) { a.UpdatedAt = a.CreatedAt })},
	{"fills in a name", []string{"Account/EmptyFields"}, onWrite(func(a *deskauth.Account) {
		if a.FirstName == "" {
			a.FirstName = "guest"
		}
	})},
	{"knows two kinds", []string{"Account/Kinds"}, onRead(func(a *deskauth.Account) {
		if a.Kind != deskauth.KindUser {
			a.Kind = deskauth.KindGuest
		}
	})},
	{"trims names", []string{"Account/StringsToTheByte"}, onWrite(func(a *deskauth.Account) { a.LastName = strings.TrimSpace(a.LastName) })},
	{"pads names", []string{"Account/StringsToTheByte", "Account/EmptyFields"}, onRead(func(a *deskauth.Account) { a.FirstName = fmt.Sprintf("%-32s", a.FirstName) })},
	{"loses what UCS-2 has not", []string{"Account/StringsToTheByte"}, onRead(func(a *deskauth.Account) {
		a.FirstName = strings.Map(func(r rune) rune {
			if r > 0xffff {
				return '\ufffd'
			}
			return r
		}, a.FirstName)
	})},
	{"reads null as empty", []string{"Account/StringsToTheByte"}, onRead(func(a *deskauth.Account) {
		if a.ExternalID == "null" {
			a.ExternalID = ""
		}
	})},
	{"cuts names at 255", []string{"Account/LongestStrings"}, onWrite(func(a *deskauth.Account) { a.FirstName = a.FirstName[:min(255, len(a.FirstName))] })},
	{"refuses long hashes", []string{"Account/LongestStrings"}, refusesWrites(func(a deskauth.Account) bool { return len(a.PasswordHash) > 255 })},
	{"cuts times to seconds", []string{"Account/Times", "Account/EveryField"}, onWrite(func(a *deskauth.Account) { a.CreatedAt = a.CreatedAt.Truncate(time.Second) })},
	{"drops the time zone", []string{"Account/Times"}, onWrite(func(a *deskauth.Account) {
		at := a.CreatedAt
		a.CreatedAt = time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), at.Nanosecond(), time.UTC)
	})},
	{"counts nanoseconds in 64 bits", []string{"Account/Times"}, onWrite(func(a *deskauth.Account) { a.CreatedAt = time.Unix(0, a.CreatedAt.UnixNano()) })},
	{"takes 1970 for none", []string{"Account/Times"}, onRead(func(a *deskauth.Account) {
		if a.UpdatedAt.Unix() == 0 {
			a.UpdatedAt = time.Time{}
		}
	})},
	{"drops EmailVerified", []string{"Account/Flags", "Account/EveryField"}, onRead(func(a *deskauth.Account) { a.EmailVerified = false })},
	{"drops Disabled", []string{"Account/Flags", "Account/EveryField"}, onRead(func(a *deskauth.Account) { a.Disabled = false })},
	{"drops SessionEpoch", []string{"Account/SessionEpoch", "Account/EveryField"}, onRead(func(a *deskauth.Account) { a.SessionEpoch = 0 })},
	{"keeps SessionEpoch as float64", []string{"Account/SessionEpoch"}, onRead(func(a *deskauth.Account) { a.SessionEpoch = int64(float64(a.SessionEpoch)) })},
	{"keeps SessionEpoch in 32 bits", []string{"Account/SessionEpoch"}, onRead(func(a *deskauth.Account) { a.SessionEpoch = int64(int32(a.SessionEpoch)) })},

	{"drops Attributes", []string{"Attributes/EqualValue", "Account/EveryField"}, onRead(func(a *deskauth.Account) { a.Attributes = nil })},
	{"reads nil Attributes as null", []string{"Attributes/NilStaysNil"}, onRead(func(a *deskauth.Account) {
		if a.Attributes == nil {
			a.Attributes = json.RawMessage("null")
		}
	})},
	{"reads nil Attributes as empty", []string{"Attributes/NilStaysNil"}, onRead(func(a *deskauth.Account) {
		if a.Attributes == nil {
			a.Attributes = json.RawMessage{}
		}
	})},
	{"reads {} as nil", []string{"Attributes/EqualValue"}, onRead(func(a *deskauth.Account) {
		if string(a.Attributes) == "{}" {
			a.Attributes = nil
		}
	})},
	{"loses NUL in Attributes", []string{"Attributes/EqualValue"}, onWrite(func(a *deskauth.Account) {
		a.Attributes = bytes.ReplaceAll(a.Attributes, []byte(`\u0000`), nil)
	})},
	{"decodes Attributes into a map", []string{"Attributes/Digits"}, onRead(func(a *deskauth.Account) {
		var v map[string]any
		if json.Unmarshal(a.Attributes, &v) == nil {
			a.Attributes, _ = json.Marshal(v)
		}
	})},
	{"refuses 8 KiB of Attributes", []string{"Attributes/Longest"}, refusesWrites(func(a deskauth.Account) bool { return len(a.Attributes) > 4<<10 })},
	{"keeps the caller's memory", []string{"Attributes/MemoryOfTheCaller"}, keepsCallersMemory},
	{"hands out its memory", []string{"Attributes/MemoryOfTheReader"}, handsOutItsMemory},
}

func refusesWrites(refused func(deskauth.Account) bool) func() deskauth.UserStore {
	return func() deskauth.UserStore {
		f := faults()
		f.create = func(ctx context.Context, a deskauth.Account) error {
			if refused(a) {
				return fmt.Errorf("value too long for the column")
			}
			return f.Store.CreateUser(ctx, a)
		}
		return f
	}
}

func keepsCallersMemory() deskauth.UserStore {
	var given table[json.RawMessage]
	f := faults()
	f.create = func(ctx context.Context, a deskauth.Account) error {
		given.set(a.ID, a.Attributes)
		return f.Store.CreateUser(ctx, a)
	}
	f.seen = func(a *deskauth.Account) {
		aliased, _ := given.at(a.ID)
		a.Attributes = bytes.Clone(aliased)
	}
	return f
}

func handsOutItsMemory() deskauth.UserStore {
	var cache table[json.RawMessage]
	f := faults()
	f.seen = func(a *deskauth.Account) {
		if cached, ok := cache.at(a.ID); ok {
			a.Attributes = cached
			return
		}
		cache.set(a.ID, a.Attributes)
	}
	return f
}
