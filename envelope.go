package deskauth

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/deskauth/deskauth/internal/claims"
	"github.com/deskauth/deskauth/internal/jose"
	"github.com/deskauth/deskauth/internal/strictjson"
)

// claimsBuf holds the claims of most tokens on the caller's stack.
type claimsBuf [24]strictjson.Member

// An envelope is a token taken apart: well-formed, and not yet believed.
type envelope struct {
	text     string // without a scheme
	token    jose.Token
	audience strictjson.Value // of any type; nil for none

	// flawed is why the claims cannot be those of a session token, or nil. A custom token
	// may have the flaws in claims that only describe its user.
	flawed error
	flaws  []strictjson.Flaw
}

// openEnvelope returns the token taken apart, and beside it the claims, appended to buf. In
// one struct they would have to be on the heap. With mend it takes flawed claims, too, for
// what may be a custom token.
func openEnvelope(token string, buf claims.Members, mend bool) (envelope, claims.Members, error) {
	text := withoutScheme(token)
	t, err := jose.Parse(text)
	if err != nil {
		return envelope{}, nil, refusef(ErrInvalidToken, ReasonMalformedToken, "%v", err)
	}
	e := envelope{text: text, token: t}
	payload, err := strictjson.Object(t.Payload, buf)
	if err != nil && mend {
		e.flawed = badPayload(err)
		payload, e.flaws, err = strictjson.Mend(t.Payload)
	}
	if err != nil {
		return envelope{}, nil, badPayload(err)
	}
	e.audience = claims.Audience(payload)
	return e, payload, nil
}

// badPayload is the refusal of a token whose payload cannot be taken.
func badPayload(err error) error {
	return refusef(ErrInvalidToken, ReasonMalformedToken, "the token's payload: %v", err)
}

// withoutScheme returns the token of "JWT <token>" or "Bearer <token>".
func withoutScheme(token string) string {
	for _, scheme := range [...]string{"JWT ", "Bearer "} {
		if len(token) > len(scheme) && strings.EqualFold(token[:len(scheme)], scheme) {
			return token[len(scheme):]
		}
	}
	return token
}

// verify looks for the key that signed the token among the keys that are in force, and
// returns its index.
func (e *envelope) verify(keys []Key, now time.Time) (used int, ok bool) {
	for i, k := range keys {
		if k.usable(now) && e.token.VerifiedBy(k.key) {
			return i, true
		}
	}
	return 0, false
}

// badSignature is the refusal of a token that no key has verified. If no key could have, it
// says why. What the token says is its sender's, so little of it is quoted.
func (e *envelope) badSignature(keys []Key, now time.Time) error {
	var algorithms []string // of all keys
	fits, inForce := false, false
	for _, k := range keys {
		if !slices.Contains(algorithms, k.Algorithm()) {
			algorithms = append(algorithms, k.Algorithm())
		}
		if e.token.Names(k.key) {
			fits, inForce = true, inForce || k.usable(now)
		}
	}
	alg, kid := e.token.Algorithm, e.token.KeyID
	var detail string
	switch {
	case len(keys) == 0:
		detail = fmt.Sprintf("the project has no key, and the token is signed with one (alg %.40q, kid %.40q)", alg, kid)
	case !slices.Contains(algorithms, alg):
		detail = fmt.Sprintf("the token names the algorithm %.40q (alg; its kid is %.40q), and the keys are for %s",
			alg, kid, strings.Join(algorithms, ", "))
	case !fits:
		detail = fmt.Sprintf("the token names the key %.40q (kid), and no key for its algorithm %.40q (alg) has that ID",
			kid, alg)
	case !inForce:
		detail = fmt.Sprintf("each key that the token may mean has ended by its NotAfter (alg %.40q, kid %.40q)", alg, kid)
	}
	return refusef(ErrInvalidToken, ReasonBadSignature, "%s", detail)
}
