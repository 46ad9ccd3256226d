package httpadapter

import (
	"net/http"

	"github.com/deskauth/deskauth"
)

func (a *adapter) deleteAccount(_ http.ResponseWriter, r *http.Request) (any, error) {
	token, err := bearer(r)
	if err != nil {
		return nil, err
	}
	return done{true}, a.auth.DeleteAccount(r.Context(), deskauth.DeleteAccountInput{
		Token:  deskauth.NewSecret(token),
		Client: a.client(r),
	})
}
