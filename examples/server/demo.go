package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// An open demo shows every mail with its code in its page, and signs custom tokens for any
// name. Whoever reaches it can take over every account, so it is for one person who tries
// things out.

// A choice is the value of a flag that is true, false, or empty where it is absent.
type choice string

// Set implements [flag.Value].
func (c *choice) Set(text string) error {
	on, err := strconv.ParseBool(text)
	*c = choice(strconv.FormatBool(on))
	return err
}

func (c *choice) String() string { return string(*c) }

// Get implements [flag.Getter].
func (c *choice) Get() any { return string(*c) }

// IsBoolFlag lets the flag stand without a value.
func (c *choice) IsBoolFlag() bool { return true }

// checkDemo refuses what -demo does not go together with.
func (o options) checkDemo() error {
	switch {
	case o.demoFlag != "true":
		return nil
	case len(o.projects) > 0:
		return errors.New("-demo makes a project of its own: remove -project, or -demo")
	case o.smtp != "":
		return errors.New("-demo shows mails in its page and sends none: remove -smtp, or -demo")
	}
	return nil
}

// opensDemo reports whether the demo is open. By itself it opens only where nobody else can
// come, and where no account lasts.
func (o options) opensDemo() bool {
	return o.demo && (o.demoFlag == "true" || o.demoFlag == "" && o.whyClosed() == "")
}

// whyClosed returns what keeps the demo from opening by itself, or nothing.
func (o options) whyClosed() string {
	switch {
	case !isLoopback(o.addr):
		return "-addr is not a loopback address"
	case o.store != "memory":
		return "-store keeps accounts"
	case o.smtp != "":
		return "-smtp sends mail"
	case len(o.trustedProxies) > 0:
		return "-trusted-proxy lets others come"
	}
	return ""
}

// isLoopback reports whether only this machine can reach an address to listen on.
func isLoopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	ip, notIP := netip.ParseAddr(host)
	return err == nil && (host == "localhost" || notIP == nil && ip.IsLoopback())
}

// guardDemo lets only the server's own page and programs without a browser through. Pages
// of other sites run in the same browser: Sec-Fetch-Site tells those that send requests to
// this machine, and Host those whose name was made to lead here (DNS rebinding). A proxy
// that forwards to a loopback address makes the demo everybody's: most say that they are
// one, or bring the Host of another machine. One that does neither cannot be told.
func (o options) guardDemo(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		site := r.Header.Get("Sec-Fetch-Site")
		switch {
		case site != "" && site != "same-origin" && site != "none":
			refuse(w, http.StatusForbidden, "forbidden", "The demo answers its own page only.")
		case !o.isOwnHost(r.Host):
			refuse(w, http.StatusForbidden, "forbidden", "Open this page at localhost, or with -demo at an IP address: "+
				"any other name may be another site's.")
		case o.demoFlag != "true" && isForwarded(r.Header):
			refuse(w, http.StatusForbidden, "forbidden", "A proxy leads here, so the demo is closed: "+
				"-demo opens it to everybody whom the proxy lets through.")
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// isOwnHost reports whether a Host header cannot be another site's name: it is an address,
// localhost, or the host of -addr. Without -demo, an address that is not loopback comes
// from another machine, by a proxy.
func (o options) isOwnHost(header string) bool {
	host := hostOf(header)
	ip, err := netip.ParseAddr(host)
	isOwn := err == nil && (o.demoFlag == "true" || ip.IsLoopback())
	return isOwn || strings.EqualFold(host, "localhost") || host != "" && strings.EqualFold(host, hostOf(o.addr))
}

func hostOf(hostPort string) string {
	if host, _, err := net.SplitHostPort(hostPort); err == nil {
		return host
	}
	return strings.Trim(hostPort, "[]")
}

// isForwarded reports whether a proxy says that it has sent a request on.
func isForwarded(header http.Header) bool {
	for _, name := range []string{"Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip"} {
		if header.Get(name) != "" {
			return true
		}
	}
	return false
}

const (
	maxNameCharacters = 60
	demoTokenLife     = 5 * time.Minute
)

// signCustomToken does what the backend of another system does for a user whom it knows.
// Here anybody may have any name.
func signCustomToken(issuer string, p project) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var asked struct{ Name string }
		if !readJSON(w, r, &asked) {
			return
		}
		name := strings.TrimSpace(asked.Name)
		if !isText(name, maxNameCharacters) {
			refuse(w, http.StatusUnprocessableEntity, "invalid_input", "Write a name of 1 to 60 characters.")
			return
		}
		claims := map[string]any{"_id": demoID(name), "firstname": name, "plan": "gold"}
		token, err := p.customToken(issuer, demoTokenLife, claims)
		if err != nil {
			refuse(w, http.StatusInternalServerError, "internal_error", "The token cannot be signed.")
			return
		}
		answerJSON(w, http.StatusOK, map[string]string{"token": "JWT " + token})
	}
}

// demoID returns the `_id` of a name: one that is good whatever the name is. A name may be
// longer than an `_id`, or look like the ID of a Tiledesk account.
func demoID(name string) string {
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:16])
}
