package deskauth

import (
	"cmp"
	"net/netip"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxClientBytes is more than every address and every sensible name of a client has.
const maxClientBytes = 200

// A subscriber has a /64 at least (RFC 6177), and a /48 at most of what is given out to
// sites. Between the two nobody outside can tell neighbours from one client.
const (
	networkBits = 64
	siteBits    = 48
)

// A clientName is what a client counts as.
type clientName struct {
	own  string // an IPv4 address, an IPv6 /64, or another name; empty for unknown clients
	site string // the /48 of an IPv6 address, else empty
}

// nameClient returns what the Client of an input counts as. Unknown clients share no
// counter.
func nameClient(client string) clientName {
	client = strings.TrimSpace(client)
	if address, ok := addressOf(client); ok {
		address = fromNAT64(address.Unmap().WithZone(""))
		if address.Is6() {
			return clientName{own: network(address, networkBits), site: network(address, siteBits)}
		}
		return clientName{own: address.String()}
	}
	if !utf8.ValidString(client) {
		client = strconv.QuoteToASCII(client)
	}
	return clientName{own: strings.ToValidUTF8(client[:min(len(client), maxClientBytes)], "")}
}

// clientGroup returns the group that a client waits in for a password hash: a site is one.
// Clients that are not known are one group too.
func clientGroup(client string) string {
	name := nameClient(client)
	return cmp.Or(name.site, name.own)
}

// addressOf reads an address as proxies write it, in brackets or not, and with a port or
// not. Clients choose their port.
func addressOf(client string) (address netip.Addr, ok bool) {
	address, err := netip.ParseAddr(strings.Trim(client, "[]"))
	if colon := strings.LastIndexByte(client, ':'); err != nil && colon >= 0 {
		address, err = netip.ParseAddr(strings.Trim(client[:colon], "[]"))
	}
	return address, err == nil
}

// network returns the network of an IPv6 address, like 2001:db8::/48.
func network(address netip.Addr, bits int) string {
	prefix, _ := address.Prefix(bits)
	return prefix.String()
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
