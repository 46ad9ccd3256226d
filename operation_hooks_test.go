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

// Whichever hook of the host's panics: it does not reach the caller, and the log says it.
func TestS23_PanickingHookIsContained(t *testing.T) {
	t.Parallel()
	for _, hook := range []struct {
		name    string
		install func(cfg *deskauth.Config, broken func() bool)
		fails   bool // the calls that use it have to fail
		calls   string
	}{
		{"OnEvent", func(cfg *deskauth.Config, broken func() bool) {
			cfg.OnEvent = func(context.Context, deskauth.Event) { explode(broken()) }
		}, false, "*"},
		{"NewID", func(cfg *deskauth.Config, broken func() bool) {
			cfg.NewID = func() string { explode(broken()); return fmt.Sprint("id ", time.Now().UnixNano()) }
		}, true, "Signup SigninAnonymously"},
		{"CanonicalEmail", func(cfg *deskauth.Config, broken func() bool) {
			cfg.CanonicalEmail = func(s string) (string, error) { explode(broken()); return s, nil }
		}, true, "Signup Signin"},
		{"PasswordCheck", func(cfg *deskauth.Config, broken func() bool) {
			cfg.PasswordCheck = func(context.Context, string) error { explode(broken()); return nil }
		}, true, "Signup"},
		{"Now", func(cfg *deskauth.Config, broken func() bool) {
			cfg.Now = func() time.Time { explode(broken()); return testkit.Start }
		}, true, "*"},
		{"Logger", func(cfg *deskauth.Config, broken func() bool) {
			cfg.Logger = slog.New(&panickyHandler{Handler: cfg.Logger.Handler(), broken: broken})
		}, false, "*"},
	} {
		for _, c := range calls {
			if hook.calls != "*" && !strings.Contains(" "+hook.calls+" ", " "+c.name+" ") {
				continue
			}
			t.Run(hook.name+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				log, broken := new(logbook), false
				cfg := deskauth.Config{Logger: log.logger()}
				hook.install(&cfg, func() bool { return broken })
				k, _, p := settle(t, cfg)
				broken = true
				got, err := func() (got string, err error) {
					defer func() {
						if p := recover(); p != nil {
							t.Errorf("the panic reached the caller: %v", p)
							err = errDown
						}
					}()
					return c.do(t.Context(), k, p)
				}()
				refused := c.healthy != nil && err == c.healthy // before the hook counts
				if hook.fails && !refused {
					nobodyGotIn(t, got, err)
				} else if !t.Failed() && !errors.Is(err, c.healthy) {
					t.Errorf("error %v, want %v: the hook changes nothing", err, c.healthy)
				}
				if c.operation != "verify" { // a good token makes no event
					said := slices.ContainsFunc(log.take(t, slog.LevelError), func(l logLine) bool { return l.Operation == "Config.OnEvent" })
					if hook.name == "OnEvent" && !said {
						t.Error("the log does not say that the hook panicked")
					}
					if hook.name == "Logger" && k.Events.TakeLast().Operation != c.operation {
						t.Error("the event is lost with the line of the log")
					}
				}
				broken = false
				if _, err := c.do(t.Context(), k, p); !errors.Is(err, c.healthy) && !errors.Is(err, deskauth.ErrUserExists) {
					t.Errorf("after the hook is mended: %v", err)
				}
			})
		}
	}
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
