package httpadapter

import (
	"net/http"

	"github.com/deskauth/deskauth"
)

// signinWithCustomToken takes everything from the Authorization header. A body may be
// there, but nothing in it counts.
func (a *adapter) signinWithCustomToken(w http.ResponseWriter, r *http.Request) (any, error) {
	if err := a.ignoreBody(w, r); err != nil {
		return nil, err
	}
	token, err := bearer(r)
	if err != nil {
		return nil, err
	}
	s, err := a.auth.SigninWithCustomToken(r.Context(), deskauth.CustomTokenInput{
		Token:  deskauth.NewSecret(token),
		Client: a.client(r),
	})
	if err != nil {
		return nil, err
	}
	return a.newSession(s)
}
