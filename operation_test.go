package deskauth_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// A call is one way into the library. It reports what it got besides the error.
type call struct {
	name      string
	operation deskauth.Operation
	methods   string // that it uses
	healthy   error  // what it answers when nothing is broken
	do        func(context.Context, *testkit.Kit, people) (got string, err error)
}

// people are who is in the store before the calls.
type people struct {
	agent   deskauth.User
	session string
}

var calls = []call{
	{"Signup", "signup", "UserByEmail CreateUser", nil, func(ctx context.Context, k *testkit.Kit, _ people) (string, error) {
		u, err := k.Signup(ctx, deskauth.SignupInput{Email: "new@f22.it", Password: deskauth.NewSecret("correct horse"), FirstName: "A", LastName: "L"})
		return u.ID + u.Email, err
	}},
	{"Signin", "signin", "UserByEmail UpdateUser SessionKeys", nil, func(ctx context.Context, k *testkit.Kit, _ people) (string, error) {
		s, err := k.Signin(ctx, deskauth.SigninInput{Email: "andrea@f22.it", Password: deskauth.NewSecret("correct horse")})
		return s.Token + s.User.ID, err
	}},
	{"Signin of nobody", "signin", "UserByEmail", deskauth.ErrInvalidCredentials, func(ctx context.Context, k *testkit.Kit, _ people) (string, error) {
		s, err := k.Signin(ctx, deskauth.SigninInput{Email: "nobody@f22.it", Password: deskauth.NewSecret("correct horse")})
		return s.Token + s.User.ID, err
	}},
	{"SigninAnonymously", "anonymous", "ProjectKeys CreateUser SessionKeys", nil, func(ctx context.Context, k *testkit.Kit, _ people) (string, error) {
		s, err := k.SigninAnonymously(ctx, deskauth.AnonymousInput{ProjectID: testkit.ProjectA})
		return s.Token + s.User.ID, err
	}},
	{"first custom token", "custom_token", "ProjectKeys UserByID CreateUser SessionKeys", nil, func(ctx context.Context, k *testkit.Kit, _ people) (string, error) {
		s, err := k.SigninWithCustomToken(ctx, deskauth.CustomTokenInput{Token: deskauth.NewSecret(testkit.TokenA(`"new"`))})
		return s.Token + s.User.ID, err
	}},
	{"custom token with a new name", "custom_token", "ProjectKeys UserByID UpdateUser SessionKeys", nil, func(ctx context.Context, k *testkit.Kit, _ people) (string, error) {
		s, err := k.SigninWithCustomToken(ctx, deskauth.CustomTokenInput{Token: deskauth.NewSecret(testkit.TokenA(`"123"`, `"firstname":"Other"`))})
		return s.Token + s.User.ID, err
	}},
	{"session restored", "custom_token", "SessionKeys UserByID", nil, func(ctx context.Context, k *testkit.Kit, p people) (string, error) {
		s, err := k.SigninWithCustomToken(ctx, deskauth.CustomTokenInput{Token: deskauth.NewSecret(p.session)})
		return s.Token + s.User.ID, err
	}},
	{"Verify", "verify", "SessionKeys UserByID", nil, func(ctx context.Context, k *testkit.Kit, p people) (string, error) {
		id, err := k.Verify(ctx, p.session)
		return id.UserID + id.Email, err
	}},
	{"VerifyStateless", "verify", "SessionKeys", nil, func(ctx context.Context, k *testkit.Kit, p people) (string, error) {
		id, err := k.VerifyStateless(ctx, p.session)
		return id.UserID + id.Email, err
	}},
}

// settle returns a kit on a host in which everything works, and who is in its store: an
// agent whose hash is due for a new one, another with the same password, an external
// user, and a session.
func settle(t *testing.T, cfg deskauth.Config) (*testkit.Kit, *host, people) {
	t.Helper()
	h := &host{store: memstore.New()}
	h.other = put(t, h.store, "other@f22.it", weakHash)
	agent := put(t, h.store, "andrea@f22.it", weakHash)
	quiet := testkit.NewOn(t, h.store, testkit.Secrets(), deskauth.Config{})
	quiet.MustCustom(t, testkit.TokenA(`"123"`, `"firstname":"Andrea"`))
	session := quiet.MustSignin(t, "andrea@f22.it", "correct horse").Token
	testkit.Change(t, h.store, agent.ID, func(a *deskauth.Account) { a.PasswordHash = weakHash })
	return testkit.NewOn(t, h, h, cfg), h, people{agent: agent.User, session: session}
}

// nobodyGotIn fails the test unless err is a failure that nobody can take for a fault of
// the caller's, and nothing came with it.
func nobodyGotIn(t *testing.T, got string, err error) {
	t.Helper()
	if err == nil || got != "" {
		t.Errorf("somebody got in: %.40q, error %v", got, err)
	}
	for _, refusal := range []error{
		deskauth.ErrInvalidToken, deskauth.ErrTokenExpired, deskauth.ErrInvalidCredentials, deskauth.ErrAccountDisabled,
		deskauth.ErrUserExists, deskauth.ErrProjectNotFound, deskauth.ErrBusy,
	} {
		if errors.Is(err, refusal) {
			t.Errorf("the caller is blamed: %v", err)
		}
	}
	if _, ok := errors.AsType[*deskauth.ValidationError](err); ok {
		t.Errorf("the caller is blamed: %v", err)
	}
}

