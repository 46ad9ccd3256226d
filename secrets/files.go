package secrets

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/deskauth/deskauth"
)

const (
	defaultCheckEvery = 5 * time.Second
	defaultMaxStale   = time.Hour
)

// FilesConfig holds the settings of [Files]. The zero value is safe.
type FilesConfig struct {
	// Projects is a folder that has a file for each project, named by the project's ID.
	// Names that begin with a dot and folders are left out. The default is none.
	Projects string
	// ProjectFiles has the files of further projects, by ID. An empty name stands for a
	// project that takes guests and no custom tokens. Do not change the map afterwards.
	ProjectFiles map[string]string

	// CheckEvery is how often a call looks at the files. The default is 5 seconds.
	CheckEvery time.Duration
	// MaxStale is how long the last good keys of a file are used while the file cannot be
	// read, or has no good keys. After that, calls that need them fail. The default is one
	// hour; a negative value is none.
	MaxStale time.Duration

	// Logger gets a warning, at most once a minute, for each file that cannot be used, and
	// a line for each that has new keys. The default is [slog.Default] at the time of
	// [Files].
	Logger *slog.Logger
	// Now replaces the clock, for tests. The default is [time.Now].
	Now func() time.Time
}

func (c FilesConfig) withDefaults() FilesConfig {
	c.CheckEvery = cmp.Or(c.CheckEvery, defaultCheckEvery)
	c.MaxStale = max(cmp.Or(c.MaxStale, defaultMaxStale), 0)
	c.Logger = cmp.Or(c.Logger, slog.Default())
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// Files returns the keys in files, which have the text that the package describes. The
// session keys are those of the first session file, then those of the next. It is safe for
// concurrent use, and starts no goroutine.
//
// A call looks at the files when CheckEvery has passed since the last look. It reads those
// that have changed: by time, size or identity, as a mount of Kubernetes or Docker does.
// Other calls do not wait for it, unless the last look is twice as long ago, or longer than
// MaxStale allows: then they wait for a second at most. A file that is gone from the folder
// of the projects is a project that is gone. One that fails in another way keeps its last
// good keys for MaxStale. Replace a file by renaming another over it: of one that is being
// written, a part may be a good key.
//
// A project's file with the words "guests only" is a project that takes guests and no
// custom tokens. An empty file is an error. A project with a session key is one, too: its
// signer could make any session.
//
// Files returns an error unless every file is good at the start. Files that others may read
// are taken without a word: mounts of Kubernetes and Docker are such. Keep the files on a
// local disk: reading them heeds no context.
func Files(session []string, cfg FilesConfig) (deskauth.SecretProvider, error) {
	cfg = cfg.withDefaults()
	if len(session) == 0 {
		return nil, errors.New("secrets: Files needs the name of a file with a session key")
	}
	f := &files{cfg: cfg, named: make(map[string]*file), inFolder: make(map[string]*file)}
	for _, path := range session {
		f.session = append(f.session, &file{path: path})
	}
	for id, path := range cfg.ProjectFiles {
		if !projectForm.MatchString(id) {
			return nil, fmt.Errorf("secrets: FilesConfig.ProjectFiles has the ID %.40q: "+
				"an ID has 1 to 128 letters, digits, or characters of -._~", id)
		}
		f.named[id] = &file{path: path, project: true}
	}
	f.cfg.Logger = slog.New(slog.DiscardHandler) // the error says it
	v := f.look(cfg.Now())
	f.cfg.Logger = cfg.Logger
	err := cmp.Or(v.session.err, v.unlisted)
	for _, project := range v.projects {
		err = cmp.Or(err, project.err)
	}
	if err != nil {
		return nil, err
	}
	return f, nil
}

// files is the provider that Files returns.
type files struct {
	cfg  FilesConfig
	view atomic.Pointer[view]

	mu      sync.Mutex
	looking *look // the call that looks at the files; nil for none

	// Of the call that looks at the files.
	session  []*file
	named    map[string]*file
	inFolder map[string]*file
	listed   time.Time // when the folder could last be listed
	unlisted warning
}

// A look at the files may take long, if the disk hangs.
type look struct {
	began time.Time
	done  chan struct{}
}

// A view is what was in the files at a time. It never changes.
type view struct {
	at       time.Time
	session  answer
	projects map[string]answer
	unlisted error // the folder of the projects cannot be listed
}

type answer struct {
	keys []deskauth.Key
	err  error
}

// SessionKeys implements [deskauth.SecretProvider].
func (f *files) SessionKeys(ctx context.Context) ([]deskauth.Key, error) {
	v, err := f.current(ctx)
	if err != nil {
		return nil, err
	}
	return v.session.keys, v.session.err
}

// ProjectKeys implements [deskauth.SecretProvider].
func (f *files) ProjectKeys(ctx context.Context, projectID string) ([]deskauth.Key, error) {
	v, err := f.current(ctx)
	if err != nil {
		return nil, err
	}
	project, ok := v.projects[projectID]
	switch {
	case ok:
		return project.keys, project.err
	case v.unlisted != nil:
		return nil, v.unlisted
	}
	return nil, deskauth.ErrProjectNotFound
}

// Format implements [fmt.Formatter]: no key is printed.
func (f *files) Format(s fmt.State, _ rune) { fmt.Fprintf(s, "secrets.Files(%d)", len(f.session)) }

// current returns the view, and looks at the files first if it is time.
func (f *files) current(ctx context.Context) (*view, error) {
	v, now := f.view.Load(), f.cfg.Now()
	age := now.Sub(v.at)
	if 0 <= age && age < f.cfg.CheckEvery {
		return v, nil
	}
	f.mu.Lock()
	others := f.looking
	if others == nil {
		mine := &look{began: time.Now(), done: make(chan struct{})}
		f.looking = mine
		f.mu.Unlock()
		defer f.landed(mine)
		return f.look(now), nil
	}
	f.mu.Unlock()
	if age < f.cfg.CheckEvery+min(f.cfg.CheckEvery, f.cfg.MaxStale) {
		return v, nil
	}
	switch landed, err := landsWithin(ctx, others.done, mostPatience-time.Since(others.began)); {
	case err != nil:
		return nil, err
	case landed:
		return f.view.Load(), nil
	case age > f.cfg.CheckEvery+f.cfg.MaxStale: // the disk hangs
		return nil, fmt.Errorf("secrets: the files could not be read for %v", age.Round(time.Second))
	}
	return v, nil
}

// landed ends a look.
func (f *files) landed(l *look) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.looking = nil
	close(l.done)
}

