package httpadapter

import (
	"errors"
	"net/http"
	"strings"

	"github.com/deskauth/deskauth"
)

// verifyEmail takes everything from the path, /verifyemail/{userid}/{code}. A body of
// whatever kind is not read: else the code of a client that sends one would be refused.
func (a *adapter) verifyEmail(_ http.ResponseWriter, r *http.Request) (any, error) {
	path := rest(r)
	slash := strings.LastIndexByte(path, '/')
	if slash <= 0 {
		return nil, errBadVerification
	}
	u, err := a.auth.VerifyEmail(r.Context(), deskauth.VerifyEmailInput{
		UserID: path[:slash],
		Code:   deskauth.NewSecret(path[slash+1:]),
		Client: a.client(r),
	})
	switch {
	case errors.Is(err, deskauth.ErrOtherAccount):
		return nil, errOthersVerification
	case errors.Is(err, deskauth.ErrInvalidCode):
		return nil, errBadVerification
	}
	return newAccount(u), err
}

func (a *adapter) requestEmailVerification(_ http.ResponseWriter, r *http.Request) (any, error) {
	token, err := bearer(r)
	if err != nil {
		return nil, err
	}
	return sent{true, "Verify email successfully sent"},
		a.auth.RequestEmailVerification(r.Context(), deskauth.RequestEmailVerificationInput{
			Token:  deskauth.NewSecret(token),
			Client: a.client(r),
			Locale: language(r),
		})
}
