package oteldeskauth_test

import (
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
	"github.com/deskauth/deskauth/oteldeskauth"
)

// can says which abilities a store has, bit by bit in the order of abilities.
func can(s deskauth.UserStore) (sum int) {
	_, purges := s.(deskauth.IdlePurger)
	_, reports := s.(deskauth.ActivityReporter)
	_, deletes := s.(deskauth.UserDeleter)
	_, lists := s.(deskauth.UserLister)
	_, imports := s.(deskauth.UserImporter)
	for i, has := range []bool{purges, reports, deletes, lists, imports} {
		if has {
			sum |= 1 << i
		}
	}
	return sum
}

// Whatever a store can do, it can do when it is measured, and nothing else.
func TestEachCombinationOfAbilitiesComesThrough(t *testing.T) {
	t.Parallel()
	p := newProbe(t)
	for sum := range 1 << len(abilities) {
		users := oteldeskauth.Combine(sum, memstore.New())
		if got := can(users); got != sum {
			t.Fatalf("the store to try with has the abilities %05b, want %05b", got, sum)
		}
		if got := can(p.Store(users)); got != sum {
			t.Errorf("a store with the abilities %05b has %05b when it is measured", sum, got)
		}
	}
}

// A store, a limiter and a provider keep the promise that they never wait, and make none of
// their own: deskauth puts its deadline around those that may wait.
func TestInMemory(t *testing.T) {
	t.Parallel()
	p := newProbe(t)
	type marked struct{ *memstore.Store } // which has the method of another type
	for name, c := range map[string]struct {
		host any
		want bool
	}{
		"memstore":               {p.Store(memstore.New()), true},
		"memstore, twice":        {p.Store(p.Store(memstore.New())), true},
		"a store around one":     {p.Store(marked{memstore.New()}), false},
		"another store":          {p.Store(&dummy{}), false},
		"the default limiter":    {p.Limiter(deskauth.NewMemoryLimiter(nil)), true},
		"another limiter":        {p.Limiter(struct{ deskauth.Limiter }{deskauth.NewMemoryLimiter(nil)}), false},
		"a provider":             {p.Keys(provider{}), false},
		"a provider from memory": {p.Keys(inMemoryProvider{}), true},
	} {
		if got := oteldeskauth.IsInMemory(c.host); got != c.want {
			t.Errorf("%s: in memory %t, want %t", name, got, c.want)
		}
	}
}
