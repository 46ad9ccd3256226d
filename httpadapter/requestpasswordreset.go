package httpadapter

import (
	"net/http"

	"github.com/deskauth/deskauth"
)

type mailRequest struct {
	Email  string `json:"email"`
	Client string `json:"-"`
	Locale string `json:"-"`
}

// requestPasswordReset answers every address in form alike.
func (a *adapter) requestPasswordReset(w http.ResponseWriter, r *http.Request) (any, error) {
	var req mailRequest
	form, err := a.decode(w, r, &req)
	if err != nil {
		return nil, err
	}
	req.Client, req.Locale = a.client(r), language(r)
	err = a.auth.RequestPasswordReset(r.Context(), deskauth.MailInput(req))
	return sent{true, "An email has been sent to reset your password"}, form.explain(err)
}
