package secrets_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/secrets"
)

// A key that was withdrawn while nobody asked for it is not used once more, by however many
// calls at once.
func TestCachedWithdrawnKeyOfAQuietProject(t *testing.T) {
	t.Parallel()
	for _, takes := range []time.Duration{0, 900 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			s := &slowSource{}
			c := quietly(s)
			must(c.ProjectKeys(t.Context(), "shop"))
			must(c.SessionKeys(t.Context()))
			time.Sleep(40 * time.Minute)
			s.takes, s.key = takes, testkit.Key("", testkit.SecretB)
			var all sync.WaitGroup
			for range 16 {
				all.Go(func() { wantKey(t, "project", must(c.ProjectKeys(t.Context(), "shop")), s.key) })
				all.Go(func() { wantKey(t, "session", must(c.SessionKeys(t.Context())), s.key) })
			}
			all.Wait()
		})
	}
}

func wantKey(t *testing.T, what string, keys []deskauth.Key, want deskauth.Key) {
	t.Helper()
	if len(keys) != 1 || !sameKey(t, keys[0], want) {
		t.Errorf("%s: the key is not the new one", what)
	}
}

// Where the old answer is from long ago, all calls wait for the newer one, but only in the
// first second of the question, and no more once the source is known to fail.
func TestS40_HangingSourceAfterAQuietTime(t *testing.T) {
	t.Parallel()
	eachHang(t, func(t *testing.T, s *hangingSource) {
		c := quietly(s)
		must(c.SessionKeys(t.Context()))
		time.Sleep(40 * time.Minute)
		s.hang()
		begin := time.Now()
		var all sync.WaitGroup
		for range 100 {
			all.Go(func() { must(c.SessionKeys(t.Context())) })
		}
		time.AfterFunc(700*time.Millisecond, func() { must(c.SessionKeys(t.Context())) })
		all.Wait()
		if took := time.Since(begin); took != time.Second {
			t.Errorf("the calls waited until %v, want a second", took)
		}
		for range 30 {
			time.Sleep(time.Second)
			var atOnce sync.WaitGroup
			var waited atomic.Int64
			for range 10 {
				atOnce.Go(func() {
					begin := time.Now()
					must(c.SessionKeys(t.Context()))
					if time.Since(begin) > 0 {
						waited.Add(1)
					}
				})
			}
			atOnce.Wait()
			if waited.Load() > 1 {
				t.Errorf("after %v %d calls waited, want one at most", time.Since(begin), waited.Load())
			}
		}
		s.mend()
	})
}

// A look at the files after a quiet time is one for all calls. Without MaxStale none uses
// what was there before, and none fails.
func TestFilesAfterAQuietTime(t *testing.T) {
	t.Parallel()
	for _, maxStale := range []time.Duration{0, -1} {
		m := newMount(t)
		m.maxStale = maxStale
		testkit.Must(t, m.open(t))
		for round, quiet := range []time.Duration{6 * time.Second, 11 * time.Second, 2 * time.Hour} {
			secret := []string{newSecret, oldSecret}[round%2]
			write(t, m.path("next"), secret)
			must(0, os.Rename(m.path("next"), m.path("session")))
			m.clock.Advance(quiet)
			var all sync.WaitGroup
			for range 64 {
				all.Go(func() {
					keys, err := m.SessionKeys(t.Context())
					if err != nil {
						t.Errorf("MaxStale %v, after %v: %v", maxStale, quiet, err)
					} else if maxStale < 0 || quiet > 10*time.Second {
						wantKey(t, fmt.Sprintf("MaxStale %v, after %v", maxStale, quiet), keys, testkit.Key("", secret))
					}
				})
			}
			all.Wait()
		}
	}
}

// While a disk hangs, one call hangs with it. The others have the old keys, or an error if
// those are too old, after a second at most.
func TestS40_HangingDisk(t *testing.T) {
	t.Parallel()
	for maxStale, good := range map[time.Duration]bool{0: true, -1: false} {
		synctest.Test(t, func(t *testing.T) {
			m := newMount(t)
			disk := &hangingHandler{Handler: slog.DiscardHandler}
			files, err := secrets.Files([]string{m.path("session")}, secrets.FilesConfig{
				Now: m.clock.Now, Logger: slog.New(disk), MaxStale: maxStale,
			})
			testkit.Must(t, err)
			write(t, m.path("session"), newSecret)
			m.clock.Advance(time.Minute)
			disk.takes.Store(int64(15 * time.Second)) // in the middle of a look
			var all sync.WaitGroup
			all.Go(func() { must(files.SessionKeys(t.Context())) })
			synctest.Wait()
			for range 3 {
				begin := time.Now()
				for range 16 {
					all.Go(func() {
						keys, err := files.SessionKeys(t.Context())
						if (err == nil) != good || (len(keys) == 1) != good {
							t.Errorf("MaxStale %v: %v", maxStale, err)
						}
						if took := time.Since(begin); took > time.Second {
							t.Errorf("MaxStale %v: a call took %v", maxStale, took)
						}
					})
				}
				time.Sleep(2 * time.Second)
			}
			all.Wait()
			wantKey(t, "afterwards", must(files.SessionKeys(t.Context())), testkit.Key("", newSecret))
		})
	}
}

// A look that is only slow is waited for, by all calls after a quiet time.
func TestFilesWithdrawnKeyAfterAQuietTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := newMount(t)
		disk := &hangingHandler{Handler: slog.DiscardHandler}
		files, err := secrets.Files([]string{m.path("session")}, secrets.FilesConfig{
			Now: m.clock.Now, Logger: slog.New(disk),
		})
		testkit.Must(t, err)
		write(t, m.path("session"), newSecret)
		m.clock.Advance(40 * time.Minute)
		disk.takes.Store(int64(900 * time.Millisecond))
		var all sync.WaitGroup
		all.Go(func() { must(files.SessionKeys(t.Context())) })
		synctest.Wait()
		for range 16 {
			all.Go(func() {
				wantKey(t, "at once", must(files.SessionKeys(t.Context())), testkit.Key("", newSecret))
			})
		}
		all.Wait()
	})
}

// A hangingHandler takes its time for each line.
type hangingHandler struct {
	slog.Handler
	takes atomic.Int64
}

func (h *hangingHandler) Enabled(context.Context, slog.Level) bool { return true }

func (h *hangingHandler) Handle(context.Context, slog.Record) error {
	time.Sleep(time.Duration(h.takes.Load()))
	return nil
}
