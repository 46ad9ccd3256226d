package storetest_test

import (
	"time"

	"github.com/deskauth/deskauth"
)

// brokenTimes do not return the times that they were given.
var brokenTimes = []broken{
	{"keeps one time for both", []string{"Account/EveryField", "Account/Times"}, onRead(func(a *deskauth.Account) {
		a.UpdatedAt = a.CreatedAt
	})},
	{"cuts times to seconds", []string{"Account/Times", "Account/EveryField"}, onWrite(func(a *deskauth.Account) {
		a.CreatedAt = a.CreatedAt.Truncate(time.Second)
	})},
	{"drops the time zone", []string{"Account/Times"}, onWrite(func(a *deskauth.Account) {
		at := a.CreatedAt
		hour, minute, second := at.Clock()
		a.CreatedAt = time.Date(at.Year(), at.Month(), at.Day(), hour, minute, second, at.Nanosecond(), time.UTC)
	})},
	{"counts nanoseconds in 64 bits", []string{"Account/Times"}, onWrite(func(a *deskauth.Account) {
		a.CreatedAt = time.Unix(0, a.CreatedAt.UnixNano())
	})},
	{"takes 1970 for the zero time", []string{"Account/Times"}, onRead(func(a *deskauth.Account) {
		if a.UpdatedAt.Unix() == 0 {
			a.UpdatedAt = time.Time{}
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
