package oteldeskauth

import (
	"context"
	"fmt"

	"github.com/deskauth/deskauth"
)

// The methods of a provider of keys, by their places in keyMethods.
const (
	sessionKeys = iota
	projectKeys
)

var keyMethods = []string{sessionKeys: "SessionKeys", projectKeys: "ProjectKeys"}

// Keys returns the provider with each call measured. [deskauth.StaticSecrets] come back as
// they are: they answer from memory, never fail, and [deskauth.New] checks them in full. A
// provider that caches is measured inside of the cache, if its calls of the source are
// meant, and outside of it, if all calls are. Keys returns nil for nil.
func (t *Telemetry) Keys(secrets deskauth.SecretProvider) deskauth.SecretProvider {
	switch secrets.(type) {
	case nil, deskauth.StaticSecrets, *deskauth.StaticSecrets:
		return secrets
	}
	return &keys{secrets, t.keys, inMemory(secrets)}
}

// A keys measures the calls of a provider.
type keys struct {
	secrets  deskauth.SecretProvider
	calls    *calls
	inMemory bool
}

// InMemory implements [deskauth.InMemory]. It returns nil, which is no promise, where the
// provider inside makes none.
func (k *keys) InMemory() any {
	if !k.inMemory {
		return nil
	}
	return k
}

// Format implements [fmt.Formatter]: nothing that the provider holds is printed.
func (k *keys) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "oteldeskauth.Keys(%T)", k.secrets) }

// SessionKeys implements [deskauth.SecretProvider].
func (k *keys) SessionKeys(ctx context.Context) (list []deskauth.Key, err error) {
	k.calls.observe(ctx, sessionKeys, func(ctx context.Context) error {
		list, err = k.secrets.SessionKeys(ctx)
		return err
	})
	return list, err
}

// ProjectKeys implements [deskauth.SecretProvider].
func (k *keys) ProjectKeys(ctx context.Context, projectID string) (list []deskauth.Key, err error) {
	k.calls.observe(ctx, projectKeys, func(ctx context.Context) error {
		list, err = k.secrets.ProjectKeys(ctx, projectID)
		return err
	})
	return list, err
}
