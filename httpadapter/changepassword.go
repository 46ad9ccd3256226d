package httpadapter

import (
	"errors"
	"net/http"

	"github.com/deskauth/deskauth"
)

type changePasswordRequest struct {
	Token   deskauth.Secret `json:"-"`
	Current deskauth.Secret `json:"oldpsw"`
	New     deskauth.Secret `json:"newpsw"`
	Client  string          `json:"-"`
	Locale  string          `json:"-"`
	EndAll  bool            `json:"-"`
}

func (a *adapter) changePassword(w http.ResponseWriter, r *http.Request) (any, error) {
	var req changePasswordRequest
	form, token, err := a.decodeOwn(w, r, &req)
	if err != nil {
		return nil, err
	}
	req.Token, req.Client, req.Locale = token, a.client(r), language(r)
	_, err = a.auth.ChangePassword(r.Context(), deskauth.ChangePasswordInput(req))
	if errors.Is(err, deskauth.ErrInvalidCredentials) {
		return nil, errWrongCurrent
	}
	return told{"Password change successful"}, form.explain(err)
}
