// Package authtest forges tokens: a table of some 900 JSON Web Tokens, each wrong in
// its own way, to be held against whatever checks tokens, such as a gateway, a middleware
// or a library. It needs nothing but the standard library and does not care what the
// target is made of.
//
// This is the whole test of a target:
//
//	func TestGateway(t *testing.T) {
//		authtest.Run(t, authtest.Target{
//			Accepts:   func(token string) bool { return gateway.Check(token) == nil },
//			Algorithm: "ES256",
//			Key:       privateKey, // whose public key the gateway has
//			KeyID:     "2026-01",
//			Claims:    []byte(`{"iss":"https://id.example","aud":"https://api.example","sub":"alice","exp":4102444800}`),
//			Skip:      []string{"sub-value"},
//		})
//	}
//
// Run first sees to it that an honest token is let in, because a target that refuses
// everything would pass, and then reports every forged one that is. One group, or one
// attack:
//
//	go test -run 'TestGateway/confusion'
//	go test -run 'TestGateway/confusion/public_key_as_a_secret:_PEM'
//
// Attacks are made anew for each target, with its own key where the attack is in the text
// and not in the signature. What stands beside a target's secret, such as a claim that its
// signers let users choose, can be attacked only by whoever holds the key, and so the
// table plays that part too.
//
// # Groups
//
// No specification leaves room for these:
//
//   - none: the header says that there is no signature, in some spelling, or says nothing
//   - confusion: a public key as an HMAC secret, keys of another kind
//   - signature: cut, changed, moved from elsewhere, special numbers, odd paddings
//   - secret: HMAC with guessable secrets; an attack that gets in has guessed the key
//   - kid: paths, queries, commands, URLs instead of a key's ID, signed with what they lead to
//   - brought: the attacker's key or certificate in the header, or its address
//   - crit: extensions that are demanded and not known
//   - form: JSON serialisations, JWE, two, four or five parts, tokens in tokens
//   - spelling: other spellings of base64url, white space within
//   - syntax: a header or payload that is not one JSON object
//   - exp, nbf: times that are over, not yet, or no times
//
// A sound target may have to skip some of these. Each line says when:
//
//   - mislabelled: rightly signed, another alg in the header; if alg is never read
//   - agility: the same key with another algorithm; if one key is meant to serve several
//   - header: other typ, cty, zip, a kid that is no string; if parameters that change nothing are ignored
//   - around: something before or after the token; if the token comes out of an HTTP header,
//     whose white space is trimmed before
//   - scheme: two schemes before the token; if Accepts cuts them off itself
//   - duplicate: a name twice; if the last one counts, to every reader of the token
//   - fold: SUB instead of sub; if names are meant to be compared without case
//   - no-exp: no exp; if tokens may live for ever
//   - iat: from the future, or no time; if iat is not read
//   - range: times over 2^53 or before 1970; if times are read as what they are, however far
//   - aud, iss, sub: another one, none, no text; if the claim is not checked. A claim that the
//     honest token lacks is not attacked
//   - aud-array: the right audience in a list; if lists are taken, as RFC 7519 §4.1.3 allows
//   - sub-value: another subject; if sub is whoever the signer says
//   - size: a megabyte of something; if whatever stands before the target has a limit
//
// # What is not here
//
// A token that is used a second time, stolen or revoked looks like an honest one. To an
// ECDSA signature (r, s) there is always (r, n−s) as well, which RFC 7518 does not forbid.
// How long a target takes to say no, and how much memory, is not measured.
package authtest
