package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/sqlitestore"
	"github.com/deskauth/deskauth/storetest/pgtest"
	"github.com/jackc/pgx/v5"
)

// TestMain lets the test binary be the command, under its name: some tests start it as a
// process.
func TestMain(m *testing.M) {
	if strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe") == "deskauth" {
		main()
		return
	}
	os.Exit(m.Run())
}

// clock is the time in the tests.
var clock = time.Date(2026, time.November, 26, 8, 0, 0, 0, time.UTC)

const (
	sessionSecret = "session-canary-0123456789abcdef-0123456789abcdef"
	shopSecret    = "project-canary-0123456789abcdef-0123456789abcdef"
)

// A result is what a command line came to.
type result struct {
	out, err string
	code     int
}

// A call is a command line with what is around it.
type call struct {
	in       string
	env      map[string]string
	terminal bool     // in and err are one
	hidden   []string // what is typed without being shown
}

func (c call) run(t *testing.T, args ...string) result {
	t.Helper()
	return c.runIn(t.Context(), args...)
}

// environ returns the environment as a process has it.
func (c call) environ() (all []string) {
	for name, value := range c.env {
		all = append(all, name+"="+value)
	}
	return all
}

func (c call) runIn(ctx context.Context, args ...string) result {
	var out, err bytes.Buffer
	typed := c.hidden
	code := run(ctx, args, streams{
		in: strings.NewReader(c.in), out: &out, err: &err,
		environ:    c.environ(),
		now:        func() time.Time { return clock },
		inTerminal: c.terminal, errTerminal: c.terminal,
		readHidden: func(context.Context) ([]byte, error) {
			line := typed[0]
			typed = typed[1:]
			return []byte(line), nil
		},
	})
	return result{out.String(), err.String(), code}
}

// file makes a file in a folder of the test, and returns its path.
func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// decodeJSON reads one JSON document.
func decodeJSON[T any](t *testing.T, text string) (v T) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("the output is not one JSON document: %v\n%s", err, text)
	}
	return v
}

// newAuth returns an Auth whose tokens the tests look at, with the tests' clock.
func newAuth(t *testing.T, users deskauth.UserStore, cfg deskauth.Config) *deskauth.Auth {
	t.Helper()
	if cfg.Now == nil {
		cfg.Now = func() time.Time { return clock }
	}
	cfg.Logger = slog.New(slog.DiscardHandler)
	cfg.Argon2 = deskauth.Argon2Params{Memory: 8, Time: 1, Parallelism: 1}
	auth, err := deskauth.New(users, deskauth.StaticSecrets{
		Session:  []deskauth.Key{deskauth.NewKey("", "HS256", sessionSecret)},
		Projects: map[string][]deskauth.Key{"shop": {deskauth.NewKey("", "HS256", shopSecret)}},
	}, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return auth
}

// guestToken returns the session token of a new guest.
func guestToken(t *testing.T, auth *deskauth.Auth) deskauth.Session {
	t.Helper()
	s, err := auth.SigninAnonymously(t.Context(), deskauth.AnonymousInput{ProjectID: "shop", FirstName: "Visitor"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// pemPair returns an ECDSA key and its two PEM files.
func pemPair(t *testing.T) (key *ecdsa.PrivateKey, private, public string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind string, der []byte, err error) string {
		if err != nil {
			t.Fatal(err)
		}
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	private = block("PRIVATE KEY", der, err)
	der, err = x509.MarshalPKIXPublicKey(&key.PublicKey)
	return key, private, block("PUBLIC KEY", der, err)
}

const hashCanary = "$argon2id$v=19$m=8,t=1,p=1$aGFzaC1jYW5hcnktMDE$aGFzaC1jYW5hcnktaGFzaC1jYW5hcnktaGFzaC1jYW4"

// people are the accounts that the tests of stores have: a user, a disabled one, an
// external user, and guests of whom some are idle.
func people() (all []deskauth.Account) {
	at := func(daysAgo int) time.Time {
		return time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -daysAgo)
	}
	add := func(id string, kind deskauth.Kind, daysAgo int, set func(*deskauth.Account)) {
		acc := deskauth.Account{User: deskauth.User{
			ID: id, Kind: kind, CreatedAt: at(daysAgo), UpdatedAt: at(daysAgo),
		}, LastActiveAt: at(daysAgo)}
		if kind != deskauth.KindUser {
			acc.ProjectID = "shop"
		}
		if set != nil {
			set(&acc)
		}
		all = append(all, acc)
	}
	add("user-ada", deskauth.KindUser, 10, func(a *deskauth.Account) {
		a.Email, a.FirstName, a.LastName = "ada@example.com", "Ada", "Lovelace"
		a.PasswordHash, a.State = hashCanary, `{"v":1}`
	})
	add("user-bob", deskauth.KindUser, 10, func(a *deskauth.Account) { a.Email, a.Disabled = "bob@example.com", true })
	external := deskauth.ExternalUserID("shop", "42")
	add(external, deskauth.KindExternal, 90, func(a *deskauth.Account) { a.ExternalID = "42" })
	for i := range 3 {
		add(fmt.Sprintf("guest-idle-%d", i), deskauth.KindGuest, 60, nil)
	}
	add("guest-new", deskauth.KindGuest, 1, func(a *deskauth.Account) { a.Attributes = []byte(`{"page":"/pricing"}`) })
	return all
}

// sqliteStore makes a file with accounts, and returns the name of the store.
func sqliteStore(t *testing.T, accounts ...deskauth.Account) (name string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "accounts.db")
	s, err := sqlitestore.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	fill(t, s, accounts)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return "sqlite:" + path
}

func fill(t *testing.T, s deskauth.UserImporter, accounts []deskauth.Account) {
	t.Helper()
	result, err := s.ImportUsers(t.Context(), accounts, func(deskauth.Account) error { return nil })
	if err != nil || result.Created != len(accounts) {
		t.Fatalf("%d of %d accounts were made, and the error is %v", result.Created, len(accounts), err)
	}
}

// postgresStore makes a schema with accounts, or an empty one if accounts is nil.
func postgresStore(t *testing.T, accounts ...deskauth.Account) (name string) {
	t.Helper()
	base := pgtest.URL(t)
	schema := "deskauth_test_" + strings.ToLower(rand.Text())
	once := func(sql string) {
		conn, err := pgx.Connect(context.Background(), base)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(context.Background())
		if _, err := conn.Exec(context.Background(), sql); err != nil {
			t.Fatal(err)
		}
	}
	once("CREATE SCHEMA " + schema)
	t.Cleanup(func() { once("DROP SCHEMA " + schema + " CASCADE") })
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	query := u.Query()
	query.Set("search_path", schema)
	u.RawQuery = query.Encode()
	name = u.String()
	if accounts == nil {
		return name
	}
	fill(t, opened(t, name), accounts)
	return name
}

// opened opens a store for writing, with its tables.
func opened(t *testing.T, name string) *store {
	t.Helper()
	a := &app{streams: streams{environ: []string{storeVariable + "=" + name}}}
	s, err := a.openStore(t.Context(), storeFlag{variable: storeVariable, changes: true, migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.close)
	return s
}

// stores are the kinds of store that the commands work on.
var stores = map[string]func(*testing.T, ...deskauth.Account) string{"sqlite": sqliteStore, "postgres": postgresStore}
