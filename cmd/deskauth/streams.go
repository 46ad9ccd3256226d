package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"golang.org/x/term"
)

// streams are what a command reads and writes. Tests have their own.
type streams struct {
	in       io.Reader
	out, err io.Writer
	environ  []string // NAME=VALUE
	now      func() time.Time

	inTerminal  bool // a person types on in
	errTerminal bool // a person reads err as it is written

	// readHidden reads a line of a terminal without showing it. It ends with ctx.
	readHidden func(ctx context.Context) ([]byte, error)
}

// system returns the streams of the process.
func system() streams {
	in := int(os.Stdin.Fd())
	return streams{
		in: os.Stdin, out: os.Stdout, err: os.Stderr,
		environ: os.Environ(), now: time.Now,
		inTerminal:  term.IsTerminal(in),
		errTerminal: term.IsTerminal(int(os.Stderr.Fd())),
		readHidden:  func(ctx context.Context) ([]byte, error) { return readHidden(ctx, in) },
	}
}

// env returns the value of a variable, and the empty text for none.
func (s streams) env(name string) string {
	for _, variable := range s.environ {
		if value, ok := strings.CutPrefix(variable, name+"="); ok {
			return value
		}
	}
	return ""
}

// readHidden lets the terminal show again what is typed, also after Ctrl-C.
func readHidden(ctx context.Context, terminal int) ([]byte, error) {
	state, err := term.GetState(terminal)
	if err != nil {
		return nil, err
	}
	line, err := within(ctx, func() ([]byte, error) { return term.ReadPassword(terminal) })
	return line, errors.Join(err, term.Restore(terminal, state))
}

// within waits for an input until ctx ends. A read that nothing ends goes on until the
// process does.
func within(ctx context.Context, read func() ([]byte, error)) ([]byte, error) {
	type input struct {
		text []byte
		err  error
	}
	got := make(chan input, 1)
	go func() {
		text, err := read()
		got <- input{text, err}
	}()
	select {
	case in := <-got:
		return in.text, in.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// maxInput bounds what is read of a token, key or password. A token has 16 KiB at most.
const maxInput = 1 << 20

var errTooLong = errors.New("it has over a megabyte; look whether it is the right file")

// readAll reads an input that is short.
func readAll(r io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxInput+1))
	if err == nil && len(text) > maxInput {
		err = errTooLong
	}
	return text, err
}

const mark = "\ufeff" // which some editors and shells put before a text

var (
	errMark  = errors.New("it begins with a byte order mark (U+FEFF): write it without")
	errUTF16 = errors.New("it is in UTF-16, as PowerShell writes files: write it in UTF-8")
)

// checkEncoding refuses a text that is not as its writer sees it.
func checkEncoding(text []byte) error {
	switch {
	case bytes.HasPrefix(text, []byte(mark)):
		return errMark
	case bytes.HasPrefix(text, []byte("\xff\xfe")), bytes.HasPrefix(text, []byte("\xfe\xff")):
		return errUTF16
	}
	return nil
}

// readFile reads a file that is short. It does not quote a path that leads nowhere, or
// where this user cannot look: a key or a token may stand there by mistake.
func readFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	_, unseen := os.Lstat(path)
	switch {
	case errors.Is(unseen, fs.ErrPermission):
		return nil, errors.New("this user may not look into the directory of the file: " +
			"run the command as a user who may, or let this one search the directory (chmod +x)")
	case unseen != nil:
		return nil, errors.New("there is no such file: the flag takes the name of a file, not what is in it")
	case err != nil:
		return nil, err
	}
	defer file.Close()
	return readAll(file)
}
