package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
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

// Ctrl-C ends a command that waits for its input.
func TestCtrlC(t *testing.T) {
	t.Parallel()
	folder := program(t)
	pipe := filepath.Join(folder, "pipe")
	if out, err := exec.Command("mkfifo", pipe).CombinedOutput(); err != nil {
		t.Fatalf("mkfifo: %v, %s", err, out)
	}
	c := exec.CommandContext(t.Context(), filepath.Join(folder, "deskauth"), "token", "inspect", "--token-file", pipe)
	var stderr bytes.Buffer
	c.Stderr = &stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	token, err := os.OpenFile(pipe, os.O_WRONLY, 0) // returns when the command reads
	if err != nil {
		t.Fatal(err)
	}
	defer token.Close()
	if err := c.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if code := exitCode(c.Wait()); code != exitInterrupted || strings.Count(stderr.String(), "\n") != 1 {
		t.Errorf("got the code %d and %q, want %d and one line", code, stderr.String(), exitInterrupted)
	}
}
