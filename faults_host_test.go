package deskauth_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

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
