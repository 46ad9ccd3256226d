package deskauth

import (
	"log/slog"
	"time"
)

// An EventType says what happened.
type EventType string

// The types of event.
const (
	// How a call ends that did what was asked.
	EventSignedUp        EventType = "signed_up"        // an agent has an account
	EventSignedIn        EventType = "signed_in"        // somebody has a new session; of a guest by IssueSession
	EventGuestCreated    EventType = "guest_created"    // a visitor has an account and a session
	EventGuestUpgraded   EventType = "guest_upgraded"   // a guest is an agent now; ProjectID is what it had
	EventSessionRestored EventType = "session_restored" // a client came back with a session token
	EventSessionRenewed  EventType = "session_renewed"  // the same, and got a fresh token
	EventPasswordChecked EventType = "password_checked" // CheckPassword: the password is right

	// How a change of an account ends that was made.
	EventPasswordSet         EventType = "password_set"          // and every session has ended
	EventPasswordChanged     EventType = "password_changed"      // by its agent; see ChangePassword
	EventAccountUpdated      EventType = "account_updated"       // by UpdateAccount
	EventSignedOut           EventType = "signed_out"            // one session has ended
	EventSignedOutEverywhere EventType = "signed_out_everywhere" // every session and custom token has ended
	EventAccountDisabled     EventType = "account_disabled"      // by SetDisabled; every session has ended
	EventAccountEnabled      EventType = "account_enabled"       // by SetDisabled
	EventAccountDeleted      EventType = "account_deleted"       // by DeleteUser or DeleteAccount
	EventPasswordReset       EventType = "password_reset"        // by a code; every session has ended
	EventEmailVerified       EventType = "email_verified"        // by a code
	EventEmailChanged        EventType = "email_changed"         // by a code; every session has ended

	// What becomes of a mail. A call that asks for a mail ends with one of these. Any other
	// call may have one on the way. The caller gets the same answer for all three.
	EventMailSent     EventType = "mail_sent"     // handed to the Mailer
	EventMailWithheld EventType = "mail_withheld" // no mail goes to that address now: Reason
	EventMailFailed   EventType = "mail_failed"   // the Mailer did not take a mail: Err

	EventCodeChecked EventType = "code_checked" // how CheckCode ends: the code is good

	// What happens on the way.
	EventExternalCreated  EventType = "external_created"  // first sign-in of an external user
	EventProfileUpdated   EventType = "profile_updated"   // an external user's claims changed; of an agent, UpdateProfile
	EventGuestLinked      EventType = "guest_linked"      // a guest is an external user now: From, To
	EventGuestNotLinked   EventType = "guest_not_linked"  // the guest token of a sign-in links nothing: Reason
	EventPasswordRehashed EventType = "password_rehashed" // a foreign or weaker hash was replaced
	EventOldKeyUsed       EventType = "old_key_used"      // a token with a key behind the one that signs: KeyID
	EventEmailProven      EventType = "email_proven"      // a reset proved an address that was not verified

	// How every other call ends.
	EventRefused EventType = "refused" // the caller has to change something: Reason
	EventFailed  EventType = "failed"  // the host's code failed, and the call with it: Err
)

// An Operation is the method of [Auth] that an event is about.
type Operation string

// The operations. [Auth.Verify] and [Auth.VerifyStateless] are one.
const (
	OperationSignup      Operation = "signup"
	OperationSignin      Operation = "signin"
	OperationAnonymous   Operation = "anonymous"
	OperationCustomToken Operation = "custom_token"
	OperationVerify      Operation = "verify"
	OperationJWKS        Operation = "jwks"

	OperationUpgradeGuest Operation = "upgrade_guest"
	OperationLinkedTo     Operation = "linked_to"

	OperationCheckPassword Operation = "check_password"
	OperationSetPassword   Operation = "set_password"
	OperationIssueSession  Operation = "issue_session"
	OperationUpdateAccount Operation = "update_account"
	OperationSignout       Operation = "signout" // SignoutEverywhere, too
	OperationSetDisabled   Operation = "set_disabled"
	OperationDeleteUser    Operation = "delete_user"

	OperationChangePassword Operation = "change_password"
	OperationUpdateProfile  Operation = "update_profile"
	OperationDeleteAccount  Operation = "delete_account"

	OperationCheckCode                Operation = "check_code"
	OperationRequestPasswordReset     Operation = "request_password_reset"
	OperationResetPassword            Operation = "reset_password"
	OperationRequestEmailVerification Operation = "request_email_verification"
	OperationVerifyEmail              Operation = "verify_email"
	OperationRequestEmailChange       Operation = "request_email_change"
	OperationChangeEmail              Operation = "change_email"
)

// A Reason is the precise reason of a refusal. The caller is never told more than the error
// that the method returns.
type Reason string

