package httpadapter

import (
	"net/http"

	"github.com/deskauth/deskauth"
)

type signupRequest struct {
	Email     string          `json:"email"`
	Password  deskauth.Secret `json:"password"`
	FirstName string          `json:"firstname"`
	LastName  string          `json:"lastname"`
	Client    string          `json:"-"`
	Locale    string          `json:"-"`

	NoVerificationMail bool `json:"-"` // whoever signs up does not choose that
}

func (a *adapter) signup(w http.ResponseWriter, r *http.Request) (any, error) {
	if a.signupClosed {
		return nil, errSignupClosed
	}
	var req signupRequest
	form, err := a.decode(w, r, &req)
	if err != nil {
		return nil, err
	}
	req.Client, req.Locale = a.client(r), language(r)
	u, err := a.auth.Signup(r.Context(), deskauth.SignupInput(req))
	if err != nil {
		return nil, form.explain(err)
	}
	return signupResponse{
		Success: true,
		Msg:     "Successfully created new user.",
		User:    newAccount(u),
	}, nil
}
