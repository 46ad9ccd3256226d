package httpadapter

import (
	"errors"
	"net/http"

	"github.com/deskauth/deskauth"
)

type changeEmailRequest struct {
	Token    deskauth.Secret `json:"-"`
	Email    string          `json:"email"`
	Password deskauth.Secret `json:"password"`
	Client   string          `json:"-"`
	Locale   string          `json:"-"`
}

// requestEmailChange answers a new address that has an account like any other.
func (a *adapter) requestEmailChange(w http.ResponseWriter, r *http.Request) (any, error) {
	var req changeEmailRequest
	form, token, err := a.decodeOwn(w, r, &req)
	if err != nil {
		return nil, err
	}
	req.Token, req.Client, req.Locale = token, a.client(r), language(r)
	err = a.auth.RequestEmailChange(r.Context(), deskauth.RequestEmailChangeInput(req))
	if errors.Is(err, deskauth.ErrInvalidCredentials) {
		return nil, errWrongCurrent
	}
	return sent{true, "An email has been sent to the new address"}, form.explain(err)
}

// changeEmail takes everything from the path. A body is not read, as in verifyEmail.
func (a *adapter) changeEmail(_ http.ResponseWriter, r *http.Request) (any, error) {
	u, err := a.auth.ChangeEmail(r.Context(), deskauth.ChangeEmailInput{
		Code:   deskauth.NewSecret(rest(r)),
		Client: a.client(r),
		Locale: language(r),
	})
	return changed{"Email change successful", newAccount(u)}, codeError(err, errBadChangeCode)
}
