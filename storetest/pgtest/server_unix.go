//go:build unix

package pgtest

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// A Server is a PostgreSQL server of the test's own.
type Server struct {
	bin   string // the directory of initdb and pg_ctl
	dir   string // has all its files
	port  int
	quick bool                // does not sync to disk
	owner *syscall.Credential // the user of its processes; nil for that of the test

	leash   io.Closer // closing it ends the server
	watcher *exec.Cmd
}

// URL returns the URL of its database.
func (s *Server) URL() string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/postgres?sslmode=disable", s.port)
}

// launch creates a server and starts it. A quick server would not survive a power failure,
// which matters to no test. It creates schemas, the most frequent work of tests, in a
// fraction of the time.
func launch(quick bool) (*Server, error) {
	bin, err := findPrograms()
	if err != nil {
		return nil, err
	}
	s := &Server{bin: bin, quick: quick}
	s.owner, err = unprivileged()
	if err != nil {
		return nil, err
	}
	s.dir, err = os.MkdirTemp("", "deskauth-postgres-")
	if err != nil {
		return nil, err
	}
	if err := s.begin(); err != nil {
		s.remove()
		return nil, err
	}
	return s, nil
}

func (s *Server) begin() (err error) {
	if s.owner != nil {
		if err := os.Chown(s.dir, int(s.owner.Uid), int(s.owner.Gid)); err != nil {
			return err
		}
	}
	if err := s.watch(); err != nil {
		return err
	}
	err = s.run("initdb", "-D", s.data(), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	if err != nil {
		return err
	}
	for range 3 { // another program may take the port before the server does
		s.port, err = freePort()
		if err != nil {
			return err
		}
		err = s.Start()
		if err == nil {
			return nil
		}
	}
	return err
}

// Start starts the server again, on the same port and with the same data.
func (s *Server) Start() error {
	// Tests cause deadlocks on purpose, and need not wait a second until each is found.
	options := fmt.Sprintf("-c port=%d -c listen_addresses=127.0.0.1 -c unix_socket_directories='' "+
		"-c max_connections=200 -c deadlock_timeout=20ms", s.port)
	if s.quick {
		options += " -c fsync=off -c full_page_writes=off"
	}
	log := filepath.Join(s.dir, "log")
	return s.run("pg_ctl", "-D", s.data(), "-l", log, "-w", "-t", "60", "-o", options, "start")
}

// Stop stops the server without waiting for its clients. Their connections end, and what
// they have not committed is undone.
func (s *Server) Stop() error { return s.stop("fast") }

// Crash stops the server at once, as a crash does. At the next start it recovers from its
// log.
func (s *Server) Crash() error { return s.stop("immediate") }

func (s *Server) stop(mode string) error {
	return s.run("pg_ctl", "-D", s.data(), "-m", mode, "-w", "-t", "60", "stop")
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// watch starts a shell that outlives this process for a moment. The leash closes when the
// test is over or the process is gone. Then the shell stops the server and removes its
// files.
func (s *Server) watch() error {
	const script = `cat >/dev/null; "$1" -D "$2/data" -m immediate -w stop; rm -rf "$2"`
	s.watcher = s.command("/bin/sh", "-c", script, "sh", filepath.Join(s.bin, "pg_ctl"), s.dir)
	s.watcher.SysProcAttr.Setsid = true // so that no signal from the terminal reaches it
	leash, err := s.watcher.StdinPipe()
	if err != nil {
		return err
	}
	s.leash = leash
	return s.watcher.Start()
}

// remove stops the server and waits until its processes and files are gone.
func (s *Server) remove() {
	if s.leash == nil {
		os.RemoveAll(s.dir)
		return
	}
	s.leash.Close()
	s.watcher.Wait()
}

func (s *Server) run(program string, args ...string) error {
	out, err := s.command(filepath.Join(s.bin, program), args...).CombinedOutput()
	if err != nil {
		log, _ := os.ReadFile(filepath.Join(s.dir, "log"))
		return fmt.Errorf("%s: %w\n%s%s", program, err, out, log)
	}
	return nil
}

func (s *Server) command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(program, args...)
	cmd.Dir = s.dir // the owner may not be able to read the directory of the test
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.owner}
	return cmd
}

// findPrograms returns the directory with the programs of the newest installed server.
func findPrograms() (dir string, err error) {
	newest := 0.0
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin",
		"/usr/pgsql-*/bin",
		"/opt/homebrew/opt/postgresql@*/bin",
		"/usr/local/opt/postgresql@*/bin",
	} {
		found, _ := filepath.Glob(pattern)
		for _, d := range found {
			_, err := os.Stat(filepath.Join(d, "initdb"))
			if err == nil && version(d) >= newest {
				newest, dir = version(d), d
			}
		}
	}
	if dir != "" {
		return dir, nil
	}
	initdb, err := exec.LookPath("initdb")
	if err != nil {
		return "", fmt.Errorf("%w: initdb is not installed", errMissing)
	}
	return filepath.Dir(initdb), nil
}

// version returns the number in the path of an installation.
func version(dir string) float64 {
	path := filepath.Dir(dir)
	for i := range path {
		if v, err := strconv.ParseFloat(path[i:], 64); err == nil && v > 0 {
			return v
		}
	}
	return 0
}

// unprivileged returns the user that the server runs as, or nil for the user of the test.
// PostgreSQL refuses to run as root.
func unprivileged() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err := errors.Join(err1, err2); err != nil {
			return nil, err
		}
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
	}
	return nil, fmt.Errorf("%w as root: create the user postgres or nobody", errMissing)
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
