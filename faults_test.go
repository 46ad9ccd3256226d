package deskauth_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// A logLine is what a test asks of a line of the log.
type logLine struct {
	Level, Msg, Error string
	Operation         deskauth.Operation
	Reason            deskauth.Reason
}

// A logbook is a log as JSON, safe for concurrent use.
type logbook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logbook) logger() *slog.Logger {
	return slog.New(slog.NewJSONHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// take returns the lines of a level since the last take.
func (l *logbook) take(t *testing.T, level slog.Level) (lines []logLine) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	for text := range strings.Lines(l.text.String()) {
		var line logLine
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatalf("a line of the log: %v: %s", err, text)
		}
		if line.Level == level.String() {
			lines = append(lines, line)
		}
	}
	l.text.Reset()
	return lines
}

// settle returns a kit on a host in which everything works, and who is in its store: an
// agent whose hash is due for a new one, another with the same password, an external
// user, and a session.
func settle(t *testing.T, cfg deskauth.Config) (*testkit.Kit, *host, people) {
	t.Helper()
	h := &host{store: memstore.New()}
	h.other = put(t, h.store, "other@f22.it", weakHash)
	agent := put(t, h.store, "andrea@f22.it", weakHash)
	quiet := testkit.NewOn(t, h.store, testkit.Secrets(), deskauth.Config{})
	quiet.MustCustom(t, testkit.TokenA(`"123"`, `"firstname":"Andrea"`))
	session := quiet.MustSignin(t, "andrea@f22.it", "correct horse").Token
	testkit.Change(t, h.store, agent.ID, func(a *deskauth.Account) { a.PasswordHash = weakHash })
	return testkit.NewOn(t, h, h, cfg), h, people{agent: agent.User, session: session}
}

// nobodyGotIn fails the test unless err is a failure that nobody can take for a fault of
// the caller's, and nothing came with it.
func nobodyGotIn(t *testing.T, got string, err error) {
	t.Helper()
	if err == nil || got != "" {
		t.Errorf("somebody got in: %.40q, error %v", got, err)
	}
	for _, refusal := range []error{
		deskauth.ErrInvalidToken, deskauth.ErrTokenExpired, deskauth.ErrInvalidCredentials, deskauth.ErrAccountDisabled,
		deskauth.ErrUserExists, deskauth.ErrProjectNotFound, deskauth.ErrBusy,
	} {
		if errors.Is(err, refusal) {
			t.Errorf("the caller is blamed: %v", err)
		}
	}
	if _, ok := errors.AsType[*deskauth.ValidationError](err); ok {
		t.Errorf("the caller is blamed: %v", err)
	}
}

func TestS23_WhateverFailsNobodyGetsIn(t *testing.T) {
	t.Parallel()
	for _, c := range calls {
		for method := range strings.FieldsSeq(c.methods) {
			for _, f := range faults {
				if !can(method, f) {
					continue
				}
				t.Run(c.name+"/"+method+"/"+f.name, func(t *testing.T) {
					t.Parallel()
					log := new(logbook)
					k, h, p := settle(t, deskauth.Config{Logger: log.logger()})
					h.method, h.fault = method, f
					got, err := c.do(t.Context(), k, p)
					if h.hits == 0 {
						t.Fatalf("%s was not called", method)
					}
					nobodyGotIn(t, got, err)
					lines := log.take(t, slog.LevelError)
					if len(lines) == 0 {
						t.Error("no line of the log at the level of errors")
					}
					for _, line := range lines {
						if line.Operation != c.operation {
							t.Errorf("the operation of the log is %q, want %q: %+v", line.Operation, c.operation, line)
						}
					}
					if e := k.Events.TakeLast(); e.Type != deskauth.EventFailed || e.Operation != c.operation || e.Err == nil {
						t.Errorf("event %+v, want a failure", e)
					}
					h.method = ""
					if _, err := c.do(t.Context(), k, p); !errors.Is(err, c.healthy) {
						t.Errorf("after the fault is mended: %v, want %v", err, c.healthy)
					}
				})
			}
		}
	}
}

// A custom token that serves as a session asks for the project's keys each time.
func TestS23_EchoedCustomToken(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"ProjectKeys", "UserByID"} {
		for _, f := range faults {
			if !can(method, f) {
				continue
			}
			k, h, _ := settle(t, deskauth.Config{EchoCustomToken: true})
			h.method, h.fault = method, f
			id, err := k.Verify(t.Context(), testkit.TokenA(`"123"`))
			if h.hits == 0 {
				t.Fatalf("%s was not called", method)
			}
			nobodyGotIn(t, id.UserID, err)
		}
	}
}

func TestS23_CancelledContextIsNoRefusal(t *testing.T) {
	t.Parallel()
	for _, c := range calls {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			log := new(logbook)
			k, h, p := settle(t, deskauth.Config{Logger: log.logger()})
			accounts := h.store.Len()
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			got, err := c.do(ctx, k, p)
			nobodyGotIn(t, got, err)
			if !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want an error that wraps context.Canceled", err)
			}
			if e := k.Events.TakeLast(); e.Type != deskauth.EventRefused || e.Reason != "canceled" {
				t.Errorf("event %+v", e)
			}
			if lines := log.take(t, slog.LevelError); len(lines) > 0 || h.store.Len() != accounts {
				t.Errorf("%d accounts more, and the log has %+v", h.store.Len()-accounts, lines)
			}
		})
	}
}

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
