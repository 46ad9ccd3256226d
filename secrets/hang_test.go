package secrets_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
	"github.com/deskauth/deskauth/secrets"
)

// A hangingSource answers at once, or hangs until it is mended or, if it heeds it, until
// its context ends.
type hangingSource struct {
	heeds bool

	mu     sync.Mutex
	hangs  chan struct{} // closed to mend it; nil while it answers
	asked  int
	inside map[string]int // calls that have not returned, by what they ask for
	most   int            // of one kind at a time
}

func (s *hangingSource) hang() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hangs, s.asked, s.most = make(chan struct{}), 0, 0
}

func (s *hangingSource) mend() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.hangs)
	s.hangs = nil
}

// counts returns how often it was asked since it hangs, and the most questions for the same
// keys at a time.
func (s *hangingSource) counts() (asked, most int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked, s.most
}

func (s *hangingSource) answer(ctx context.Context, what string, keys []deskauth.Key) ([]deskauth.Key, error) {
	s.mu.Lock()
	if s.inside == nil {
		s.inside = make(map[string]int)
	}
	s.asked++
	s.inside[what]++
	s.most = max(s.most, s.inside[what])
	hangs := s.hangs
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.inside[what]--
	}()
	if hangs == nil {
		return keys, nil
	}
	var ends <-chan struct{}
	if s.heeds {
		ends = ctx.Done()
	}
	select {
	case <-hangs:
		return keys, nil
	case <-ends:
		return nil, fmt.Errorf("the vault: %w", ctx.Err())
	}
}

func (s *hangingSource) SessionKeys(ctx context.Context) ([]deskauth.Key, error) {
	return s.answer(ctx, "sessions", testkit.Secrets().Session)
}

func (s *hangingSource) ProjectKeys(ctx context.Context, id string) ([]deskauth.Key, error) {
	return s.answer(ctx, "project "+id, testkit.Secrets().Projects[id])
}

// A database is a store that needs what is left of the time for its calls.
type database struct{ *memstore.Store } // whose method InMemory makes no promise for this type

func (d database) UserByID(ctx context.Context, id string) (deskauth.Account, error) {
	select {
	case <-ctx.Done():
		return deskauth.Account{}, ctx.Err()
	case <-time.After(50 * time.Millisecond):
	}
	return d.Store.UserByID(ctx, id)
}

// eachHang runs a test with a source that heeds its context, and with one that does not.
func eachHang(t *testing.T, test func(t *testing.T, s *hangingSource)) {
	for _, heeds := range []bool{true, false} {
		t.Run(fmt.Sprint("heeds its context: ", heeds), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { test(t, &hangingSource{heeds: heeds}) })
		})
	}
}

// While the source hangs, no call fails that has an old answer. What has to be asked for
// again takes a fifth of the time that is left, and a second at most.
func TestS40_HangingSourceFailsNoCall(t *testing.T) {
	t.Parallel()
	for _, limit := range []time.Duration{300 * time.Millisecond, 5 * time.Second, time.Minute} {
		eachHang(t, func(t *testing.T, s *hangingSource) {
			k := testkit.NewOn(t, database{memstore.New()}, quietly(s), deskauth.Config{CallTimeout: limit})
			token := k.MustCustom(t, testkit.TokenA(`"42"`)).Token
			time.Sleep(2 * time.Minute)
			s.hang()
			for name, c := range map[string]struct {
				do    func() error
				waits int // for how many answers at most
			}{
				"Verify":         {func() error { _, err := k.Verify(t.Context(), token); return err }, 1},
				"a custom token": {func() error { _, err := k.TryCustom(t, testkit.TokenA(`"42"`)); return err }, 2},
			} {
				for minute := range 40 {
					begin := time.Now()
					if err := c.do(); err != nil {
						t.Fatalf("%s, %v, after %d minutes of hanging: %v", name, limit, minute, err)
					}
					most := time.Duration(c.waits) * (min(time.Second, limit/5) + 50*time.Millisecond)
					if took := time.Since(begin); took > most {
						t.Errorf("%s, %v: it took %v, want %v at most", name, limit, took, most)
					}
					time.Sleep(30 * time.Second)
				}
			}
			asked, most := s.counts()
			if most != 1 || s.heeds && asked < 50 || !s.heeds && asked != 2 {
				t.Errorf("%v: the source was asked %d times, %d at a time for the same keys", limit, asked, most)
			}
			time.Sleep(time.Hour)
			if _, err := k.Verify(t.Context(), token); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%v, when the old answer is too old: %v", limit, err)
			}
			s.mend()
			synctest.Wait()
			if _, err := k.Verify(t.Context(), token); err != nil {
				t.Errorf("%v, when the source is mended: %v", limit, err)
			}
		})
	}
}

