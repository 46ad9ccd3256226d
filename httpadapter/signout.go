package httpadapter

import "net/http"

// signout takes everything from the Authorization header. Nothing in the body counts.
func (a *adapter) signout(w http.ResponseWriter, r *http.Request) (any, error) {
	if err := a.ignoreBody(w, r); err != nil {
		return nil, err
	}
	token, err := bearer(r)
	if err != nil {
		return nil, err
	}
	return done{true}, a.auth.Signout(r.Context(), token)
}
