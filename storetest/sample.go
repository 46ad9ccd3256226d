package storetest

import (
	"encoding/json"
	"fmt"
	"reflect"
	"time"

	"github.com/deskauth/deskauth"
)

// sampleTime is no whole second, and the last digit of its milliseconds counts.
var sampleTime = time.Date(2024, time.February, 29, 23, 59, 58, 987e6, time.UTC)

// bareAccount has only what every account has.
func bareAccount(id string) deskauth.Account {
	return deskauth.Account{User: deskauth.User{
		ID:        id,
		Kind:      deskauth.KindExternal,
		CreatedAt: sampleTime,
		UpdatedAt: sampleTime,
	}}
}

// fullAccount has a value in every field but Version, and no two strings alike, so that
// columns in the wrong order show.
func fullAccount(id string) deskauth.Account {
	return deskauth.Account{
		User: deskauth.User{
			ID:            id,
			Kind:          deskauth.KindUser,
			Email:         emailOf(id),
			EmailVerified: true,
			FirstName:     "Zoë",
			LastName:      "von und zu Ähren",
			ProjectID:     "project-of-" + id,
			ExternalID:    "external-of-" + id,
			Attributes:    json.RawMessage(`{"department":"sales","of":` + quoteJSON(id) + `}`),
			CreatedAt:     sampleTime,
			UpdatedAt:     sampleTime.Add(36*time.Hour + time.Millisecond),
		},
		PasswordHash: "$argon2id$v=19$m=19456,t=2,p=1$c2FsdC1vZi10aGUtc3VpdGU$aGFzaC1vZi10aGUtc3VpdGU",
		Disabled:     true,
		SessionEpoch: 7,
		LastActiveAt: sampleTime.Add(72*time.Hour + 3*time.Millisecond),
	}
}

// otherAccount differs from fullAccount(id) in every field but ID and Version.
func otherAccount(id string) deskauth.Account {
	return deskauth.Account{
		User: deskauth.User{
			ID:         id,
			Kind:       deskauth.KindGuest,
			Email:      "new-" + emailOf(id),
			FirstName:  "guest#1f3a",
			LastName:   " ",
			ProjectID:  "another-project",
			ExternalID: "another-external",
			Attributes: json.RawMessage(`{"department":null}`),
			CreatedAt:  sampleTime.Add(-time.Hour),
			UpdatedAt:  sampleTime.Add(-time.Minute),
		},
		PasswordHash: "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy",
		SessionEpoch: 8,
		LastActiveAt: sampleTime.Add(-time.Second),
	}
}

func emailOf(id string) string { return id + "@example.com" }

// differences says which fields of an account are not as they were stored. It goes over
// the struct, so that a field which is added later is compared from its first day.
func differences(got, want deskauth.Account) (all []string) {
	g, w := reflect.ValueOf(got), reflect.ValueOf(want)
	for _, f := range reflect.VisibleFields(g.Type()) {
		if f.Anonymous {
			continue
		}
		gv, wv := g.FieldByIndex(f.Index).Interface(), w.FieldByIndex(f.Index).Interface()
		if d := difference(gv, wv); d != "" {
			all = append(all, "field "+f.Name+": "+d)
		}
	}
	return all
}

func difference(got, want any) string {
	switch want := want.(type) {
	case time.Time:
		if got := got.(time.Time); got.UnixMilli() != want.UnixMilli() {
			return fmt.Sprintf("got %s, want the instant %s to the millisecond", got.Format(time.RFC3339Nano), want.Format(time.RFC3339Nano))
		}
	case json.RawMessage:
		return jsonDifference(got.(json.RawMessage), want)
	default:
		if !reflect.DeepEqual(got, want) {
			return fmt.Sprintf("got %s, want %s", show(got), show(want))
		}
	}
	return ""
}

// show prints a value so that blanks and look-alikes can be told apart.
func show(v any) string {
	if v := reflect.ValueOf(v); v.Kind() == reflect.String {
		return quote(v.String())
	}
	return fmt.Sprint(v)
}

func quote(s string) string { return fmt.Sprintf("%+q", short(s)) }

// short keeps the ends of a long text: what is cut off or padded shows in its length.
func short(s string) string {
	const keep = 100
	if len(s) <= 2*keep {
		return s
	}
	return fmt.Sprintf("%s... (%d bytes) ...%s", s[:keep], len(s), s[len(s)-keep:])
}
