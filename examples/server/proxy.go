package main

import (
	"fmt"
	"net/netip"
	"strings"
)

// addProxies reads the networks of proxies, separated by commas.
func (o *options) addProxies(list string) error {
	for text := range strings.SplitSeq(list, ",") {
		prefix, err := parseProxy(strings.TrimSpace(text))
		if err != nil {
			return err
		}
		o.trustedProxies = append(o.trustedProxies, prefix)
	}
	return nil
}

// parseProxy reads a network, or an address for itself alone.
func parseProxy(text string) (netip.Prefix, error) {
	if address, err := netip.ParseAddr(text); err == nil && address.Zone() == "" {
		address = address.Unmap()
		return netip.PrefixFrom(address, address.BitLen()), nil
	}
	prefix, err := netip.ParsePrefix(text)
	if err == nil && prefix.Addr().Is4In6() && prefix.Bits() >= 96 {
		prefix = netip.PrefixFrom(prefix.Addr().Unmap(), prefix.Bits()-96)
	}
	switch {
	case err != nil:
		return prefix, fmt.Errorf("%q is not a network like 10.0.0.0/8 or an address like 192.0.2.1", text)
	case prefix.Bits() == 0:
		return prefix, fmt.Errorf("%q lets every client choose its address: write the networks of your proxies", text)
	case prefix != prefix.Masked():
		return prefix, fmt.Errorf("%q is an address in a network: write %v for the network, or %v for the address",
			text, prefix.Masked(), prefix.Addr())
	}
	return prefix, nil
}
