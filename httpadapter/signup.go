package httpadapter

import (
	"errors"
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
	u, err := a.signUp(r, deskauth.SignupInput(req))
	if err != nil {
		return nil, form.explain(err)
	}
	return signupResponse{
		Success: true,
		Msg:     "Successfully created new user.",
		User:    newAccount(u),
	}, nil
}

// signUp makes an account. Of a request that brings a guest's token, the guest becomes it.
func (a *adapter) signUp(r *http.Request, in deskauth.SignupInput) (deskauth.User, error) {
	if len(r.Header.Values("Authorization")) > 0 {
		token, err := bearer(r)
		if err != nil {
			return deskauth.User{}, err
		}
		u, err := a.auth.UpgradeGuest(r.Context(), deskauth.UpgradeGuestInput{
			GuestToken:  deskauth.NewSecret(token),
			SignupInput: in,
		})
		if !errors.Is(err, deskauth.ErrGuestsOnly) {
			return u, err
		}
	}
	return a.auth.Signup(r.Context(), in)
}