// Of a flood of calls one waits, and no other asks or waits: not while the question is on
// its way, and then not for RetryAfter.
func TestS40_HangingSourceHoldsOneCall(t *testing.T) {
	t.Parallel()
	eachHang(t, func(t *testing.T, s *hangingSource) {
		c := quietly(s)
		ask := func(project string) (time.Duration, error) {
			begin, keys, err := time.Now(), []deskauth.Key(nil), error(nil)
			if project == "" {
				keys, err = c.SessionKeys(t.Context())
			} else {
				keys, err = c.ProjectKeys(t.Context(), project)
			}
			if err == nil && len(keys) != 1 {
				err = fmt.Errorf("%d keys", len(keys))
			}
			return time.Since(begin), err
		}
		for _, project := range []string{"", testkit.ProjectA} {
			if _, err := ask(project); err != nil {
				t.Fatal(err)
			}
			time.Sleep(90 * time.Second)
			s.hang()
			var all sync.WaitGroup
			var mu sync.Mutex
			var waited []time.Duration
			for range 100 {
				all.Go(func() {
					took, err := ask(project)
					if err != nil {
						t.Errorf("project %q: %v", project, err)
					}
					if took > 0 {
						mu.Lock()
						defer mu.Unlock()
						waited = append(waited, took)
					}
				})
			}
			all.Wait()
			if len(waited) != 1 || waited[0] != time.Second {
				t.Errorf("project %q: calls waited for %v, want one for a second", project, waited)
			}
			// After 5 seconds a source that heeds its context has failed: see RetryAfter.
			for range 19 {
				time.Sleep(250 * time.Millisecond)
				if took, err := ask(project); took > 0 || err != nil {
					t.Errorf("project %q, while the source hangs: after %v %v", project, took, err)
				}
			}
			if asked, _ := s.counts(); asked != 1 {
				t.Errorf("project %q: the source was asked %d times, want once", project, asked)
			}
			s.mend()
			time.Sleep(2 * time.Second)
			if took, err := ask(project); took > 0 || err != nil {
				t.Errorf("project %q, mended: after %v %v", project, took, err)
			}
		}
	})
}

// An answer that comes when nobody waits any more is kept, also if its caller has hung up.
func TestCachedKeepsALateAnswer(t *testing.T) {
	t.Parallel()
	eachHang(t, func(t *testing.T, s *hangingSource) {
		c := quietly(s)
		must(c.SessionKeys(t.Context()))
		time.Sleep(2 * time.Minute)
		s.hang()
		ctx, hangUp := context.WithTimeout(t.Context(), 2*time.Second)
		time.AfterFunc(100*time.Millisecond, hangUp)
		begin := time.Now()
		if keys, err := c.SessionKeys(ctx); keys != nil || !errors.Is(err, context.Canceled) ||
			time.Since(begin) != 100*time.Millisecond {
			t.Errorf("a caller that hangs up got %v, %v after %v", keys, err, time.Since(begin))
		}
		time.Sleep(4 * time.Second)
		s.mend()
		synctest.Wait()
		if keys, err := c.SessionKeys(t.Context()); len(keys) != 1 || err != nil {
			t.Errorf("after the answer: %v, %v", keys, err)
		}
		if asked, _ := s.counts(); asked != 1 {
			t.Errorf("the source was asked %d times, want once: its answer is there", asked)
		}
	})
}

// The log tells of a source that hangs, also of one that never comes back.
func TestCachedWarnsOfAHangingSource(t *testing.T) {
	t.Parallel()
	eachHang(t, func(t *testing.T, s *hangingSource) {
		var log testkit.Logbook
		c := secrets.Cached(s, secrets.CachedConfig{Logger: log.Logger()})
		must(c.SessionKeys(t.Context()))
		time.Sleep(2 * time.Minute)
		s.hang()
		for range 5 * 60 {
			must(c.SessionKeys(t.Context()))
			time.Sleep(time.Second)
		}
		lines := log.Take(t, slog.LevelWarn)
		if len(lines) < 4 || len(lines) > 6 {
			t.Errorf("in five minutes the log has %d warnings, want one a minute", len(lines))
		}
		for _, line := range lines {
			if text := fmt.Sprint(line); !strings.Contains(text, "the source fails") {
				t.Errorf("the warning is %s", text)
			}
		}
		s.mend()
	})
}
