package httpadapter

import (
	"net/http"

	"github.com/deskauth/deskauth"
)

type signinRequest struct {
	Email    string          `json:"email"`
	Password deskauth.Secret `json:"password"`
	Client   string          `json:"-"`
	Locale   string          `json:"-"`
}

func (a *adapter) signin(w http.ResponseWriter, r *http.Request) (any, error) {
	var req signinRequest
	form, err := a.decode(w, r, &req)
	if err != nil {
		return nil, err
	}
	req.Client, req.Locale = a.client(r), language(r)
	s, err := a.auth.Signin(r.Context(), deskauth.SigninInput(req))
	if err != nil {
		return nil, form.explain(err)
	}
	return a.newSession(s)
}
