package accounts

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/claims"
)

// create creates the accounts that can be created. They were checked before.
func (c *copier) create(ctx context.Context, accounts []deskauth.Account) (created int, err error) {
	importer, ok := c.to.(deskauth.UserImporter)
	if ok && len(accounts) > 0 {
		result, err := importer.ImportUsers(ctx, accounts, unchecked)
		return result.Created, err
	}
	for _, acc := range accounts {
		err := c.to.CreateUser(ctx, acc)
		switch {
		case err == nil:
			created++
		case !errors.Is(err, deskauth.ErrUserExists):
			return created, fmt.Errorf("account %q: %w", acc.ID, err)
		}
	}
	return created, nil
}

func unchecked(deskauth.Account) error { return nil }

// existing returns what the target has under each ID of a page: an account, one without an
// ID for none, and nothing where it cannot be read and is left out. The page comes after an
// ID; most of it is on the same page of the target, if that can list.
func (c *copier) existing(
	ctx context.Context, after string, page []deskauth.Account,
) (map[string]deskauth.Account, error) {
	existing := make(map[string]deskauth.Account, len(page))
	listed := after // the target's accounts up to here are known
	lister, ok := c.to.(deskauth.UserLister)
	if ok {
		targets, err := lister.ListUsers(ctx, after, copyPage)
		if _, ok := brokenRow(ctx, err); err != nil && !ok {
			return nil, err
		}
		for _, target := range targets {
			dropGuestAddress(&target)
			existing[target.ID], listed = target, target.ID
		}
	}
	for _, acc := range page {
		if acc.ID <= listed {
			if _, found := existing[acc.ID]; !found {
				existing[acc.ID] = deskauth.Account{}
			}
			continue
		}
		target, readable, err := c.findReadable(ctx, acc.ID)
		if err != nil {
			return nil, err
		}
		if readable {
			existing[acc.ID] = target
		}
	}
	return existing, nil
}

// findReadable is find. An account that the target has and cannot read is left out.
func (c *copier) findReadable(
	ctx context.Context, id string,
) (target deskauth.Account, readable bool, err error) {
	target, err = c.find(ctx, id)
	if broken, ok := brokenRow(ctx, err); ok {
		inTarget := fmt.Errorf("in the new store: %w", broken.Err)
		return target, false, c.leaveOut([]*deskauth.RowError{{Row: broken.Row, ID: broken.ID, Err: inTarget}})
	}
	return target, err == nil, err
}

// find returns the account that the target has, or one without an ID.
func (c *copier) find(ctx context.Context, id string) (deskauth.Account, error) {
	target, err := c.to.UserByID(ctx, id)
	if errors.Is(err, deskauth.ErrUserNotFound) {
		return deskauth.Account{}, nil
	}
	if err != nil {
		return deskauth.Account{}, fmt.Errorf("account %q: %w", id, err)
	}
	dropGuestAddress(&target)
	return target, nil
}

// merge creates an account that the target does not have, replaces an earlier state of it,
// leaves one that is as new, and refuses everything else.
func merge(ctx context.Context, to deskauth.UserStore, acc, target deskauth.Account) error {
	var err error
	switch {
	case target.ID == "":
		err = to.CreateUser(ctx, acc)
	case sameOrDatedLater(target, acc):
	case !samePerson(acc, target):
		err = fmt.Errorf("another account has its ID in the new store (%s; here %s): %w",
			origin(target), origin(acc), deskauth.ErrConflict)
	case !laterState(acc, target):
		err = fmt.Errorf(
			"it is not a later state of the account in the new store, from which it differs in %s "+
				"(new store: %s; here: %s): %w",
			strings.Join(differences(acc, target), ", "), dates(target), dates(acc), deskauth.ErrConflict)
	default:
		acc.Version = target.Version
		err = to.UpdateUser(ctx, acc)
	}
	if err != nil {
		return fmt.Errorf("account %q: %w", acc.ID, err)
	}
	return nil
}

// samePerson reports whether two accounts with one ID are one. An external user's ID comes
// again when a deleted account is made again. Other IDs come again only by mistake, and a
// guest may have become a user.
func samePerson(a, b deskauth.Account) bool {
	if a.Kind == deskauth.KindExternal || b.Kind == deskauth.KindExternal {
		return a.Kind == b.Kind
	}
	return sameTime(a.CreatedAt, b.CreatedAt)
}

// sameOrDatedLater reports whether a is b, or differs from it only by later dates. An
// account that was disabled in both stores, one after the other, is such a case.
func sameOrDatedLater(a, b deskauth.Account) bool {
	if datesGoBack(a, b) {
		return false
	}
	b.UpdatedAt, b.LastActiveAt = a.UpdatedAt, a.LastActiveAt
	return len(differences(a, b)) == 0
}

// laterState reports whether an account can have become a from b.
func laterState(a, b deskauth.Account) bool {
	enabled := b.Disabled && !a.Disabled
	downgraded := b.Kind == deskauth.KindUser && a.Kind != b.Kind
	if a.SessionEpoch < b.SessionEpoch || enabled || downgraded || datesGoBack(a, b) {
		return false
	}
	b.LastActiveAt = a.LastActiveAt // which is written without an UpdatedAt
	return !sameTime(a.UpdatedAt, b.UpdatedAt) || len(differences(a, b)) == 0
}

func datesGoBack(a, b deskauth.Account) bool {
	return before(a.UpdatedAt, b.UpdatedAt) || before(a.LastActiveAt, b.LastActiveAt)
}

// differences names the fields that are not the same, but for the Version. Times are
// compared to the millisecond, and JSON by value.
func differences(a, b deskauth.Account) (names []string) {
	x, y := reflect.ValueOf(a), reflect.ValueOf(b)
	for _, f := range reflect.VisibleFields(x.Type()) {
		if f.Anonymous || f.Name == "Version" {
			continue
		}
		if !sameValue(x.FieldByIndex(f.Index).Interface(), y.FieldByIndex(f.Index).Interface()) {
			names = append(names, f.Name)
		}
	}
	return names
}

// sameValue compares two values of one type.
func sameValue(a, b any) bool {
	switch a := a.(type) {
	case time.Time:
		return sameTime(a, b.(time.Time))
	case json.RawMessage:
		return claims.Same(a, b.(json.RawMessage))
	}
	return reflect.DeepEqual(a, b)
}

func sameTime(a, b time.Time) bool { return a.UnixMilli() == b.UnixMilli() }
func before(a, b time.Time) bool   { return a.UnixMilli() < b.UnixMilli() }

// origin tells of an account what samePerson looks at.
func origin(a deskauth.Account) string {
	return fmt.Sprintf("a %s created at %s", a.Kind, a.CreatedAt.Format(time.RFC3339Nano))
}

// dates tells of an account what laterState looks at first.
func dates(a deskauth.Account) string {
	return fmt.Sprintf("updated %s, last active %s",
		a.UpdatedAt.Format(time.RFC3339Nano), a.LastActiveAt.Format(time.RFC3339Nano))
}
