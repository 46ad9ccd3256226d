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
