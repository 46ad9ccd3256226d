//go:build unix

package redistest

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A Server is a Redis server of the test's own. Its methods are not safe for concurrent
// use.
type Server struct {
	program  string
	settings []string
	port     int
	pid      int

	leash   io.Closer // closing it ends the server
	watcher *exec.Cmd
}

// patience is how long a server may take to start.
const patience = 30 * time.Second

func launch(settings []string) (*Server, error) {
	program, err := exec.LookPath("redis-server")
	if err != nil {
		program, err = exec.LookPath("valkey-server")
	}
	if err != nil {
		return nil, errMissing
	}
	s := &Server{program: program, settings: settings}
	for range 3 { // another program may take the port before the server does
		s.port, err = freePort()
		if err != nil {
			return nil, err
		}
		if err = s.Start(); err == nil {
			return s, nil
		}
	}
	return nil, err
}

// Addr returns the host and port of the server. They stay the same for its life.
func (s *Server) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// URL returns the URL of the server's first database.
func (s *Server) URL() string { return "redis://" + s.Addr() + "/0" }

// Start starts the server again after Kill, empty and on the same port. It returns when the
// server answers.
func (s *Server) Start() error {
	if err := s.watch(); err != nil {
		return err
	}
	for begun := time.Now(); time.Since(begun) < patience; time.Sleep(5 * time.Millisecond) {
		if s.answers() {
			return nil
		}
		if syscall.Kill(s.pid, 0) != nil {
			break // it has ended, for example because the port is taken
		}
	}
	s.remove()
	return fmt.Errorf("%s does not answer on %s", s.program, s.Addr())
}

// Kill ends the server at once, as a crash does. What it held is lost.
func (s *Server) Kill() { s.remove() }

// Freeze stops the server's process where it is. Its connections stay open, and nothing
// answers.
func (s *Server) Freeze() error { return s.signal(syscall.SIGSTOP) }

// Thaw lets a frozen server go on.
func (s *Server) Thaw() error { return s.signal(syscall.SIGCONT) }

// signal sends a signal to a server that runs. After Kill its pid may be another program's.
func (s *Server) signal(sig syscall.Signal) error {
	if s.leash == nil {
		return errors.New("the server does not run: it was killed")
	}
	return syscall.Kill(s.pid, sig)
}

// watch starts the server through a shell that outlives this process for a moment. The
// leash closes when the test is over or the process is gone. Then the shell ends the
// server.
func (s *Server) watch() error {
	const script = `"$@" </dev/null >/dev/null 2>&1 & echo $!; cat >/dev/null; kill -KILL $!; wait`
	args := []string{
		"-c", script, "sh", s.program,
		"--port", strconv.Itoa(s.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
		"--dir", os.TempDir(),
	}
	for i, setting := range s.settings {
		if i%2 == 0 {
			setting = "--" + setting
		}
		args = append(args, setting)
	}
	s.watcher = exec.Command("/bin/sh", args...)
	s.watcher.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // so that no signal from the terminal reaches it
	stdout, err := s.watcher.StdoutPipe()
	if err != nil {
		return err
	}
	s.leash, err = s.watcher.StdinPipe()
	if err != nil {
		return err
	}
	if err := s.watcher.Start(); err != nil {
		return err
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		s.remove()
		return fmt.Errorf("start %s: %w", s.program, err)
	}
	s.pid, err = strconv.Atoi(strings.TrimSpace(line))
	return err
}

// remove ends the server and waits until its process is gone.
func (s *Server) remove() {
	if s.leash == nil {
		return
	}
	s.leash.Close()
	s.watcher.Wait()
	s.leash = nil
}

// answers reports whether the server answers. Another program's server may have the port.
func (s *Server) answers() bool {
	conn, err := net.DialTimeout("tcp", s.Addr(), time.Second)
	if err != nil {
		return false
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(time.Second))
	if _, err := io.WriteString(conn, "INFO server\r\nQUIT\r\n"); err != nil {
		return false
	}
	info, err := io.ReadAll(conn)
	return err == nil && bytes.Contains(info, fmt.Appendf(nil, "\r\nprocess_id:%d\r\n", s.pid))
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
