package oteldeskauth_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"testing"

	"github.com/deskauth/deskauth"
)

const sessionSecret = "the secret of the session tokens: 32 bytes or more"

// A provider answers with secrets, or with an error.
type provider struct {
	secrets deskauth.StaticSecrets
	err     error
}

func (p provider) SessionKeys(ctx context.Context) ([]deskauth.Key, error) {
	if p.err != nil {
		return nil, p.err
	}
	return p.secrets.SessionKeys(ctx)
}

func (p provider) ProjectKeys(ctx context.Context, projectID string) ([]deskauth.Key, error) {
	return p.secrets.ProjectKeys(ctx, projectID)
}

type inMemoryProvider struct{ deskauth.SecretProvider }

func (p inMemoryProvider) InMemory() any { return p }

func TestKeys(t *testing.T) {
	t.Parallel()
	p := newProbe(t)
	session := []deskauth.Key{deskauth.NewKey("k", "HS256", sessionSecret)}
	secrets := deskauth.StaticSecrets{Session: session, Projects: map[string][]deskauth.Key{"a": session}}
	k := p.Keys(provider{secrets: secrets})
	for _, get := range []func() ([]deskauth.Key, error){
		func() ([]deskauth.Key, error) { return k.SessionKeys(t.Context()) },
		func() ([]deskauth.Key, error) { return k.ProjectKeys(t.Context(), "a") },
	} {
		if list, err := get(); err != nil || len(list) != 1 || list[0].ID() != "k" {
			t.Errorf("got %v, %v", list, err)
		}
	}
	if _, err := k.ProjectKeys(t.Context(), "b"); !errors.Is(err, deskauth.ErrProjectNotFound) {
		t.Errorf("another project: %v", err)
	}
	down := errors.New("vault is sealed")
	if _, err := p.Keys(provider{err: down}).SessionKeys(t.Context()); err != down {
		t.Errorf("a provider that fails: %v", err)
	}
	p.want(t, "deskauth.keys.duration",
		"method=SessionKeys outcome=succeeded: 1", "method=ProjectKeys outcome=succeeded: 1",
		"method=ProjectKeys outcome=not_found: 1", "method=SessionKeys outcome=failed: 1")
	want := []string{
		"SecretProvider.SessionKeys: method=SessionKeys outcome=succeeded: Unset",
		"SecretProvider.ProjectKeys: method=ProjectKeys outcome=succeeded: Unset",
		"SecretProvider.ProjectKeys: method=ProjectKeys outcome=not_found: Unset",
		"SecretProvider.SessionKeys: error.type=_OTHER method=SessionKeys outcome=failed: Error",
	}
	if got := p.takeSpans(); !slices.Equal(got, want) {
		t.Errorf("spans %q", got)
	}
}

// New checks them in full only if it sees them.
func TestStaticSecretsStay(t *testing.T) {
	t.Parallel()
	p := newProbe(t)
	for _, secrets := range []deskauth.SecretProvider{deskauth.StaticSecrets{}, &deskauth.StaticSecrets{}} {
		if got := p.Keys(secrets); reflect.TypeOf(got) != reflect.TypeOf(secrets) {
			t.Errorf("%T becomes %T", secrets, got)
		}
	}
}
