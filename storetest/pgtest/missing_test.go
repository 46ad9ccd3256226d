package pgtest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// An ending is a test that only records how it was ended.
type ending struct {
	testing.TB
	how string
}

func (e *ending) Helper()                           {}
func (e *ending) Fatalf(format string, args ...any) { e.how = "fails: " + fmt.Sprintf(format, args...) }
func (e *ending) Skipf(format string, args ...any) {
	if e.how == "" { // the real Fatalf does not return
		e.how = "is skipped: " + fmt.Sprintf(format, args...)
	}
}

func TestMissing(t *testing.T) {
	for ci, want := range map[string]string{"true": "fails: ", "": "is skipped: "} {
		t.Setenv("CI", ci)
		e := &ending{TB: t}
		missing(e, errors.New("no initdb"))
		if !strings.HasPrefix(e.how, want) || !strings.Contains(e.how, "no initdb") {
			t.Errorf("with CI=%q a test without PostgreSQL: got that it %q, want that it %q", ci, e.how, want)
		}
	}
}

// Only what is missing skips a test. A server that is there and does not start fails it.
func TestNotStarted(t *testing.T) {
	t.Setenv("CI", "")
	for want, err := range map[string]error{
		"is skipped: ": fmt.Errorf("%w: initdb is not installed", errMissing),
		"fails: ":      errors.New("initdb: exit status 1"),
	} {
		e := &ending{TB: t}
		notStarted(e, err)
		if !strings.HasPrefix(e.how, want) || !strings.Contains(e.how, "initdb") {
			t.Errorf("%v: got that the test %q, want that it %q", err, e.how, want)
		}
	}
}
