package secrets_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/secrets"
)

// A source counts what it is asked. It knows the projects that begin with "shop".
type source struct {
	asked int
	down  func() error // nil while it answers
	bad   bool         // its keys are
}

func (s *source) SessionKeys(context.Context) ([]deskauth.Key, error) { return s.answer(oldSecret) }

func (s *source) ProjectKeys(_ context.Context, id string) ([]deskauth.Key, error) {
	if s.down == nil && !strings.HasPrefix(id, "shop") {
		s.asked++
		return nil, fmt.Errorf("select: %w", deskauth.ErrProjectNotFound)
	}
	return s.answer(shopSecret)
}

func (s *source) answer(secret string) ([]deskauth.Key, error) {
	s.asked++
	switch {
	case s.down != nil:
		return nil, s.down()
	case s.bad:
		return []deskauth.Key{testkit.Key("", secret), testkit.Key("", "hunter2")}, nil
	}
	return []deskauth.Key{testkit.Key("", secret)}, nil
}

// A cache is a provider that Cached has returned, and what is around it.
type cache struct {
	deskauth.SecretProvider
	source source
	clock  testkit.Clock
	log    testkit.Logbook
}

func newCache(cfg secrets.CachedConfig) *cache {
	c := new(cache)
	cfg.Now, cfg.Logger = c.clock.Now, c.log.Logger()
	c.SecretProvider = secrets.Cached(&c.source, cfg)
	return c
}

// want asks for keys, of a project or with "" of sessions, and compares how the answer is
// and how often the source was asked for it.
func (c *cache) want(t *testing.T, when, project string, answers error, asked int) {
	t.Helper()
	before := c.source.asked
	ask := c.SessionKeys
	if project != "" {
		ask = func(ctx context.Context) ([]deskauth.Key, error) { return c.ProjectKeys(ctx, project) }
	}
	keys, err := ask(t.Context())
	if !errors.Is(err, answers) || (err == nil) != (len(keys) == 1) {
		t.Errorf("%s: %v, %v; want the error %v", when, keys, err, answers)
	}
	if n := c.source.asked - before; n != asked {
		t.Errorf("%s: the source was asked %d times, want %d", when, n, asked)
	}
}

var errSealed = errors.New("the vault is sealed")

func TestCachedRemembers(t *testing.T) {
	t.Parallel()
	for _, project := range []string{"", "shop"} {
		c := newCache(secrets.CachedConfig{})
		c.want(t, "first", project, nil, 1)
		c.want(t, "again", project, nil, 0)
		c.clock.Advance(time.Minute - 1)
		c.want(t, "within the minute", project, nil, 0)
		c.clock.Advance(1)
		c.want(t, "after a minute", project, nil, 1)
		c.clock.Advance(-time.Hour)
		c.want(t, "when the clock goes back", project, nil, 1)
	}
}

// What invents IDs is told from memory for ten seconds, and a new project is there then.
func TestCachedUnknownProjects(t *testing.T) {
	t.Parallel()
	c := newCache(secrets.CachedConfig{})
	c.want(t, "first", "bakery", deskauth.ErrProjectNotFound, 1)
	c.clock.Advance(10*time.Second - 1)
	c.want(t, "within ten seconds", "bakery", deskauth.ErrProjectNotFound, 0)
	c.clock.Advance(1)
	c.want(t, "after ten seconds", "bakery", deskauth.ErrProjectNotFound, 1)
	if log := c.log.TakeText(); log != "" {
		t.Errorf("the log says %q of an answer", log)
	}
	c.source.down = func() error { return deskauth.ErrProjectNotFound }
	c.want(t, "of sessions", "", deskauth.ErrProjectNotFound, 1)
	c.want(t, "of sessions, which is a failure", "", deskauth.ErrProjectNotFound, 1)
}

// A flood of invented IDs pushes out no project, and is forgotten.
func TestS46_InventedProjectsPushOutNone(t *testing.T) {
	t.Parallel()
	c := newCache(secrets.CachedConfig{MaxProjects: 10})
	for i := range 10 {
		c.want(t, "a project", fmt.Sprint("shop", i), nil, 1)
	}
	c.want(t, "the sessions", "", nil, 1)
	flood := func() (asked int) {
		before := c.source.asked
		for i := range 1000 {
			c.ProjectKeys(t.Context(), fmt.Sprint("invented", i))
		}
		return c.source.asked - before
	}
	flood()
	for i := range 10 {
		c.want(t, "a project after the flood", fmt.Sprint("shop", i), nil, 0)
	}
	c.want(t, "the sessions after the flood", "", nil, 0)
	if asked := flood(); asked < 990 {
		t.Errorf("of 1000 invented IDs %d are remembered, want 10 at most", 1000-asked)
	}
	before := c.source.asked
	for i := range 2000 {
		c.ProjectKeys(t.Context(), fmt.Sprint("shop of many ", i%1000))
	}
	if asked := c.source.asked - before; asked < 1980 {
		t.Errorf("of 1000 projects %d are remembered, want 10 at most", 2000-asked)
	}
}

