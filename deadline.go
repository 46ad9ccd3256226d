package deskauth

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"
)

// InMemory is implemented by a [UserStore], [SecretProvider] or [Limiter] whose methods
// never wait for anything but a lock. An [Auth] calls it as it is. Around all others it
// puts the deadline of Config.CallTimeout, which costs a microsecond or two. memstore and
// [NewMemoryLimiter] have it; [StaticSecrets] need none.
type InMemory interface {
	// InMemory returns the receiver. A type that embeds another one has its method, too:
	// the promise counts for the type that comes back, and for no other.
	InMemory() any
}

// limitCalls puts Config.CallTimeout around all code of the host's that may wait. What
// answers from memory is called as it is, and an operation that calls nothing else pays
// nothing.
func (a *Auth) limitCalls() {
	limit := callTimeout(a.cfg.CallTimeout)
	if !inMemory(a.users) {
		a.users, a.waits = timeStore(a.users, limit), true
	}
	if !inMemory(a.secrets) {
		a.secrets, a.waits = timedSecrets{a.secrets, limit}, true
	}
	if !inMemory(a.cfg.Limiter) {
		a.cfg.Limiter, a.waits = timedLimiter{a.cfg.Limiter, limit}, true
	}
	if a.cfg.Mailer != nil {
		a.cfg.Mailer, a.hooks = timedMailer{a.cfg.Mailer, limit}, true
	}
	if check := a.cfg.PasswordCheck; check != nil {
		a.hooks = true
		a.cfg.PasswordCheck = func(ctx context.Context, password string) error {
			return limit.call(ctx, "Config.PasswordCheck", func(ctx context.Context) error {
				return check(ctx, password)
			})
		}
	}
}

// inMemory reports whether no method of the host's waits: see [InMemory].
func inMemory(host any) bool {
	switch h := host.(type) {
	case StaticSecrets, *StaticSecrets:
		return true
	case InMemory:
		return reflect.TypeOf(h.InMemory()) == reflect.TypeOf(host)
	}
	return false
}

// A callTimeout is Config.CallTimeout.
type callTimeout time.Duration

type spentKey struct{}

// withCallBudget returns the context of one operation. It keeps what the operation's calls
// have spent together.
func withCallBudget(ctx context.Context) context.Context {
	return context.WithValue(ctx, spentKey{}, new(time.Duration))
}

// call makes one call of the host's code. Its context ends when the calls of the operation
// have used up their time together. What is between them, such as the wait for a password
// hash, does not count.
func (t callTimeout) call(ctx context.Context, method string, do func(context.Context) error) error {
	spent, ok := ctx.Value(spentKey{}).(*time.Duration)
	if !ok {
		spent = new(time.Duration)
	}
	limited, cancel := context.WithTimeout(ctx, time.Duration(t)-*spent)
	defer cancel()
	start := time.Now()
	err := do(limited)
	*spent += time.Since(start)
	late := errors.Is(err, context.DeadlineExceeded) || errors.Is(limited.Err(), context.DeadlineExceeded)
	if err == nil || !late || isOutcome(err) || errors.Is(ctx.Err(), context.Canceled) {
		return err
	}
	return &lateError{method: method, spent: *spent, limit: time.Duration(t), callers: ctx.Err() != nil, err: err}
}

// isOutcome reports whether a call of the host's did its work, and an error says the
// outcome.
func isOutcome(err error) bool {
	for _, outcome := range [...]error{
		ErrUserNotFound, ErrUserExists, ErrConflict, ErrProjectNotFound, ErrPasswordRefused,
	} {
		if errors.Is(err, outcome) {
			return true
		}
	}
	return false
}

// A lateError is the error of a call of the host's that took too long.
type lateError struct {
	method string        // of the call, like "UserStore.CreateUser"
	spent  time.Duration // by all calls of the operation
	limit  time.Duration

	callers bool // it was the caller's deadline that came, before the limit
	err     error
}

func (e *lateError) Error() string { return e.detail() + ": " + e.err.Error() }
func (e *lateError) Unwrap() error { return e.err }

