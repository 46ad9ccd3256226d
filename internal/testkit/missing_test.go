package testkit_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/deskauth/deskauth/internal/testkit"
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
	for ci, want := range map[string]string{
		"true": "fails: no curl, which with CI=true is a failure: not found; install it",
		"":     "is skipped: no curl: not found; install it",
	} {
		t.Setenv("CI", ci)
		e := &ending{TB: t}
		testkit.Missing(e, "curl", "install it", errors.New("not found"))
		if e.how != want {
			t.Errorf("with CI=%q the test %s\nwant that it %s", ci, e.how, want)
		}
	}
}
