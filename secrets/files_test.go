package secrets_test

import (
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/secrets"
)

// A mount is a folder with a session file and a folder of projects, and what reads them.
type mount struct {
	deskauth.SecretProvider
	folder string
	clock  testkit.Clock
	log    testkit.Logbook

	maxStale time.Duration
}

func (m *mount) path(name string) string { return filepath.Join(m.folder, filepath.FromSlash(name)) }

func (m *mount) open(t *testing.T) error {
	t.Helper()
	var err error
	m.SecretProvider, err = secrets.Files([]string{m.path("session")}, secrets.FilesConfig{
		Projects: m.path("projects"), Now: m.clock.Now, Logger: m.log.Logger(), MaxStale: m.maxStale,
	})
	return err
}

// newMount has one session key and the projects shop and lobby.
func newMount(t *testing.T) *mount {
	t.Helper()
	m := &mount{folder: t.TempDir()}
	if err := os.Mkdir(m.path("projects"), 0o777); err != nil {
		t.Fatal(err)
	}
	write(t, m.path("session"), oldSecret+"\n")
	write(t, m.path("projects/shop"), shopSecret)
	write(t, m.path("projects/lobby"), "guests only\n")
	write(t, m.path("projects/.keep"), "")
	if err := m.open(t); err != nil {
		t.Fatal(err)
	}
	return m
}

// want fails the test unless these are the session keys, and looks again first.
func (m *mount) want(t *testing.T, when string, secretsOf ...string) {
	t.Helper()
	m.clock.Advance(5 * time.Second)
	m.wantNow(t, when, secretsOf...)
}

func (m *mount) wantNow(t *testing.T, when string, secretsOf ...string) {
	t.Helper()
	keys, err := m.SessionKeys(t.Context())
	if err != nil || len(keys) != len(secretsOf) {
		t.Fatalf("%s: %v, %v; want %d keys", when, keys, err, len(secretsOf))
	}
	for i, secret := range secretsOf {
		if !sameKey(t, keys[i], testkit.Key("", secret)) {
			t.Errorf("%s: session key %d is another", when, i)
		}
	}
}

// project returns how a project's answer is: its number of keys, or an error.
func (m *mount) project(t *testing.T, id string) (int, error) {
	t.Helper()
	m.clock.Advance(5 * time.Second)
	keys, err := m.ProjectKeys(t.Context(), id)
	return len(keys), err
}

