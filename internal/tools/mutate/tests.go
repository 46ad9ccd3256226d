package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A suite is the tests of one package. It knows which functions each of them enters, so
// that a mutant meets only the tests that can notice it.
type suite struct {
	dir   string // of the package, from the module's root
	tests []test
}

type test struct {
	name    string
	took    time.Duration
	reached map[string][]int // the first lines of the blocks that ran, by the file's base name
}

// measure runs each test of the package in dir by itself and notes what it reaches.
func measure(ctx context.Context, dir, temp string) (*suite, error) {
	binary := filepath.Join(temp, "covered.test")
	out, err := command(ctx, "", "go", "test", "-c", "-cover", "-vet=off", "-o", binary, "./"+dir)
	if err != nil {
		return nil, fmt.Errorf("build the tests of %s: %w\n%s", dir, err, out)
	}
	listed, err := command(ctx, dir, binary, "-test.list", ".")
	if err != nil {
		return nil, fmt.Errorf("list the tests of %s: %w\n%s", dir, err, listed)
	}
	s := &suite{dir: dir}
	for name := range strings.FieldsSeq(string(listed)) {
		if strings.HasPrefix(name, "Benchmark") {
			continue
		}
		profile, start := filepath.Join(temp, "profile"), time.Now()
		out, err := command(ctx, dir, binary, "-test.short", "-test.run", only(test{name: name}),
			"-test.coverprofile", profile)
		if err != nil {
			return nil, fmt.Errorf("%s of %s fails without any change: %w\n%s", name, dir, err, out)
		}
		took := time.Since(start)
		reached, err := readProfile(profile)
		if err != nil {
			return nil, err
		}
		s.tests = append(s.tests, test{name, took, reached})
	}
	return s, nil
}

// block matches a block of a coverage profile that ran at least once. Its line has the form
// file:line.column,line.column statements count.
var block = regexp.MustCompile(`(?m)^.*?([^/:]+):(\d+)\.\d+,\d+\.\d+ \d+ [1-9]\d*$`)

func readProfile(path string) (map[string][]int, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	reached := map[string][]int{}
	for _, match := range block.FindAllStringSubmatch(string(text), -1) {
		var line int
		if _, err := fmt.Sscan(match[2], &line); err != nil {
			return nil, err
		}
		reached[match[1]] = append(reached[match[1]], line)
	}
	return reached, nil
}

// A batch is tests that run in one process.
type batch struct {
	tests []test
	took  time.Duration
}

func (b *batch) add(t test) { b.tests, b.took = append(b.tests, t), b.took+t.took }

// reaching returns the tests that enter the function with m's change, or all tests for a
// change outside of functions. Those that take less than the mean come first: they notice
// most changes, and then the others need not run.
func (s *suite) reaching(m mutant) []batch {
	var all batch
	for _, t := range s.tests {
		if m.last == 0 || slices.ContainsFunc(t.reached[filepath.Base(m.file)], m.around) {
			all.add(t)
		}
	}
	var batches [2]batch
	for _, t := range all.tests {
		if t.took*time.Duration(len(all.tests)) <= all.took {
			batches[0].add(t)
		} else {
			batches[1].add(t)
		}
	}
	return slices.DeleteFunc(batches[:], func(b batch) bool { return len(b.tests) == 0 })
}

// An outcome is what the tests say of a mutant.
type outcome int

const (
	killed   outcome = iota // a test failed
	hung                    // the tests ran many times longer than without the change
	unbuilt                 // it does not compile
	survived                // no test noticed
)

// try runs the tests that reach m's change. temp is a folder for this call alone.
func (s *suite) try(ctx context.Context, m mutant, src []byte, temp string) (outcome, error) {
	batches := s.reaching(m)
	if len(batches) == 0 {
		return survived, nil
	}
	overlay, err := overlay(m, src, temp)
	if err != nil {
		return 0, err
	}
	binary := filepath.Join(temp, "mutant.test")
	_, err = command(ctx, "", "go", "test", "-c", "-vet=off", "-ldflags=-s -w", "-overlay", overlay,
		"-o", binary, "./"+s.dir)
	if err != nil {
		return unbuilt, ctx.Err()
	}
	for _, b := range batches {
		limit := 10*time.Second + 5*b.took
		out, err := command(ctx, s.dir, binary, "-test.short", "-test.failfast",
			"-test.timeout", limit.String(), "-test.run", only(b.tests...))
		switch {
		case ctx.Err() != nil:
			return 0, ctx.Err()
		case bytes.Contains(out, []byte("panic: test timed out after")):
			return hung, nil
		case err != nil:
			return killed, nil
		}
	}
	return survived, nil
}

// overlay writes the changed source into the folder temp, and the file that tells the go
// command to compile it instead of the original. It returns the name of the latter.
func overlay(m mutant, src []byte, temp string) (string, error) {
	original, err := filepath.Abs(m.file)
	if err != nil {
		return "", err
	}
	changed := filepath.Join(temp, "changed.go")
	if err := os.WriteFile(changed, m.apply(src), 0o600); err != nil {
		return "", err
	}
	text, err := json.Marshal(map[string]any{"Replace": map[string]string{original: changed}})
	if err != nil {
		return "", err
	}
	name := filepath.Join(temp, "overlay.json")
	return name, os.WriteFile(name, text, 0o600)
}

// only returns the pattern that matches these tests and no others.
func only(tests ...test) string {
	var names []string
	for _, t := range tests {
		names = append(names, t.name)
	}
	return "^(" + strings.Join(names, "|") + ")$"
}

// command runs a program in dir with at most 4 GiB of address space, because a mutant may
// never stop allocating, and returns what it prints.
func command(ctx context.Context, dir, program string, args ...string) ([]byte, error) {
	limited := append([]string{"-c", `ulimit -v 4194304; exec "$0" "$@"`, program}, args...)
	cmd := exec.CommandContext(ctx, "sh", limited...)
	cmd.Dir = dir
	cmd.WaitDelay = time.Second
	return cmd.CombinedOutput()
}
