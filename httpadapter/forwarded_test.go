package httpadapter_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/deskauth/deskauth/httpadapter"
)

// proxies are the trusted networks of these tests.
func proxies(t testing.TB, list ...string) (trusted []netip.Prefix) {
	t.Helper()
	for _, text := range list {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			t.Fatal(err)
		}
		trusted = append(trusted, p)
	}
	return trusted
}

// forwarded is a request of a peer with these lines of X-Forwarded-For.
func forwarded(peer string, lines ...string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/signin", nil)
	r.RemoteAddr = peer
	for _, line := range lines {
		r.Header.Add("X-Forwarded-For", line)
	}
	return r
}

func TestS36_ForwardedFor(t *testing.T) {
	t.Parallel()
	client := httpadapter.ForwardedFor(proxies(t, "10.0.0.0/8", "192.0.2.1/32",
		"2001:db8:ffff::/48", "2001:db8:fffe::1/128", "fe80::/64")...)
	const proxy = "10.0.0.1:4711"
	for _, c := range []struct {
		name  string
		peer  string
		lines []string
		want  string
	}{
		{"one proxy", proxy, []string{"203.0.113.9"}, "203.0.113.9"},
		{"a forged entry before", proxy, []string{"198.51.100.7, 203.0.113.9"}, "203.0.113.9"},
		{"a forged line before", proxy, []string{"198.51.100.7", "203.0.113.9"}, "203.0.113.9"},
		{"many forged lines", proxy, []string{"1.1.1.1, 10.0.0.9", "10.0.0.9,", "", "203.0.113.9"}, "203.0.113.9"},
		{"forged to look like a proxy", proxy, []string{"10.0.0.9, 203.0.113.9"}, "203.0.113.9"},
		{"forged to cut the list", proxy, []string{`"1.1.1.1`, `203.0.113.9`}, "203.0.113.9"},
		{"two proxies, one line", proxy, []string{"198.51.100.7, 203.0.113.9, 10.0.0.2"}, "203.0.113.9"},
		{"two proxies, a line each", proxy, []string{"198.51.100.7", "203.0.113.9", "10.0.0.2"}, "203.0.113.9"},
		{"three proxies", "192.0.2.1:1", []string{"203.0.113.9,10.0.0.3 ,\t2001:db8:ffff::2"}, "203.0.113.9"},
		{"IPv6", proxy, []string{"198.51.100.7", "2001:db8::1"}, "2001:db8::1"},

		{"a peer that is no proxy", "203.0.113.9:1", []string{"198.51.100.7"}, "203.0.113.9"},
		{"the same, IPv6", "[2001:db8::1]:1", []string{"198.51.100.7"}, "2001:db8::1"},
		{"next to a proxy", "192.0.2.2:1", []string{"198.51.100.7"}, "192.0.2.2"},
		{"next to a proxy in IPv6", "[2001:db8:fffe::2]:1", []string{"198.51.100.7"}, "2001:db8:fffe::2"},
		{"a proxy in IPv6", "[2001:db8:ffff::1]:1", []string{"203.0.113.9"}, "203.0.113.9"},
		{"a proxy as IPv4 in IPv6", "[::ffff:10.0.0.1]:1", []string{"203.0.113.9"}, "203.0.113.9"},
		{"a proxy with a zone", "[fe80::1%eth0]:1", []string{"203.0.113.9"}, "203.0.113.9"},
		{"a proxy without a port", "10.0.0.1", []string{"203.0.113.9"}, "203.0.113.9"},

		{"no header", proxy, nil, "10.0.0.1"},
		{"an empty header", proxy, []string{""}, "10.0.0.1"},
		{"blanks", proxy, []string{" \t "}, "10.0.0.1"},
		{"commas", proxy, []string{",,,"}, "10.0.0.1"},
		{"an empty last entry", proxy, []string{"198.51.100.7,"}, "10.0.0.1"},
		{"an empty last line", proxy, []string{"198.51.100.7", ""}, "10.0.0.1"},
		{"an empty first entry", proxy, []string{"198.51.100.7", ",10.0.0.2"}, "10.0.0.2"},
		{"100 bytes", proxy, []string{strings.Repeat(" ", 89) + "203.0.113.9"}, "203.0.113.9"},
		{"101 bytes", proxy, []string{strings.Repeat(" ", 90) + "203.0.113.9"}, "10.0.0.1"},
		{"unknown", proxy, []string{"198.51.100.7, unknown"}, "10.0.0.1"},
		{"unknown to the outer proxy", proxy, []string{"198.51.100.7, unknown, 10.0.0.2"}, "10.0.0.2"},
		{"obfuscated", proxy, []string{"_hidden, 10.0.0.2"}, "10.0.0.2"},
		{"a Unix socket of nginx", proxy, []string{"unix:"}, "10.0.0.1"},
		{"a name", proxy, []string{"localhost"}, "10.0.0.1"},
		{"all are proxies", proxy, []string{"10.0.0.4, 10.0.0.3", "10.0.0.2"}, "10.0.0.4"},

		{"a port", proxy, []string{"203.0.113.9:65535"}, "203.0.113.9"},
		{"a port and brackets", proxy, []string{"[2001:db8::1]:443"}, "2001:db8::1"},
		{"brackets", proxy, []string{"[2001:DB8:0::1]"}, "2001:db8::1"},
		{"quotes", proxy, []string{`"[2001:db8::1]:443"`}, "2001:db8::1"},
		{"a zone", proxy, []string{"fe80:1::1%eth0"}, "fe80:1::1"},
		{"a zone of a proxy", proxy, []string{"203.0.113.9, fe80::1%eth0"}, "203.0.113.9"},
		{"IPv4 in IPv6", proxy, []string{"::ffff:203.0.113.9"}, "203.0.113.9"},
		{"a proxy's IPv4 in IPv6", proxy, []string{"203.0.113.9, [::ffff:a00:2]:80"}, "203.0.113.9"},
		{"a port too high", proxy, []string{"203.0.113.9:65536"}, "10.0.0.1"},
		{"a port in letters", proxy, []string{"203.0.113.9:http"}, "10.0.0.1"},
		{"half of the brackets", proxy, []string{"[2001:db8::1"}, "10.0.0.1"},
		{"leading zeros", proxy, []string{"203.0.113.009"}, "10.0.0.1"},
		{"a part of an address", proxy, []string{"203.0.113"}, "10.0.0.1"},
		{"two without a comma", proxy, []string{"203.0.113.9 198.51.100.7"}, "10.0.0.1"},
		{"other bytes", proxy, []string{"\x00\xff"}, "10.0.0.1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := client(forwarded(c.peer, c.lines...)); got != c.want {
				t.Errorf("from %s with %q the client is %q, want %q", c.peer, c.lines, got, c.want)
			}
		})
	}
}

