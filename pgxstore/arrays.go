package pgxstore

import (
	"fmt"

	"github.com/deskauth/deskauth"
)

// arrays returns one array for each column, with a value of every account. It refuses what
// values refuses.
func arrays(accounts []deskauth.Account) ([]any, error) {
	empty := columns(new(deskauth.Account))
	arrays := make([]any, len(empty))
	set := make([]func(n int, field any), len(empty)) // sets element n of the array
	for i, c := range empty {
		switch c.field.(type) {
		case *string:
			arrays[i], set[i] = array(accounts, func(field *string) string { return *field })
		case *bool:
			arrays[i], set[i] = array(accounts, func(field *bool) bool { return *field })
		case *int64:
			arrays[i], set[i] = array(accounts, func(field *int64) int64 { return *field })
		case *nullText:
			arrays[i], set[i] = array(accounts, textOrNull[nullText])
		case *[]byte:
			arrays[i], set[i] = array(accounts, textOrNull[[]byte])
		case *instant:
			arrays[i], set[i] = array(accounts, (*instant).time)
		case *nullInstant:
			arrays[i], set[i] = array(accounts, timeOrNull)
		}
	}
	for n := range accounts {
		for i, c := range columns(&accounts[n]) {
			if err := c.check(); err != nil {
				return nil, fmt.Errorf("account %q: %w", accounts[n].ID, err)
			}
			set[i](n, c.field)
		}
	}
	return arrays, nil
}

// array returns an array with an element for each account, in a type that pgx sends, and
// the function that sets element n.
func array[F, T any](
	accounts []deskauth.Account, value func(field F) T,
) (all []T, set func(n int, field any)) {
	all = make([]T, len(accounts))
	return all, func(n int, field any) { all[n] = value(field.(F)) }
}
