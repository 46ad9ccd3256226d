package redislimit

import (
	"sync"

	"github.com/deskauth/deskauth"
)

// maxAlone is how many keys an alone holds, some 15 MiB of them.
const maxAlone = 1 << 17

// An alone holds how many attempts of each key the memory has allowed alone, while Redis
// was away. Redis has not counted them. To give them back there would forgive as many of
// another process.
type alone struct {
	max     int // keys
	name    func(deskauth.Attempt) string
	guarded func() bool // some of the attempts may not have come back by themselves

	mu   sync.Mutex
	keys map[string]int
	full bool // some are not in keys
}

// add notes the attempts of a call.
func (a *alone) add(attempts []deskauth.Attempt) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.keys == nil {
		a.keys = make(map[string]int)
	}
	for _, attempt := range attempts {
		n := a.name(attempt)
		if _, found := a.keys[n]; !found && len(a.keys) >= a.max {
			a.full = true
			continue
		}
		a.keys[n]++
	}
}

// remove takes attempts that are given back off what add has noted. It returns those that
// were not there: Redis has counted them. Of attempts of one key it does not matter which
// is which. When there was no room for all, it returns none.
func (a *alone) remove(attempts []deskauth.Attempt) (counted []deskauth.Attempt) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.keys) > 0 && !a.guarded() {
		a.keys, a.full = nil, false
	}
	switch {
	case a.full:
		return nil
	case len(a.keys) == 0:
		return attempts
	}
	for _, attempt := range attempts {
		n := a.name(attempt)
		switch a.keys[n] {
		case 0:
			counted = append(counted, attempt)
		case 1:
			delete(a.keys, n)
		default:
			a.keys[n]--
		}
	}
	return counted
}
