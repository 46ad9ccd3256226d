//go:build linux

package main

import (
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// nginxLarge is nginx with the directive of the docs for large headers.
var nginxLarge = proxy{"nginx", func(t *testing.T, program, dir, listen, upstream string) *exec.Cmd {
	cmd := nginxCommand(t, program, dir, listen, upstream)
	directive, err := os.ReadFile(filepath.Join("testdata", "nginx-headers.conf"))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "nginx.conf")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	const block = "http {\n"
	if strings.Count(string(text), block) != 1 {
		t.Fatalf("%s has not one http block", file)
	}
	write(t, dir, "nginx.conf", strings.Replace(string(text), block, block+string(directive), 1))
	return cmd
}}

// A token of a size passes a proxy, and deskauth answers 401 to it, or the proxy answers
// 400. docs/embedding.md has these sizes.
func TestLargeTokensBehindRealProxies(t *testing.T) {
	t.Parallel()
	const usual, largestSession, largest = 7_800, 13_500, 16 << 10
	for _, tt := range []struct {
		name   string
		proxy  proxy
		bytes  int
		status int
	}{
		{"nginx", nginx, usual, http.StatusUnauthorized},
		{"nginx", nginx, 8 << 10, http.StatusBadRequest},
		{"nginx", nginx, largestSession, http.StatusBadRequest},
		{"nginx set up for it", nginxLarge, largestSession, http.StatusUnauthorized},
		{"nginx set up for it", nginxLarge, largest, http.StatusUnauthorized},
		{"HAProxy", haproxy, largestSession, http.StatusUnauthorized},
		{"HAProxy", haproxy, largest, http.StatusBadRequest},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := start(t)
			public := tt.proxy.start(t, strings.TrimSuffix(strings.TrimPrefix(p.base, "http://"), "/v1/auth"))
			r, err := http.NewRequest(http.MethodPost, "http://"+public+"/v1/auth/signinWithCustomToken", nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Authorization", "JWT "+strings.Repeat("x", tt.bytes))
			response, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			body, _ := io.ReadAll(response.Body)
			ours := strings.HasPrefix(string(body), `{"success":false`)
			if response.StatusCode != tt.status || ours != (tt.status == http.StatusUnauthorized) {
				t.Errorf("a token of %d bytes: got %s and %.100q, want %d", tt.bytes, response.Status, body, tt.status)
			}
		})
	}
}