// The reasons.
const (
	// Of any operation.
	ReasonInvalidInput   Reason = "invalid input" // the caller's error names the fields
	ReasonUnknownProject Reason = "unknown project"
	ReasonRateLimited    Reason = "rate limited" // Event.Limit says by which limit
	ReasonBusy           Reason = "busy"         // the hash queue is full
	ReasonCanceled       Reason = "canceled"     // the caller's context ended
	ReasonTimeout        Reason = "timeout"      // on EventFailed: of Config.CallTimeout, or of the host's own

	// Of a sign-up.
	ReasonAddressTaken Reason = "address taken" // by another account

	// Of a sign-in with a password.
	ReasonUnknownAddress  Reason = "unknown address"
	ReasonWrongPassword   Reason = "wrong password"
	ReasonNoPassword      Reason = "no password"      // the account has none
	ReasonUnusableHash    Reason = "unusable hash"    // the stored one cannot be read
	ReasonAccountDisabled Reason = "account disabled" // of a token, too

	// Of what an agent does with its own account.
	ReasonUsersOnly         Reason = "users only"         // the token is of another Kind
	ReasonPasswordUnchanged Reason = "password unchanged" // the new one is the old one
	ReasonSigninTooOld      Reason = "sign-in too old"    // 10 minutes ago is the limit

	// Of a code. The reasons for a token apply to codes too, where they fit.
	ReasonMalformedCode Reason = "malformed code" // or one that was never ours
	ReasonWrongPurpose  Reason = "wrong purpose"
	ReasonSpentCode     Reason = "spent code"    // it was used, or the account has changed since
	ReasonOtherAccount  Reason = "other account" // than VerifyEmailInput.UserID

	// Of an address.
	ReasonEmailUnverified Reason = "e-mail unverified"
	ReasonEmailVerified   Reason = "e-mail verified" // already

	// Of what becomes of a guest.
	ReasonGuestsOnly   Reason = "guests only"   // the token is not a guest's, or Config.BesideTiledesk is set
	ReasonGuestLinked  Reason = "guest linked"  // to an external user; also refuses each later sign-in of that guest
	ReasonOtherProject Reason = "other project" // than that of the external user

	// Of a token.
	ReasonMalformedToken Reason = "malformed token" // not a compact JWS of JSON claims
	ReasonBadSignature   Reason = "bad signature"   // of no key that is in force
	ReasonBadClaims      Reason = "bad claims"      // Event.Detail says which
	ReasonExpired        Reason = "expired"
	ReasonAccountGone    Reason = "account gone"    // there is none, or no more
	ReasonSessionRevoked Reason = "session revoked" // signed out, or ended by a change of the account
)

// An Event is one thing that happened, for logs, audit and metrics. It holds no secret. A
// successful [Auth.Verify] or [Auth.VerifyStateless] makes none but [EventOldKeyUsed]. A
// successful [Auth.LinkedTo] makes none.
type Event struct {
	Type      EventType
	Operation Operation
	Ends      bool          // the call ends with this event, which is its outcome
	Time      time.Time     // by Config.Now
	Duration  time.Duration // since the call began

	// HashWait is how long the call has waited for its turn to hash a password, and
	// HashTime how long its hashes took. Both are 0 for a call that needs none.
	HashWait, HashTime time.Duration

	// UserID, Kind and ProjectID name the account, as far as it is known. In a refused call
	// they are unproven: a sign-in gives the account of its address, and a custom token the
	// project of its audience.
	UserID    string
	Kind      Kind
	ProjectID string
	// ExternalID is the `_id` of a custom token whose signature is good.
	ExternalID string
	// Client is the input's Client.
	Client string

	// From and To are of EventGuestLinked and EventGuestNotLinked: the ID of the guest, if
	// its token says whose it is, and that of the external account. Data that a host keeps
	// under From belongs under To once they are linked.
	From, To string

	Reason Reason   // of EventRefused, EventGuestNotLinked, EventMailWithheld, and ReasonTimeout of EventFailed
	Limit  string   // of ReasonRateLimited: the field of [Limits], like "SigninsPerClient"
	Detail string   // for a person, such as which claim is bad; the text may change
	KeyID  string   // of EventOldKeyUsed, and of the outcome after it
	Err    error    // of EventFailed and EventMailFailed, and of a refusal with ReasonCanceled
	Mail   MailKind // of EventMailSent, EventMailWithheld and EventMailFailed
}

// level is how loud an event is in the log: attacks and full queues are warnings, and what
// happens with every page load is for debugging.
func (e Event) level() slog.Level {
	switch e.Type {
	case EventFailed, EventMailFailed:
		return slog.LevelError
	case EventSessionRestored, EventOldKeyUsed:
		return slog.LevelDebug
	case EventRefused, EventGuestNotLinked, EventMailWithheld:
		return e.Reason.level()
	}
	return slog.LevelInfo
}

func (r Reason) level() slog.Level {
	switch r {
	case ReasonMalformedToken, ReasonBadSignature, ReasonBadClaims, ReasonUnusableHash, ReasonRateLimited, ReasonBusy,
		ReasonMalformedCode:
		return slog.LevelWarn
	case ReasonInvalidInput, ReasonExpired, ReasonCanceled, ReasonGuestsOnly:
		return slog.LevelDebug
	}
	return slog.LevelInfo
}