// look makes a new view.
func (f *files) look(now time.Time) *view {
	v := &view{at: now, projects: make(map[string]answer)}
	session := make(map[[sha256.Size]byte]bool)
	for _, file := range f.session {
		keys, err := file.current(now, f.cfg)
		v.session.keys = append(v.session.keys, keys.keys...)
		v.session.err = cmp.Or(v.session.err, err)
		for _, print := range keys.prints {
			session[print] = true
		}
	}
	if v.session.err != nil {
		v.session.keys = nil
	}
	v.unlisted = f.list(now)
	folder := maps.Clone(f.inFolder)
	maps.Copy(folder, f.named)
	for id, file := range folder {
		keys, err := file.current(now, f.cfg)
		if err == nil && keys.shares(session) {
			err = fmt.Errorf("secrets: the file %s has a session key: the signer of the project's custom tokens "+
				"could make any session; give it a key of its own", file.path)
		}
		v.projects[id] = answer{keys.keys, err}
		if err != nil {
			v.projects[id] = answer{nil, err}
		}
	}
	f.view.Store(v)
	return v
}

// list brings the files of the folder up to date.
func (f *files) list(now time.Time) error {
	if f.cfg.Projects == "" {
		return nil
	}
	entries, err := os.ReadDir(f.cfg.Projects)
	if err != nil {
		if now.Sub(f.listed) > f.cfg.MaxStale { // which of them are gone, cannot be seen
			clear(f.inFolder)
		}
		err = fmt.Errorf("secrets: the folder of the projects cannot be listed: %w", err)
		f.unlisted.log(f.cfg, now, err, len(f.inFolder) > 0)
		return err
	}
	f.listed, f.unlisted = now, warning{}
	found := make(map[string]*file)
	for _, entry := range entries {
		path := filepath.Join(f.cfg.Projects, entry.Name())
		if strings.HasPrefix(entry.Name(), ".") || isFolder(path) {
			continue
		}
		found[entry.Name()] = cmp.Or(f.inFolder[entry.Name()], &file{path: path, project: true, named: true})
	}
	f.inFolder = found
	return nil
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
