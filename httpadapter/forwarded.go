package httpadapter

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

const (
	// maxHops bounds the entries that are read. A chain of real proxies is far shorter.
	maxHops = 32
	// maxHopBytes is more than an IPv6 address with a zone, a port, quotes and blanks has.
	maxHopBytes = 100

	unixPeer    = "unix socket"
	unknownPeer = "unknown peer"
)

// ForwardedFor returns a function for Config.Client that reads the client behind proxies
// from X-Forwarded-For. Each proxy appends the address of its peer to that header. So the
// last entry is as good as the proxy that sent the request, the entry before it as good as
// the proxy that the last entry names, and so on. Trust the addresses of your proxies, and
// no network that has clients in it.
//
// The client is the first address that is not trusted, in this order: the peer of the
// connection, then the entries from the right, over all lines of the header. A client that
// writes entries of its own does not change that, because they are left of its address.
//
// If there is no such address, the client is the last trusted one that was read. The
// reading ends with the header, at an entry that is not an IP address, such as "unknown" or
// an empty one, and after 32 entries. An entry may have a port, brackets, a zone or quotes,
// which do not count. An IPv4 address inside IPv6 is taken as IPv4.
//
// The peer of a Unix socket is trusted, because the permissions of the socket decide which
// programs may connect. Its requests without a good entry have one client, "unix socket".
// The client is never empty.
//
// Without prefixes, only the peer of a Unix socket is trusted. ForwardedFor panics on a
// prefix that is not valid, or that contains every address: each client could choose its
// own then.
func ForwardedFor(trusted ...netip.Prefix) func(r *http.Request) string {
	proxies := make(prefixes, len(trusted))
	for i, p := range trusted {
		if p.Addr().Is4In6() {
			p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
		}
		if !p.IsValid() || p.Bits() == 0 {
			panic(fmt.Sprintf("httpadapter: ForwardedFor cannot trust %v: "+
				"name the networks of your proxies, such as 10.0.0.0/8 or 192.0.2.1/32", trusted[i]))
		}
		proxies[i] = p
	}
	return proxies.client
}

// prefixes are the networks of the trusted proxies, IPv4 ones in their own form.
type prefixes []netip.Prefix

func (p prefixes) contain(address netip.Addr) bool {
	for _, prefix := range p {
		if prefix.Contains(address) {
			return true
		}
	}
	return false
}

// client returns the client of a request.
func (p prefixes) client(r *http.Request) string {
	name := peer(r)
	address, ok := parseHop(name)
	switch {
	case onUnixSocket(r):
		name = unixPeer
	case !ok:
		return unknownPeer
	case !p.contain(address):
		return name
	}
	entries := hops{lines: r.Header.Values("X-Forwarded-For")}
	for range maxHops {
		address, ok := entries.next()
		if !ok {
			break
		}
		name = address.String()
		if !p.contain(address) {
			break
		}
	}
	return name
}

// onUnixSocket reports whether the request came through a Unix socket. It asks the server's
// own address, because the peer of a Unix socket may give itself any name.
func onUnixSocket(r *http.Request) bool {
	local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	return ok && strings.HasPrefix(local.Network(), "unix")
}

// hops are the entries of X-Forwarded-For, read from the right. All lines of the header are
// one list (RFC 9110 §5.3).
type hops struct {
	lines []string // that are not begun
	rest  string   // of the line that is begun
	begun bool
}

// next returns the entry before, if there is one and it is an address. It looks at no more
// of the header than that.
func (h *hops) next() (address netip.Addr, ok bool) {
	if !h.begun {
		last := len(h.lines) - 1
		if last < 0 {
			return netip.Addr{}, false
		}
		h.rest, h.lines = h.lines[last], h.lines[:last]
	}
	end := h.rest[max(0, len(h.rest)-maxHopBytes):]
	comma := strings.LastIndexByte(end, ',')
	entry := end[comma+1:]
	h.begun = comma >= 0
	if h.begun {
		h.rest = h.rest[:len(h.rest)-len(entry)-1]
	} else if len(end) < len(h.rest) { // too long for an address
		return netip.Addr{}, false
	}
	return parseHop(strings.Trim(strings.Trim(entry, " \t"), `"`))
}

// parseHop reads an address as proxies write it.
func parseHop(text string) (address netip.Addr, ok bool) {
	if withPort, err := netip.ParseAddrPort(text); err == nil {
		address = withPort.Addr()
	} else {
		if inside, found := strings.CutPrefix(text, "["); found {
			text, found = strings.CutSuffix(inside, "]")
			if !found {
				return netip.Addr{}, false
			}
		}
		if address, err = netip.ParseAddr(text); err != nil {
			return netip.Addr{}, false
		}
	}
	return address.Unmap().WithZone(""), true
}
