package main

import (
	"fmt"
	"sync"
)

// newLoad returns a load whose people have accounts and sessions. The answers to that are
// not part of the record, but the tally keeps those that are wrong.
func newLoad(base string, factor float64, t *tally) (*load, error) {
	l := &load{base: base, factor: factor, tally: t}
	each(agents, func(n int) {
		c := newClient(base, t)
		defer c.hangUp()
		c.ask(signupOf(agentEmail(n)))
		if body, ok := c.ask(signinOf(agentEmail(n), password, 200)); ok {
			l.people.add(&l.people.agents, body, "")
		}
		if n < victims && n%2 == 0 {
			c.ask(signupOf(victimEmail(n)))
		}
	})
	each(externals, func(n int) {
		c := newClient(base, t)
		defer c.hangUp()
		if body, ok := c.ask(customOf(n, "gold")); ok {
			l.people.add(&l.people.externals, body, externalAccount(n))
		}
		if body, ok := c.ask(guestOf("Guest")); ok {
			l.people.add(&l.people.guests, body, "")
		}
	})
	p := &l.people
	if len(p.agents) < agents || len(p.externals) < externals || len(p.guests) == 0 {
		return nil, fmt.Errorf(
			"prepare the load: only %d of %d agents and %d of %d external users have a session: "+
				"%v %v",
			len(p.agents), agents, len(p.externals), externals, t.wrong, t.failures)
	}
	l.bad = badInput(p.agents[0])
	t.begin()
	return l, nil
}

// each calls do with every number below n, eight at a time, so that no queue gets full.
func each(n int, do func(int)) {
	numbers := make(chan int)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for i := range numbers {
				do(i)
			}
		})
	}
	for i := range n {
		numbers <- i
	}
	close(numbers)
	all.Wait()
}
