package storetest_test

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/suite/bite"
)

// brokenAttributes do not return the Attributes that they were given.
var brokenAttributes = []broken{
	{"drops Attributes", []string{"Attributes/EqualValue", "Account/EveryField"}, onRead(func(a *deskauth.Account) {
		a.Attributes = nil
	})},
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
	{"refuses 8 KiB of Attributes", []string{"Attributes/Longest"}, refusesToCreate(func(a deskauth.Account) bool {
		return len(a.Attributes) > 4<<10
	})},
	{"keeps the caller's memory", []string{"Attributes/MemoryOfTheCaller"}, keepsCallersMemory},
	{"hands out its memory", []string{"Attributes/MemoryOfTheReader"}, handsOutItsMemory},
}

func keepsCallersMemory() deskauth.UserStore {
	var given bite.Table[json.RawMessage]
	f := newFaulty()
	f.create = func(ctx context.Context, a deskauth.Account) error {
		given.Set(a.ID, a.Attributes)
		return f.Store.CreateUser(ctx, a)
	}
	f.seen = func(a *deskauth.Account) {
		aliased, _ := given.At(a.ID)
		a.Attributes = bytes.Clone(aliased)
	}
	return f
}

func handsOutItsMemory() deskauth.UserStore {
	var cache bite.Table[json.RawMessage]
	f := newFaulty()
	f.seen = func(a *deskauth.Account) {
		if cached, ok := cache.At(a.ID); ok {
			a.Attributes = cached
			return
		}
		cache.Set(a.ID, a.Attributes)
	}
	return f
}
