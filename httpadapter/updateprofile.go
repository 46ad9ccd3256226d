package httpadapter

import (
	"encoding/json"
	"net/http"

	"github.com/deskauth/deskauth"
)

type updateProfileRequest struct {
	Token      deskauth.Secret `json:"-"`
	FirstName  *string         `json:"firstname"`
	LastName   *string         `json:"lastname"`
	Attributes json.RawMessage `json:"attributes"`
	Client     string          `json:"-"`
}

func (a *adapter) updateProfile(w http.ResponseWriter, r *http.Request) (any, error) {
	var req updateProfileRequest
	form, token, err := a.decodeOwn(w, r, &req)
	if err != nil {
		return nil, err
	}
	req.Token, req.Client = token, a.client(r)
	u, err := a.auth.UpdateProfile(r.Context(), deskauth.UpdateProfileInput(req))
	return profileResponse{true, newAccount(u)}, form.explain(err)
}
