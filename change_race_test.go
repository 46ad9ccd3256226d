package deskauth_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/passhash"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// A racer is an account whose transitions are raced: an agent with two sessions, and a hash
// that the next sign-in replaces.
type racer struct {
	*testkit.Kit
	id          string
	mine, other string // tokens
}

func newRacer(t *testing.T) *racer {
	t.Helper()
	store := memstore.New()
	cfg := deskauth.Config{Limits: testkit.NoLimits(), Logger: testkit.Quiet}
	k := testkit.NewOn(t, restlessStore{store}, testkit.Secrets(), cfg)
	k.Store = store
	id := testkit.Put(t, store, "andrea@f22.it", testkit.WeakHash).ID
	return &racer{k, id, k.MustIssue(t, id).Token, k.MustIssue(t, id).Token}
}

// A restlessStore lets other goroutines run between a look-up and a write.
type restlessStore struct{ *memstore.Store }

func rest() {
	for range rand.IntN(40) {
		runtime.Gosched()
	}
}

func (s restlessStore) UserByID(ctx context.Context, id string) (deskauth.Account, error) {
	defer rest()
	return s.Store.UserByID(ctx, id)
}

func (s restlessStore) UserByEmail(ctx context.Context, email string) (deskauth.Account, error) {
	defer rest()
	return s.Store.UserByEmail(ctx, email)
}

func (s restlessStore) UpdateUser(ctx context.Context, a deskauth.Account) error {
	defer rest()
	return s.Store.UpdateUser(ctx, a)
}

// change changes the password with a session, and returns the fresh token, if any.
func (r *racer) change(ctx context.Context, token, next string, endAll bool) (string, error) {
	s, err := r.ChangePassword(ctx, deskauth.ChangePasswordInput{
		Token: deskauth.NewSecret(token), Current: deskauth.NewSecret(testkit.AndreasPassword),
		New: deskauth.NewSecret(next), EndAll: endAll,
	})
	if s.Token == token {
		return "", err
	}
	return s.Token, err
}

// A transition changes an account, or tells who is in. It may return a token.
type transition struct {
	name string
	host bool // the host does it, and no session
	do   func(ctx context.Context, r *racer) (token string, err error)
}

var racedPasswords = []string{testkit.AndreasPassword, "changed by mine", "changed by the other", "set by the host"}

var transitions = []transition{
	{"ChangePassword", false, func(ctx context.Context, r *racer) (string, error) {
		return r.change(ctx, r.mine, racedPasswords[1], false)
	}},
	{"ChangePassword with EndAll", false, func(ctx context.Context, r *racer) (string, error) {
		return r.change(ctx, r.mine, racedPasswords[1], true)
	}},
	{"ChangePassword by the other", false, func(ctx context.Context, r *racer) (string, error) {
		return r.change(ctx, r.other, racedPasswords[2], false)
	}},
	{"UpdateProfile", false, func(ctx context.Context, r *racer) (string, error) {
		name := "Ada"
		_, err := r.UpdateProfile(ctx, deskauth.UpdateProfileInput{Token: deskauth.NewSecret(r.mine), FirstName: &name})
		return "", err
	}},
	{"DeleteAccount", false, func(ctx context.Context, r *racer) (string, error) {
		return "", r.DeleteAccount(ctx, deskauth.DeleteAccountInput{Token: deskauth.NewSecret(r.mine)})
	}},
	{"DeleteAccount by the other", false, func(ctx context.Context, r *racer) (string, error) {
		return "", r.DeleteAccount(ctx, deskauth.DeleteAccountInput{Token: deskauth.NewSecret(r.other)})
	}},
	{"Signout", false, func(ctx context.Context, r *racer) (string, error) { return "", r.Signout(ctx, r.mine) }},
	{"Signin", false, func(ctx context.Context, r *racer) (string, error) {
		s, err := r.Signin(ctx, signinAs("andrea@f22.it", testkit.AndreasPassword))
		return s.Token, err
	}},
	{"coming back", false, func(ctx context.Context, r *racer) (string, error) {
		s, err := r.SigninWithCustomToken(ctx, deskauth.CustomTokenInput{Token: deskauth.NewSecret(r.mine)})
		return s.Token, err
	}},
	{"SetPassword", true, func(ctx context.Context, r *racer) (string, error) {
		return "", r.SetPassword(ctx, r.id, racedPasswords[3])
	}},
	{"SignoutEverywhere", true, func(ctx context.Context, r *racer) (string, error) {
		return "", r.SignoutEverywhere(ctx, r.id)
	}},
	{"SetDisabled", true, func(ctx context.Context, r *racer) (string, error) {
		return "", r.SetDisabled(ctx, r.id, true)
	}},
	{"a new address", true, func(ctx context.Context, r *racer) (string, error) {
		_, err := r.UpdateAccount(ctx, r.id, func(a *deskauth.Account) error { a.Email = "new@f22.it"; return nil })
		return "", err
	}},
	{"a verified address", true, func(ctx context.Context, r *racer) (string, error) {
		_, err := r.UpdateAccount(ctx, r.id, func(a *deskauth.Account) error { a.EmailVerified = true; return nil })
		return "", err
	}},
	{"DeleteUser", true, func(ctx context.Context, r *racer) (string, error) { return "", r.DeleteUser(ctx, r.id) }},
}

