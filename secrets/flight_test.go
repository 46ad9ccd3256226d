package secrets_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/secrets"
)

// A slowSource takes a while for each call, unless the context ends before.
type slowSource struct {
	asked atomic.Int64
	takes time.Duration
	exits bool // the call ends its goroutine
	key   deskauth.Key
}

func (s *slowSource) SessionKeys(ctx context.Context) ([]deskauth.Key, error) {
	s.asked.Add(1)
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(s.takes):
	}
	if s.exits {
		runtime.Goexit()
	}
	return []deskauth.Key{cmp.Or(s.key, testkit.Key("", oldSecret))}, nil
}

func (s *slowSource) ProjectKeys(ctx context.Context, _ string) ([]deskauth.Key, error) {
	return s.SessionKeys(ctx)
}

func quietly(s deskauth.SecretProvider) deskauth.SecretProvider {
	return secrets.Cached(s, secrets.CachedConfig{Logger: testkit.Quiet})
}

// Of many calls at once, one asks the source. Those for other keys do not wait for it.
func TestCachedAsksOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &slowSource{takes: time.Second}
		c := quietly(s)
		begin := time.Now()
		var all sync.WaitGroup
		for range 16 {
			all.Go(func() {
				if keys, err := c.SessionKeys(t.Context()); len(keys) != 1 || err != nil {
					t.Errorf("SessionKeys = %v, %v", keys, err)
				}
			})
			all.Go(func() {
				if keys, err := c.ProjectKeys(t.Context(), "shop"); len(keys) != 1 || err != nil {
					t.Errorf("ProjectKeys = %v, %v", keys, err)
				}
			})
		}
		all.Wait()
		if n, took := s.asked.Load(), time.Since(begin); n != 2 || took != time.Second {
			t.Errorf("the source was asked %d times in %v, want 2 in a second", n, took)
		}
	})
}

// While one call asks for newer keys, the others go on with the old ones.
func TestCachedOthersDoNotWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &slowSource{}
		c := quietly(s)
		must(c.SessionKeys(t.Context()))
		time.Sleep(90 * time.Second)
		s.takes = time.Second
		var asks sync.WaitGroup
		asks.Go(func() { c.SessionKeys(t.Context()) })
		synctest.Wait()
		begin := time.Now()
		if keys, err := c.SessionKeys(t.Context()); len(keys) != 1 || err != nil || time.Since(begin) != 0 {
			t.Errorf("after %v: %v, %v; want the old key at once", time.Since(begin), keys, err)
		}
		asks.Wait()
	})
}

// A client that hangs up takes no answer from others, and from itself no more than its own.
func TestCachedCallerHangsUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &slowSource{takes: 3 * time.Second}
		c := quietly(s)
		ctx, hangUp := context.WithCancel(t.Context())
		var all sync.WaitGroup
		all.Go(func() { c.SessionKeys(ctx) })
		synctest.Wait()
		all.Go(func() {
			if keys, err := c.SessionKeys(t.Context()); len(keys) != 1 || err != nil {
				t.Errorf("another caller got %v, %v", keys, err)
			}
		})
		waiting, leave := context.WithTimeout(t.Context(), time.Second)
		defer leave()
		begin := time.Now()
		all.Go(func() {
			if _, err := c.SessionKeys(waiting); !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != time.Second {
				t.Errorf("a caller with a second of time got %v after %v", err, time.Since(begin))
			}
		})
		hangUp()
		all.Wait()
		if n := s.asked.Load(); n != 1 {
			t.Errorf("the source was asked %d times, want once", n)
		}
		if _, err := c.ProjectKeys(ctx, "shop"); !errors.Is(err, context.Canceled) || s.asked.Load() != 1 {
			t.Errorf("a call that is over before it begins: %v", err)
		}
	})
}

// The deadline of one caller is not that of the next: it asks again. Without one, a call of
// the source ends after 5 seconds.
func TestCachedDeadlines(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &slowSource{takes: 3 * time.Second}
		c := quietly(s)
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var all sync.WaitGroup
		all.Go(func() {
			if _, err := c.SessionKeys(short); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("with a second of time: %v", err)
			}
		})
		synctest.Wait()
		if keys, err := c.SessionKeys(t.Context()); len(keys) != 1 || err != nil || s.asked.Load() != 2 {
			t.Errorf("without a deadline: %v, %v, the source was asked %d times", keys, err, s.asked.Load())
		}
		all.Wait()
		s.takes = time.Hour
		begin := time.Now()
		if _, err := c.ProjectKeys(t.Context(), "shop"); !errors.Is(err, context.DeadlineExceeded) ||
			time.Since(begin) != 5*time.Second {
			t.Errorf("a source that hangs: %v after %v", err, time.Since(begin))
		}
	})
}

