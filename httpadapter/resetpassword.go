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
	return told{"Valid password reset key"}, codeError(err, errBadResetCode)
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
	return changed{"Password change successful", newAccount(u)}, form.explain(codeError(err, errBadResetCode))
}

// codeError returns bad, the one answer that a page understands, for every code that is not
// good and for a client that has tried too many.
func codeError(err, bad error) error {
	if errors.Is(err, deskauth.ErrInvalidCode) || errors.Is(err, deskauth.ErrTooManyAttempts) {
		return bad
	}
	return err
}