// While the source fails, old answers are used for an hour.
func TestS23_CachedWhileTheSourceFails(t *testing.T) {
	t.Parallel()
	for name, down := range map[string]func() error{
		"error": func() error { return errSealed },
		"panic": func() error { panic(errSealed) },
	} {
		for _, project := range []string{"", "shop"} {
			c := newCache(secrets.CachedConfig{})
			c.want(t, name+": at first", project, nil, 1)
			c.source.down = down
			c.clock.Advance(time.Minute)
			c.want(t, name+": after the TTL", project, nil, 1)
			if log := c.log.TakeText(); !strings.Contains(log, "the source fails") || !strings.Contains(log, "sealed") {
				t.Errorf("%s: the log is %q", name, log)
			}
			c.clock.Advance(time.Second - 1)
			c.want(t, name+": within a second", project, nil, 0)
			c.clock.Advance(1)
			c.want(t, name+": after a second", project, nil, 1)
			if log := c.log.TakeText(); strings.Contains(log, "the source fails") {
				t.Errorf("%s: within a minute, the log says %q again", name, log)
			}
			c.clock.Advance(time.Hour - time.Second - 1)
			c.want(t, name+": within the hour", project, nil, 1)
			c.clock.Advance(1)
			keys, err := c.SessionKeys(t.Context())
			if project != "" {
				keys, err = c.ProjectKeys(t.Context(), project)
			}
			if err == nil || keys != nil || !strings.Contains(err.Error(), "sealed") {
				t.Errorf("%s: after an hour: %v, %v", name, keys, err)
			}
			c.source.down = nil
			c.want(t, name+": when it is mended", project, nil, 1)
		}
	}
}

// A bad key is a failure too: the good one from before is used. It is not printed.
func TestS05_CachedRefusesBadKeys(t *testing.T) {
	t.Parallel()
	c := newCache(secrets.CachedConfig{})
	c.source.bad = true
	_, err := c.SessionKeys(t.Context())
	if err == nil || !strings.Contains(err.Error(), "has 7 bytes") {
		t.Errorf("a bad key at first: %v", err)
	}
	c.source.bad = false
	c.want(t, "good keys", "", nil, 1)
	c.source.bad = true
	c.clock.Advance(time.Minute)
	c.want(t, "a bad key after a good one", "", nil, 1)
	empty := secrets.Cached(deskauth.StaticSecrets{}, secrets.CachedConfig{Logger: testkit.Quiet})
	if _, err := empty.SessionKeys(t.Context()); err == nil || !strings.Contains(err.Error(), "no session key") {
		t.Errorf("no session key: %v", err)
	}
}

// A project that is deleted is gone after the TTL, and is not kept as if the source failed.
func TestCachedProjectIsDeleted(t *testing.T) {
	t.Parallel()
	gone := false
	c := newCache(secrets.CachedConfig{})
	c.source.down = func() error {
		if gone {
			return deskauth.ErrProjectNotFound
		}
		return errSealed
	}
	c.want(t, "down", "shop", errSealed, 1)
	c.source.down, gone = nil, true
	c.want(t, "there", "shop", nil, 1)
	c.source.down = func() error { return deskauth.ErrProjectNotFound }
	c.clock.Advance(time.Minute)
	c.want(t, "deleted", "shop", deskauth.ErrProjectNotFound, 1)
	c.source.down = func() error { return errSealed }
	c.clock.Advance(time.Minute)
	c.want(t, "down again", "shop", errSealed, 1)
}

func TestCachedNeedsASource(t *testing.T) {
	t.Parallel()
	defer func() {
		if p := recover(); p == nil || !strings.Contains(fmt.Sprint(p), "needs a SecretProvider") {
			t.Errorf("Cached(nil) panics with %v", p)
		}
	}()
	secrets.Cached(nil, secrets.CachedConfig{})
}
