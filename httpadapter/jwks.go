package httpadapter

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// keySetCache is how long a client may keep the key set, and a proxy too. A new key must be
// in the set for longer before it signs, and a withdrawn one may be believed for as long.
// docs/keys.md says so: five minutes.
const keySetCache = "public, max-age=300"

// A keySet is the one answer that clients may keep.
type keySet []byte

func (a *adapter) jwks(_ http.ResponseWriter, r *http.Request) (any, error) {
	set, err := a.auth.JWKS(r.Context())
	return keySet(set), err
}

// ServeHTTP answers GET and HEAD with the whole set, and with 304 a client that has it. No
// other header of a request counts: [http.ServeContent] would send parts of the set, and
// errors that are not JSON.
func (s keySet) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	sum := sha256.Sum256(s)
	tag := `"` + hex.EncodeToString(sum[:16]) + `"`
	h := w.Header()
	h.Set("Cache-Control", keySetCache)
	h.Set("ETag", tag)
	h.Set("X-Content-Type-Options", "nosniff")
	if hasTag(r.Header.Values("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", "application/json") // which more clients take than application/jwk-set+json
	h.Set("Content-Length", strconv.Itoa(len(s)))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		w.Write(s) // fails if the client has gone
	}
}

// hasTag reports whether the values of If-None-Match name a tag, by the weak comparison, or
// any tag (RFC 9110 §13.1.2). No tag has a quote in it, so a comma in one does no harm.
func hasTag(values []string, tag string) bool {
	return slices.ContainsFunc(values, func(list string) bool {
		for one := range strings.SplitSeq(list, ",") {
			one = strings.TrimPrefix(strings.Trim(one, " \t"), "W/")
			if one == tag || one == "*" {
				return true
			}
		}
		return false
	})
}
