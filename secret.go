package deskauth

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// A SecretProvider holds the keys. It is asked at each use, so it should answer from
// memory, and it must be safe for concurrent use. [New] asks for the session keys once.
//
// The package secrets has providers for the environment and for files, and a cache to put
// around one that asks a database or a vault.
//
// An error other than [ErrProjectNotFound] means that the provider failed: it is logged,
// and the call fails with it. A method returns when its context ends: [Auth] gives it the
// deadline of Config.CallTimeout, and waits for one that does not heed it.
//
// To change a session key without ending sessions, list both, with a NotBefore of the new
// one by which every process has it. docs/keys.md has the steps.
type SecretProvider interface {
	// SessionKeys returns the keys of session tokens. All of them verify, and the first one
	// whose NotBefore has come signs. With public keys alone, tokens can be verified and
	// every sign-in fails.
	SessionKeys(ctx context.Context) ([]Key, error)

	// ProjectKeys returns the keys that may sign the project's custom tokens, the current
	// one first. An empty list is a project that takes guests but no custom tokens. For a
	// project that does not exist, it returns an error wrapping [ErrProjectNotFound].
	//
	// projectID is what a client sent: look it up, and build nothing from it. A project's
	// key must never be a session key: the signer of its custom tokens could then make any
	// session. [New] sees that only in [StaticSecrets].
	ProjectKeys(ctx context.Context, projectID string) ([]Key, error)
}

// StaticSecrets is a [SecretProvider] for keys that are known at the start. Do not change
// it after passing it to [New].
type StaticSecrets struct {
	Session  []Key            // at least one; the first whose NotBefore has come signs
	Projects map[string][]Key // by project ID; an empty list is a project without custom tokens
}

// SessionKeys implements [SecretProvider].
func (s StaticSecrets) SessionKeys(context.Context) ([]Key, error) { return s.Session, nil }

// ProjectKeys implements [SecretProvider].
func (s StaticSecrets) ProjectKeys(_ context.Context, projectID string) ([]Key, error) {
	keys, ok := s.Projects[projectID]
	if !ok {
		return nil, ErrProjectNotFound
	}
	return keys, nil
}

// sessionKeys asks the provider, and refuses keys with which anything could go through.
func (a *Auth) sessionKeys(ctx context.Context) ([]Key, error) {
	keys, err := a.secrets.SessionKeys(ctx)
	if err != nil {
		return nil, fmt.Errorf("deskauth: get session keys: %w", err)
	}
	if err := checkSessionKeys(keys); err != nil {
		return nil, err
	}
	return keys, nil
}

// signingKey returns the key that signs session tokens now. Ask for it before an account is
// made: one without a token would be of no use to its owner.
func (a *Auth) signingKey(ctx context.Context) (Key, error) {
	keys, err := a.sessionKeys(ctx)
	if err != nil {
		return Key{}, err
	}
	now := a.cfg.Now()
	key := keys[signing(keys, now)]
	return key, checkSigningKey(key, now)
}

// signing returns the index of the key that signs: the first whose NotBefore has come, or
// the first of all where none has.
func signing(keys []Key, now time.Time) int {
	return max(slices.IndexFunc(keys, func(k Key) bool { return !now.Before(k.NotBefore) }), 0)
}

// projectKeys asks the provider, and refuses keys with which anything could go through.
func (a *Auth) projectKeys(ctx context.Context, projectID string) ([]Key, error) {
	if !isProjectID(projectID) {
		return nil, refuse(ErrProjectNotFound, ReasonUnknownProject)
	}
	keys, err := a.secrets.ProjectKeys(ctx, projectID)
	if errors.Is(err, ErrProjectNotFound) {
		return nil, refuse(ErrProjectNotFound, ReasonUnknownProject)
	}
	if err != nil {
		return nil, fmt.Errorf("deskauth: get keys of project %q: %w", projectID, err)
	}
	for _, k := range keys {
		if err := k.problem(); err != nil {
			return nil, fmt.Errorf("deskauth: project %q: %w", projectID, err)
		}
	}
	return keys, nil
}

func checkSessionKeys(keys []Key) error {
	if len(keys) == 0 {
		return errors.New(
			"deskauth: there is no session key: session tokens need one, for example " +
				"NewKey(\"\", \"HS256\", 32 random bytes)")
	}
	for _, k := range keys {
		if err := k.problem(); err != nil {
			return fmt.Errorf("deskauth: session %w", err)
		}
	}
	return nil
}

func checkSigningKey(first Key, now time.Time) error {
	switch {
	case !first.key.CanSign():
		return fmt.Errorf(
			"deskauth: session key %q is a public key: the first session key signs and must be a "+
				"secret or a private key",
			first.ID())
	case now.Before(first.NotBefore):
		return fmt.Errorf("deskauth: session key %q does not sign before its NotBefore, %s: list a key behind it "+
			"that signs until then", first.ID(), first.NotBefore.Format(time.RFC3339))
	case !first.usable(now):
		return fmt.Errorf("deskauth: session key %q signs and is past its NotAfter, %s: put a key in force first",
			first.ID(), first.NotAfter.Format(time.RFC3339))
	}
	return nil
}

// checkSecrets checks the keys that [New] can see: all of StaticSecrets, and the session
// keys of any other provider. A type that embeds StaticSecrets may have others.
func (a *Auth) checkSecrets(secrets SecretProvider) error {
	switch s := secrets.(type) {
	case StaticSecrets:
		return s.check(a.cfg.Now())
	case *StaticSecrets:
		if s == nil {
			return errors.New("deskauth: New got a nil *StaticSecrets")
		}
		return s.check(a.cfg.Now())
	}
	keys, err := a.askOnce()
	if err != nil {
		return fmt.Errorf("deskauth: New asked the SecretProvider, a %T, for the session keys: %w; "+
			"see that it can answer, and start again", secrets, err)
	}
	return StaticSecrets{Session: keys}.check(a.cfg.Now())
}

// askOnce asks the provider outside of any operation.
func (a *Auth) askOnce() (keys []Key, err error) {
	defer func() {
		if p := recover(); p != nil { // a nil pointer, for example
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return a.secrets.SessionKeys(context.Background())
}

func (s StaticSecrets) check(now time.Time) error {
	if err := checkSessionKeys(s.Session); err != nil {
		return err
	}
	signs := slices.ContainsFunc(s.Session, func(k Key) bool { return k.key.CanSign() })
	if signs { // else it is meant to verify only
		if err := checkSigningKey(s.Session[signing(s.Session, now)], now); err != nil {
			return err
		}
	}
	for id, keys := range s.Projects {
		if err := s.checkProject(id, keys); err != nil {
			return err
		}
	}
	return nil
}

func (s StaticSecrets) checkProject(id string, keys []Key) error {
	if !isProjectID(id) {
		return fmt.Errorf(
			"deskauth: project ID %.64q cannot be used: it needs 1 to %d letters, digits, or "+
				"characters of -._~",
			id, maxIDBytes)
	}
	for _, k := range keys {
		if err := k.problem(); err != nil {
			return fmt.Errorf("deskauth: project %q: %w", id, err)
		}
		for _, session := range s.Session {
			if session.key.Overlaps(k.key) {
				return fmt.Errorf(
					"deskauth: project %q has a session key: the signer of its custom tokens "+
						"could make any session; give it a key of its own",
					id)
			}
		}
	}
	return nil
}
