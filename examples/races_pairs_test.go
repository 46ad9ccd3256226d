package examples_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
)

// A transition is something that can happen to an account.
type transition[L any] struct {
	name string
	do   func(ctx context.Context, l L) error
}

// A living is an account that can say all that is left of it, and of what its owner held.
type living interface{ state(t *testing.T) string }

// An outcome is what two calls return, and the account after them.
type outcome struct {
	first, second error
	state         string
}

func (o outcome) String() string { return fmt.Sprintf("%v | %v | %s", o.first, o.second, o.state) }

// raceEachTwo runs each two transitions at the same moment, on accounts that raced begins.
// What comes out, errors and all, has to be what comes out of one order of the two, on an
// account that one of alone begins.
func raceEachTwo[L living](
	t *testing.T, rounds int, all []transition[L], raced func() L, alone ...func() L,
) {
	t.Helper()
	for i, a := range all {
		for _, b := range all[i:] {
			explained := explanations(t, a, b, alone)
			for range rounds {
				if got := race(t, raced(), a.do, b.do).String(); !slices.Contains(explained, got) {
					t.Errorf("%s beside %s:\n got %s\nwant one of\n%s", a.name, b.name, got, strings.Join(explained, "\n"))
					break
				}
			}
		}
	}
}

func explanations[L living](t *testing.T, a, b transition[L], alone []func() L) (explained []string) {
	t.Helper()
	if a.name == "DeleteAccount" || b.name == "DeleteAccount" {
		// What comes between its write and the deletion is deleted, too.
		explained = append(explained, outcome{state: "gone"}.String())
	}
	for _, begin := range alone {
		l := begin()
		explained = append(explained, outcome{a.do(t.Context(), l), b.do(t.Context(), l), l.state(t)}.String())
		l = begin()
		second := b.do(t.Context(), l)
		explained = append(explained, outcome{a.do(t.Context(), l), second, l.state(t)}.String())
	}
	return explained
}

// race does both at the same moment.
func race[L living](t *testing.T, l L, a, b func(context.Context, L) error) (o outcome) {
	t.Helper()
	var wg sync.WaitGroup
	gun := make(chan struct{})
	wg.Go(func() { <-gun; o.first = a(t.Context(), l) })
	wg.Go(func() { <-gun; o.second = b(t.Context(), l) })
	close(gun)
	wg.Wait()
	o.state = l.state(t)
	return o
}
