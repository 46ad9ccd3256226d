package authtest_test

import (
	"context"
	"encoding/base64"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/authtest"
	"github.com/deskauth/deskauth/memstore"
)

const (
	project      = "5c81593adf767b0017d1aa66"
	customClaims = `{"_id":"123","sub":"userexternal","aud":"https://tiledesk.com/projects/` + project + `",` +
		`"firstname":"Andrea","exp":4102444800}`
)

// openAuth returns an Auth that signs its sessions with one key, and takes custom tokens of
// the project that another key signed.
func openAuth(t *testing.T, session, custom deskauth.Key) (*deskauth.Auth, *memstore.Store) {
	t.Helper()
	store := memstore.New()
	auth, err := deskauth.New(store, deskauth.StaticSecrets{
		Session: []deskauth.Key{session},
		Projects: map[string][]deskauth.Key{
			project: {custom},
			"other": {deskauth.NewKey("", "HS256", "another project's secret, with which no attack signs")},
		},
	}, deskauth.Config{
		Logger: slog.New(slog.DiscardHandler),
		Argon2: deskauth.Argon2Params{Memory: 64, Time: 1, Parallelism: 1},
	})
	if err != nil {
		t.Fatal(err)
	}
	return auth, store
}

// TestDeskauth holds deskauth's own ways in against the table, with a key that has an ID
// and with one that has none. No attack may get in or create an account.
func TestDeskauth(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ alg, kid string }{
		{"HS256", ""}, {"HS256", "k1"}, {"RS256", ""}, {"ES256", "k1"}, {"EdDSA", ""},
	} {
		t.Run(c.alg+c.kid, func(t *testing.T) {
			t.Parallel()
			key := keys()[c.alg]
			const unrelated = "a secret that no attack of this test is about"
			ours, other := deskauth.NewKey(c.kid, c.alg, key), deskauth.NewKey("", "HS256", unrelated)
			target := authtest.Target{Algorithm: c.alg, Key: key, KeyID: c.kid}
			if c.alg != "HS256" || c.kid != "" {
				target.Skip = []string{"size"} // for speed: the length is checked before the key
			}

			auth, store := openAuth(t, ours, other)
			guest, err := auth.SigninAnonymously(t.Context(), deskauth.AnonymousInput{ProjectID: project})
			if err != nil {
				t.Fatal(err)
			}
			target.Claims = payloadOf(t, guest.Token)
			attackAll(t, store, target, map[string]func(string) bool{
				"Verify": func(token string) bool {
					_, err := auth.Verify(t.Context(), token)
					return err == nil
				},
				"VerifyStateless":       func(token string) bool { return verifiesStateless(t.Context(), auth, token) },
				"SigninWithCustomToken": func(token string) bool { return signsIn(t.Context(), auth, token) },
			})

			auth, store = openAuth(t, other, ours)
			target.Claims = []byte(customClaims)
			target.Skip = []string{"size", "no-exp"} // Tiledesk's signers set no exp
			attackAll(t, store, target, map[string]func(string) bool{
				"SigninWithCustomToken, project's key": func(token string) bool { return signsIn(t.Context(), auth, token) },
			}, mended...)
		})
	}
}

// mended are attacks that say nothing of who the user is, or of how long the token is good.
// A custom token of its honest signer is taken without what they add: that describes a
// profile, and must not lock its owner out.
var mended = []string{
	"payload line break in a string", "payload NUL in a string", "payload invalid UTF-8 in a value",
	"payload invalid UTF-8 in a name", "payload overlong UTF-8", "payload surrogate in UTF-8",
	"twice: an unknown claim", "twice: an empty name", "twice: within a claim", "twice: within a list in a claim",
}

// attackAll holds ways in against one table. Each must let the honest token in, and nothing
// else but the attacks of these names.
func attackAll(
	t *testing.T, store *memstore.Store, target authtest.Target, waysIn map[string]func(string) bool, but ...string,
) {
	t.Helper()
	honest := true                   // the first token is
	entered := map[string][]string{} // by token: the ways
	target.Accepts = func(token string) bool {
		for name, accepts := range waysIn {
			if accepts(token) {
				entered[token] = append(entered[token], name)
			}
		}
		if honest {
			honest = false
			return len(entered[token]) == len(waysIn)
		}
		return len(entered[token]) > 0
	}
	letIn, err := authtest.Check(target)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range letIn {
		if !slices.Contains(but, a.Name) {
			t.Errorf("%q let in: %s/%s\nWhy: %s\nToken: %.300q", entered[a.Token], a.Group, a.Name, a.Why, a.Token)
		}
	}
	for _, name := range but {
		if !slices.Contains(names(letIn), name) {
			t.Errorf("not let in: %s", name)
		}
	}
	if n := store.Len(); n != 1 { // the guest's, or that of the honest custom token
		t.Errorf("accounts in the store: got %d, want 1", n)
	}
}

func verifiesStateless(ctx context.Context, auth *deskauth.Auth, token string) bool {
	_, err := auth.VerifyStateless(ctx, token)
	return err == nil
}

func signsIn(ctx context.Context, auth *deskauth.Auth, token string) bool {
	_, err := auth.SigninWithCustomToken(ctx, deskauth.CustomTokenInput{Token: deskauth.NewSecret(token)})
	return err == nil
}

func payloadOf(t *testing.T, token string) []byte {
	t.Helper()
	part := strings.Split(token, ".")
	if len(part) != 3 {
		t.Fatalf("the token has %d parts, want 3", len(part))
	}
	payload, err := base64.RawURLEncoding.DecodeString(part[1])
	if err != nil {
		t.Fatal(err)
	}
	return payload
}

// TestDeskauthWeakSecret checks that deskauth refuses the short secrets that the table
// guesses, and that the table guesses a weak one that is long enough.
func TestDeskauthWeakSecret(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{"", "secret", "changeme", strings.Repeat("\x00", 64)} {
		if err := deskauth.NewKey("", "HS256", secret).Err(); err == nil {
			t.Errorf("NewKey with the secret %q: got no error, want one", secret)
		}
	}
	guessable := slices.Repeat([]byte("0"), 32)
	auth, _ := openAuth(t, deskauth.NewKey("", "HS256", guessable),
		deskauth.NewKey("", "HS256", "the secret of a project of this test's own"))
	guest, err := auth.SigninAnonymously(t.Context(), deskauth.AnonymousInput{ProjectID: project})
	if err != nil {
		t.Fatal(err)
	}
	letIn, err := authtest.Check(authtest.Target{
		Accepts:   func(token string) bool { return verifiesStateless(t.Context(), auth, token) },
		Algorithm: "HS256",
		Key:       guessable,
		Claims:    payloadOf(t, guest.Token),
		Skip:      []string{"size"},
	})
	if want := []string{"secret: 32 digits zero"}; err != nil || !slices.Equal(names(letIn), want) {
		t.Errorf("got the attacks %q and the error %v, want %q: the table guesses the key", names(letIn), err, want)
	}
}
