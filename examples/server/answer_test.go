package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// An answer is a whole response.
type answer struct {
	status int
	header http.Header
	body   string
}

func (a answer) String() string { return fmt.Sprintf("%d %v %s", a.status, a.header, a.body) }

var client = &http.Client{Timeout: patience}

// ask sends a request to a path under base. Each header is "Name: value".
func (p *process) ask(method, path, body string, headers ...string) answer {
	p.t.Helper()
	return p.askURL(method, p.base+path, body, headers...)
}

func (p *process) askURL(method, url, body string, headers ...string) answer {
	p.t.Helper()
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Add(name, value)
	}
	response, err := client.Do(r)
	if err != nil {
		p.t.Fatalf("%v\n%s", err, p.logs)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, string(text)}
}

// post sends a JSON body.
func (p *process) post(path, body string, headers ...string) answer {
	p.t.Helper()
	return p.ask(http.MethodPost, path, body, append(headers, "Content-Type: application/json")...)
}

// me asks for the identity that a token proves. who is nil unless the answer is 200.
func (p *process) me(token string) (who map[string]any, got answer) {
	p.t.Helper()
	got = p.ask(http.MethodGet, "/me", "", "Authorization: "+token)
	if got.status == http.StatusOK {
		if err := json.Unmarshal([]byte(got.body), &who); err != nil {
			p.t.Fatalf("%v in %v", err, got)
		}
	}
	return who, got
}

// token returns the token of an answer, which must be a success.
func (a answer) token(t *testing.T) string {
	t.Helper()
	var body struct {
		Success bool
		Token   string
	}
	err := json.Unmarshal([]byte(a.body), &body)
	if err != nil || a.status != http.StatusOK || !body.Success || body.Token == "" {
		t.Fatalf("got %v, want 200 with a token", a)
	}
	return body.Token
}
