// Package oneproxy reads the address of a client behind one reverse proxy.
// docs/embedding.md quotes it.
package oneproxy

import (
	"net/http"
	"strings"
)

// Client returns the address that the proxy in front appended to X-Forwarded-For: the last
// entry of the last line. The client can write every entry before it, and some proxies,
// such as HAProxy, append a line of their own.
//
// It is right for exactly one proxy, if nothing else reaches the server: a request that
// comes past the proxy can claim any address.
func Client(r *http.Request) string {
	lines := strings.Join(r.Header.Values("X-Forwarded-For"), ",")
	entries := strings.Split(lines, ",")
	client := strings.TrimSpace(entries[len(entries)-1])
	if client == "" {
		return r.RemoteAddr
	}
	return client
}
