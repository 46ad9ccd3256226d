package main

import (
	"encoding/json"
	"net/http"
)

const maxBodyBytes = 4 << 10 // of the page's own requests

// answerJSON answers as the library does: for this client alone.
func answerJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v)
}

// refuse answers with an error in the form of the library's. The code is for programs, and
// one of the library's where that has one for the matter: see docs/http.md.
func refuse(w http.ResponseWriter, status int, code, msg string) {
	answerJSON(w, status, struct {
		Success bool   `json:"success"`
		Msg     string `json:"msg"`
		Code    string `json:"code"`
	}{false, msg, code})
}

// notFound answers requests to paths that nothing is at.
func notFound(w http.ResponseWriter, _ *http.Request) {
	refuse(w, http.StatusNotFound, "not_found", "Not found.")
}

// readJSON reads a body into v, or refuses it. It wants the type of JSON, which no form of
// another site can send.
func readJSON(w http.ResponseWriter, r *http.Request, v any) (ok bool) {
	if r.Header.Get("Content-Type") != "application/json" {
		refuse(w, http.StatusUnsupportedMediaType, "unsupported_media_type", "Send application/json.")
		return false
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBodyBytes)).Decode(v); err != nil {
		refuse(w, http.StatusBadRequest, "invalid_body", "Send one JSON object of at most 4 KiB.")
		return false
	}
	return true
}
