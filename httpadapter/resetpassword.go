package httpadapter

import (
	"errors"
	"net/http"

	"github.com/deskauth/deskauth"
)

// checkResetCode is for the page that a link opens, before it asks for a new password.
func (a *adapter) checkResetCode(_ http.ResponseWriter, r *http.Request) (any, error) {
	_, err := a.auth.CheckCode(r.Context(), deskauth.CheckCodeInput{
		Purpose: deskauth.MailPasswordReset,
		Code:    deskauth.NewSecret(rest(r)),
		Client:  a.client(r),
	})
	return told{"Valid password reset key"}, resetError(err)
}

type resetPasswordRequest struct {
	Code     deskauth.Secret `json:"-"`
	Password deskauth.Secret `json:"password"`
	Client   string          `json:"-"`
	Locale   string          `json:"-"`
}

func (a *adapter) resetPassword(w http.ResponseWriter, r *http.Request) (any, error) {
	var req resetPasswordRequest
	form, err := a.decode(w, r, &req)
	if err != nil {
		return nil, err
	}
	req.Code, req.Client, req.Locale = deskauth.NewSecret(rest(r)), a.client(r), language(r)
	u, err := a.auth.ResetPassword(r.Context(), deskauth.ResetPasswordInput(req))
	return changed{"Password change successful", newAccount(u)}, form.explain(resetError(err))
}

// resetError is the one answer that the dashboard understands, to every code that is not
// good and to a client that has tried too many.
func resetError(err error) error {
	if errors.Is(err, deskauth.ErrInvalidCode) || errors.Is(err, deskauth.ErrTooManyAttempts) {
		return errBadResetCode
	}
	return err
}
