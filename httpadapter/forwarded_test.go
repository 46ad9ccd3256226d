package httpadapter_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/httpadapter"
	"github.com/deskauth/deskauth/internal/testkit"
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
	client := httpadapter.ForwardedFor(proxies(t, "10.0.0.0/8", "192.0.2.1/32", "2001:db8:ffff::/48", "fe80::/64")...)
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

// A chain of proxies that never ends is read for 32 entries, and an endless entry is none.
func TestS36_HugeHeadersCostLittle(t *testing.T) {
	client := httpadapter.ForwardedFor(proxies(t, "10.0.0.0/8")...)
	chain := make([]string, 50_000)
	for i := range chain {
		chain[i] = fmt.Sprintf("10.0.%d.%d", i>>8&255, i&255)
	}
	slices.Reverse(chain)
	for name, c := range map[string]struct {
		lines []string
		want  string
	}{
		"one line":        {[]string{strings.Join(chain, ", ")}, "10.0.0.31"},
		"a line each":     {chain, "10.0.0.31"},
		"one entry":       {[]string{strings.Repeat("1", 1<<20)}, "10.0.0.1"},
		"blanks":          {[]string{"203.0.113.9," + strings.Repeat(" ", 1<<20) + "10.0.0.2"}, "10.0.0.1"},
		"quotes":          {[]string{strings.Repeat(`"`, 1<<20) + "10.0.0.2"}, "10.0.0.1"},
		"behind a client": {[]string{strings.Repeat("10.0.0.2,", 1<<17) + "203.0.113.9"}, "203.0.113.9"},
	} {
		r := forwarded("10.0.0.1:1", c.lines...)
		if got := client(r); got != c.want {
			t.Errorf("%s: the client is %q, want %q", name, got, c.want)
		}
		if n := testkit.Allocated(func() { client(r) }); n > 4096 {
			t.Errorf("%s: %d bytes are allocated for it", name, n)
		}
	}
}

func TestForwardedForRefusesToTrust(t *testing.T) {
	t.Parallel()
	for name, prefix := range map[string]netip.Prefix{
		"nothing":                {},
		"an impossible length":   netip.PrefixFrom(netip.MustParseAddr("10.0.0.1"), 33),
		"all of IPv4":            netip.MustParsePrefix("0.0.0.0/0"),
		"all of IPv6":            netip.MustParsePrefix("::/0"),
		"all of IPv4 as IPv6":    netip.MustParsePrefix("::ffff:0:0/96"),
		"an address and no bits": netip.MustParsePrefix("10.0.0.1/0"),
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

// TestS36_ClientCannotChooseWhoItIs guesses a password behind two proxies, each guess with
// other lines of the client's before the proxies' own.
func TestS36_ClientCannotChooseWhoItIs(t *testing.T) {
	t.Parallel()
	s := start(t, setup{
		auth: deskauth.Config{Argon2: testkit.CheapArgon2},
		http: httpadapter.Config{Client: httpadapter.ForwardedFor(proxies(t, "10.0.0.0/8")...)},
	})
	guess := func(lines ...string) int {
		r := forwarded("10.0.0.1:1", lines...)
		body := httptest.NewRequest(http.MethodPost, "/signin",
			strings.NewReader(`{"email":"`+adaEmail+`","password":"a guess"}`))
		r.Body = body.Body
		r.Header.Set("Content-Type", "application/json")
		return serve(s, r).status
	}
	const allowed = 10 // the default of Limits.SigninsPerAccountAndClient
	for n := range 4 * allowed {
		want := http.StatusUnauthorized
		if n >= allowed {
			want = http.StatusTooManyRequests
		}
		if got := guess(fmt.Sprintf("198.51.100.%d, 10.0.0.%d", n, n), "203.0.113.9", "10.0.0.2"); got != want {
			t.Errorf("guess %d is answered with %d, want %d", n+1, got, want)
		}
	}
	if got := guess("203.0.113.9", "203.0.113.10", "10.0.0.2"); got != http.StatusUnauthorized {
		t.Errorf("another client's first guess is answered with %d, want 401", got)
	}
}

// FuzzForwardedFor writes anything into the header before a proxy appends the client's
// address to the last line, or in a line of its own.
func FuzzForwardedFor(f *testing.F) {
	for _, seed := range []string{
		"", "198.51.100.7", "10.0.0.2, 10.0.0.3", "unknown\n\n,", "\"\n[::1", "fe80::1%eth0:80, \t", "10.0.0.1\n10.0.0.2,",
	} {
		f.Add(seed)
	}
	client := httpadapter.ForwardedFor(proxies(f, "10.0.0.0/8")...)
	const peer, behind = "10.0.0.1:1", "203.0.113.9"
	f.Fuzz(func(t *testing.T, text string) {
		lines := strings.Split(text, "\n")
		last := len(lines) - 1
		extended := append(slices.Clone(lines[:last]), lines[last]+", "+behind)
		twice := append(slices.Clone(extended), "10.0.0.2")
		for _, as := range [][]string{append(slices.Clone(lines), behind), extended, twice} {
			if got := client(forwarded(peer, as...)); got != behind {
				t.Errorf("with %q the client is %q, want %q", as, got, behind)
			}
		}
		got := client(forwarded(peer, lines...))
		address, err := netip.ParseAddr(got)
		if err != nil || address.Zone() != "" || address.Is4In6() || address.String() != got {
			t.Errorf("with %q the client is %q, want an address in its one form", lines, got)
		}
		if got := client(forwarded("192.0.2.7:1", lines...)); got != "192.0.2.7" {
			t.Errorf("with %q of a peer that is not trusted the client is %q", lines, got)
		}
	})
}
