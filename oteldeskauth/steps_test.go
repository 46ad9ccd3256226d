package oteldeskauth_test

import (
	"context"
	"time"

	"github.com/deskauth/deskauth"
)

// Live makes every call there is, one after the other, most of them also in a way that is
// refused. What one call returns is what the next one takes. Where the host is broken, or
// ctx has ended, all of them fail, and that is what the caller wants.
func (l *life) live(ctx context.Context) {
	l.signIn(ctx)
	l.byMail(ctx)
	l.own(ctx)
	l.guests(ctx)
	l.administer(ctx)
}

func secret(s string) deskauth.Secret { return deskauth.NewSecret(s) }

// keep remembers a session as the newest of its kind. Where there is none, it is the one
// before.
func (l *life) keep(s deskauth.Session, newest *deskauth.Session) deskauth.Session {
	if s.Token == "" {
		return *newest
	}
	l.secrets = append(l.secrets, s.Token, s.User.ID)
	*newest = s
	return s
}

func (l *life) signinOf(email, password string) deskauth.SigninInput {
	return deskauth.SigninInput{Email: email, Password: secret(password), Client: canaryClient}
}

// session signs the agent in.
func (l *life) session(ctx context.Context, email string) deskauth.Session {
	s, _ := l.auth.Signin(ctx, l.signinOf(email, canaryPassword))
	return l.keep(s, &l.agent)
}

// newGuest signs a guest in.
func (l *life) newGuest(ctx context.Context) deskauth.Session {
	s, _ := l.auth.SigninAnonymously(ctx, deskauth.AnonymousInput{
		ProjectID: canaryProject, FirstName: canaryName, Client: canaryClient,
	})
	return l.keep(s, &l.guest)
}

func signupOf(email string) deskauth.SignupInput {
	return deskauth.SignupInput{
		Email: email, Password: secret(canaryPassword), FirstName: canaryName, LastName: canaryName,
		Client: canaryClient, Locale: "de",
	}
}

func (l *life) signIn(ctx context.Context) {
	l.auth.Signup(ctx, signupOf(canaryEmail))
	l.auth.Signup(ctx, signupOf(canaryEmail))
	l.auth.Signup(ctx, signupOf("no address of "+canaryName))
	l.auth.Signin(ctx, l.signinOf(canaryNewEmail, canaryPassword))
	l.auth.Signin(ctx, l.signinOf(canaryEmail, canaryPassword+canaryName))
	l.auth.CheckPassword(ctx, l.signinOf(canaryEmail, canaryPassword))
	l.oldKey = true
	text := l.session(ctx, canaryEmail).Token
	l.oldKey = false
	l.auth.Verify(ctx, text)
	l.auth.VerifyStateless(ctx, text)
	l.auth.Verify(ctx, text+"x")
	l.auth.Verify(ctx, canaryName)
	l.auth.SigninWithCustomToken(ctx, deskauth.CustomTokenInput{Token: secret(text), Client: canaryClient})
	l.auth.Signout(ctx, text)
	l.auth.Verify(ctx, text)
}

func (l *life) byMail(ctx context.Context) {
	l.auth.RequestPasswordReset(ctx, deskauth.MailInput{Email: canaryNewEmail, Client: canaryClient})
	token := secret(l.session(ctx, canaryEmail).Token)
	l.auth.RequestEmailVerification(ctx, deskauth.RequestEmailVerificationInput{Token: token, Client: canaryClient})
	l.auth.VerifyEmail(ctx, deskauth.VerifyEmailInput{Code: l.code(), Client: canaryClient})
	l.auth.VerifyEmail(ctx, deskauth.VerifyEmailInput{Code: l.code(), Client: canaryClient})
	l.auth.RequestPasswordReset(ctx, deskauth.MailInput{Email: canaryEmail, Client: canaryClient})
	check := deskauth.CheckCodeInput{Purpose: deskauth.MailPasswordReset, Code: l.code(), Client: canaryClient}
	l.auth.CheckCode(ctx, check)
	check.Code = secret(canaryName)
	l.auth.CheckCode(ctx, check)
	l.auth.ResetPassword(ctx, deskauth.ResetPasswordInput{
		Code: l.code(), Password: secret(canaryPassword), Client: canaryClient,
	})
	for _, emails := range [][2]string{{canaryEmail, canaryNewEmail}, {canaryNewEmail, canaryEmail}} {
		token := secret(l.session(ctx, emails[0]).Token)
		l.auth.RequestEmailChange(ctx, deskauth.RequestEmailChangeInput{
			Token: token, Email: emails[1], Password: secret(canaryPassword), Client: canaryClient,
		})
		l.auth.ChangeEmail(ctx, deskauth.ChangeEmailInput{Code: l.code(), Client: canaryClient})
	}
}

func (l *life) own(ctx context.Context) {
	token, name := secret(l.session(ctx, canaryEmail).Token), canaryName+canaryName
	l.auth.UpdateProfile(ctx, deskauth.UpdateProfileInput{Token: token, FirstName: &name})
	change := deskauth.ChangePasswordInput{
		Token: token, Current: secret(canaryPassword), New: secret(canaryPassword + canaryName), Client: canaryClient,
	}
	l.auth.ChangePassword(ctx, change)
	change.Current, change.New = change.New, change.Current
	l.auth.ChangePassword(ctx, change)
	l.auth.DeleteAccount(ctx, deskauth.DeleteAccountInput{Token: token})
	l.auth.Signup(ctx, signupOf(canaryEmail))
}

func (l *life) guests(ctx context.Context) {
	first, second := l.newGuest(ctx), l.newGuest(ctx)
	l.auth.SigninAnonymously(ctx, deskauth.AnonymousInput{ProjectID: canaryExternal, Client: canaryClient})
	l.auth.UpgradeGuest(ctx, deskauth.UpgradeGuestInput{
		GuestToken: secret(first.Token), SignupInput: signupOf(canaryGuests),
	})
	external := deskauth.CustomTokenInput{
		Token:  customToken(`"_id":"`+canaryExternal+`","firstname":"`+canaryName+`"`, time.Hour),
		Client: canaryClient, GuestToken: secret(second.Token),
	}
	s, _ := l.auth.SigninWithCustomToken(ctx, external)
	l.keep(s, new(deskauth.Session))
	external.Token = customToken(`"_id":"`+canaryExternal+`","lastname":"`+canaryName+`"`, time.Hour)
	external.GuestToken = secret(canaryName)
	l.auth.SigninWithCustomToken(ctx, external)
	external.Token = customToken(`"_id":"`+canaryExternal+`"`, -time.Hour)
	l.auth.SigninWithCustomToken(ctx, external)
	l.auth.LinkedTo(ctx, second.User.ID)
	l.auth.LinkedTo(ctx, canaryExternal)
	l.auth.JWKS(ctx)
}

func (l *life) administer(ctx context.Context) {
	id := l.session(ctx, canaryEmail).User.ID
	l.auth.SetPassword(ctx, id, canaryPassword)
	l.auth.SetPassword(ctx, canaryExternal, canaryPassword)
	l.auth.IssueSession(ctx, deskauth.IssueInput{UserID: id})
	l.auth.UpdateAccount(ctx, id, func(a *deskauth.Account) error { a.FirstName = canaryName; return nil })
	l.auth.SignoutEverywhere(ctx, id)
	l.auth.SetDisabled(ctx, id, true)
	l.auth.Signin(ctx, l.signinOf(canaryEmail, canaryPassword))
	l.auth.SetDisabled(ctx, id, false)
	l.auth.DeleteUser(ctx, id)
	l.auth.DeleteUser(ctx, canaryExternal)
}
