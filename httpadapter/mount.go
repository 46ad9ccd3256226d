package httpadapter

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strings"
)

// A mount is what Config.Prefix says.
type mount struct {
	prefix string // without a slash at its end
	given  bool   // else it is found out for each request
}

func newMount(prefix string) mount {
	if prefix != "" {
		checkPath("Config.Prefix", prefix, "Leave it empty for http.ServeMux, chi and echo, which say where "+
			"the handler is mounted. With another router, take the prefix away before the handler")
	}
	return mount{strings.TrimSuffix(prefix, "/"), prefix != ""}
}

// checkPath panics on what is not the path of any request. forPattern says what to do about
// a router's pattern.
func checkPath(field, value, forPattern string) {
	wrong, char := "", ""
	if i := strings.IndexAny(value, "{}*:?#%"); i >= 0 {
		char = value[i : i+1]
	}
	clean := path.Clean(value)
	switch {
	case !strings.HasPrefix(value, "/"):
		wrong = "it has to begin with a slash, as in /v1/auth"
	case strings.ContainsAny(char, "{}*:"):
		wrong = "it is a pattern of a router, and it has to be a path, which is compared as it stands. " + forPattern
	case char == "%":
		wrong = "it is compared with paths whose percent-encoding is gone. Write the character itself"
	case char != "":
		wrong = "a path ends before a " + char + ". Write what stands before it"
	case value != clean && value != strings.TrimSuffix(clean, "/")+"/":
		wrong = "routers clean paths, so no request has this one. Write " + clean
	}
	if wrong != "" {
		panic(fmt.Sprintf("httpadapter: %s is %q: %s", field, value, wrong))
	}
}

// resolve finds the endpoints of a request, or none. It returns the request, too, with what
// stands below the mount as its path.
//
// Every endpoint has one path: what is a path of ours as it stands, after http.StripPrefix
// for instance, or what is one below the mount, and never both.
func (a *adapter) resolve(r *http.Request) (route, *http.Request) {
	at := a.mount.prefix
	if !a.mount.given {
		if found := a.at(r.URL.Path); found != nil {
			return found, r
		}
		at = matched(r)
		if at == "" || stripped(r, at) {
			return nil, r
		}
	}
	below, ok := strings.CutPrefix(r.URL.Path, at)
	found := a.at(below)
	if !ok || found == nil {
		return nil, r
	}
	return found, withPath(r, below)
}

// at returns the endpoints at a path below the mount.
func (a *adapter) at(below string) route {
	if found := a.routes[below]; found != nil {
		return found
	}
	return a.routes[strings.TrimSuffix(below, behindSecondSlash(below))]
}

// matched returns the path of the pattern that [http.ServeMux] has found for a request,
// without a slash or wildcard at its end. In the pattern "POST example.com/{tenant}/auth/"
// that is /{tenant}/auth, with the tenant of the request. Chi and echo leave their patterns
// in the request, too, with a star at the end.
func matched(r *http.Request) string {
	_, pattern, _ := strings.Cut(r.Pattern, "/")
	var b strings.Builder
	for segment := range strings.SplitSeq(pattern, "/") {
		name, isWildcard := strings.CutPrefix(strings.TrimSuffix(segment, "}"), "{")
		switch {
		case segment == "" || segment == "*" || name == "$" || isWildcard && strings.HasSuffix(name, "..."):
			return b.String()
		case isWildcard:
			segment = r.PathValue(name)
		}
		b.WriteByte('/')
		b.WriteString(segment)
	}
	return b.String()
}

// stripped reports whether a mount was taken from the path of a request before, by
// [http.StripPrefix] for instance. Its RequestURI has the path as it came.
func stripped(r *http.Request, mount string) bool {
	came, _, _ := strings.Cut(r.RequestURI, "?")
	if plain, err := url.PathUnescape(came); err == nil {
		came = plain
	}
	before, ok := strings.CutSuffix(came, r.URL.Path)
	return ok && strings.HasSuffix(before, mount)
}

// withPath returns a copy of a request that has another path.
func withPath(r *http.Request, to string) *http.Request {
	u := *r.URL
	u.Path, u.RawPath = to, ""
	r = r.WithContext(r.Context())
	r.URL = &u
	return r
}

// maxShownPath is how many characters of a path a 404 repeats.
const maxShownPath = 100

// notFound says which path there is no endpoint at, and what may be wrong with the mount.
// The path may have a code in it: it is for the client that sent it, and for no log. It is
// shown percent-encoded, which leaves some of ASCII, and neither quotes nor brackets.
func (a *adapter) notFound(r *http.Request) error {
	saw := r.URL.EscapedPath()
	if len(saw) > maxShownPath {
		saw = saw[:maxShownPath] + "..."
	}
	mend := "If the handler is mounted below a prefix, set Config.Prefix or use http.StripPrefix."
	if a.mount.given {
		mend = fmt.Sprintf("Config.Prefix is %s: set it to where the handler is mounted, "+
			"or leave it empty behind http.StripPrefix.", cmp.Or(a.mount.prefix, "/"))
	}
	return refusef(errNoEndpoint, "Not found: there is no endpoint at %s. %s", cmp.Or(saw, "an empty path"), mend)
}