func TestS23_CancelledContextIsNoRefusal(t *testing.T) {
	t.Parallel()
	for _, c := range calls {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			log := new(logbook)
			k, h, p := settle(t, deskauth.Config{Logger: log.logger()})
			accounts := h.store.Len()
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			got, err := c.do(ctx, k, p)
			nobodyGotIn(t, got, err)
			if !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want an error that wraps context.Canceled", err)
			}
			if e := k.Events.TakeLast(); e.Type != deskauth.EventRefused || e.Reason != "canceled" {
				t.Errorf("event %+v", e)
			}
			if lines := log.take(t, slog.LevelError); len(lines) > 0 || h.store.Len() != accounts {
				t.Errorf("%d accounts more, and the log has %+v", h.store.Len()-accounts, lines)
			}
		})
	}
}

// A logLine is what a test asks of a line of the log.
type logLine struct {
	Level, Msg, Error string
	Operation         deskauth.Operation
	Reason            deskauth.Reason
}

// A logbook is a log as JSON, safe for concurrent use.
type logbook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logbook) logger() *slog.Logger {
	return slog.New(slog.NewJSONHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// take returns the lines of a level since the last take.
func (l *logbook) take(t *testing.T, level slog.Level) (lines []logLine) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	for text := range strings.Lines(l.text.String()) {
		var line logLine
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatalf("a line of the log: %v: %s", err, text)
		}
		if line.Level == level.String() {
			lines = append(lines, line)
		}
	}
	l.text.Reset()
	return lines
}

// A fault is what a method of the host's does instead of its work. Where it makes up an
// answer, the answer is for the methods that have one.
type fault struct {
	name     string
	fail     func() error
	accounts func(other deskauth.Account) deskauth.Account
	keys     []deskauth.Key
	answers  bool // it returns accounts or keys and no error
}

// weakHash is of "correct horse" and cheaper than what a kit makes, so that a sign-in
// replaces it.
const weakHash = "$argon2id$v=19$m=32,t=1,p=1$FF5fRgK0zDSovs6IrhvcOA$tnRRZ0AFblLAuhQZUmYGLmo5uvE/b5qyCIpvRce1MQU"

var errDown = errors.New("connection refused")

var faults = []fault{
	{name: "error", fail: func() error { return errDown }},
	{name: "its own deadline", fail: func() error { return fmt.Errorf("query: %w", context.DeadlineExceeded) }},
	{name: "an error that wraps ours", fail: func() error {
		return errors.Join(deskauth.ErrInvalidToken, deskauth.ErrInvalidCredentials, deskauth.ErrAccountDisabled, deskauth.ErrBusy, &deskauth.ValidationError{})
	}},
	{name: "panic", fail: func() error { panic("index out of range") }},
	{name: "panic with an error", fail: func() error { panic(fmt.Errorf("driver: %w", errDown)) }},
	{name: "nil dereference", fail: func() error { return *(*error)(nil) }},
	{name: "zero values", answers: true, accounts: func(deskauth.Account) deskauth.Account { return deskauth.Account{} }},
	{name: "another's", answers: true, accounts: func(other deskauth.Account) deskauth.Account { return other }, keys: []deskauth.Key{{}}},
	{name: "a bad key behind a good one", answers: true, keys: []deskauth.Key{deskauth.NewKey("", "HS256", testkit.SessionSecret), deskauth.NewKey("", "HS256", "short")}},
}

// A host is a store and a provider of which one method may have a fault.
type host struct {
	store  *memstore.Store
	other  deskauth.Account // what another's account is
	method string
	fault  fault
	hits   int
}

func (h *host) breaks(method string) bool {
	if h.method == method {
		h.hits++
		return true
	}
	return false
}

func (h *host) account() (deskauth.Account, error) {
	if h.fault.accounts != nil {
		return h.fault.accounts(h.other), nil
	}
	return deskauth.Account{}, h.fault.fail()
}

func (h *host) keys() ([]deskauth.Key, error) {
	if h.fault.answers {
		return h.fault.keys, nil
	}
	return nil, h.fault.fail()
}

func (h *host) CreateUser(ctx context.Context, a deskauth.Account) error {
	if h.breaks("CreateUser") {
		return h.fault.fail()
	}
	return h.store.CreateUser(ctx, a)
}

func (h *host) UpdateUser(ctx context.Context, a deskauth.Account) error {
	if h.breaks("UpdateUser") {
		return h.fault.fail()
	}
	return h.store.UpdateUser(ctx, a)
}

func (h *host) UserByID(ctx context.Context, id string) (deskauth.Account, error) {
	if h.breaks("UserByID") {
		return h.account()
	}
	return h.store.UserByID(ctx, id)
}

func (h *host) UserByEmail(ctx context.Context, email string) (deskauth.Account, error) {
	if h.breaks("UserByEmail") {
		return h.account()
	}
	return h.store.UserByEmail(ctx, email)
}

func (h *host) SessionKeys(ctx context.Context) ([]deskauth.Key, error) {
	if h.breaks("SessionKeys") {
		return h.keys()
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return testkit.Secrets().SessionKeys(ctx)
}

func (h *host) ProjectKeys(ctx context.Context, id string) ([]deskauth.Key, error) {
	if h.breaks("ProjectKeys") {
		return h.keys()
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return testkit.Secrets().ProjectKeys(ctx, id)
}

// can reports whether a method can have a fault. That a project has no keys is an answer
// like any other, and a method that only returns an error has said that all is well.
func can(method string, f fault) bool {
	switch method {
	case "CreateUser", "UpdateUser":
		return !f.answers
	case "UserByID", "UserByEmail":
		return !f.answers || f.accounts != nil
	case "ProjectKeys":
		return !f.answers || f.keys != nil
	}
	return true
}
