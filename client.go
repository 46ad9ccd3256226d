package deskauth

import (
	"net/netip"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxClientBytes is more than every address and every sensible name of a client has.
const maxClientBytes = 200

// clientKey returns the key of a client's attempts at something, or nothing if the client
// is not known: unknown clients share no counter.
func clientKey(what, client string) string {
	client = strings.TrimSpace(client)
	if client == "" {
		return ""
	}
	if withPort, err := netip.ParseAddrPort(client); err == nil { // the client chooses its port
		client = withPort.Addr().String()
	}
	if address, err := netip.ParseAddr(strings.Trim(client, "[]")); err == nil {
		address = fromNAT64(address.Unmap().WithZone(""))
		if address.Is6() { // a subscriber has at least a /64, RFC 6177
			prefix, _ := address.Prefix(64)
			address = prefix.Addr()
		}
		client = address.String()
	}
	if !utf8.ValidString(client) {
		client = strconv.QuoteToASCII(client)
	}
	return what + " from " + strings.ToValidUTF8(client[:min(len(client), maxClientBytes)], "")
}

var nat64 = netip.MustParsePrefix("64:ff9b::/96") // RFC 6052

// fromNAT64 returns the IPv4 address that a translator has put into an IPv6 one. All of
// those are in one /64.
func fromNAT64(address netip.Addr) netip.Addr {
	if !nat64.Contains(address) {
		return address
	}
	b := address.As16()
	return netip.AddrFrom4([4]byte(b[12:]))
}
