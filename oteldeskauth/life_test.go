package oteldeskauth_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
)

// Canaries are what must not be in any label. Their letters are by chance, so that no other
// text has twelve of them in a row.
const (
	canaryEmail    = "qh7vkw2zpt@xr4jmd9bfn.example"
	canaryNewEmail = "bw8ncy5gks@lz3tqf6hvp.example"
	canaryGuests   = "mk2rxp7jdw@vt9zgc4bqh.example"
	canaryPassword = "Tf5zHq9wKx3vRm7d"
	canaryProject  = "wk3xvz8qjr6ptm"
	canaryExternal = "ex-zt9mq4vkw7jd"
	canaryName     = "Vx6KqjZr9wTmPd"
	canaryClient   = "203.0.113.177"
	canaryError    = "dial tcp 198.51.100.213: hZq8wKv3xJr no route"
	canaryKeyID    = "kid-pq6zvx9wjk"
	canarySession  = "jH4qZ8wXkV2rTm6pD9sLb3nFy7cGt5aE"
	canaryOldKey   = "Rz7vKq3wXj9mTp5dHs8bLn2fYc6gEa4t"
	canarySecret   = "Wk9xZq4vJr7mTp2dHs6bLn8fYc3gEa5t"
)

// A life is an Auth whose every part is measured, and fails when it is told to.
type life struct {
	*probe
	auth    *deskauth.Auth
	users   *memstore.Store
	broken  func() error     // nil while the host works
	noMail  bool             // the Mailer fails, and nothing else
	secrets []string         // what the calls returned: tokens, codes, IDs
	agent   deskauth.Session // the newest one of an agent; used where a broken host gives none
	guest   deskauth.Session // the same of a guest
	mails   []deskauth.Mail
	events  []deskauth.Event
	oldKey  bool // the key of sessions is the old one
}

func newLife(t *testing.T, limits deskauth.Limits) *life {
	t.Helper()
	l := &life{probe: newProbe(t), users: memstore.New()}
	ids := 0
	var err error
	l.auth, err = deskauth.New(l.Store(fragile{l.users, l}), l.Keys(l), deskauth.Config{
		Argon2:  deskauth.Argon2Params{Memory: 8, Time: 1, Parallelism: 1},
		Limits:  limits,
		Limiter: l.Limiter(fragileLimiter{deskauth.NewMemoryLimiter(nil), l}),
		Mailer:  l,
		Logger:  slog.New(slog.NewTextHandler(io.Discard, nil)),
		NewID:   func() string { ids++; return fmt.Sprintf("id-%02d-zq8vkx4wjr", ids) },
		OnEvent: func(ctx context.Context, e deskauth.Event) {
			l.events = append(l.events, e)
			l.OnEvent(ctx, e)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	watch, err := l.Watch(l.auth)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { watch.Unregister() })
	return l
}

// fault is how the host fails now, if it does.
func (l *life) fault() error {
	if l.broken == nil {
		return nil
	}
	return l.broken()
}

// SessionKeys implements [deskauth.SecretProvider].
func (l *life) SessionKeys(context.Context) ([]deskauth.Key, error) {
	keys := []deskauth.Key{
		deskauth.NewKey(canaryKeyID, "HS256", canarySession),
		deskauth.NewKey("old-"+canaryKeyID, "HS256", canaryOldKey),
	}
	if l.oldKey {
		slices.Reverse(keys)
	}
	return keys, l.fault()
}

// ProjectKeys implements [deskauth.SecretProvider].
func (l *life) ProjectKeys(_ context.Context, projectID string) ([]deskauth.Key, error) {
	if projectID != canaryProject {
		return nil, fmt.Errorf("%w: %s", deskauth.ErrProjectNotFound, projectID)
	}
	return []deskauth.Key{deskauth.NewKey("", "HS256", canarySecret)}, l.fault()
}

// Send implements [deskauth.Mailer].
func (l *life) Send(_ context.Context, m deskauth.Mail) error {
	l.secrets = append(l.secrets, m.CodeText())
	l.mails = append(l.mails, m)
	if l.noMail {
		return errors.New(canaryError + " to " + m.To)
	}
	return l.fault()
}

// code returns the code of the newest mail.
func (l *life) code() deskauth.Secret { return l.mails[len(l.mails)-1].Code }

// A fragile store fails with the life.
type fragile struct {
	*memstore.Store
	life *life
}

func (f fragile) InMemory() any { return nil }

func (f fragile) CreateUser(ctx context.Context, a deskauth.Account) error {
	return errors.Join(f.Store.CreateUser(ctx, a), f.life.fault())
}

func (f fragile) UserByID(ctx context.Context, id string) (deskauth.Account, error) {
	a, err := f.Store.UserByID(ctx, id)
	return a, errors.Join(err, f.life.fault())
}

func (f fragile) UserByEmail(ctx context.Context, email string) (deskauth.Account, error) {
	a, err := f.Store.UserByEmail(ctx, email)
	return a, errors.Join(err, f.life.fault())
}

func (f fragile) DeleteUser(ctx context.Context, id string) error {
	return errors.Join(f.Store.DeleteUser(ctx, id), f.life.fault())
}

type fragileLimiter struct {
	deskauth.Limiter
	life *life
}

func (f fragileLimiter) Take(ctx context.Context, attempts ...deskauth.Attempt) (int, time.Duration, error) {
	if err := f.life.fault(); err != nil {
		return -1, 0, err
	}
	return f.Limiter.Take(ctx, attempts...)
}

// customToken signs a token of the project's that expires so long after now.
func customToken(claims string, life time.Duration) deskauth.Secret {
	encode := base64.RawURLEncoding.EncodeToString
	now := time.Now().Unix()
	signed := encode([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + encode([]byte(fmt.Sprintf(
		`{"aud":"https://tiledesk.com/projects/%s","sub":"userexternal","iat":%d,"exp":%d,%s}`,
		canaryProject, now, now+int64(life.Seconds()), claims)))
	mac := hmac.New(sha256.New, []byte(canarySecret))
	mac.Write([]byte(signed))
	return deskauth.NewSecret(signed + "." + encode(mac.Sum(nil)))
}