func signinAs(email, password string) deskauth.SigninInput {
	return deskauth.SigninInput{Email: email, Password: deskauth.NewSecret(password)}
}

// outcome says all that two transitions have led to: what each returned, what the account
// is then, and which tokens are good.
func (r *racer) outcome(t *testing.T, tokens [2]string, errs [2]error) string {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "%v; %v; ", errs[0], errs[1])
	acc, err := r.Store.UserByID(t.Context(), r.id)
	switch {
	case errors.Is(err, deskauth.ErrUserNotFound):
		b.WriteString("gone")
	case err != nil:
		t.Fatal(err)
	default:
		fmt.Fprintf(&b, "%s %s, verified %t, disabled %t", acc.Email, acc.FirstName, acc.EmailVerified, acc.Disabled)
		hash, err := passhash.Parse(acc.PasswordHash)
		if err != nil {
			t.Fatal(err)
		}
		for _, password := range racedPasswords {
			if hash.Verify(password) {
				b.WriteString(", password " + password)
			}
		}
	}
	for i, token := range []string{r.mine, r.other, tokens[0], tokens[1]} {
		if token == "" {
			continue
		}
		_, err := r.Verify(t.Context(), token)
		fmt.Fprintf(&b, "; token %d: %v", i, err)
	}
	return b.String()
}

// inOrder returns the outcome of two transitions, one after the other.
func inOrder(t *testing.T, pair [2]transition, order [2]int) string {
	t.Helper()
	r := newRacer(t)
	var tokens [2]string
	var errs [2]error
	for _, i := range order {
		tokens[i], errs[i] = pair[i].do(t.Context(), r)
	}
	return r.outcome(t, tokens, errs)
}

// atOnce returns the outcome of two transitions at the same moment.
func atOnce(t *testing.T, pair [2]transition) string {
	t.Helper()
	r := newRacer(t)
	var tokens [2]string
	var errs [2]error
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range pair {
		wg.Go(func() {
			<-start
			tokens[i], errs[i] = pair[i].do(t.Context(), r)
		})
	}
	close(start)
	wg.Wait()
	return r.outcome(t, tokens, errs)
}

// deletedWith reports whether a deletion may take with it what the other transition has
// done: its store deletes by ID alone, after the write that ends the other sessions. So
// what the host does between the two, or the session that deletes, is deleted, too.
func deletedWith(a, b transition) bool {
	deletes := func(t transition) bool { return strings.HasPrefix(t.name, "DeleteAccount") }
	return deletes(a) && b.host || deletes(b) && a.host ||
		a.name == "ChangePassword with EndAll" && b.name == "DeleteAccount"
}

// Any two transitions of an account at once end as they would one after the other: what
// they return, what is stored, and who is still in.
func TestS31_TransitionsAtOnce(t *testing.T) {
	t.Parallel()
	rounds := 10
	if testkit.Thorough() {
		rounds = 40
	}
	for i, first := range transitions {
		for _, second := range transitions[i:] {
			t.Run(first.name+" and "+second.name, func(t *testing.T) {
				t.Parallel()
				pair := [2]transition{first, second}
				explained := []string{inOrder(t, pair, [2]int{0, 1}), inOrder(t, pair, [2]int{1, 0})}
				for range rounds {
					got := atOnce(t, pair)
					if deletedWith(first, second) && strings.HasPrefix(got, "<nil>; <nil>; gone; ") {
						continue
					}
					if !slices.Contains(explained, got) {
						t.Fatalf("no order of the two explains\n%s\nwant one of\n%s", got, strings.Join(explained, "\n"))
					}
				}
			})
		}
	}
}
