package httpadapter

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"time"
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

// ServeHTTP answers GET and HEAD, and with 304 a client that has the set.
func (s keySet) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	sum := sha256.Sum256(s)
	h := w.Header()
	h.Set("Content-Type", "application/json") // which more clients take than application/jwk-set+json
	h.Set("Cache-Control", keySetCache)
	h.Set("ETag", `"`+hex.EncodeToString(sum[:16])+`"`)
	h.Set("X-Content-Type-Options", "nosniff")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(s))
}
