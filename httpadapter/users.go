package httpadapter

import (
	"net/http"

	"github.com/deskauth/deskauth"
)

// usersRoutes is the table of endpoints of [NewUsers]. Nothing is left of the path that it
// is mounted at, or a slash.
var usersRoutes = map[string]route{
	"":           ownAccount,
	"/":          ownAccount,
	"/changepsw": {{http.MethodPut, (*adapter).changePassword}},
}

// mailUsersRoutes are there only where the Auth has a Mailer.
var mailUsersRoutes = map[string]route{
	"/resendverifyemail": {{http.MethodGet, (*adapter).requestEmailVerification}},
	"/changeemail":       {{http.MethodPut, (*adapter).requestEmailChange}},
}

var ownAccount = route{
	{http.MethodGet, (*adapter).profile},
	{http.MethodPut, (*adapter).updateProfile},
	{http.MethodDelete, (*adapter).deleteAccount},
}

// NewUsers returns a handler for what an agent does with its own account: GET, PUT and
// DELETE of the path that it is mounted at, and PUT /changepsw below. With a Mailer there
// are GET /resendverifyemail and PUT /changeemail, too. Tiledesk's clients want it beside
// the handler of [New], at /users. It is the token's account, whatever else a request says.
// It answers tokens of guests and external users with 403.
//
// Mount it as the handler of [New], at its path with and without a slash. A Config.Prefix
// is its own, such as "/v1/users". It is safe for concurrent use. NewUsers panics on a nil
// Auth.
func NewUsers(auth *deskauth.Auth, cfg Config) http.Handler {
	if auth == nil {
		panic("httpadapter: NewUsers needs an Auth: check the error that deskauth.New returned")
	}
	return newAdapter(auth, cfg, usersRoutes, mailUsersRoutes)
}

// profile shows the account as it is now, and not as the token says.
func (a *adapter) profile(_ http.ResponseWriter, r *http.Request) (any, error) {
	token, err := bearer(r)
	if err != nil {
		return nil, err
	}
	id, err := a.auth.Verify(r.Context(), token)
	if err != nil {
		return nil, err
	}
	if id.Kind != deskauth.KindUser {
		return nil, deskauth.ErrUsersOnly
	}
	return agent{id.UserID, id.Email, id.FirstName, id.LastName, id.EmailVerified}, nil
}
