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
// is not known: unknown clients share no counter. A subscriber has at least a /64 of IPv6
// addresses (RFC 6177).
func clientKey(what, client string) string {
	name := clientName(client, 64)
	if name == "" {
		return ""
	}
	return what + " from " + name
}

// clientGroup returns the group that a client waits in for a password hash. A site may have
// a whole /48 of IPv6 addresses (RFC 6177), so that is one. Clients that are not known are
// one group too.
func clientGroup(client string) string { return clientName(client, 48) }

// clientName returns the one spelling of a client, or nothing if the client is not known.
// An IPv6 address stands for its prefix of so many bits.
func clientName(client string, bits int) string {
	client = strings.TrimSpace(client)
	if withPort, err := netip.ParseAddrPort(client); err == nil { // the client chooses its port
		client = withPort.Addr().String()
	}
	if address, err := netip.ParseAddr(strings.Trim(client, "[]")); err == nil {
		address = fromNAT64(address.Unmap().WithZone(""))
		if address.Is6() {
			prefix, _ := address.Prefix(bits)
			address = prefix.Addr()
		}
		client = address.String()
	}
	if !utf8.ValidString(client) {
		client = strconv.QuoteToASCII(client)
	}
	return strings.ToValidUTF8(client[:min(len(client), maxClientBytes)], "")
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
