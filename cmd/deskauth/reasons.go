package main

import "github.com/deskauth/deskauth"

// Words say what a reason means, and what to do about it.
type words struct{ means, mend string }

// tokenReasons has the words for every reason for which a token is refused. Which of them
// there are is checked by a test.
var tokenReasons = map[deskauth.Reason]words{
	deskauth.ReasonMalformedToken: {
		"This is not in the form of a token.",
		"Copy the whole token: three parts of base64url with two dots between them, and nothing else.",
	},
	deskauth.ReasonBadSignature: {
		"None of the given keys has signed this token.",
		"Look which key the issuer signs with. A secret is taken as it stands: hex and base64 are not decoded.",
	},
	deskauth.ReasonBadClaims: {
		"A claim is missing, or is not what it has to be.",
		"Mend the claim where the token is signed. If aud or iss is right, set --issuer or --audience to the service's.",
	},
	deskauth.ReasonExpired: {
		"The token is too old.",
		"Sign in again, or sign a fresh token. If it is fresh, set the clock of the machine that signs.",
	},
	deskauth.ReasonUnknownProject: {
		"The claim aud names a project that the given keys are not of.",
		"Give the keys of that project, or let the signer put the right project's ID into aud.",
	},
	deskauth.ReasonAccountGone: {
		"The store has no account of that ID: it was deleted, or this is another service's store.",
		"Sign in again. If the account should be there, look whether --store is the store of that service.",
	},
	deskauth.ReasonAccountDisabled: {
		"The account is disabled.",
		"To open it again: deskauth accounts enable ID.",
	},
	deskauth.ReasonSessionRevoked: {
		"The session has ended: it was signed out, or all sessions of the account were ended.",
		"Sign in again.",
	},
	deskauth.ReasonGuestLinked: {
		"The guest has become an external user, and its own sessions have ended with that.",
		"Use the session of the external user.",
	},
}

// wordsOf returns the words for a reason. One without words says itself.
func wordsOf(reason deskauth.Reason) words {
	if w, ok := tokenReasons[reason]; ok {
		return w
	}
	return words{
		"The token is refused: " + string(reason) + ".",
		"The reason stands in the Go documentation of deskauth.Reason.",
	}
}

// audienceWords are those for a custom token whose claim aud names no project.
func (q question) audienceWords() words {
	w := words{
		"The claim aud does not name a project of the service.",
		"Let the signer set aud to " + q.audience + "/projects/ID, with the project's ID. " +
			"If the service has another CustomTokenAudience or Issuer, give --audience or --issuer.",
	}
	if q.bare {
		w.means += " As it is, the service takes the token for a session token, and logs a bad signature."
	}
	return w
}
