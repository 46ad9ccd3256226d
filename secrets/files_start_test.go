package secrets_test

import (
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/secrets"
)

// Bad files are refused at the start. A misnamed one that comes later changes nothing.
func TestFilesAtTheStart(t *testing.T) {
	t.Parallel()
	m := newMount(t)
	write(t, m.path("projects/a copy"), shopSecret)
	if _, err := m.project(t, "bakery"); !errors.Is(err, deskauth.ErrProjectNotFound) {
		t.Errorf("beside a misnamed file: %v", err)
	}
	if err := m.open(t); err == nil || !strings.Contains(err.Error(), "not named after a project") {
		t.Errorf("Files with a misnamed file: %v", err)
	}
	_, err := secrets.Files(nil, secrets.FilesConfig{})
	if err == nil || !strings.Contains(err.Error(), "needs the name of a file") {
		t.Errorf("Files without a file: %v", err)
	}
	_, err = secrets.Files([]string{m.path("session")}, secrets.FilesConfig{
		ProjectFiles: map[string]string{"a b": m.path("projects/shop")},
	})
	if err == nil || !strings.Contains(err.Error(), `the ID "a b"`) {
		t.Errorf("Files with a bad ID: %v", err)
	}
	docker, err := secrets.Files([]string{m.path("session"), m.path("projects/shop")}, secrets.FilesConfig{
		ProjectFiles: map[string]string{"shop": m.path("projects/lobby"), "foyer": ""},
	})
	if err != nil {
		t.Fatal(err)
	}
	if keys, err := docker.SessionKeys(t.Context()); len(keys) != 2 || err != nil {
		t.Errorf("two session files have the keys %v, %v", keys, err)
	}
	for _, id := range []string{"shop", "foyer"} {
		if keys, err := docker.ProjectKeys(t.Context(), id); len(keys) != 0 || err != nil {
			t.Errorf("%s: %v, %v", id, keys, err)
		}
	}
}

// Calls at the same time as changes have the keys of before or after, and never none.
func TestFilesAtOnce(t *testing.T) {
	t.Parallel()
	m := newMount(t)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 50 {
				m.clock.Advance(3 * time.Second)
				if keys, err := m.SessionKeys(t.Context()); len(keys) != 1 || err != nil {
					t.Errorf("got %v, %v", keys, err)
				}
			}
		})
	}
	for _, secret := range []string{newSecret, oldSecret, newSecret} {
		write(t, m.path("next"), secret)
		must(0, os.Rename(m.path("next"), m.path("session")))
	}
	all.Wait()
	m.want(t, "at the end", newSecret)
}
