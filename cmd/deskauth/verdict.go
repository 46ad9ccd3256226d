package main

import (
	"context"
	"crypto/rand"
	"log/slog"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
)

// A question is a token, and what it is to be checked with. The answer is deskauth's own:
// an Auth checks the token and tells by an event why it is refused.
type question struct {
	token   string
	custom  bool
	project string // that the keys belong to, of a custom token

	audience string // of a custom token: what aud has before /projects/
	bare     bool   // a custom token has the issuer alone as aud, as session tokens have

	keys   []sourcedKey
	store  deskauth.UserStore // nil for none; of session tokens
	config deskauth.Config

	storeAsked bool // a person wants the store to be asked, also of a custom token
}

// An answer is what became of the token.
type answer struct {
	event deskauth.Event // of EventRefused, or how the call ended that took the token
	key   *sourcedKey    // that signed it, if one of them did
}

func (a answer) good() bool { return a.event.Type != deskauth.EventRefused }

// ask checks the token. An error is a failure, and says nothing about the token.
func (q question) ask(ctx context.Context) (answer, error) {
	event, err := q.check(ctx, q.keys)
	if err != nil {
		return answer{}, err
	}
	for i, key := range q.keys { // deskauth does not tell which key it was
		alone, err := q.check(ctx, []sourcedKey{key})
		if err == nil && q.signed(alone) {
			return answer{event, &q.keys[i]}, nil
		}
	}
	return answer{event, nil}, nil
}

// signed reports whether a check came past the signature.
func (q question) signed(e deskauth.Event) bool {
	switch e.Reason {
	case deskauth.ReasonMalformedToken, deskauth.ReasonBadSignature, deskauth.ReasonUnknownProject:
		return false
	}
	return !q.custom || e.ProjectID != "" // before the project, no key is asked
}

// check lets an Auth with some keys check the token, and returns the last event.
func (q question) check(ctx context.Context, keys []sourcedKey) (last deskauth.Event, err error) {
	cfg := q.config
	cfg.Logger = slog.New(slog.DiscardHandler)
	cfg.OnEvent = func(_ context.Context, e deskauth.Event) { last = e }
	auth, err := deskauth.New(q.users(), q.secrets(keys), cfg)
	if err == nil && q.bare {
		// A service takes it for a session token, and no key of the project has signed one.
		cfg.Issuer, cfg.CustomTokenAudience = otherIssuer, q.audience
		auth, err = deskauth.New(q.users(), q.secrets(keys), cfg)
	}
	if err != nil {
		return last, err
	}
	switch {
	case q.custom:
		_, err = auth.SigninWithCustomToken(ctx, deskauth.CustomTokenInput{Token: deskauth.NewSecret(q.token)})
	case q.store != nil:
		_, err = auth.Verify(ctx, q.token)
	default:
		_, err = auth.VerifyStateless(ctx, q.token)
	}
	if last.Type == deskauth.EventRefused {
		return last, nil
	}
	return last, err
}

// users returns the store. A custom token signs in, which writes: that never is somebody's
// store.
func (q question) users() deskauth.UserStore {
	if q.custom || q.store == nil {
		return memstore.New()
	}
	return q.store
}

func (q question) secrets(sourced []sourcedKey) deskauth.StaticSecrets {
	keys := make([]deskauth.Key, len(sourced))
	for i, key := range sourced {
		keys[i] = key.Key
	}
	if !q.custom {
		return deskauth.StaticSecrets{Session: keys}
	}
	return deskauth.StaticSecrets{
		Session:  []deskauth.Key{throwawayKey()},
		Projects: map[string][]deskauth.Key{q.project: keys},
	}
}

// defaultIssuer is the default of Config.Issuer. No token of anybody has otherIssuer.
const (
	defaultIssuer = "https://tiledesk.com"
	otherIssuer   = "https://nobody.invalid"
)

// throwawayKey returns a key for an Auth whose session tokens nobody gets.
func throwawayKey() deskauth.Key { return deskauth.NewKey("", "HS256", randomBytes(32)) }

func randomBytes(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // which does not fail
	return b
}