func TestFilesChange(t *testing.T) {
	t.Parallel()
	m := newMount(t)
	m.want(t, "at the start", oldSecret)
	write(t, m.path("session"), newSecret+"\n"+oldSecret+"\n")
	m.wantNow(t, "before it looks again", oldSecret)
	m.want(t, "after a change", newSecret, oldSecret)
	// Of the same size and time: another file was renamed over it.
	write(t, m.path("next"), oldSecret+"\n"+newSecret+"\n")
	for _, name := range []string{"session", "next"} {
		if err := os.Chtimes(m.path(name), time.Time{}, time.Now().Add(-time.Hour).Truncate(time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	m.want(t, "after a change of its time", newSecret, oldSecret)
	if err := os.Rename(m.path("next"), m.path("session")); err != nil {
		t.Fatal(err)
	}
	m.want(t, "after a file of the same time and size", oldSecret, newSecret)
	// Written within the same tick of the file system's clock, to the same size.
	stamp := time.Now()
	for _, order := range [][2]string{{newSecret, oldSecret}, {oldSecret, newSecret}} {
		write(t, m.path("session"), order[0]+"\n"+order[1]+"\n")
		if err := os.Chtimes(m.path("session"), time.Time{}, stamp); err != nil {
			t.Fatal(err)
		}
		m.want(t, "after two changes at one time", order[:]...)
	}
	m.clock.Advance(-time.Hour)
	write(t, m.path("session"), newSecret)
	m.wantNow(t, "when the clock goes back", newSecret)
}

// A tool that copies a file in place may give it the old time again: the key that was
// withdrawn ends within a minute.
func TestFilesOfAnOldTime(t *testing.T) {
	t.Parallel()
	m := newMount(t)
	long := time.Now().Add(-time.Hour)
	for _, secret := range []string{oldSecret, newSecret} {
		write(t, m.path("session"), secret)
		if err := os.Chtimes(m.path("session"), long, long); err != nil {
			t.Fatal(err)
		}
		m.clock.Advance(time.Minute)
		m.wantNow(t, "a minute after a change without a trace", secret)
	}
}

// HMAC takes a long secret and its hash for one key, and so do we.
func TestS07_HashOfASessionSecretIsAProjects(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("L", 65)
	sum := sha256.Sum256([]byte(long))
	m := newMount(t)
	write(t, m.path("session"), long)
	if err := m.open(t); err != nil {
		t.Fatal(err)
	}
	write(t, m.path("projects/evil"), string(sum[:]))
	if err := m.open(t); err == nil || !strings.Contains(err.Error(), "projects/evil has a session key") {
		t.Errorf("Files with the hash of a session secret for a project: %v", err)
	}
}

// A mount of Kubernetes is a folder of links through one link, ..data, that is swapped.
func TestFilesOfKubernetes(t *testing.T) {
	t.Parallel()
	m := &mount{folder: t.TempDir()}
	version := func(name, session string, projects ...string) {
		for _, folder := range []string{"projects/" + name, name} {
			if err := os.MkdirAll(m.path(folder), 0o777); err != nil {
				t.Fatal(err)
			}
		}
		write(t, m.path(name+"/session"), session)
		for _, project := range projects {
			write(t, m.path("projects/"+name+"/"+project), shopSecret)
			_ = os.Symlink("..data/"+project, m.path("projects/"+project))
		}
		for _, folder := range []string{"projects/", ""} {
			if err := errors.Join(os.Symlink(name, m.path(folder+"..tmp")),
				os.Rename(m.path(folder+"..tmp"), m.path(folder+"..data"))); err != nil {
				t.Fatal(err)
			}
		}
		_ = os.Symlink("..data/session", m.path("session"))
	}
	version("..2026_10", oldSecret, "shop")
	if err := m.open(t); err != nil {
		t.Fatal(err)
	}
	m.want(t, "at the start", oldSecret)
	version("..2026_11", newSecret, "shop", "bakery")
	m.want(t, "after the swap", newSecret)
	for id, want := range map[string]int{"shop": 1, "bakery": 1} {
		if n, err := m.project(t, id); n != want || err != nil {
			t.Errorf("project %s has %d keys, %v", id, n, err)
		}
	}
	for _, id := range []string{"..data", "..2026_11", "session", "../session"} {
		if _, err := m.project(t, id); !errors.Is(err, deskauth.ErrProjectNotFound) {
			t.Errorf("project %q: %v, want ErrProjectNotFound", id, err)
		}
	}
}

func TestFilesOfProjects(t *testing.T) {
	t.Parallel()
	m := newMount(t)
	if n, err := m.project(t, "shop"); n != 1 || err != nil {
		t.Errorf("the shop has %d keys, %v", n, err)
	}
	if n, err := m.project(t, "lobby"); n != 0 || err != nil {
		t.Errorf("the lobby has %d keys, %v; want none and no error", n, err)
	}
	if _, err := m.project(t, "bakery"); !errors.Is(err, deskauth.ErrProjectNotFound) {
		t.Errorf("the bakery: %v", err)
	}
	write(t, m.path("projects/bakery"), newSecret)
	if n, err := m.project(t, "bakery"); n != 1 || err != nil {
		t.Errorf("the new bakery has %d keys, %v", n, err)
	}
	if err := os.Remove(m.path("projects/shop")); err != nil {
		t.Fatal(err)
	}
	if _, err := m.project(t, "shop"); !errors.Is(err, deskauth.ErrProjectNotFound) {
		t.Errorf("the shop that is gone: %v", err)
	}
	// A session key for a project: nobody gets in with it, and at the start all is refused.
	write(t, m.path("projects/evil"), "another secret that is longer than 32\n"+oldSecret+"\n")
	if n, err := m.project(t, "evil"); n != 0 || err == nil || !strings.Contains(err.Error(), "of its own") {
		t.Errorf("a project with a session key has %d keys, %v", n, err)
	}
	if err := m.open(t); err == nil || !strings.Contains(err.Error(), "projects/evil has a session key") {
		t.Errorf("Files with a session key for a project: %v", err)
	}
}

// A file that fails keeps its last good keys for an hour, and says so.
func TestS23_FilesThatFail(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(t *testing.T, path string){
		"empty":    func(t *testing.T, path string) { write(t, path, "") },
		"half":     func(t *testing.T, path string) { write(t, path, oldSecret[:12]) },
		"gone":     func(t *testing.T, path string) { must(0, os.Remove(path)) },
		"a folder": func(t *testing.T, path string) { must(0, errors.Join(os.Remove(path), os.Mkdir(path, 0o777))) },
		"a loop":   func(t *testing.T, path string) { must(0, errors.Join(os.Remove(path), os.Symlink(path, path))) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMount(t)
			spoil(t, m.path("session"))
			m.want(t, "when the file fails", oldSecret)
			if lines := m.log.TakeText(); !strings.Contains(lines, `"last_good_keys":true`) ||
				!strings.Contains(lines, m.path("session")) || strings.Contains(lines, oldSecret[:8]) {
				t.Errorf("the log is %q", lines)
			}
			m.want(t, "within the minute", oldSecret)
			if again := m.log.TakeText(); again != "" {
				t.Errorf("within a minute, the log says %q", again)
			}
			m.clock.Advance(time.Hour - 15*time.Second)
			m.want(t, "within the hour", oldSecret)
			m.clock.Advance(5 * time.Second)
			keys, err := m.SessionKeys(t.Context())
			if err == nil || len(keys) > 0 || !strings.Contains(err.Error(), m.path("session")) {
				t.Errorf("after an hour: %v, %v; want an error", keys, err)
			}
			if err := os.RemoveAll(m.path("session")); err != nil {
				t.Fatal(err)
			}
			write(t, m.path("session"), newSecret)
			m.want(t, "when it is mended", newSecret)
			lines := m.log.TakeText()
			if strings.Contains(lines, oldSecret[:8]) || !strings.Contains(lines, "new keys") {
				t.Errorf("the log is %q", lines)
			}
		})
	}
}

// Without the folder, known projects go on for an hour, and no other is known to be none.
func TestS23_FolderThatFails(t *testing.T) {
	t.Parallel()
	m := newMount(t)
	if err := os.Rename(m.path("projects"), m.path("elsewhere")); err != nil {
		t.Fatal(err)
	}
	if n, err := m.project(t, "shop"); n != 1 || err != nil {
		t.Errorf("the shop has %d keys, %v", n, err)
	}
	if _, err := m.project(t, "bakery"); err == nil || errors.Is(err, deskauth.ErrProjectNotFound) {
		t.Errorf("a project that may be there: %v, want a failure", err)
	}
	m.clock.Advance(time.Hour)
	if _, err := m.project(t, "shop"); err == nil || errors.Is(err, deskauth.ErrProjectNotFound) {
		t.Errorf("the shop after an hour: %v, want a failure", err)
	}
}
