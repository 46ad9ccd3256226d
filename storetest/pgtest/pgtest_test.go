//go:build unix

package pgtest

import (
	"bufio"
	"errors"
	"net"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// reachable reports whether a server listens at the URL.
func reachable(t *testing.T, text string) bool {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.DialTimeout("tcp", u.Host, time.Second)
	if err != nil {
		return false
	}
	conn.Close()
	return true
}

func TestServer(t *testing.T) {
	var s *Server
	t.Run("life", func(t *testing.T) {
		s = Start(t)
		for _, step := range []struct {
			name string
			do   func() error
			up   bool
		}{
			{"launched", func() error { return nil }, true},
			{"stopped", s.Stop, false},
			{"started", s.Start, true},
			{"crashed", s.Crash, false},
			{"recovered", s.Start, true},
		} {
			if err := step.do(); err != nil {
				t.Fatalf("%s: %v", step.name, err)
			}
			if got := reachable(t, s.URL()); got != step.up {
				t.Errorf("%s: got reachable %t, want %t", step.name, got, step.up)
			}
		}
	})
	if s == nil {
		t.SkipNow()
	}
	_, err := os.Stat(s.dir)
	if up := reachable(t, s.URL()); up || !os.IsNotExist(err) {
		t.Errorf("after the test: os.Stat of its directory returned %v, reachable %t; want neither left", err, up)
	}
}

// A server that has no place for its files.
func TestServerThatDoesNotStart(t *testing.T) {
	_, notInstalled := findPrograms()
	_, noOwner := unprivileged()
	if err := errors.Join(notInstalled, noOwner); err != nil {
		missing(t, err)
	}
	t.Setenv("TMPDIR", "/nowhere")
	t.Setenv("CI", "")
	e := &ending{TB: t}
	if s := Start(e); s != nil || !strings.HasPrefix(e.how, "fails: start PostgreSQL: ") {
		t.Errorf("got that the test %q, want that it fails", e.how)
	}
}

func TestURLPrefersTheVariable(t *testing.T) {
	t.Setenv(Variable, "postgres://somewhere/db")
	if got := URL(t); got != "postgres://somewhere/db" {
		t.Errorf("URL: got %q, want the value of %s", got, Variable)
	}
}

// childVariable is set in the process that TestNothingIsLeft kills.
const childVariable = "DESKAUTH_PGTEST_CHILD"

// TestNothingIsLeft kills a test process whose server runs.
func TestNothingIsLeft(t *testing.T) {
	if os.Getenv(childVariable) != "" {
		os.Stdout.WriteString("\nserver " + Start(t).dir + "\n")
		select {}
	}
	_, notInstalled := findPrograms()
	_, noOwner := unprivileged()
	if err := errors.Join(notInstalled, noOwner); err != nil {
		missing(t, err)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestNothingIsLeft$")
	cmd.Env = append(os.Environ(), childVariable+"=1")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	dir := ""
	for lines := bufio.NewScanner(stdout); dir == "" && lines.Scan(); {
		dir, _ = strings.CutPrefix(lines.Text(), "server ")
		if !strings.HasPrefix(dir, "/") {
			dir = ""
		}
	}
	cmd.Process.Kill()
	cmd.Wait()
	if dir == "" {
		t.Fatal("the process that starts a server: got no line with its directory, want one")
	}
	deadline := time.Now().Add(30 * time.Second)
	for time.Now().Before(deadline) {
		if _, err := os.Stat(dir); os.IsNotExist(err) {
			return
		}
		time.Sleep(10 * time.Millisecond) // the watcher has no parent that could wait for it
	}
	t.Errorf("%s is still there after its test was killed", dir)
}
