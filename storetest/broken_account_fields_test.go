package storetest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
)

var shared = memstore.New()

// brokenFields do not return the fields that they were given.
var brokenFields = []broken{
	{"is the same store each time", []string{"NewStore/Empty"}, func() deskauth.UserStore { return shared }},
	{"drops ProjectID", []string{"Account/EveryField"}, onRead(func(a *deskauth.Account) { a.ProjectID = "" })},
	{"drops PasswordHash", []string{"Account/EveryField"}, onRead(func(a *deskauth.Account) { a.PasswordHash = "" })},
	{"swaps the names", []string{"Account/EveryField", "Account/StringsToTheByte"}, onRead(func(a *deskauth.Account) {
		a.FirstName, a.LastName = a.LastName, a.FirstName
	})},
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
	{"trims names", []string{"Account/StringsToTheByte"}, onWrite(func(a *deskauth.Account) {
		a.LastName = strings.TrimSpace(a.LastName)
	})},
	{"pads names", []string{"Account/StringsToTheByte", "Account/EmptyFields"}, onRead(func(a *deskauth.Account) {
		a.FirstName = fmt.Sprintf("%-32s", a.FirstName)
	})},
	{"loses what UCS-2 cannot hold", []string{"Account/StringsToTheByte"}, onRead(func(a *deskauth.Account) {
		a.FirstName = toUCS2(a.FirstName)
	})},
	{"reads null as empty", []string{"Account/StringsToTheByte"}, onRead(func(a *deskauth.Account) {
		if a.ExternalID == "null" {
			a.ExternalID = ""
		}
	})},
	{"cuts names at 255", []string{"Account/LongestStrings"}, onWrite(func(a *deskauth.Account) {
		a.FirstName = a.FirstName[:min(255, len(a.FirstName))]
	})},
	{"refuses long hashes", []string{"Account/LongestStrings"}, refusesToCreate(func(a deskauth.Account) bool {
		return len(a.PasswordHash) > 255
	})},
	{"drops EmailVerified", []string{"Account/Flags", "Account/EveryField"}, onRead(func(a *deskauth.Account) {
		a.EmailVerified = false
	})},
	{"drops Disabled", []string{"Account/Flags", "Account/EveryField"}, onRead(func(a *deskauth.Account) {
		a.Disabled = false
	})},
	{"drops State", []string{"Account/State", "Account/EveryField"}, onRead(func(a *deskauth.Account) { a.State = "" })},
	{"cuts State at 4 KiB", []string{"Account/State"}, onWrite(func(a *deskauth.Account) {
		a.State = a.State[:min(4<<10, len(a.State))]
	})},
	{"keeps State as JSON", []string{"Account/State"}, onRead(func(a *deskauth.Account) {
		var compact bytes.Buffer
		if json.Compact(&compact, []byte(a.State)) == nil {
			a.State = compact.String()
		}
	})},
	{"drops SessionEpoch", []string{"Account/SessionEpoch", "Account/EveryField"}, onRead(func(a *deskauth.Account) {
		a.SessionEpoch = 0
	})},
	{"keeps SessionEpoch as float64", []string{"Account/SessionEpoch"}, onRead(func(a *deskauth.Account) {
		a.SessionEpoch = int64(float64(a.SessionEpoch))
	})},
	{"keeps SessionEpoch in 32 bits", []string{"Account/SessionEpoch"}, onRead(func(a *deskauth.Account) {
		a.SessionEpoch = int64(int32(a.SessionEpoch))
	})},
}

func toUCS2(s string) string {
	return strings.Map(func(r rune) rune {
		if r > 0xffff {
			return '\ufffd'
		}
		return r
	}, s)
}

func refusesToCreate(refused func(deskauth.Account) bool) maker {
	return onCreate(func(f *faulty, ctx context.Context, a deskauth.Account) error {
		if refused(a) {
			return errors.New("value too long for the column")
		}
		return f.Store.CreateUser(ctx, a)
	})
}
