package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
)

const (
	burstConns   = 250 // two hash at once and 128 wait, so half of them are sent away
	burstSignins = 2   // over each connection
)

// A load sends requests to a server until its context ends.
type load struct {
	base   string
	factor float64
	tally  *tally
	people people
	bad    []request
}

// A worker has a connection of its own and takes turns at a pace.
type worker struct {
	*client
	n     int // its number among those of its kind
	turns int // so far, with the current one
}

// kinds are the kinds of workers. Their 15 or so hashes a second take less than half of a
// core.
var kinds = []struct {
	name      string
	workers   int
	perSecond float64 // of all of them together
	turn      func(*load, *worker)
}{
	{"sign up", 1, 2, (*load).signUp},
	{"sign in", 4, 8, (*load).signIn},
	{"mistype, then sign in", 2, 2, (*load).mistype},
	{"guess", 2, 4, (*load).guess},
	{"come as a guest", 8, 200, (*load).comeAsGuest},
	{"come with a custom token", 4, 60, (*load).comeWithCustomToken},
	{"come back", 4, 60, func(l *load, w *worker) { w.ask(restoreOf(l.people.anyone())) }},
	{"use a token", 16, 400, func(l *load, w *worker) { w.ask(meOf(l.people.anyone())) }},
	{"ask badly", 4, 60, func(l *load, w *worker) { w.ask(l.bad[rand.IntN(len(l.bad))]) }},
	{"give up", 3, 6, (*load).giveUp},
}

func (l *load) signUp(w *worker) {
	w.ask(signupOf(fmt.Sprintf("%s%d@example.com", passingPrefix, l.people.passing.Add(1))))
}

func (l *load) signIn(w *worker) {
	w.ask(signinOf(agentEmail(rand.IntN(agents)), password, 200, 503))
}

// mistype uses an address that only this worker has. The second try succeeds, which gives
// the first one back to the limit.
func (l *load) mistype(w *worker) {
	email := fmt.Sprintf("mistyping-%d@example.com", w.n)
	if w.turns == 1 {
		w.ask(signupOf(email))
	}
	w.ask(signinOf(email, password+"!", 401, 503))
	w.ask(signinOf(email, password, 200, 503))
}

func (l *load) guess(w *worker) {
	w.ask(signinOf(victimEmail(rand.IntN(victims)), fmt.Sprintf("guess %d", rand.Int()), 401, 429, 503))
}

func (l *load) comeAsGuest(w *worker) {
	if body, ok := w.ask(guestOf(fmt.Sprintf("Guest %d.%d", w.n, w.turns))); ok {
		l.people.add(&l.people.guests, body, "")
	}
}

// comeWithCustomToken sometimes changes the profile, which writes to the store.
func (l *load) comeWithCustomToken(w *worker) {
	plan := "gold"
	if rand.IntN(10) == 0 {
		plan = "silver"
	}
	w.ask(customOf(rand.IntN(externals), plan))
}

// run sends requests until ctx ends, and returns when all are answered.
func (l *load) run(ctx context.Context, burstEvery time.Duration) {
	var all sync.WaitGroup
	for _, k := range kinds {
		for n := range k.workers {
			w := &worker{client: newClient(l.base, l.tally), n: n}
			pace := time.Duration(float64(k.workers) / (k.perSecond * l.factor) * float64(time.Second))
			all.Go(func() { l.work(ctx, w, pace, k.turn) })
		}
	}
	all.Go(func() { l.burst(ctx, burstEvery) })
	all.Wait()
}

// work takes a worker's turns. Every second worker sometimes hangs up.
func (l *load) work(ctx context.Context, w *worker, pace time.Duration, turn func(*load, *worker)) {
	defer w.hangUp()
	if !sleep(ctx, time.Duration(rand.Int64N(int64(pace)))) { // so that no two are in step
		return
	}
	ticks := time.NewTicker(pace)
	defer ticks.Stop()
	for {
		w.turns++
		turn(l, w)
		if w.n%2 == 1 && rand.IntN(50) == 0 {
			w.hangUp()
		}
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
	}
}

// burst signs many agents in at once, again and again. The first burst comes in the middle
// of the first interval, so that a short run has one too.
func (l *load) burst(ctx context.Context, every time.Duration) {
	if !sleep(ctx, every/2) {
		return
	}
	ticks := time.NewTicker(every)
	defer ticks.Stop()
	for {
		var all sync.WaitGroup
		for n := range burstConns {
			all.Go(func() {
				c := newClient(l.base, l.tally)
				defer c.hangUp()
				for range burstSignins {
					c.ask(signinOf(agentEmail(n%agents), password, 200, 503))
				}
			})
		}
		all.Wait()
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
	}
}

// sleep waits, and reports whether ctx has not ended meanwhile.
func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
