package httpadapter

import (
	"net/http"

	"github.com/deskauth/deskauth"
)

type customTokenRequest struct {
	Token      deskauth.Secret `json:"-"` // stands in the Authorization header
	GuestToken deskauth.Secret `json:"guestToken"`
	Client     string          `json:"-"`
}

// signinWithCustomToken takes who signs in from the Authorization header alone. A body need
// not be there. All that counts in it is the token of the guest that the person was.
func (a *adapter) signinWithCustomToken(w http.ResponseWriter, r *http.Request) (any, error) {
	var req customTokenRequest
	if err := a.decodeAny(w, r, &req); err != nil {
		return nil, err
	}
	token, err := bearer(r)
	if err != nil {
		return nil, err
	}
	req.Token, req.Client = deskauth.NewSecret(token), a.client(r)
	s, err := a.auth.SigninWithCustomToken(r.Context(), deskauth.CustomTokenInput(req))
	if err != nil {
		return nil, err
	}
	return a.newSession(s)
}
