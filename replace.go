package deskauth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"
)

// known returns those accounts of a page, which comes after the ID before, that are in the
// store that is written. Most are on one page there, if it can list.
func (c *copier) known(ctx context.Context, before string, page []Account) (map[string]Account, error) {
	known := make(map[string]Account, len(page))
	listed := before // up to here they are known
	if lister, ok := c.to.(UserLister); ok {
		found, err := lister.ListUsers(ctx, before, copyPage)
		if err != nil {
			return nil, err
		}
		for _, acc := range found {
			known[acc.ID], listed = acc, acc.ID
		}
	}
	for _, acc := range page {
		if acc.ID <= listed {
			continue
		}
		found, err := c.find(ctx, acc.ID)
		if err != nil {
			return nil, err
		}
		known[acc.ID] = found
	}
	return known, nil
}

// find returns the account as it is in the store that is written, or one without an ID.
func (c *copier) find(ctx context.Context, id string) (Account, error) {
	acc, err := c.to.UserByID(ctx, id)
	if err != nil && !errors.Is(err, ErrUserNotFound) {
		return Account{}, fmt.Errorf("account %q: %w", id, err)
	}
	return acc, nil
}

// importUsers creates the accounts that can be created.
func importUsers(ctx context.Context, to UserStore, accounts []Account) (created int, err error) {
	if importer, ok := to.(UserImporter); ok && len(accounts) > 0 {
		return importer.ImportUsers(ctx, accounts)
	}
	for _, acc := range accounts {
		switch err := to.CreateUser(ctx, acc); {
		case err == nil:
			created++
		case !errors.Is(err, ErrUserExists):
			return created, fmt.Errorf("account %q: %w", acc.ID, err)
		}
	}
	return created, nil
}

// replace puts an account in the place of itself as it is there, if that is older, or
// creates it, if it is not there.
func replace(ctx context.Context, to UserStore, acc, there Account) error {
	var err error
	switch {
	case there.ID == "":
		err = to.CreateUser(ctx, acc)
	case sameOrDatedLater(there, acc):
	case !samePerson(acc, there):
		err = fmt.Errorf("another account has its ID in the store that is written, a %s created at %s, and it is a %s created at %s: %w",
			there.Kind, there.CreatedAt.Format(time.RFC3339Nano), acc.Kind, acc.CreatedAt.Format(time.RFC3339Nano), ErrConflict)
	case !laterState(acc, there):
		err = fmt.Errorf("it is no later state of what is in the store that is written, from which it differs in %s (there: %s; here: %s): %w",
			strings.Join(differences(acc, there), ", "), dates(there), dates(acc), ErrConflict)
	default:
		acc.Version = there.Version
		err = to.UpdateUser(ctx, acc)
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

// sameOrDatedLater reports whether a is b, or differs from it only by later dates: one who
// was disabled in both stores, say, in one after the other.
func sameOrDatedLater(a, b Account) bool {
	if before(a.UpdatedAt, b.UpdatedAt) || before(a.LastActiveAt, b.LastActiveAt) {
		return false
	}
	b.UpdatedAt, b.LastActiveAt = a.UpdatedAt, a.LastActiveAt
	return len(differences(a, b)) == 0
}

// laterState reports whether an account can have become a from b.
func laterState(a, b Account) bool {
	if a.SessionEpoch < b.SessionEpoch || b.Disabled && !a.Disabled || before(a.UpdatedAt, b.UpdatedAt) || before(a.LastActiveAt, b.LastActiveAt) {
		return false
	}
	b.LastActiveAt = a.LastActiveAt // which is written without an UpdatedAt
	return !sameTime(a.UpdatedAt, b.UpdatedAt) || len(differences(a, b)) == 0
}

// differences names the fields, but for the Version, that are not the same: times to the
// millisecond, and JSON whatever its spelling.
func differences(a, b Account) (names []string) {
	x, y := reflect.ValueOf(a), reflect.ValueOf(b)
	for _, f := range reflect.VisibleFields(x.Type()) {
		if f.Anonymous || f.Name == "Version" {
			continue
		}
		same := false
		switch v := x.FieldByIndex(f.Index).Interface().(type) {
		case time.Time:
			same = sameTime(v, y.FieldByIndex(f.Index).Interface().(time.Time))
		case json.RawMessage:
			same = sameJSON(v, y.FieldByIndex(f.Index).Interface().(json.RawMessage))
		default:
			same = reflect.DeepEqual(v, y.FieldByIndex(f.Index).Interface())
		}
		if !same {
			names = append(names, f.Name)
		}
	}
	return names
}

func sameTime(a, b time.Time) bool { return a.UnixMilli() == b.UnixMilli() }
func before(a, b time.Time) bool   { return a.UnixMilli() < b.UnixMilli() }

// dates tells of an account what laterState looks at first.
func dates(a Account) string {
	return fmt.Sprintf("updated %s, last active %s", a.UpdatedAt.Format(time.RFC3339Nano), a.LastActiveAt.Format(time.RFC3339Nano))
}
