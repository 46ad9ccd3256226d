package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"
)

// A child is the process of the server.
type child struct {
	base string
	cmd  *exec.Cmd
	// stdin ends the child when it is closed, by stop or because this process ends.
	stdin  io.Closer
	stats  *http.Client
	errors *errorLog
}

// An errorLog passes on what the server writes to its standard error, and counts the lines.
// The server writes nothing there unless it failed.
type errorLog struct {
	to    io.Writer
	lines int
}

func (l *errorLog) Write(p []byte) (int, error) {
	l.lines += bytes.Count(p, []byte("\n"))
	return l.to.Write(p)
}

// startChild starts this program as the server.
func startChild(cheap bool) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, "-serve", fmt.Sprintf("-cheap=%t", cheap))
	log := &errorLog{to: os.Stderr}
	cmd.Stderr = log
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	c := &child{cmd: cmd, stdin: stdin, errors: log, stats: &http.Client{
		Transport: &http.Transport{DisableKeepAlives: true}, // so that it costs the same each time
		Timeout:   10 * time.Second,
	}}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		c.stop()
		return nil, fmt.Errorf("the server did not start: %w", err)
	}
	c.base = strings.TrimSpace(line)
	return c, nil
}

func (c *child) readStats() (s stats, err error) {
	answer, err := c.stats.Get(c.base + "/stats")
	if err != nil {
		return s, err
	}
	defer answer.Body.Close()
	return s, json.NewDecoder(answer.Body).Decode(&s)
}

// stop ends the child. It returns an error if the child did not end well or logged errors.
func (c *child) stop() error {
	c.stdin.Close()
	late := time.AfterFunc(15*time.Second, func() { c.cmd.Process.Kill() })
	defer late.Stop()
	if err := c.cmd.Wait(); err != nil {
		return fmt.Errorf("the server did not end well: %w", err)
	}
	if n := c.errors.lines; n > 0 {
		return fmt.Errorf("the server logged %d lines of errors", n)
	}
	return nil
}
