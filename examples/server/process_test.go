package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/deskauth/deskauth/internal/testkit"
)

const (
	sessionSecret = "b2f1c1ce-6b8e-4a6c-9a55-1c7a2a0d6b11"
	projectSecret = "8b4ac5b9-3f6d-4d7e-8a1c-2d8c7ad1f0e2"

	patience = 30 * time.Second // ten times what anything here takes on a busy machine
	stopTime = 10 * time.Second // what a stop may take
)

var binDir string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "deskauth-server")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	binDir = dir
	// The tests run a server that they build. With all of its code in the test binary too,
	// go test forgets a cached result when any of that changes.
	runtime.KeepAlive(run)
	code := testkit.RunWaiting(m, 8)
	os.RemoveAll(dir)
	os.Exit(code)
}

// binary builds the server once, with the race detector if the tests have it, and returns
// its path.
var binary = sync.OnceValues(func() (string, error) {
	path := filepath.Join(binDir, "server")
	args := []string{"build", "-o", path}
	if testkit.RaceDetector() {
		args = append(args, "-race")
	}
	out, err := exec.Command("go", append(args, ".")...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go %v: %w\n%s", args, err, out)
	}
	return path, nil
})

// A process is a running server.
type process struct {
	t       *testing.T
	cmd     *exec.Cmd
	base    string   // the URL that it prints as the one it listens on
	printed []string // the lines after that
	logs    *lockedBuffer
	codes   int // how many of the log were read
	ended   chan error
}

// command returns the server with these arguments. One that starts with DESKAUTH_ is an
// environment variable instead.
func command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path)
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "DESKAUTH_") {
			cmd.Env = append(cmd.Env, e)
		}
	}
	for _, a := range args {
		if strings.HasPrefix(a, "DESKAUTH_") {
			cmd.Env = append(cmd.Env, a)
		} else {
			cmd.Args = append(cmd.Args, a)
		}
	}
	return cmd
}

// start runs the server on a free port until the test ends. The test fails if the server
// does not end well.
func start(t *testing.T, args ...string) *process {
	t.Helper()
	return startAt(t, append([]string{"-addr", "127.0.0.1:0"}, args...)...)
}

// startAt is start without the free port.
func startAt(t *testing.T, args ...string) *process {
	t.Helper()
	p, stdout := launch(t, args...)
	p.listens(stdout)
	return p
}

// launch runs the server, and does not wait until it listens.
func launch(t *testing.T, args ...string) (p *process, stdout io.Reader) {
	t.Helper()
	p = &process{t: t, cmd: command(t, args...), logs: new(lockedBuffer), ended: make(chan error, 1)}
	p.cmd.Stderr = p.logs
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return p, stdout
}

// listens waits until the server does, and ends it with the test.
func (p *process) listens(stdout io.Reader) {
	t := p.t
	t.Helper()
	late := time.AfterFunc(patience, func() { p.cmd.Process.Kill() })
	lines := bufio.NewReader(stdout)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			p.cmd.Wait()
			t.Fatalf("the server does not start: %v\n%s", err, p.logs)
		}
		line = strings.TrimSuffix(line, "\n")
		if address, ok := strings.CutPrefix(line, "listening on "); ok {
			p.base = address
			continue
		}
		p.printed = append(p.printed, line)
		if strings.HasPrefix(line, "curl ") && strings.Contains(line, "/signout'") {
			break
		}
	}
	late.Stop()
	go func() {
		io.Copy(io.Discard, lines)
		p.ended <- p.cmd.Wait()
	}()
	t.Cleanup(p.stop)
}

// stop ends the process as an operator does. It ends with exit code 66 if the race detector
// found a race.
func (p *process) stop() {
	p.t.Helper()
	if p.ended == nil {
		return
	}
	p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case err := <-p.ended:
		if err != nil {
			p.t.Errorf("the server ends with %v\n%s", err, p.logs)
		}
	case <-time.After(stopTime):
		p.cmd.Process.Kill()
		p.t.Errorf("the server does not end within %v after SIGTERM\n%s", stopTime, p.logs)
	}
	p.ended = nil
}

// A lockedBuffer can be read while a process writes to it.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// exitCode returns the exit code of a command that ended with err, and -1 if it did not
// run.
func exitCode(err error) int {
	if e, ok := errors.AsType[*exec.ExitError](err); ok {
		return e.ExitCode()
	}
	if err != nil {
		return -1
	}
	return 0
}

// hashParallelism is how many hashes the server computes at once: Config's default.
var hashParallelism = runtime.GOMAXPROCS(0)

// fromMany calls f with each number from 0 to n-1, from that many goroutines.
func fromMany(callers, n int, f func(i int)) {
	var next atomic.Int64
	var group sync.WaitGroup
	for range callers {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				f(i)
			}
		})
	}
	group.Wait()
}
