package main

import (
	"io/fs"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// TestPageHeaders wants the policy on each file of the page, and no word to other origins.
func TestPageHeaders(t *testing.T) {
	t.Parallel()
	p := start(t)
	root := strings.TrimSuffix(p.base, "/v1/auth")
	files, err := fs.Glob(pageFiles, "page/*")
	if err != nil || len(files) < 10 {
		t.Fatalf("the page has %d files: %v", len(files), err)
	}
	for _, path := range append(files, "") {
		if path == "page/index.html" {
			continue
		}
		got := p.askURL("GET", root+"/"+path, "", "Origin: https://shop.example")
		if got.status != http.StatusOK || got.body == "" {
			t.Errorf("/%s: got %d", path, got.status)
		}
		for name, want := range pageHeaders {
			if got.header.Get(name) != want {
				t.Errorf("/%s has the %s %q, want %q", path, name, got.header.Get(name), want)
			}
		}
		if got.header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("/%s may be read by another origin", path)
		}
		again := p.askURL("GET", root+"/"+path, "", "If-None-Match: "+got.header.Get("ETag"))
		if again.status != http.StatusNotModified || again.body != "" {
			t.Errorf("/%s a second time: got %d with %d bytes, want 304", path, again.status, len(again.body))
		}
	}
	for path, want := range map[string]string{
		"": "text/html; charset=utf-8", "page/app.js": "text/javascript; charset=utf-8",
		"page/style.css": "text/css; charset=utf-8", "page/icon.svg": "image/svg+xml",
	} {
		if got := p.askURL("GET", root+"/"+path, "").header.Get("Content-Type"); got != want {
			t.Errorf("/%s is %s, want %s", path, got, want)
		}
	}
	for _, directive := range []string{
		"default-src 'none'", "script-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
		"require-trusted-types-for 'script'",
	} {
		if !strings.Contains(pagePolicy, directive+";") || strings.Contains(pagePolicy, "unsafe") {
			t.Errorf("the policy has no %s, or something unsafe: %s", directive, pagePolicy)
		}
	}
}

// A browser asks with OPTIONS before another origin may send a token or JSON.
func TestPageRefusesOtherOrigins(t *testing.T) {
	t.Parallel()
	p := start(t)
	for path, method := range map[string]string{
		"/lines": "POST", "/signouteverywhere": "POST", "/outbox": "GET", "/customtoken": "POST",
	} {
		got := p.askURL("OPTIONS", p.root()+"/page"+path, "", "Origin: https://shop.example",
			"Access-Control-Request-Method: "+method, "Access-Control-Request-Headers: authorization,content-type")
		if got.status != http.StatusMethodNotAllowed || got.header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: got %v, want 405 and no leave for another origin", path, got)
		}
	}
}

// TestPageBesideAnyPrefix wants the API where it was, and its answers to what the page has
// not, with its CORS headers.
func TestPageBesideAnyPrefix(t *testing.T) {
	t.Parallel()
	for _, prefix := range []string{"/", "/page", "/page/auth", "/page/app.js"} {
		p := start(t, "-prefix", prefix, "-project", "demo=")
		root := strings.TrimSuffix(p.base, strings.TrimSuffix(prefix, "/"))
		p.post("/signinAnonymously", guest).token(t)
		if got := p.askURL("GET", root+"/", ""); !strings.Contains(got.body, "<!doctype html>") {
			t.Errorf("-prefix %s: / is no page: %v", prefix, got)
		}
		if got := p.askURL("GET", root+"/page/views.js", ""); got.status != http.StatusOK {
			t.Errorf("-prefix %s: a file of the page: got %v", prefix, got)
		}
		for path, want := range map[string]int{"/signin/": http.StatusNotFound, "/signin": http.StatusMethodNotAllowed} {
			got := p.ask("GET", path, "", "Origin: https://shop.example")
			if got.status != want || got.header.Get("Access-Control-Allow-Origin") != "*" {
				t.Errorf("-prefix %s: GET %s: got %v, want %d for every origin", prefix, path, got, want)
			}
		}
	}
}

// TestPageOffersWhatOptionsAllow looks for the views of the page by their IDs.
func TestPageOffersWhatOptionsAllow(t *testing.T) {
	t.Parallel()
	demo := options{demo: true, demoFlag: "true", prefix: "/v1/auth", projects: []project{{"demo", projectSecret}}}
	with := func(change func(*options)) options {
		o := demo
		change(&o)
		return o
	}
	for name, c := range map[string]struct {
		o          options
		has, hasNo []string
	}{
		"a demo": {demo,
			[]string{`id="signup"`, `id="upgrade"`, `id="custom"`, `id="mails"`, `data-demo`, `value="demo"`},
			[]string{`<select`, projectSecret}},
		"no demo": {with(func(o *options) { o.demo = false }),
			[]string{`id="signup"`, `id="guest"`, "server’s log has it"},
			[]string{`id="custom"`, `id="mails"`, `data-demo`, `to-outbox`, projectSecret}},
		"mail that is sent": {with(func(o *options) { o.demo, o.smtp = false, "h:25" }), nil, []string{"log has it"}},
		"closed sign-up": {with(func(o *options) { o.disableSignup = true }),
			nil, []string{`id="signup"`, `#/signup`, `id="upgrade"`, `#/upgrade`}},
		"beside Tiledesk": {with(func(o *options) { o.besideTiledesk = true }),
			[]string{`id="signup"`}, []string{`id="upgrade"`, `#/upgrade`}},
		"two projects": {with(func(o *options) { o.projects = []project{{"a", ""}, {"b", ""}} }),
			[]string{`<option>a</option>`, `<option>b</option>`}, []string{`type="hidden"`}},
		"an odd prefix": {with(func(o *options) { o.prefix = `/"it's"/<auth>` }),
			[]string{`data-prefix="/&#34;it&#39;s&#34;/&lt;auth&gt;"`}, nil},
	} {
		text := string(index(c.o))
		for _, want := range c.has {
			if !strings.Contains(text, want) {
				t.Errorf("%s: the page has no %s", name, want)
			}
		}
		for _, bad := range c.hasNo {
			if strings.Contains(text, bad) {
				t.Errorf("%s: the page has %s", name, bad)
			}
		}
	}
}

// unsafeInPage finds what the policy forbids, what makes HTML of text, and what is fetched
// from elsewhere.
var unsafeInPage = regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|` +
	`\sstyle=|\son\w+="|<style|<script>|javascript:|https?://[^w]|localStorage|document\.cookie|placeholder`)

func TestPageFilesAreSafe(t *testing.T) {
	t.Parallel()
	files, _ := fs.Glob(pageFiles, "page/*")
	for _, file := range files {
		text, err := pageFiles.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if found := unsafeInPage.FindString(string(text)); found != "" {
			t.Errorf("%s has %q", file, found)
		}
	}
	for _, bad := range []string{
		`n.innerHTML = x`, `<p onclick="f()">`, `<p style="a">`, `import "https://cdn.example/a.js"`,
	} {
		if !unsafeInPage.MatchString(bad) {
			t.Errorf("nothing is found in %s", bad)
		}
	}
}
