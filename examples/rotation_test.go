package examples_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
)

// TestRotationInTwoSteps changes a session key over two processes as docs/keys.md says, one
// process after the other. At no moment does either refuse a token of the other.
func TestRotationInTwoSteps(t *testing.T) {
	t.Parallel()
	now := time.Now()
	old := deskauth.NewKey("2026-10", "HS256", "the secret of October, of 32 bytes or more")
	next := deskauth.NewKey("2026-11", "HS256", "the secret of November, of 32 bytes or more")
	ending := old
	ending.NotAfter = now.Add(31 * 24 * time.Hour)
	before, step1, step2 := []deskauth.Key{old}, []deskauth.Key{old, next}, []deskauth.Key{next, ending}

	p := newProcesses(t, &now)
	for _, keys := range [][2][]deskauth.Key{
		{before, before}, {step1, before}, {step1, step1}, {step2, step1}, {step2, step2},
	} {
		p.restart(keys)
		if refused := p.refused(); refused > 0 {
			t.Errorf("with the keys %v, %d tokens are refused", keys, refused)
		}
	}
	now = ending.NotAfter.Add(-time.Hour)
	p.tokens = nil // those of 31 days ago have expired
	p.restart([2][]deskauth.Key{step2, {next}})
	if refused := p.refused(); refused > 0 {
		t.Errorf("when the old key is dropped, %d tokens are refused", refused)
	}
}

// TestRotationInOneStep shows why there are two: the process that still has the old key
// alone refuses what the first one signs.
func TestRotationInOneStep(t *testing.T) {
	t.Parallel()
	now := time.Now()
	old := deskauth.NewKey("2026-10", "HS256", "the secret of October, of 32 bytes or more")
	next := deskauth.NewKey("2026-11", "HS256", "the secret of November, of 32 bytes or more")
	p := newProcesses(t, &now)
	p.restart([2][]deskauth.Key{{next, old}, {old}})
	if refused := p.refused(); refused != 1 {
		t.Errorf("%d tokens are refused, want 1: the new key's by the old process", refused)
	}
}

// processes are two on one store. They keep every token that they have issued.
type processes struct {
	t      *testing.T
	now    *time.Time
	store  *memstore.Store
	auths  [2]*deskauth.Auth
	tokens []string
}

func newProcesses(t *testing.T, now *time.Time) *processes {
	return &processes{t: t, now: now, store: memstore.New()}
}

// restart gives each process its keys, and lets each sign a guest in.
func (p *processes) restart(keys [2][]deskauth.Key) {
	p.t.Helper()
	for i := range p.auths {
		auth, err := deskauth.New(p.store, deskauth.StaticSecrets{
			Session:  keys[i],
			Projects: map[string][]deskauth.Key{"demo": nil},
		}, deskauth.Config{
			Now:    func() time.Time { return *p.now },
			Logger: slog.New(slog.DiscardHandler),
		})
		if err != nil {
			p.t.Fatal(err)
		}
		session, err := auth.SigninAnonymously(p.t.Context(), deskauth.AnonymousInput{ProjectID: "demo"})
		if err != nil {
			p.t.Fatal(err)
		}
		p.auths[i] = auth
		p.tokens = append(p.tokens, session.Token)
	}
}

// refused returns how often a process refuses a token.
func (p *processes) refused() (n int) {
	for _, auth := range p.auths {
		for _, token := range p.tokens {
			if _, err := auth.Verify(p.t.Context(), token); err != nil {
				n++
			}
		}
	}
	return n
}
