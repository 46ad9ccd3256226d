// Package authtest forges tokens: some 900 JSON Web Tokens, each wrong in its own way. Hold
// them against any check of tokens, such as a gateway, a middleware or a library. It forges
// codes too, such as those that mails bring to choose a new password. The package needs
// nothing but the standard library, and the target may be built of anything.
//
// This is the whole test of a target:
//
//	func TestGateway(t *testing.T) {
//		authtest.Run(t, authtest.Target{
//			Accepts:   func(token string) bool { return gateway.Check(token) == nil },
//			Algorithm: "ES256",
//			Key:       privateKey, // whose public key the gateway has
//			KeyID:     "2026-01",
//			Claims: []byte(`{"iss":"https://id.example","aud":"https://api.example",` +
//				`"sub":"alice","exp":4102444800}`),
//			Skip: []string{"sub-value"},
//		})
//	}
//
// Run first checks that the target lets an honest token in, because a target that refuses
// everything would pass. Then it reports every forged token that gets in. To run one group,
// or one attack:
//
//	go test -run 'TestGateway/confusion'
//	go test -run 'TestGateway/confusion/public_key_as_a_secret:_PEM'
//
// The attacks are made anew for each target. Those whose text is wrong are signed with the
// target's own key. Some attacks need that key, such as those on a claim that a signer lets
// its users choose; there the table plays the signer.
//
// # Groups
//
// No specification leaves room for these:
//
//   - none: the header says in some spelling that there is no signature, or says nothing
//   - confusion: a public key as an HMAC secret, keys of another kind
//   - signature: cut, changed, moved from elsewhere, special numbers, odd paddings
//   - secret: HMAC with guessable secrets; an attack that gets in has guessed the key
//   - kid: a path, query, command or URL as the key's ID, signed with what it leads to
//   - brought: the attacker's key or certificate in the header, or its address
//   - crit: extensions that are demanded and unknown
//   - form: JSON serialisations, JWE, two, four or five parts, tokens in tokens
//   - spelling: other spellings of base64url, white space within
//   - syntax: a header or payload that is not one JSON object
//   - exp, nbf: times that are over, not yet reached, or not times
//
// A sound target may have to skip some of these. Each line says when:
//
//   - mislabelled: rightly signed, another alg in the header; if alg is never read
//   - agility: the same key with another algorithm; if one key is meant to serve several
//   - header: other typ, cty, zip, a kid that is not a string; if the target ignores
//     parameters that change nothing
//   - around: something before or after the token; if the token comes out of an HTTP
//     header, whose white space is trimmed before
//   - scheme: two schemes before the token; if Accepts cuts them off itself
//   - duplicate: a name twice; if the last one counts, to every reader of the token
//   - fold: SUB instead of sub; if names are meant to be compared without case
//   - no-exp: no exp; if tokens may live for ever
//   - iat: from the future, or not a time; if iat is not read
//   - range: times over 2^53 or before 1970; if the target takes times however far off
//   - aud, iss, sub: another one, none, or not text; if the claim is not checked. A claim
//     that the honest token lacks is not attacked
//   - aud-array: the right audience in a list; if lists are taken, as RFC 7519 §4.1.3
//     allows
//   - sub-value: another subject; if the signer alone decides on sub
//   - size: a megabyte of something; if a limit stands before the target
//
// # What is not here
//
// A token that is used a second time, stolen or revoked looks like an honest one. Each
// ECDSA signature (r, s) has a second form (r, n−s), which RFC 7518 does not forbid. The
// table does not measure how long a target takes to refuse, and how much memory.
//
// # Codes
//
// [RunCodes] holds codes against the endpoint that takes them:
//
//	func TestResetPassword(t *testing.T) {
//		authtest.RunCodes(t, authtest.CodeTarget{
//			Accepts: func(code string) bool { return resetPassword(code) == nil },
//			Code:    codeOf(alice),
//			Second:  codeOf(bob),
//			Others:  []string{expiredCode, verificationCode},
//			Secrets: [][]byte{sessionSecret}, // which must not sign codes
//			Token:   sessionToken,            // which must not be taken for a code
//		})
//	}
//
// Codes may have any format. The table is made of good ones, and how long it is depends on
// them: some 400 attacks for six digits, some thousands for a signed text. A code is for
// one use, so the honest one comes after all attacks, and the run fails if it does not get
// in.
//
// # Groups of codes
//
// There is no room for these:
//
//   - guessed: nothing, null, zeros, and other codes of accounts that have none
//   - query: patterns and conditions, for targets that look codes up
//   - cut: each length, from either end
//   - changed: each byte in several bits, one byte more or less
//   - joined: parts of two good codes, at each place
//   - swapped: codes and tokens that are good elsewhere
//   - token: session tokens as codes, and JWTs in which the code is
//   - as-token: the code as a session token, and JWTs that it signs
//   - spelling: other encodings and alphabets, padding, unused bits, line breaks, escapes;
//     numbers for codes of digits
//   - around: a URL, a query, a list or a quotation around the code
//   - forged: the MAC made with guessable secrets or those that the target names, or
//     without one. The place of the MAC is guessed, too; a code that no secret signs has
//     few of these. If one is the code itself, its secret is known
//
// A sound target may have to skip some of these. Each line says when:
//
//   - typed: other case, white space, hyphens; if people type the code
//   - size: a megabyte of something; if a limit stands before the target
//   - again: the code a second time; if Accepts looks at codes and does not use them up
//
// The table of codes does not count how often a target may be tried, so test that short
// codes have a limit.
package authtest
