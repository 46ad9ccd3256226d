package secrets

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	maxFileBytes = 64 << 10
	settleTime   = 2 * time.Second // the coarsest time of change that file systems have
	logEvery     = time.Minute
	rereadEvery  = time.Minute
	guestsOnly   = "guests only"
)

// A file is one that has keys. It is not safe for concurrent use.
type file struct {
	path    string // empty for no file: guests only
	project bool
	named   bool // after its project

	keys keyList   // the last good ones
	good time.Time // when they were, by the provider's clock; zero for never
	err  error     // what is wrong since

	info    os.FileInfo // of what was read; nil to read it again
	read    time.Time   // when, by the provider's clock
	settled bool        // no other change can have the same time
	warning warning
}

// current returns the keys of a file, the last good ones for MaxStale if need be.
func (f *file) current(now time.Time, cfg FilesConfig) (keyList, error) {
	changed := f.refresh(now)
	if f.err == nil {
		if changed && !f.good.IsZero() {
			cfg.Logger.Info("secrets: a file has new keys", "file", f.path, "keys", len(f.keys.keys))
		}
		f.good, f.warning = now, warning{}
		return f.keys, nil
	}
	err := fmt.Errorf("secrets: the file %s %w", f.path, f.err)
	usable := !f.good.IsZero() && now.Sub(f.good) <= cfg.MaxStale
	f.warning.log(cfg, now, err, usable)
	if usable {
		return f.keys, nil
	}
	return keyList{}, err
}

// refresh reads the file if it has changed, or once a minute: copying tools may restore the
// time of a file. It reports whether the file has other good keys.
func (f *file) refresh(now time.Time) (changed bool) {
	if f.path == "" {
		return false
	}
	info, err := os.Stat(f.path)
	switch {
	case err != nil:
		f.info, f.err = nil, withoutPath(err)
		return false
	case !info.Mode().IsRegular():
		f.info, f.err = nil, errors.New("is not a file")
		return false
	case f.named && !projectForm.MatchString(filepath.Base(f.path)):
		f.err = errors.New("is not named after a project: an ID has 1 to 128 letters, digits, or characters of -._~")
		return false
	case f.info != nil && f.settled && sameFile(f.info, info) && now.Sub(f.read) < rereadEvery && !now.Before(f.read):
		return false
	}
	text, err := readFile(f.path)
	if err != nil {
		f.info, f.err = nil, err
		return false
	}
	f.info, f.read, f.settled = info, now, time.Since(info.ModTime()) > settleTime
	keys, err := f.parse(text)
	f.err = err
	if err == nil {
		changed = !slices.Equal(keys.prints, f.keys.prints)
		f.keys = keys
	}
	return changed
}

func (f *file) parse(text []byte) (keyList, error) {
	if f.project && strings.TrimSpace(string(text)) == guestsOnly {
		return keyList{}, nil
	}
	return parse(text)
}

func sameFile(a, b os.FileInfo) bool {
	return os.SameFile(a, b) && a.ModTime().Equal(b.ModTime()) && a.Size() == b.Size()
}

func readFile(path string) ([]byte, error) {
	opened, err := os.Open(path)
	if err != nil {
		return nil, withoutPath(err)
	}
	defer opened.Close()
	text, err := io.ReadAll(io.LimitReader(opened, maxFileBytes+1))
	if err != nil {
		return nil, withoutPath(err)
	}
	if len(text) > maxFileBytes {
		return nil, fmt.Errorf("has more than %d bytes: it is not a key", maxFileBytes)
	}
	return text, nil
}

// withoutPath returns what is wrong with a file whose name is said before it.
func withoutPath(err error) error {
	if failed, ok := errors.AsType[*os.PathError](err); ok {
		err = failed.Err
	}
	return fmt.Errorf("cannot be read: %w", err)
}

// A warning is logged at most once in logEvery. The zero warning is logged at once.
type warning struct{ last time.Time }

func (w *warning) log(cfg FilesConfig, now time.Time, err error, usable bool) {
	if w.last.IsZero() || now.Sub(w.last) >= logEvery {
		w.last = now
		cfg.Logger.Warn("secrets: a file cannot be used", slog.String("error", err.Error()),
			slog.Bool("last_good_keys", usable))
	}
}
