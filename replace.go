package deskauth

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"
)

// replace puts an account in the place of itself as it is there, if that is older, or
// creates it, if it is not there.
func replace(ctx context.Context, to UserStore, acc, there Account) error {
	var err error
	switch {
	case there.ID == "":
		err = to.CreateUser(ctx, acc)
	case sameAccount(acc, there):
	case !samePerson(acc, there):
		err = fmt.Errorf("another account has its ID in the store that is written, a %s created at %s, and it is a %s created at %s: %w",
			there.Kind, there.CreatedAt.Format(time.RFC3339Nano), acc.Kind, acc.CreatedAt.Format(time.RFC3339Nano), ErrConflict)
	case !laterState(acc, there):
		err = fmt.Errorf("it differs in the store that is written and is not older there (%s; in the store that is read: %s): %w", dates(there), dates(acc), ErrConflict)
	default:
		acc.Version = there.Version
		err = to.UpdateUser(ctx, acc)
	}
	if errors.Is(err, ErrUserExists) {
		return fmt.Errorf("account %q: another one has its address in the store that is written: %w", acc.ID, err)
	}
	if err != nil {
		return fmt.Errorf("account %q: %w", acc.ID, err)
	}
	return nil
}

// samePerson reports whether two accounts with one ID are one. An external user's ID comes
// again when a deleted account is made again; others come again only by mistake.
func samePerson(a, b Account) bool {
	return a.Kind == b.Kind && (a.Kind == KindExternal || sameTime(a.CreatedAt, b.CreatedAt))
}

// laterState reports whether an account can have become a from b.
func laterState(a, b Account) bool {
	if a.SessionEpoch < b.SessionEpoch || a.UpdatedAt.UnixMilli() < b.UpdatedAt.UnixMilli() || a.LastActiveAt.UnixMilli() < b.LastActiveAt.UnixMilli() {
		return false
	}
	b.LastActiveAt = a.LastActiveAt // which is written without an UpdatedAt
	return !sameTime(a.UpdatedAt, b.UpdatedAt) || sameAccount(a, b)
}

func sameTime(a, b time.Time) bool { return a.UnixMilli() == b.UnixMilli() }

// dates tells of an account what laterState looks at first.
func dates(a Account) string {
	return fmt.Sprintf("updated %s, last active %s, session epoch %d", a.UpdatedAt.Format(time.RFC3339Nano), a.LastActiveAt.Format(time.RFC3339Nano), a.SessionEpoch)
}

// sameAccount compares all but the Version, times to the millisecond.
func sameAccount(a, b Account) bool {
	for _, t := range [...][2]*time.Time{{&a.CreatedAt, &b.CreatedAt}, {&a.UpdatedAt, &b.UpdatedAt}, {&a.LastActiveAt, &b.LastActiveAt}} {
		if !sameTime(*t[0], *t[1]) {
			return false
		}
		*t[0] = *t[1]
	}
	if !sameJSON(a.Attributes, b.Attributes) {
		return false
	}
	a.Attributes, a.Version = b.Attributes, b.Version
	return reflect.DeepEqual(a, b)
}
