package deskauth

import (
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

	// flaws are why the claims cannot be those of a session token. A custom token may have
	// them in claims that only describe its user.
	flaws []strictjson.Flaw
}

// openEnvelope returns the token taken apart, and beside it the claims, appended to buf. In
// one struct they would have to be on the heap.
func openEnvelope(token string, buf claims.Members) (envelope, claims.Members, error) {
	text := withoutScheme(token)
	t, err := jose.Parse(text)
	if err != nil {
		return envelope{}, nil, refusef(ErrInvalidToken, ReasonMalformedToken, "%v", err)
	}
	payload, err := strictjson.Object(t.Payload, buf)
	var flaws []strictjson.Flaw
	if err != nil {
		var mendable error
		payload, flaws, mendable = strictjson.Mend(t.Payload)
		if mendable != nil {
			return envelope{}, nil, badPayload(err)
		}
	}
	return envelope{text: text, token: t, audience: claims.Audience(payload), flaws: flaws}, payload, nil
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

// badSignature is the refusal of a token that no key has verified.
func (e *envelope) badSignature(keys []Key) error {
	known := slices.ContainsFunc(keys, func(k Key) bool { return e.token.Names(k.key) })
	if !known {
		return refusef(ErrInvalidToken, ReasonBadSignature,
			"no key has the algorithm and the ID that the token names (alg, kid)")
	}
	return refuse(ErrInvalidToken, ReasonBadSignature)
}
