package examples_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

// TestS33_GuestsGoUpOnEveryStore lets two upgrades, two links and a purge meet at one idle
// guest. One of them is made, and what is left is that one's alone.
func TestS33_GuestsGoUpOnEveryStore(t *testing.T) {
	onEveryStore(t, func(t *testing.T, store anyStore, inMemory bool) {
		others := 60
		if testkit.Thorough() {
			others = 300
		}
		rounds := rounds{memory: 300, thorough: 1000, raceDetector: 150, others: others}.on(inMemory)
		d := newDesk(t, store)
		won := map[string]int{}
		for n := range rounds {
			won[d.raceOfAGuest(t, n)]++
			if t.Failed() {
				t.Fatalf("round %d", n)
			}
		}
		t.Logf("of %d guests: %v", rounds, won)
		if len(won) < 2 {
			t.Errorf("the same call was first in each of %d rounds: %v", rounds, won)
		}
	})
}

// A guestRace is a guest, and what became of it by the answers to each call.
type guestRace struct {
	*desk
	owner
	addresses []string          // of the upgrades
	heirs     map[string]string // custom tokens and IDs, by the name of the call

	mu   sync.Mutex
	made []string // the calls that were made
}

// raceOfAGuest runs one round, and returns the call that was made.
func (d *desk) raceOfAGuest(t *testing.T, n int) (made string) {
	r := &guestRace{desk: d, owner: d.settle(t, deskauth.KindGuest, n), heirs: map[string]string{}}
	calls := []func(){func() { r.purge(t) }}
	for i := range 2 {
		email, heir := fmt.Sprintf("upgrade%d.%d@f22.it", i, n), fmt.Sprintf("heir %d", i)
		r.addresses = append(r.addresses, email)
		r.heirs["link to "+heir] = deskauth.ExternalUserID(testkit.ProjectA, heir)
		calls = append(calls, func() { r.upgrade(t, email) }, func() { r.link(t, heir) })
	}
	rand.Shuffle(len(calls), func(i, j int) { calls[i], calls[j] = calls[j], calls[i] })
	var wg sync.WaitGroup
	gun := make(chan struct{})
	for _, call := range calls {
		wg.Go(func() { <-gun; call() })
	}
	close(gun)
	wg.Wait()

	links := r.linksOf(t)
	r.made = append(r.made, links...)
	if len(r.made) != 1 {
		t.Fatalf("the calls that were made are %q, want one", r.made)
	}
	r.judge(t, r.made[0])
	if err := d.now.DeleteUser(t.Context(), r.id); err != nil && err != deskauth.ErrUserNotFound {
		t.Error(err)
	}
	made, _, _ = strings.Cut(r.made[0], " ")
	return made
}

func (r *guestRace) note(what string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.made = append(r.made, what)
}

func (r *guestRace) upgrade(t *testing.T, email string) {
	u, err := r.now.Upgrade(t, r.first, email)
	switch {
	case err == nil && u.ID == r.id:
		r.note("upgrade " + email)
	case err != deskauth.ErrInvalidToken:
		t.Errorf("upgrade: %q, %v; want the guest or ErrInvalidToken", u.ID, err)
	}
}

// link signs in, whatever becomes of the guest.
func (r *guestRace) link(t *testing.T, heir string) {
	s, err := r.now.Link(t, testkit.TokenA(`"`+heir+`"`), r.other)
	if err != nil || s.User.ID != r.heirs["link to "+heir] {
		t.Errorf("link: signed in %q, %v", s.User.ID, err)
	}
}

func (r *guestRace) purge(t *testing.T) {
	deleted, err := (&round{desk: r.desk, t: t, kind: deskauth.KindGuest}).purgeIdle()
	if err != nil {
		t.Errorf("purge: %v", err)
	}
	if deleted != "" {
		r.note("purge")
	}
}

// linksOf returns the links that the events tell of. Of each link there is one event.
func (r *guestRace) linksOf(t *testing.T) (links []string) {
	told := 0
	for _, e := range r.now.Events.Take() {
		switch {
		case e.Type == deskauth.EventFailed:
			t.Errorf("a race is logged as a failure: %+v", e)
		case e.Type == deskauth.EventGuestLinked || e.Type == deskauth.EventGuestNotLinked:
			told++
		}
		if e.Type != deskauth.EventGuestLinked {
			continue
		}
		for name, id := range r.heirs {
			if e.From == r.id && e.To == id {
				links = append(links, name)
			}
		}
	}
	if told != len(r.heirs) {
		t.Errorf("%d events of %d links", told, len(r.heirs))
	}
	return links
}

// judge checks that what is stored is what one call made, and nothing of the others.
func (r *guestRace) judge(t *testing.T, made string) {
	r.now.IsOver(t, "the guest after "+made, r.first)
	r.now.IsOver(t, "the guest's other session after "+made, r.other)
	acc, err := r.store.UserByID(t.Context(), r.id)
	heir, heirErr := r.now.LinkedTo(t.Context(), r.id)
	if made == "purge" {
		if !errors.Is(err, deskauth.ErrUserNotFound) || heirErr != deskauth.ErrUserNotFound {
			t.Errorf("after the purge: %v, and LinkedTo %v; want ErrUserNotFound", err, heirErr)
		}
	} else if err != nil || heirErr != nil {
		t.Errorf("after %s: %v, and LinkedTo %v", made, err, heirErr)
	}
	if heir != r.heirs[made] {
		t.Errorf("after %s: linked to %q, want %q", made, heir, r.heirs[made])
	}
	for _, email := range r.addresses {
		if isMade := made == "upgrade "+email; isMade != (acc.Email == email) {
			t.Errorf("after %s: the account has the address %q", made, acc.Email)
		}
		found, err := r.store.UserByEmail(t.Context(), email)
		if made == "upgrade "+email && (err != nil || found.ID != r.id || found.Kind != deskauth.KindUser) ||
			made != "upgrade "+email && !errors.Is(err, deskauth.ErrUserNotFound) {
			t.Errorf("after %s: the address %s is that of %q, %v", made, email, found.ID, err)
		}
	}
	if r.heirs[made] != "" && acc.Kind != deskauth.KindGuest {
		t.Errorf("after %s: the account is a %s", made, acc.Kind)
	}
}
