package storetest

import (
	"encoding/json"
	"fmt"
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

// otherAccount returns an account that differs from fullAccount(id) in every field but ID
// and Version.
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
