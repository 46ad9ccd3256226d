package deskauth_test

import (
	"context"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

// mailCalls are those that ask for a mail, or bring a code.
var mailCalls = []call{
	{
		"RequestPasswordReset", "request_password_reset", "UserByEmail SessionKeys", nil,
		func(ctx context.Context, k *testkit.Kit, p people) (string, error) {
			return "", k.RequestPasswordReset(ctx, deskauth.MailInput{Email: p.agent.Email})
		},
	},
	{
		"RequestPasswordReset of nobody", "request_password_reset", "UserByEmail SessionKeys", nil,
		func(ctx context.Context, k *testkit.Kit, _ people) (string, error) {
			return "", k.RequestPasswordReset(ctx, deskauth.MailInput{Email: "nobody@f22.it"})
		},
	},
	{
		"RequestEmailVerification", "request_email_verification", "SessionKeys UserByID", nil,
		func(ctx context.Context, k *testkit.Kit, p people) (string, error) {
			in := deskauth.RequestEmailVerificationInput{Token: deskauth.NewSecret(p.session)}
			return "", k.RequestEmailVerification(ctx, in)
		},
	},
	{
		"RequestEmailChange", "request_email_change", "SessionKeys UserByID UserByEmail", nil,
		func(ctx context.Context, k *testkit.Kit, p people) (string, error) {
			return "", k.RequestEmailChange(ctx, deskauth.RequestEmailChangeInput{
				Token: deskauth.NewSecret(p.session), Email: "new@f22.it",
				Password: deskauth.NewSecret(testkit.AndreasPassword),
			})
		},
	},
	{
		"CheckCode", "check_code", "SessionKeys UserByID", nil,
		func(ctx context.Context, k *testkit.Kit, p people) (string, error) {
			m := p.mail(deskauth.MailPasswordReset)
			u, err := k.CheckCode(ctx, deskauth.CheckCodeInput{Purpose: m.Kind, Code: m.Code})
			return u.ID + u.Email, err
		},
	},
	useCall("ResetPassword", deskauth.OperationResetPassword, deskauth.MailPasswordReset),
	useCall("VerifyEmail", deskauth.OperationVerifyEmail, deskauth.MailEmailVerification),
	useCall("ChangeEmail", deskauth.OperationChangeEmail, deskauth.MailEmailChange),
}

func useCall(name string, operation deskauth.Operation, kind deskauth.MailKind) call {
	return call{
		name, operation, "SessionKeys UserByID UpdateUser", nil,
		func(ctx context.Context, k *testkit.Kit, p people) (string, error) {
			u, err := k.Use(ctx, kind, p.mail(kind).Code, "")
			return u.ID + u.Email, err
		},
	}
}

func init() { allCalls = append(allCalls, mailCalls...) }
