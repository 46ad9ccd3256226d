package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestReadJSON refuses what the form of another site could send, and what is no JSON.
func TestReadJSON(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		contentType, body string
		status            int
		message           string
	}{
		{"application/json", `{"name":"Ada"}`, http.StatusOK, ""},
		{"text/plain", `{"name":"Ada"}`, http.StatusUnsupportedMediaType, "Send application/json."},
		{"", `{"name":"Ada"}`, http.StatusUnsupportedMediaType, "Send application/json."},
		{"application/x-www-form-urlencoded", `name=Ada`, http.StatusUnsupportedMediaType, "Send application/json."},
		{"application/json", `{"name":`, http.StatusBadRequest, "Send one JSON object of at most 4 KiB."},
		{"application/json", ``, http.StatusBadRequest, "Send one JSON object of at most 4 KiB."},
		{"application/json", `{"name":"` + strings.Repeat("x", maxBodyBytes) + `"}`, http.StatusBadRequest, "at most 4 KiB"},
	} {
		r := httptest.NewRequest("POST", "/", strings.NewReader(c.body))
		r.Header.Set("Content-Type", c.contentType)
		w := httptest.NewRecorder()
		var got struct{ Name string }
		ok := readJSON(w, r, &got)
		if ok != (c.status == http.StatusOK) || w.Code != c.status || !strings.Contains(w.Body.String(), c.message) {
			t.Errorf("%s %.30q: got %v, %d %s; want %d %s", c.contentType, c.body, ok, w.Code, w.Body, c.status, c.message)
		}
		if ok && got.Name != "Ada" {
			t.Errorf("the name is %q", got.Name)
		}
	}
}
