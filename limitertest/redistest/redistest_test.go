//go:build unix

package redistest

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
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
		missing(e, errors.New("no program"))
		if !strings.HasPrefix(e.how, want) || !strings.Contains(e.how, "no program") {
			t.Errorf("with CI=%q a test without Redis: got that it %q, want that it %q", ci, e.how, want)
		}
	}
	t.Setenv("PATH", t.TempDir())
	if e := (&ending{TB: t}); Start(e) != nil || !strings.Contains(e.how, "redis-server is not installed") {
		t.Errorf("without the program: got that the test %q", e.how)
	}
}

func TestServer(t *testing.T) {
	var s *Server
	t.Run("life", func(t *testing.T) {
		s = Start(t, "maxmemory", "50mb", "maxmemory-policy", "noeviction")
		addr := s.Addr()
		for _, step := range []struct {
			name string
			do   func() error
			up   bool
		}{
			{"launched", func() error { return nil }, true},
			{"frozen", s.Freeze, false},
			{"thawed", s.Thaw, true},
			{"killed", func() error { s.Kill(); return nil }, false},
			{"not thawed", func() error { return thawsNoOther(s) }, false},
			{"started", s.Start, true},
			{"frozen again", s.Freeze, false}, // and it still ends with the test
		} {
			if err := step.do(); err != nil {
				t.Fatalf("%s: %v", step.name, err)
			}
			if got := s.answers(); got != step.up {
				t.Errorf("%s: got that it answers: %t, want %t", step.name, got, step.up)
			}
		}
		if err := s.Thaw(); err != nil {
			t.Fatal(err)
		}
		if other := (&Server{port: s.port, pid: s.pid + 1}); !s.answers() || other.answers() {
			t.Error("got an answer for another process, want one for the server's own alone")
		}
		if s.Addr() != addr || s.URL() != "redis://"+addr+"/0" {
			t.Errorf("the server moved from %s to %s", addr, s.URL())
		}
	})
	if s != nil && reachable(s.Addr()) {
		t.Error("after the test the server is still there")
	}
}

func TestServerOfBadSettingsDoesNotStart(t *testing.T) {
	e := &ending{TB: t}
	if _, err := exec.LookPath("redis-server"); err != nil {
		missing(t, err)
	}
	Start(e, "no-such-setting", "x")
	if !strings.HasPrefix(e.how, "fails: ") || !strings.Contains(e.how, "does not answer") {
		t.Errorf("got that the test %q, want that it fails because the server does not answer", e.how)
	}
}

// thawsNoOther returns an error if a server that was killed thaws the program that has its
// pid by now, here this one.
func thawsNoOther(s *Server) error {
	s.pid = os.Getpid()
	if s.Thaw() == nil {
		return errors.New("a server that was killed is thawed, want an error")
	}
	return nil
}

func reachable(addr string) bool {
	conn, err := net.DialTimeout("tcp", addr, time.Second)
	if err != nil {
		return false
	}
	conn.Close()
	return true
}

// childVariable is set in the process that TestNothingIsLeft kills.
const childVariable = "DESKAUTH_REDISTEST_CHILD"

// TestNothingIsLeft kills a test process whose server runs.
func TestNothingIsLeft(t *testing.T) {
	if os.Getenv(childVariable) != "" {
		os.Stdout.WriteString("\nserver " + Start(t).Addr() + "\n")
		select {}
	}
	Start(t) // or there is none
	cmd := exec.Command(os.Args[0], "-test.run=^TestNothingIsLeft$")
	cmd.Env = append(os.Environ(), childVariable+"=1")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	addr := ""
	for lines := bufio.NewScanner(stdout); addr == "" && lines.Scan(); {
		addr, _ = strings.CutPrefix(lines.Text(), "server ")
		if !strings.HasPrefix(addr, "127.") {
			addr = ""
		}
	}
	cmd.Process.Kill()
	cmd.Wait()
	if addr == "" {
		t.Fatal("the process that starts a server: got no line with its address, want one")
	}
	for begun := time.Now(); time.Since(begun) < 30*time.Second; time.Sleep(10 * time.Millisecond) {
		if !reachable(addr) {
			return
		}
	}
	t.Errorf("%s still answers after its test was killed", addr)
}
