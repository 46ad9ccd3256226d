package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

var durabilityRounds = flag.Int("durability.rounds", 2, "how often to kill the server of each store")

// durable starts the server on a store that lasts.
func durable(t *testing.T, store string) *process {
	t.Helper()
	return start(t, "-store", store, "-project", "demo=", "-session-secret", sessionSecret, "-no-limits", "-log", "json")
}

// TestDurability kills the server with SIGKILL at random moments while people sign up over
// 8 connections. After each kill it looks for every account that was acknowledged, and in
// the end all agents among them sign in. The server that starts after a kill is the one
// that the next round kills, so no orderly stop tidies up in between.
func TestDurability(t *testing.T) {
	t.Parallel()
	for name, open := range keptStores {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rounds := *durabilityRounds
			if testkit.RaceDetector() {
				rounds = (rounds + 1) / 2
			}
			seed := uint64(time.Now().UnixNano())
			t.Logf("the seed is %d", seed)
			random := rand.New(rand.NewPCG(seed, 0))
			kept := open(t)
			var everybody []*person
			var sum tally
			p := durable(t, kept.flag)
			for round := range rounds {
				came := killAmidSignups(t, p, fmt.Sprint("round-", round), random)
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

// killAmidSignups kills the process up to 5 ms after 10 to 99 people were acknowledged. It
// returns all people who came.
func killAmidSignups(t *testing.T, p *process, prefix string, random *rand.Rand) []*person {
	t.Helper()
	c := newCrowd(p, prefix)
	c.gather()
	until := 10 + random.Int64N(90)
	c.await(t, fmt.Sprint(until, " people are acknowledged"), func() bool { return c.answered.Load() >= until })
	time.Sleep(time.Duration(random.Int64N(5000)) * time.Microsecond)
	c.doomed.Store(true)
	p.kill()
	return c.disperse()
}

// A tally counts what became of people.
type tally struct{ acknowledged, stored, absent int }

func (s *tally) add(people []*person, found map[string]deskauth.Account) {
	for _, who := range people {
		_, stored := found[who.name]
		switch {
		case who.acknowledged:
			s.acknowledged++
		case stored:
			s.stored++
		default:
			s.absent++
		}
	}
}

func (s tally) String() string {
	return fmt.Sprintf(
		"%d people acknowledged and found; of those without an answer, %d are stored whole and "+
			"%d are not",
		s.acknowledged, s.stored, s.absent)
}

// kill ends the process at once, without time to tidy up.
func (p *process) kill() {
	p.t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		p.t.Fatal(err)
	}
	<-p.ended
	p.ended = nil
}
