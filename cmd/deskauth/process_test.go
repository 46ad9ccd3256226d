package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// program returns a folder with the command in it, under its name.
func program(t *testing.T) (folder string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the command is a symbolic link, and Ctrl-C a signal")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	folder = t.TempDir()
	if err := os.Symlink(self, filepath.Join(folder, "deskauth")); err != nil {
		t.Fatal(err)
	}
	return folder
}

// exitCode returns the code of a process that has ended, and -1 of one that a signal ended.
func exitCode(err error) int {
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode()
	}
	return 0
}

func TestProcess(t *testing.T) {
	t.Parallel()
	bin := filepath.Join(program(t), "deskauth")
	for code, in := range map[int]string{exitRefused: "a.b.c", exitFailed: ""} {
		c := exec.CommandContext(t.Context(), bin, "token", "inspect")
		c.Stdin = strings.NewReader(in)
		c.Env = []string{}
		out, err := c.CombinedOutput()
		if got := exitCode(err); got != code {
			t.Errorf("of %q: got the code %d, %q; want %d", in, got, out, code)
		}
	}
}

// Ctrl-C ends a command that waits for its input, and so does a terminal that goes. Under
// nohup the command goes on.
func TestSignals(t *testing.T) {
	t.Parallel()
	folder := program(t)
	for _, c := range []struct {
		name   string
		signal os.Signal
		before []string
		code   int
	}{
		{"Ctrl-C", os.Interrupt, nil, exitInterrupted},
		{"a terminal that goes", syscall.SIGHUP, nil, exitInterrupted},
		{"nohup", syscall.SIGHUP, []string{"nohup"}, exitRefused},
	} {
		pipe := filepath.Join(folder, "pipe of "+c.name)
		if out, err := exec.Command("mkfifo", pipe).CombinedOutput(); err != nil {
			t.Fatalf("mkfifo: %v, %s", err, out)
		}
		line := append(c.before, filepath.Join(folder, "deskauth"), "token", "inspect", "--token-file", pipe)
		cmd := exec.CommandContext(t.Context(), line[0], line[1:]...)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		token, err := os.OpenFile(pipe, os.O_WRONLY, 0) // returns when the command reads
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Process.Signal(c.signal); err != nil {
			t.Fatal(err)
		}
		if c.code == exitRefused { // it reads on
			if _, err := token.WriteString("a.b.c\n"); err != nil {
				t.Error(err)
			}
			token.Close()
		}
		code := exitCode(cmd.Wait())
		if code != c.code || code == exitInterrupted && strings.Count(stderr.String(), "\n") != 1 {
			t.Errorf("%s: got the code %d and %q, want %d", c.name, code, stderr.String(), c.code)
		}
		token.Close()
	}
}
