package testkit

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
)

// Start is when the clock of a kit begins: 1767323045 in Unix time.
var Start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// A Clock stands still until the test moves it. It is safe for concurrent use.
type Clock struct{ offset atomic.Int64 }

// Now is for Config.Now.
func (c *Clock) Now() time.Time { return Start.Add(time.Duration(c.offset.Load())) }

// Advance moves the clock.
func (c *Clock) Advance(d time.Duration) { c.offset.Add(int64(d)) }

// Set sets the clock.
func (c *Clock) Set(t time.Time) { c.offset.Store(int64(t.Sub(Start))) }

// A Recorder keeps the events of an Auth in their order. It is safe for concurrent use.
type Recorder struct {
	mu     sync.Mutex
	events []deskauth.Event
}

// Record is for Config.OnEvent.
func (r *Recorder) Record(_ context.Context, e deskauth.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, e)
}

// Take returns the events since the last Take.
func (r *Recorder) Take() []deskauth.Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	events := r.events
	r.events = nil
	return events
}

// TakeTypes is Take for tests that ask only what happened.
func (r *Recorder) TakeTypes() []deskauth.EventType { return Types(r.Take()) }

// Types returns the types of events.
func Types(events []deskauth.Event) (types []deskauth.EventType) {
	for _, e := range events {
		types = append(types, e.Type)
	}
	return types
}

// TakeLast is Take for tests that ask only how it ended. It returns the zero Event if
// nothing happened.
func (r *Recorder) TakeLast() deskauth.Event {
	events := r.Take()
	if len(events) == 0 {
		return deskauth.Event{}
	}
	return events[len(events)-1]
}

// Quiet is a logger into nothing.
var Quiet = slog.New(slog.DiscardHandler)

// Logger returns a logger into the output of a test, of all levels.
func Logger(t testing.TB) *slog.Logger {
	return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// A Logbook keeps a log for a test that reads it. The zero value is empty. It is safe for
// concurrent use.
type Logbook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// A LogLine is what a test asks of a line of the log.
type LogLine struct {
	Level, Msg, Error string
	Operation         deskauth.Operation
	Reason            deskauth.Reason
}

// Write implements [io.Writer].
func (l *Logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// Logger returns a logger into the logbook, of all levels, as JSON.
func (l *Logbook) Logger() *slog.Logger {
	return slog.New(slog.NewJSONHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// TakeText returns the lines of all levels since the last take.
func (l *Logbook) TakeText() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	text := l.text.String()
	l.text.Reset()
	return text
}

// Take returns the lines of a level since the last take.
func (l *Logbook) Take(t testing.TB, level slog.Level) (lines []LogLine) {
	t.Helper()
	for text := range strings.Lines(l.TakeText()) {
		var line LogLine
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatalf("a line of the log: %v: %s", err, text)
		}
		if line.Level == level.String() {
			lines = append(lines, line)
		}
	}
	return lines
}
