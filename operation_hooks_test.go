package deskauth_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

// A hook is a function of the host's that a Config has.
type hook struct {
	name    string
	install func(cfg *deskauth.Config, broken func() bool)
	fails   bool   // the calls that use it have to fail
	calls   string // that use it; * for all but DeleteUser, and "* DeleteUser" for all
}

var hooks = []hook{
	{"OnEvent", func(cfg *deskauth.Config, broken func() bool) {
		cfg.OnEvent = func(context.Context, deskauth.Event) { explode(broken()) }
	}, false, "* DeleteUser"},
	{"NewID", func(cfg *deskauth.Config, broken func() bool) {
		cfg.NewID = func() string { explode(broken()); return fmt.Sprint("id ", time.Now().UnixNano()) }
	}, true, "Signup SigninAnonymously"},
	{"CanonicalEmail", func(cfg *deskauth.Config, broken func() bool) {
		cfg.CanonicalEmail = func(s string) (string, error) { explode(broken()); return s, nil }
	}, true, "Signup Signin CheckPassword"},
	{"PasswordCheck", func(cfg *deskauth.Config, broken func() bool) {
		cfg.PasswordCheck = func(context.Context, string) error { explode(broken()); return nil }
	}, true, "Signup SetPassword"},
	{"Now", func(cfg *deskauth.Config, broken func() bool) {
		cfg.Now = func() time.Time { explode(broken()); return testkit.Start }
	}, true, "*"},
	{"Logger", func(cfg *deskauth.Config, broken func() bool) {
		cfg.Logger = slog.New(&panickyHandler{Handler: cfg.Logger.Handler(), broken: broken})
	}, false, "* DeleteUser"},
}

func (h hook) usedBy(c call) bool {
	calls := strings.Fields(h.calls)
	all := calls[0] == "*" && c.name != "DeleteUser" // which asks for no time
	return all || slices.Contains(calls, c.name)
}

func explode(broken bool) {
	if broken {
		panic("a hook of the host's")
	}
}

// A panickyHandler is a slog.Handler that panics while it is broken.
type panickyHandler struct {
	slog.Handler
	broken func() bool
}

func (h *panickyHandler) Handle(ctx context.Context, r slog.Record) error {
	explode(h.broken())
	return h.Handler.Handle(ctx, r)
}

// A panic in any hook of the host's does not reach the caller, and the log says it.
func TestS23_PanickingHookIsContained(t *testing.T) {
	t.Parallel()
	for _, h := range hooks {
		for _, c := range calls {
			if !h.usedBy(c) {
				continue
			}
			t.Run(h.name+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				panicsAndIsMended(t, h, c)
			})
		}
	}
}

func panicsAndIsMended(t *testing.T, h hook, c call) {
	log, broken := new(testkit.Logbook), false
	cfg := deskauth.Config{Logger: log.Logger()}
	h.install(&cfg, func() bool { return broken })
	k, _, p := settle(t, cfg)
	broken = true
	got, err := unlessItPanics(t, func() (string, error) { return c.do(t.Context(), k, p) })
	refused := c.healthy != nil && err == c.healthy // before the hook counts
	if h.fails && !refused {
		testkit.WantFailure(t, got, err)
	} else if !t.Failed() && !errors.Is(err, c.healthy) {
		t.Errorf("error %v, want %v: the hook changes nothing", err, c.healthy)
	}
	if c.operation != "verify" && c.operation != "jwks" { // which make no event if they go well
		said := slices.ContainsFunc(log.Take(t, slog.LevelError), func(l testkit.LogLine) bool {
			return l.Operation == "Config.OnEvent"
		})
		if h.name == "OnEvent" && !said {
			t.Error("the log does not say that the hook panicked")
		}
		if h.name == "Logger" && k.Events.TakeLast().Operation != c.operation {
			t.Error("the event is lost with the line of the log")
		}
	}
	broken = false
	_, err = c.do(t.Context(), k, p)
	if !errors.Is(err, c.healthy) && !errors.Is(err, deskauth.ErrUserExists) {
		t.Errorf("after the hook is mended: %v", err)
	}
}

// The function that UpdateAccount calls is the host's, too.
func TestS23_PanickingUpdateIsContained(t *testing.T) {
	t.Parallel()
	log := new(testkit.Logbook)
	k, _, p := settle(t, deskauth.Config{Logger: log.Logger()})
	broken := true
	update := func() (string, error) {
		u, err := k.UpdateAccount(t.Context(), p.agent.ID, func(a *deskauth.Account) error {
			a.FirstName = "Ada"
			explode(broken)
			return nil
		})
		return u.ID, err
	}
	got, err := unlessItPanics(t, update)
	testkit.WantFailure(t, got, err)
	if e := k.Events.TakeLast(); e.Type != deskauth.EventFailed || e.Operation != "update_account" {
		t.Errorf("event %+v, want a failure", e)
	}
	if lines := log.Take(t, slog.LevelError); len(lines) == 0 {
		t.Error("the log says nothing of the panic")
	}
	stored, err := k.UpdateAccount(t.Context(), p.agent.ID, func(*deskauth.Account) error { return nil })
	if err != nil || stored.FirstName != "Andrea" {
		t.Errorf("stored with the name %q, %v; want it as it was", stored.FirstName, err)
	}
	broken = false
	if _, err := update(); err != nil {
		t.Errorf("after the update is mended: %v", err)
	}
}

// unlessItPanics returns what do returns. A panic of do fails the test.
func unlessItPanics(t *testing.T, do func() (string, error)) (got string, err error) {
	t.Helper()
	defer func() {
		if p := recover(); p != nil {
			t.Errorf("the panic reached the caller: %v", p)
			err = testkit.ErrDown
		}
	}()
	return do()
}