// detail says which call it was, and which limit, for a person.
func (e *lateError) detail() string {
	if e.callers {
		return fmt.Sprintf("%s had not answered at the caller's deadline, after %v in the calls of this operation",
			e.method, e.spent.Round(time.Millisecond))
	}
	return fmt.Sprintf("%s timed out, after %v in the calls of this operation; Config.CallTimeout is %v",
		e.method, e.spent.Round(time.Millisecond), e.limit)
}

// A timedStore gives each call of a store the deadline.
type timedStore struct {
	UserStore
	limit callTimeout
}

// timeStore returns the store with the deadline. It has the optional abilities that an Auth
// uses, if users has them.
func timeStore(users UserStore, limit callTimeout) UserStore {
	timed := timedStore{users, limit}
	if deleter, ok := users.(UserDeleter); ok {
		return timedDeleter{timed, deleter}
	}
	return timed
}

func (s timedStore) CreateUser(ctx context.Context, a Account) error {
	return s.limit.call(ctx, "UserStore.CreateUser", func(ctx context.Context) error {
		return s.UserStore.CreateUser(ctx, a)
	})
}

func (s timedStore) UserByID(ctx context.Context, id string) (acc Account, err error) {
	err = s.limit.call(ctx, "UserStore.UserByID", func(ctx context.Context) (err error) {
		acc, err = s.UserStore.UserByID(ctx, id)
		return err
	})
	return acc, err
}

func (s timedStore) UserByEmail(ctx context.Context, email string) (acc Account, err error) {
	err = s.limit.call(ctx, "UserStore.UserByEmail", func(ctx context.Context) (err error) {
		acc, err = s.UserStore.UserByEmail(ctx, email)
		return err
	})
	return acc, err
}

func (s timedStore) UpdateUser(ctx context.Context, a Account) error {
	return s.limit.call(ctx, "UserStore.UpdateUser", func(ctx context.Context) error {
		return s.UserStore.UpdateUser(ctx, a)
	})
}

// A timedDeleter is a timedStore that is a [UserDeleter].
type timedDeleter struct {
	timedStore
	deleter UserDeleter
}

func (s timedDeleter) DeleteUser(ctx context.Context, id string) error {
	return s.limit.call(ctx, "UserDeleter.DeleteUser", func(ctx context.Context) error {
		return s.deleter.DeleteUser(ctx, id)
	})
}

// A timedSecrets gives each call of a provider the deadline.
type timedSecrets struct {
	SecretProvider
	limit callTimeout
}

func (s timedSecrets) SessionKeys(ctx context.Context) (keys []Key, err error) {
	err = s.limit.call(ctx, "SecretProvider.SessionKeys", func(ctx context.Context) (err error) {
		keys, err = s.SecretProvider.SessionKeys(ctx)
		return err
	})
	return keys, err
}

func (s timedSecrets) ProjectKeys(ctx context.Context, projectID string) (keys []Key, err error) {
	err = s.limit.call(ctx, "SecretProvider.ProjectKeys", func(ctx context.Context) (err error) {
		keys, err = s.SecretProvider.ProjectKeys(ctx, projectID)
		return err
	})
	return keys, err
}

// A timedLimiter gives each Take of a limiter the deadline. GiveBack comes when the outcome
// is known, also that the time is used up, and has a deadline of its own: giveBackPatience.
type timedLimiter struct {
	Limiter
	limit callTimeout
}

func (l timedLimiter) Take(
	ctx context.Context, attempts ...Attempt,
) (refused int, wait time.Duration, err error) {
	err = l.limit.call(ctx, "Limiter.Take", func(ctx context.Context) (err error) {
		refused, wait, err = l.Limiter.Take(ctx, attempts...)
		return err
	})
	return refused, wait, err
}

// A timedMailer gives each Send the deadline.
type timedMailer struct {
	Mailer
	limit callTimeout
}

func (m timedMailer) Send(ctx context.Context, mail Mail) error {
	return m.limit.call(ctx, "Mailer.Send", func(ctx context.Context) error { return m.Mailer.Send(ctx, mail) })
}
