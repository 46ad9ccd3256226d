package main

import (
	"log/slog"
	"net/http"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/httpadapter"
)

// signoutEverywhere ends every session of the request's account. The library has no
// endpoint for it, because Tiledesk has none: a host writes it like this, behind
// httpadapter.Authenticate.
func signoutEverywhere(auth *deskauth.Auth, logger *slog.Logger) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		id := httpadapter.MustIdentity(r.Context())
		if err := auth.SignoutEverywhere(r.Context(), id.UserID); err != nil {
			logger.ErrorContext(r.Context(), "sign out everywhere", "user", id.UserID, "error", err)
			refuse(w, http.StatusInternalServerError, "internal_error", "Internal error.")
			return
		}
		answerJSON(w, http.StatusOK, map[string]bool{"success": true})
	}
}
