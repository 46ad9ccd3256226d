package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// page asks for something of the page's own, with a token.
func (p *process) page(method, path, token, body string) answer {
	p.t.Helper()
	headers := []string{"Authorization: " + token}
	if body != "" {
		headers = append(headers, "Content-Type: application/json")
	}
	return p.askURL(method, p.root()+"/page"+path, body, headers...)
}

// TestLinesStayWithTheAccount has a guest write, who then signs up.
func TestLinesStayWithTheAccount(t *testing.T) {
	t.Parallel()
	p := start(t, "-project", "demo="+projectSecret)
	token := p.post("/signinAnonymously", guest).token(t)
	other := p.post("/signinAnonymously", guest).token(t)
	const none, one = `{"lines":[]}`, `{"lines":["I was \u003cb\u003ehere\u003c/b\u003e"]}`
	if got := p.page("GET", "/lines", token, ""); strings.TrimSpace(got.body) != none {
		t.Errorf("before: got %v, want %s", got, none)
	}
	if got := p.page("POST", "/lines", token, `{"line":" I was <b>here</b>\n"}`); strings.TrimSpace(got.body) != one {
		t.Errorf("a line: got %v, want %s", got, one)
	}
	p.call("POST", "/signup", ada, "Authorization: "+token)
	if got := p.page("GET", "/lines", token, ""); got.status != http.StatusUnauthorized {
		t.Errorf("the token of the guest who signed up: got %v, want 401", got)
	}
	agent := p.post("/signin", adaSignin).token(t)
	for who, c := range map[string]struct{ token, want string }{
		"the agent": {agent, one}, "another guest": {other, none},
	} {
		got := p.page("GET", "/lines", c.token, "")
		if strings.TrimSpace(got.body) != c.want || got.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: got %v, want %s", who, got, c.want)
		}
	}
	for _, token := range []string{"", "JWT garbage", custom(t, nil)} {
		if got := p.page("POST", "/lines", token, `{"line":"x"}`); got.status != http.StatusUnauthorized {
			t.Errorf("a line with the token %.20q: got %v, want 401", token, got)
		}
	}
	for body, want := range map[string]int{
		`{"line":""}`: 422, `{"line":" \n "}`: 422, `{}`: 422, `{"line":"a\nb"}`: 422, `{"line":7}`: 400, `[`: 400,
		`{"line":"` + strings.Repeat("é", maxLineCharacters+1) + `"}`: 422,
		`{"line":"` + strings.Repeat("é", maxLineCharacters) + `"}`:   200,
		`{"line":"` + strings.Repeat("x", maxBodyBytes) + `"}`:        400,
	} {
		if got := p.page("POST", "/lines", agent, body); got.status != want {
			t.Errorf("the line %.40s: got %v, want %d", body, got, want)
		}
	}
}

func TestLinesAreBounded(t *testing.T) {
	t.Parallel()
	l := newLines()
	before := l.add("ada", "0")
	for i := 1; i <= maxLines; i++ {
		l.add("ada", fmt.Sprint(i))
	}
	own := l.of("ada")
	if len(own) != maxLines || own[0] != "1" || own[maxLines-1] != fmt.Sprint(maxLines) || before[0] != "0" {
		t.Errorf("ada has %d lines, from %q to %q; want the newest %d", len(own), own[0], own[len(own)-1], maxLines)
	}
	for i := range 2 * maxWriters {
		id := fmt.Sprint("writer ", i)
		if got := l.add(id, "x"); len(got) != 1 || len(l.of(id)) != 1 {
			t.Fatalf("%s has the lines %q", id, got)
		}
	}
	if len(l.byID) != maxWriters {
		t.Errorf("there are %d writers, want %d", len(l.byID), maxWriters)
	}
}
