package httpadapter

import (
	"bytes"
	"net/http"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/strictjson"
)

// signinWithCustomToken takes everything from the Authorization header. A body may be
// there, but nothing in it counts.
func (a *adapter) signinWithCustomToken(w http.ResponseWriter, r *http.Request) (any, error) {
	body, err := a.readBody(w, r)
	if err != nil {
		return nil, err
	}
	if len(body) > 0 && string(bytes.Trim(body, " \t\r\n")) != "null" {
		if _, err := strictjson.Object(body, nil); err != nil {
			return nil, refusef(http.StatusBadRequest, "The request body cannot be taken: %v.", err)
		}
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