// A source that ends its goroutine, as a test's does, leaves nobody waiting.
func TestCachedSourceExits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &slowSource{takes: time.Second, exits: true}
		c := quietly(s)
		go c.SessionKeys(t.Context())
		synctest.Wait()
		if _, err := c.SessionKeys(t.Context()); err == nil || !strings.Contains(err.Error(), "ended its goroutine") {
			t.Errorf("a caller that waits: %v", err)
		}
	})
}

// A panic, of the source or of the log, ends no program.
func TestCachedPanicsWhereNobodyWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &slowSource{}
		c := secrets.Cached(panics{s}, secrets.CachedConfig{Logger: slog.New(panics{})})
		must(c.SessionKeys(t.Context()))
		time.Sleep(2 * time.Minute)
		s.takes = 3 * time.Second
		must(c.SessionKeys(t.Context()))
		time.Sleep(10 * time.Second)
		synctest.Wait()
		s.takes = 0
		must(c.SessionKeys(t.Context()))
		if n := s.asked.Load(); n != 3 {
			t.Errorf("the source was asked %d times, want 3", n)
		}
	})
}

// panics is a source that panics if it takes a while, and a log that always does.
type panics struct{ *slowSource }

func (p panics) SessionKeys(ctx context.Context) ([]deskauth.Key, error) {
	keys, err := p.slowSource.SessionKeys(ctx)
	if p.takes > 0 {
		panic("the vault is broken")
	}
	return keys, err
}

func (panics) Enabled(context.Context, slog.Level) bool  { return true }
func (panics) Handle(context.Context, slog.Record) error { panic("the log is broken") }
func (p panics) WithAttrs([]slog.Attr) slog.Handler      { return p }
func (p panics) WithGroup(string) slog.Handler           { return p }

// A source that is always slow gives newer keys too, where Config.CallTimeout lets it.
func TestCachedSlowSource(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		callers, takes time.Duration
		asked          int64
	}{
		{time.Second, 4 * time.Second, 1}, // 5 seconds are for every question
		{time.Minute, 20 * time.Second, 1},
		{time.Second, 20 * time.Second, 2},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &slowSource{}
			cached := quietly(s)
			must(cached.SessionKeys(t.Context()))
			time.Sleep(2 * time.Minute)
			s.takes = c.takes
			for range 2 {
				ctx, cancel := context.WithTimeout(t.Context(), c.callers)
				begin := time.Now()
				keys, err := cached.SessionKeys(ctx)
				cancel()
				if took := time.Since(begin); len(keys) != 1 || err != nil || took > min(time.Second, c.callers/5) {
					t.Errorf("%+v: %v, %v after %v", c, keys, err, took)
				}
				time.Sleep(c.takes + time.Second)
			}
			if asked := s.asked.Load() - 1; asked != c.asked {
				t.Errorf("%+v: the source was asked %d times", c, asked)
			}
		})
	}
}

// No verb prints a key, wherever the provider is.
func TestS22_ProvidersPrintNoKey(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "session")
	write(t, path, oldSecret)
	files := must(secrets.Files([]string{path}, secrets.FilesConfig{}))
	cached := quietly(files)
	must(cached.SessionKeys(t.Context()))
	env := must(secrets.Env(secrets.EnvConfig{Environ: []string{"DESKAUTH_SESSION_SECRET=" + oldSecret}}))
	type hidden struct{ p deskauth.SecretProvider }
	for name, p := range map[string]deskauth.SecretProvider{"Files": files, "Cached": cached, "Env": env} {
		for _, v := range []any{p, &p, hidden{p}, []any{p}, map[string]any{"p": hidden{p}}} {
			text, _ := json.Marshal(v)
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
				text = append(text, fmt.Sprintf(verb, v)...)
			}
			for _, spelling := range []string{oldSecret[:8], fmt.Sprintf("%x", oldSecret[:8]), "116 104 101 32 115"} {
				if strings.Contains(strings.ToLower(string(text)), spelling) {
					t.Errorf("%s prints its secret: %s", name, text)
				}
			}
		}
	}
}
