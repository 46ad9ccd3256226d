package cookies

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/httpadapter"
)

// protocol is the one that the WebSocket speaks. The server chooses it, and never repeats
// the token, which the page offers as if it were a second protocol.
const protocol = "desk.v1"

// protocolToken returns the token that a page opens a WebSocket with:
//
//	new WebSocket("wss://desk.example.com/live", ["desk.v1", token])
//
// Pages of other sites can open one as well, and their browser sends the cookie along. So
// the cookie does not count here: such a page does not know the token.
func protocolToken(r *http.Request) (string, error) {
	offered := strings.Split(strings.Join(r.Header.Values("Sec-WebSocket-Protocol"), ","), ",")
	if len(offered) != 2 || strings.TrimSpace(offered[0]) != protocol {
		return "", fmt.Errorf("want the protocol %s and a token: %w", protocol, deskauth.ErrInvalidToken)
	}
	return strings.TrimSpace(offered[1]), nil
}

// stream sends events to a page's EventSource. A stream may be open for days, so the cookie
// is checked again before each event: it ends when the session ends, or if that cannot be
// told.
func (d Desk) stream(auth *deskauth.Auth) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		out := http.NewResponseController(w)
		out.SetWriteDeadline(time.Time{}) // or http.Server.WriteTimeout ends it; not all writers have one
		w.Header().Set("Content-Type", "text/event-stream")
		for event := range d.Events(r.Context(), httpadapter.MustIdentity(r.Context()).UserID) {
			token, err := cookieToken(r)
			if err == nil {
				_, err = auth.Verify(r.Context(), token)
			}
			if err != nil {
				return
			}
			fmt.Fprintf(w, "data: %s\n\n", event)
			if out.Flush() != nil { // the page has gone
				return
			}
		}
	}
}
