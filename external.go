package deskauth

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"github.com/google/uuid"
)

// ExternalUserID returns the ID of the account of a project's external user: a UUIDv8
// (RFC 9562 §5.8) made of SHA-256 over both IDs. An external user reaches this account and
// no other, whatever its tokens claim. Both IDs are without control characters, as every
// ID that is signed in with.
func ExternalUserID(projectID, externalID string) string {
	// Neither ID has a NUL in it, so no two pairs make one text.
	sum := sha256.Sum256([]byte("deskauth external user\x00" + projectID + "\x00" + externalID))
	id := uuid.UUID(sum[:16])
	id[6] = id[6]&0x0f | 0x80 // version 8
	id[8] = id[8]&0x3f | 0x80 // variant of RFC 9562
	return id.String()
}

// maxUpdateTries bounds how often an account is written again after somebody else changed
// it in between. Each such time somebody's write has succeeded.
const maxUpdateTries = 16

// externalAccount returns the account of an external user with the profile of its token,
// and makes it at the first time.
func (a *Auth) externalAccount(ctx context.Context, op *operation, c customToken) (Account, error) {
	id := ExternalUserID(c.projectID, c.externalID)
	op.event.UserID = id
	acc, err := a.userByID(ctx, id)
	if errors.Is(err, ErrUserNotFound) {
		acc, err = a.createExternal(ctx, op, id, c)
	}
	if err != nil {
		return Account{}, err
	}
	for tries := 0; ; tries++ {
		switch {
		case acc.Kind != KindExternal || acc.ProjectID != c.projectID || acc.ExternalID != c.externalID:
			return Account{}, fmt.Errorf("deskauth: account %s is not the one of that external user: its ID is derived, and nothing else may have it", id)
		case acc.Disabled:
			return Account{}, refuse(ErrAccountDisabled, "account disabled")
		case c.describes(acc.User) || tries == maxUpdateTries:
			return acc, nil
		}
		next := acc
		next.FirstName, next.LastName, next.Attributes = c.firstName, c.lastName, c.attributes
		next.UpdatedAt = a.timestampAfter(acc.UpdatedAt)
		err := a.users.UpdateUser(ctx, next)
		if err == nil {
			next.Version++
			op.note(EventProfileUpdated)
			return next, nil
		}
		if !errors.Is(err, ErrConflict) {
			return Account{}, fmt.Errorf("deskauth: update the profile: %w", err)
		}
		if acc, err = a.userByID(ctx, id); err != nil {
			return Account{}, err
		}
	}
}

// createExternal makes the account. Of two first sign-ins at once one makes it, and the
// other finds it. Its ID may have been an account's that was deleted since. Neither must the
// tokens of that one come to life again, nor may who has read it update this one: so the
// epoch and the Version start at the time.
func (a *Auth) createExternal(ctx context.Context, op *operation, id string, c customToken) (Account, error) {
	now := a.timestamp().UnixMilli()
	acc, err := a.create(ctx, Account{
		User: User{
			ID:         id,
			Kind:       KindExternal,
			FirstName:  c.firstName,
			LastName:   c.lastName,
			ProjectID:  c.projectID,
			ExternalID: c.externalID,
			Attributes: c.attributes,
		},
		SessionEpoch: now,
		Version:      now,
	})
	if errors.Is(err, ErrUserExists) {
		return a.userByID(ctx, id)
	}
	if err != nil {
		return Account{}, err
	}
	op.note(EventExternalCreated)
	return acc, nil
}

// describes reports whether the stored profile is what the token claims.
func (c customToken) describes(u User) bool {
	return c.firstName == u.FirstName && c.lastName == u.LastName && sameJSON(c.attributes, u.Attributes)
}

// sameJSON compares two JSON objects by value: a store may have spelled one anew.
func sameJSON(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	if len(a) == 0 || len(b) == 0 {
		return false
	}
	decode := func(text []byte) (v map[string]any, err error) {
		d := json.NewDecoder(bytes.NewReader(text))
		d.UseNumber()
		return v, d.Decode(&v)
	}
	av, aerr := decode(a)
	bv, berr := decode(b)
	return aerr == nil && berr == nil && reflect.DeepEqual(av, bv)
}
