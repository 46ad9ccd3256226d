package main

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/httpadapter"
)

// pageFiles are the page: index.html is a template, everything else is served as it is.
//
//go:embed page
var pageFiles embed.FS

var pageTypes = map[string]string{
	".html": "text/html; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
}

// pagePolicy lets the page load its own files and call its own server, and do nothing else:
// no inline script or style, no form that is sent without the script, no frame around it,
// and no text that becomes HTML (Content Security Policy Level 3, Trusted Types).
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
	"require-trusted-types-for 'script'; trusted-types 'none'"

// pageHeaders go with each file of the page.
var pageHeaders = map[string]string{
	"Content-Security-Policy":      pagePolicy,
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Permissions-Policy":           "camera=(), geolocation=(), microphone=()",
	"Referrer-Policy":              "no-referrer", // the address may have the code of a mail
	"X-Content-Type-Options":       "nosniff",
	"X-Frame-Options":              "DENY",
	"Cache-Control":                "no-cache", // it is asked for anew, by its ETag
}

// newPage serves the page at / and what it alone needs under /page/. Pages of other origins
// get no CORS headers there. box is nil unless the demo is open.
func newPage(o options, auth *deskauth.Auth, box *outbox, logger *slog.Logger) *http.ServeMux {
	mux := http.NewServeMux()
	file := func(pattern, name string, text []byte) {
		mux.Handle(pattern, only([]string{http.MethodGet, http.MethodHead}, pageFile(name, text)))
	}
	file("/{$}", "index.html", index(o))
	files, err := pageFiles.ReadDir("page")
	if err != nil {
		panic(err) // it is in the program
	}
	for _, f := range files {
		if text, err := pageFiles.ReadFile("page/" + f.Name()); err == nil && f.Name() != "index.html" {
			file("/page/"+f.Name(), f.Name(), text)
		}
	}
	authenticate := httpadapter.Authenticate(auth, httpadapter.MiddlewareConfig{})
	own := func(path string, handler http.Handler, methods ...string) {
		mux.Handle("/page/"+path, only(methods, handler))
	}
	own("lines", authenticate(newLines()), http.MethodGet, http.MethodPost)
	own("signouteverywhere", authenticate(signoutEverywhere(auth, logger)), http.MethodPost)
	if box != nil {
		own("outbox", o.guardDemo(box), http.MethodGet)
		own("customtoken", o.guardDemo(signCustomToken(o.issuer, o.projects[0])), http.MethodPost)
	}
	return mux
}

// only refuses all other methods. One of them is OPTIONS: a browser that asks on behalf of
// another origin must not hear the API's answer.
func only(methods []string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !slices.Contains(methods, r.Method) {
			allowed := strings.Join(methods, ", ")
			w.Header().Set("Allow", allowed)
			refuse(w, http.StatusMethodNotAllowed, "method_not_allowed", "Method not allowed. Use "+allowed+".")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// index makes the page for the options.
func index(o options) []byte {
	var text bytes.Buffer
	err := template.Must(template.ParseFS(pageFiles, "page/index.html")).Execute(&text, map[string]any{
		"Prefix":   o.prefix,
		"Users":    o.users(),
		"Projects": o.projectIDs(),
		"Demo":     o.opensDemo(),
		"Signup":   !o.disableSignup,
		"Upgrade":  !o.disableSignup && !o.besideTiledesk,
		"Printed":  o.smtp == "",
	})
	if err != nil {
		panic(err) // the template is in the program
	}
	return text.Bytes()
}

func (o options) projectIDs() (ids []string) {
	for _, p := range o.projects {
		ids = append(ids, p.id)
	}
	return ids
}

// partial are the headers that ask for a part of a file, or for it on a condition that no
// page of a browser sets. The answers to them would be errors that are not JSON.
var partial = []string{"Range", "If-Range", "If-Match", "If-Unmodified-Since"}

// pageFile serves one file of the page, which is whole always.
func pageFile(name string, text []byte) http.Handler {
	tag := fmt.Sprintf(`"%x"`, sha256.Sum256(text))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, value := range pageHeaders {
			w.Header().Set(name, value)
		}
		w.Header().Set("Content-Type", pageTypes[path.Ext(name)])
		w.Header().Set("ETag", tag)
		r = r.Clone(r.Context())
		for _, name := range partial {
			r.Header.Del(name)
		}
		http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(text))
	})
}

// pageOr serves what the page has a pattern for, and everything else by another handler.
func pageOr(page *http.ServeMux, other http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if handler, pattern := page.Handler(r); pattern != "" {
			handler.ServeHTTP(w, r)
			return
		}
		other.ServeHTTP(w, r)
	})
}
