package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
)

var durabilityRounds = flag.Int("durability.rounds", 20, "how often each store's server is killed")

// durable is how the server of these tests is started on a store.
func durable(t *testing.T, store string) *process {
	t.Helper()
	return start(t, "-store", store, "-project", "demo=", "-session-secret", sessionSecret, "-no-limits", "-log", "json")
}

// TestDurability kills the server with SIGKILL at random moments while people sign up from
// 8 connections, and looks for everybody who was acknowledged; in the end all agents among
// them sign in. What is started after a kill is what is killed in the next round, so that no
// orderly stop tidies up in between.
func TestDurability(t *testing.T) {
	for name, open := range keptStores {
		t.Run(name, func(t *testing.T) {
			rounds := *durabilityRounds
			if withRaceDetector() {
				rounds = (rounds + 3) / 4
			}
			seed := uint64(time.Now().UnixNano())
			t.Logf("the seed is %d", seed)
			random := rand.New(rand.NewPCG(seed, 0))
			kept := open(t)
			var everybody []*person
			var sum tally
			p := durable(t, kept.flag)
			for round := range rounds {
				c := newCrowd(p, fmt.Sprint("round-", round))
				c.gather()
				until := 10 + random.Int64N(90)
				c.await(t, fmt.Sprint(until, " people are acknowledged"), func() bool { return c.answered.Load() >= until })
				time.Sleep(time.Duration(random.Int64N(5000)) * time.Microsecond) // the moment is random
				c.doomed.Store(true)
				p.kill()
				came := c.disperse()
				everybody = append(everybody, came...)

				p = durable(t, kept.flag)
				kept.look(t, func(store storeUnderTest) {
					found := checkAccounts(t, store, everybody)
					sum.add(came, found)
					checkPeople(t, p, came, found)
				})
				if t.Failed() {
					t.Fatalf("that was in round %d", round)
				}
			}
			agents := checkAgents(t, p, everybody)
			t.Logf("%d rounds: %v; %d agents sign in", rounds, sum, agents)
		})
	}
}

// A tally counts what became of people.
type tally struct{ acknowledged, stored, absent int }

func (s *tally) add(people []*person, found map[string]deskauth.Account) {
	for _, who := range people {
		_, there := found[who.name]
		switch {
		case who.acknowledged:
			s.acknowledged++
		case there:
			s.stored++
		default:
			s.absent++
		}
	}
}

func (s tally) String() string {
	return fmt.Sprintf("%d people acknowledged and found; of those without an answer %d are there, whole, and %d are not", s.acknowledged, s.stored, s.absent)
}

// kill ends the process at once, with no time to tidy up.
func (p *process) kill() {
	p.t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		p.t.Fatal(err)
	}
	<-p.ended
	p.ended = nil
}
