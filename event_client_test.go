package deskauth_test

import (
	"reflect"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

// inputsOfClients returns a good input for each method that is told the client.
func inputsOfClients(t *testing.T, k testkit.MailKit) map[string]any {
	t.Helper()
	agent := k.MustAgent(t, "andrea@f22.it")
	email, password, name := agent.Email, deskauth.NewSecret(testkit.AndreasPassword), "Ada"
	token := deskauth.NewSecret(k.MustIssue(t, agent.ID).Token)
	code := func(kind deskauth.MailKind) deskauth.Secret { return k.MustMail(t, kind, agent).Code }
	reset, next := code(deskauth.MailPasswordReset), deskauth.NewSecret("another password")
	signin := deskauth.SigninInput{Email: email, Password: password}
	guest := deskauth.NewSecret(k.MustGuest(t, testkit.ProjectA).Token)
	custom := deskauth.NewSecret(testkit.TokenA(`"123"`))
	return map[string]any{
		"Signup":                   testkit.Andrea(),
		"Signin":                   signin,
		"CheckPassword":            signin,
		"SigninAnonymously":        deskauth.AnonymousInput{ProjectID: testkit.ProjectA},
		"SigninWithCustomToken":    deskauth.CustomTokenInput{Token: custom, GuestToken: guest},
		"UpgradeGuest":             deskauth.UpgradeGuestInput{GuestToken: guest, SignupInput: testkit.Andrea()},
		"ChangePassword":           deskauth.ChangePasswordInput{Token: token, Current: password, New: next},
		"UpdateProfile":            deskauth.UpdateProfileInput{Token: token, FirstName: &name},
		"DeleteAccount":            deskauth.DeleteAccountInput{Token: token},
		"CheckCode":                deskauth.CheckCodeInput{Purpose: deskauth.MailPasswordReset, Code: reset},
		"RequestPasswordReset":     deskauth.MailInput{Email: email},
		"ResetPassword":            deskauth.ResetPasswordInput{Code: reset, Password: next},
		"RequestEmailVerification": deskauth.RequestEmailVerificationInput{Token: token},
		"VerifyEmail":              deskauth.VerifyEmailInput{Code: code(deskauth.MailEmailVerification)},
		"RequestEmailChange":       deskauth.RequestEmailChangeInput{Token: token, Email: "new@f22.it"},
		"ChangeEmail":              deskauth.ChangeEmailInput{Code: code(deskauth.MailEmailChange)},
	}
}

// An event that does not name its client hides an attacker from whoever counts or blocks by
// it. That holds for success and refusal, and for events that are not the outcome.
func TestEachEventNamesItsClient(t *testing.T) {
	t.Parallel()
	auth := reflect.TypeFor[*deskauth.Auth]()
	found := 0
	for i := range auth.NumMethod() {
		m := auth.Method(i)
		if m.Type.NumIn() != 3 || m.Type.In(2).Kind() != reflect.Struct {
			continue
		}
		if _, told := m.Type.In(2).FieldByName("Client"); !told {
			continue
		}
		found++
		t.Run(m.Name, func(t *testing.T) {
			t.Parallel()
			k := testkit.NewMail(t, deskauth.Config{})
			good, ok := inputsOfClients(t, k)[m.Name]
			if !ok {
				t.Fatal("the method has no input in this test")
			}
			for _, c := range []struct {
				what string
				in   reflect.Value
				ok   bool
			}{
				{"an empty input", reflect.Zero(m.Type.In(2)), false},
				{"a good input", reflect.ValueOf(good), true},
			} {
				in := reflect.New(m.Type.In(2)).Elem()
				in.Set(c.in)
				in.FieldByName("Client").SetString(testkit.Here)
				k.Events.Take()
				results := m.Func.Call([]reflect.Value{reflect.ValueOf(k.Auth), reflect.ValueOf(t.Context()), in})
				if err := results[len(results)-1]; err.IsNil() != c.ok {
					t.Errorf("%s: %v", c.what, err)
				}
				wantClient(t, c.what, k.Events.Take())
			}
		})
	}
	if found < 16 {
		t.Errorf("%d methods are told the client; there are 16 or more", found)
	}
}

// wantClient wants an event or more, each of which names the client.
func wantClient(t *testing.T, what string, events []deskauth.Event) {
	t.Helper()
	if len(events) == 0 {
		t.Errorf("%s: no event", what)
	}
	for _, e := range events {
		if e.Client != testkit.Here {
			t.Errorf("%s: event %s of the client %q, want %q", what, e.Type, e.Client, testkit.Here)
		}
	}
}
