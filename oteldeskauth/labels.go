package oteldeskauth

import (
	"strings"

	"github.com/deskauth/deskauth"
)

// other stands for every value that is not in a list.
const other = "other"

// A set is the list of values that a label may have, by what deskauth calls them.
type set[T ~string] map[T]string

// of returns the value of the label.
func (s set[T]) of(name T) string {
	if value, ok := s[name]; ok {
		return value
	}
	return other
}

// asValue follows the semantic conventions: "sign-in too old" is sign_in_too_old.
var asValue = strings.NewReplacer(" ", "_", "-", "_")

func setOf[T ~string](names ...T) set[T] {
	values := make(set[T], len(names))
	for _, name := range names {
		values[name] = asValue.Replace(string(name))
	}
	return values
}

var operations = setOf(
	deskauth.OperationSignup, deskauth.OperationSignin, deskauth.OperationAnonymous,
	deskauth.OperationCustomToken, deskauth.OperationVerify, deskauth.OperationUpgradeGuest,
	deskauth.OperationLinkedTo, deskauth.OperationJWKS, deskauth.OperationCheckPassword, deskauth.OperationSetPassword,
	deskauth.OperationIssueSession, deskauth.OperationUpdateAccount, deskauth.OperationSignout,
	deskauth.OperationSetDisabled, deskauth.OperationDeleteUser, deskauth.OperationChangePassword,
	deskauth.OperationUpdateProfile, deskauth.OperationDeleteAccount, deskauth.OperationCheckCode,
	deskauth.OperationRequestPasswordReset, deskauth.OperationResetPassword,
	deskauth.OperationRequestEmailVerification, deskauth.OperationVerifyEmail,
	deskauth.OperationRequestEmailChange, deskauth.OperationChangeEmail,
)

var events = setOf(
	deskauth.EventSignedUp, deskauth.EventSignedIn, deskauth.EventGuestCreated,
	deskauth.EventGuestUpgraded, deskauth.EventSessionRestored, deskauth.EventSessionRenewed,
	deskauth.EventPasswordChecked, deskauth.EventPasswordSet, deskauth.EventPasswordChanged,
	deskauth.EventAccountUpdated, deskauth.EventSignedOut, deskauth.EventSignedOutEverywhere,
	deskauth.EventAccountDisabled, deskauth.EventAccountEnabled, deskauth.EventAccountDeleted,
	deskauth.EventPasswordReset, deskauth.EventEmailVerified, deskauth.EventEmailChanged,
	deskauth.EventMailSent, deskauth.EventMailWithheld, deskauth.EventMailFailed,
	deskauth.EventCodeChecked, deskauth.EventExternalCreated, deskauth.EventProfileUpdated,
	deskauth.EventGuestLinked, deskauth.EventGuestNotLinked, deskauth.EventPasswordRehashed,
	deskauth.EventOldKeyUsed, deskauth.EventEmailProven, deskauth.EventRefused, deskauth.EventFailed,
)

var reasons = setOf(
	deskauth.ReasonInvalidInput, deskauth.ReasonUnknownProject, deskauth.ReasonRateLimited,
	deskauth.ReasonBusy, deskauth.ReasonCanceled, deskauth.ReasonTimeout, deskauth.ReasonAddressTaken,
	deskauth.ReasonUnknownAddress, deskauth.ReasonWrongPassword, deskauth.ReasonNoPassword,
	deskauth.ReasonUnusableHash, deskauth.ReasonAccountDisabled, deskauth.ReasonUsersOnly,
	deskauth.ReasonPasswordUnchanged, deskauth.ReasonSigninTooOld, deskauth.ReasonMalformedCode,
	deskauth.ReasonWrongPurpose, deskauth.ReasonSpentCode, deskauth.ReasonOtherAccount,
	deskauth.ReasonEmailUnverified, deskauth.ReasonEmailVerified, deskauth.ReasonGuestsOnly,
	deskauth.ReasonGuestLinked, deskauth.ReasonOtherProject, deskauth.ReasonMalformedToken,
	deskauth.ReasonBadSignature, deskauth.ReasonBadClaims, deskauth.ReasonExpired,
	deskauth.ReasonAccountGone, deskauth.ReasonSessionRevoked,
)

var mails = setOf(
	deskauth.MailPasswordReset, deskauth.MailEmailVerification, deskauth.MailEmailChange,
	deskauth.MailPasswordChanged, deskauth.MailEmailChanged,
)

// limits are the fields of [deskauth.Limits], by their names.
var limits = setOf(
	"SigninsPerClient", "SigninsPerAccountAndClient", "SigninsPerAccount", "SignupsPerClient",
	"GuestsPerClient", "GuestsPerProject", "ExternalsPerProject", "MailsPerAddress", "MailsPerClient",
)
