package sqlitestore_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/sqlitestore"
)

// childEnv makes the test binary a process that creates accounts: see child.
const childEnv = "SQLITESTORE_TEST_CHILD"

func TestMain(m *testing.M) {
	if path := os.Getenv(childEnv); path != "" {
		if err := child(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(testkit.RunWaiting(m, 8))
}

// child waits for a line with a prefix and a number. Then it opens the database and creates
// that many accounts. It prints the ID of each that is created.
func child(path string) error {
	var (
		prefix string
		n      int
	)
	if _, err := fmt.Fscanln(os.Stdin, &prefix, &n); err != nil {
		return err
	}
	store, err := sqlitestore.Open(path)
	if err != nil {
		return err
	}
	for i := range n {
		a := account(fmt.Sprintf("%s-%d", prefix, i))
		if err := store.CreateUser(context.Background(), a); err != nil {
			return err
		}
		fmt.Println(a.ID)
	}
	return store.Close()
}

// A process is a child that waits for its line.
type process struct {
	*exec.Cmd
	in   io.Writer
	out  *bufio.Scanner
	errs *strings.Builder
}

func startProcess(t *testing.T, path string) process {
	t.Helper()
	p := process{Cmd: exec.Command(os.Args[0]), errs: new(strings.Builder)}
	p.Env = append(os.Environ(), childEnv+"="+path)
	p.Stderr = p.errs
	in, err := p.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.in, p.out = in, bufio.NewScanner(out)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Process.Kill(); p.Wait() })
	return p
}

// TestManyProcesses opens one file, which does not exist yet, from ten processes at once.
// Each of them then creates accounts while the others do.
func TestManyProcesses(t *testing.T) {
	t.Parallel()
	const processes, each = 10, 20
	path := newPath(t)
	var all []process
	for range processes {
		all = append(all, startProcess(t, path))
	}
	for i, p := range all {
		fmt.Fprintf(p.in, "process%d %d\n", i, each)
	}
	for i, p := range all {
		for p.out.Scan() {
		}
		if err := p.Wait(); err != nil {
			t.Errorf("process %d: got the error %v, %s; want nil", i, err, p.errs)
		}
	}
	store := openStore(t, path)
	users, err := store.ListUsers(t.Context(), "", 2*processes*each)
	if err != nil || len(users) != processes*each {
		t.Errorf("accounts: got %d and the error %v, want %d", len(users), err, processes*each)
	}
	checkMode(t, path, 0o600)
	checkIntegrity(t, path)
}

// TestKilled kills a process while it creates accounts. Every account that was created
// before is there.
func TestKilled(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	for round := range 3 {
		p := startProcess(t, path)
		fmt.Fprintf(p.in, "round%d 1000000\n", round)
		var created []string
		for p.out.Scan() {
			created = append(created, p.out.Text())
			if len(created) == 100 {
				p.Process.Kill() // the loop still reads what it printed before
			}
		}
		if err := p.Wait(); err == nil || len(created) < 100 {
			t.Fatalf("the killed process created %d accounts and ended with the error %v, %s; "+
				"want 100 or more and an error", len(created), err, p.errs)
		}
		files := strings.Fields(filesIn(t, filepath.Dir(path)))
		if !slices.Contains(files, "accounts.db-wal") {
			t.Error("the killed process left no -wal file: it was not killed while writing")
		}
		store := openStore(t, path)
		for _, id := range created {
			if _, err := store.UserByID(t.Context(), id); err != nil {
				t.Errorf("UserByID of %q, created before the kill: got the error %v, want nil", id, err)
			}
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
		checkIntegrity(t, path)
	}
}
