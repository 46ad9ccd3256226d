package httpadapter

import (
	"encoding/json"
	"net/http"

	"github.com/deskauth/deskauth"
)

type anonymousRequest struct {
	ProjectID  string          `json:"id_project"`
	FirstName  string          `json:"firstname"`
	LastName   string          `json:"lastname"`
	Attributes json.RawMessage `json:"attributes"`
	Client     string          `json:"-"`
}

func (a *adapter) signinAnonymously(w http.ResponseWriter, r *http.Request) (any, error) {
	var req anonymousRequest
	form, err := a.decode(w, r, &req)
	if err != nil {
		return nil, err
	}
	req.Client = a.client(r)
	s, err := a.auth.SigninAnonymously(r.Context(), deskauth.AnonymousInput(req))
	if err != nil {
		return nil, form.explain(err)
	}
	return a.newSession(s)
}