// Without a peer's address there is still a client. Only a Unix socket is trusted.
func TestS36_PeersWithoutAddress(t *testing.T) {
	t.Parallel()
	on := func(local net.Addr, peer string, lines ...string) *http.Request {
		r := forwarded(peer, lines...)
		return r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, local))
	}
	unix, tcp := &net.UnixAddr{Name: "/run/s", Net: "unix"}, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}
	for trusted, client := range map[string]func(*http.Request) string{
		"10.0.0.0/8": httpadapter.ForwardedFor(proxies(t, "10.0.0.0/8")...),
		"nothing":    httpadapter.ForwardedFor(),
	} {
		for _, c := range []struct {
			name string
			r    *http.Request
			want string
		}{
			{"a Unix socket", on(unix, "@", "198.51.100.7, 203.0.113.9"), "203.0.113.9"},
			{"without a name", on(unix, "", "203.0.113.9"), "203.0.113.9"},
			{"with a name", on(unix, "/tmp/c", "203.0.113.9"), "203.0.113.9"},
			{"with an address for a name", on(unix, "192.0.2.7:1", "203.0.113.9"), "203.0.113.9"},
			{"without the header", on(unix, "@"), "unix socket"},
			{"with an unreadable header", on(unix, "@", "203.0.113.9, unknown"), "unix socket"},
			{"a TCP peer of no address", on(tcp, "elsewhere", "203.0.113.9"), "unknown peer"},
			{"an empty TCP peer", on(tcp, "", "203.0.113.9"), "unknown peer"},
			{"a request that no server made", forwarded("@", "203.0.113.9"), "unknown peer"},
			{"a TCP peer", on(tcp, "192.0.2.7:1", "203.0.113.9"), "192.0.2.7"},
		} {
			if got := client(c.r); got != c.want {
				t.Errorf("trusting %s: %s is the client %q, want %q", trusted, c.name, got, c.want)
			}
		}
	}
}

// The same through a server that listens on a Unix socket.
func TestS36_RealUnixSocket(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "s")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Skip(err)
	}
	client := httpadapter.ForwardedFor()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, client(r))
	}))
	server.Listener.Close()
	server.Listener = listener
	server.Start()
	t.Cleanup(server.Close)
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", path)
	}}
	t.Cleanup(transport.CloseIdleConnections)
	for want, lines := range map[string][]string{
		"203.0.113.9": {"198.51.100.7", "203.0.113.9"},
		"unix socket": nil,
	} {
		r := forwarded("", lines...)
		r.URL, r.RequestURI = &url.URL{Scheme: "http", Host: "socket"}, ""
		response, err := transport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		got, err := io.ReadAll(response.Body)
		if err != nil || string(got) != want {
			t.Errorf("with %q the client is %q, %v; want %q", lines, got, err, want)
		}
	}
}

func TestForwardedForRefusesToTrust(t *testing.T) {
	t.Parallel()
	for name, prefix := range map[string]netip.Prefix{
		"nothing":                 {},
		"an impossible length":    netip.PrefixFrom(netip.MustParseAddr("10.0.0.1"), 33),
		"all of IPv4":             netip.MustParsePrefix("0.0.0.0/0"),
		"all of IPv6":             netip.MustParsePrefix("::/0"),
		"all of IPv4 as IPv6":     netip.MustParsePrefix("::ffff:0:0/96"),
		"a part of IPv4 and more": netip.MustParsePrefix("::ffff:0:0/95"),
		"an address and no bits":  netip.MustParsePrefix("10.0.0.1/0"),
	} {
		func() {
			defer func() {
				if p := fmt.Sprint(recover()); !strings.Contains(p, "cannot trust "+prefix.String()+": name the networks") {
					t.Errorf("of %s it panics with %q", name, p)
				}
			}()
			httpadapter.ForwardedFor(netip.MustParsePrefix("10.0.0.0/8"), prefix)
		}()
	}
}

func TestForwardedForTakesIPv4PrefixesInIPv6(t *testing.T) {
	t.Parallel()
	client := httpadapter.ForwardedFor(proxies(t, "::ffff:10.0.0.0/104")...)
	for peer, want := range map[string]string{"10.9.9.9:1": "203.0.113.9", "11.0.0.1:1": "11.0.0.1"} {
		if got := client(forwarded(peer, "203.0.113.9")); got != want {
			t.Errorf("from %s the client is %q, want %q", peer, got, want)
		}
	}
}
