package storetest

import (
	"encoding/json"
	"fmt"
	"reflect"
	"time"

	"github.com/deskauth/deskauth"
)

// sampleTime is not a whole second, and the last digit of its milliseconds is not 0.
var sampleTime = time.Date(2024, time.February, 29, 23, 59, 58, 987e6, time.UTC)

// bareAccount returns an account with nothing but what every account has.
func bareAccount(id string) deskauth.Account {
	return deskauth.Account{User: deskauth.User{
		ID:        id,
		Kind:      deskauth.KindExternal,
		CreatedAt: sampleTime,
		UpdatedAt: sampleTime,
	}}
}

// fullAccount returns an account with a value in every field but Version. No two of its
// strings are equal, so columns in the wrong order show.
func fullAccount(id string) deskauth.Account {
	return filled(1, deskauth.Account{
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
		State:        `{"v":1,"sample":"' \u00e9 \\ %s $1"}`,
		LastActiveAt: sampleTime.Add(72*time.Hour + 3*time.Millisecond),
	})
}

// otherAccount returns an account that differs from fullAccount(id) in every field but ID
// and Version.
func otherAccount(id string) deskauth.Account {
	return filled(2, deskauth.Account{
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
		State:        `{"v":1}`,
		LastActiveAt: sampleTime.Add(-time.Second),
	})
}

// filled gives each empty field of a but Version and the flags a value that no other field
// has, and that differs for each seed. So a store is asked to keep a field that is added to
// Account, even before the samples know it.
func filled(seed int64, a deskauth.Account) deskauth.Account {
	v := reflect.ValueOf(&a).Elem()
	for i, f := range reflect.VisibleFields(v.Type()) {
		field := v.FieldByIndex(f.Index)
		if f.Anonymous || f.Name == "Version" || !field.IsZero() {
			continue
		}
		switch n := 100*seed + int64(i); field.Interface().(type) {
		case string:
			field.SetString(fmt.Sprintf("%s %d", f.Name, n))
		case int64:
			field.SetInt(n)
		case time.Time:
			field.Set(reflect.ValueOf(sampleTime.Add(time.Duration(n) * time.Millisecond)))
		case json.RawMessage:
			field.SetBytes(fmt.Appendf(nil, `{"field":%d}`, n))
		case bool: // fullAccount sets the flags, and otherAccount does not
		default:
			panic(fmt.Sprintf("storetest: fill in a field of type %s", f.Type))
		}
	}
	return a
}

func emailOf(id string) string { return id + "@example.com" }

// guest returns a guest that came and was last active at these times.
func guest(id string, created, active time.Time) deskauth.Account {
	a := otherAccount(id)
	a.CreatedAt, a.LastActiveAt = created, active
	return a
}

// revision returns one account as of update n: the fields that change tell the number.
func revision(n int64) deskauth.Account {
	a := fullAccount("revised")
	a.Email = fmt.Sprintf("revision-%d@example.com", n)
	a.FirstName, a.LastName = fmt.Sprint("first ", n), fmt.Sprint("last ", n)
	a.Attributes = json.RawMessage(fmt.Sprintf(`{"revision":%d}`, n))
	a.EmailVerified, a.Disabled = n%2 == 0, n%2 == 0
	a.SessionEpoch, a.Version = n, n
	return a
}

func quoteJSON(s string) string {
	text, _ := json.Marshal(s) // cannot fail for a string
	return string(text)
}
