package deskauth_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// New asks a provider of the host's own once, and says what is wrong with the answer.
func TestS05_NewAsksTheProvider(t *testing.T) {
	t.Parallel()
	good, short := testkit.Key("", testkit.SessionSecret), testkit.Key("k1", "short")
	late, over := good, good
	late.NotBefore, over.NotAfter = testkit.Start.Add(time.Hour), testkit.Start
	for _, c := range []struct {
		name string
		keys func() ([]deskauth.Key, error)
		says string // good if empty
	}{
		{"a good key", func() ([]deskauth.Key, error) { return []deskauth.Key{good}, nil }, ""},
		{"no key", func() ([]deskauth.Key, error) { return nil, nil }, "there is no session key"},
		{"a short key", func() ([]deskauth.Key, error) { return []deskauth.Key{good, short}, nil }, `"k1" has 5 bytes`},
		{"a key to come", func() ([]deskauth.Key, error) { return []deskauth.Key{late}, nil }, "NotBefore"},
		{"a key that is over", func() ([]deskauth.Key, error) { return []deskauth.Key{over}, nil }, "NotAfter"},
		{
			"an error", func() ([]deskauth.Key, error) { return nil, testkit.ErrDown },
			"deskauth: New asked the SecretProvider, a *testkit.Provider, for the session keys: connection refused; " +
				"see that it can answer, and start again",
		},
		{"a panic", func() ([]deskauth.Key, error) { panic("a nil map") }, "panic: a nil map; see that"},
		{"no function", nil, "panic: runtime error: invalid memory address"},
	} {
		asked := 0
		p := &testkit.Provider{Session: c.keys, Project: func(string) ([]deskauth.Key, error) {
			t.Errorf("%s: New asked for a project", c.name)
			return nil, nil
		}}
		if c.keys != nil {
			p.Session = func() ([]deskauth.Key, error) { asked++; return c.keys() }
		}
		a, err := deskauth.New(memstore.New(), p, deskauth.Config{Now: new(testkit.Clock).Now})
		if (err == nil) != (c.says == "") || (a == nil) != (c.says != "") ||
			err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: New = %v, want %q", c.name, err, c.says)
		}
		if asked != 1 && c.keys != nil {
			t.Errorf("%s: New asked %d times, want once", c.name, asked)
		}
		if c.name == "an error" && !errors.Is(err, testkit.ErrDown) {
			t.Errorf("%v does not wrap the provider's error", err)
		}
	}
}

// A vault behind a network that swallows packets keeps New no longer than it keeps a call.
func TestS40_NewDoesNotWaitForEver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		_, err := deskauth.New(memstore.New(), silentProvider{}, deskauth.Config{CallTimeout: 3 * time.Second})
		took := time.Since(begin)
		if took != 3*time.Second || !errors.Is(err, context.DeadlineExceeded) ||
			!strings.Contains(err.Error(), "Config.CallTimeout is 3s") {
			t.Errorf("after %v: %v, want an error after 3s that names the setting", took, err)
		}
	})
}

type silentProvider struct{ deskauth.StaticSecrets }

func (silentProvider) SessionKeys(ctx context.Context) ([]deskauth.Key, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}
