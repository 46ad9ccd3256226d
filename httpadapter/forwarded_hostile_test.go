package httpadapter_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/deskauth/deskauth/httpadapter"
	"github.com/deskauth/deskauth/internal/testkit"
)

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
		least := testkit.Allocated(func() { client(r) })
		for range 9 { // what the runtime does meanwhile counts too
			least = min(least, testkit.Allocated(func() { client(r) }))
		}
		if least > 4096 {
			t.Errorf("%s: %d bytes are allocated for it", name, least)
		}
	}
}

// TestS36_ClientCannotChooseWhoItIs guesses a password behind two proxies, through the
// handler that docs/embedding.md shows. Each guess has other lines of the client's before
// the proxies' own.
func TestS36_ClientCannotChooseWhoItIs(t *testing.T) {
	t.Parallel()
	handler := behindProxies(start(t, setup{}).auth)
	guess := func(lines ...string) int {
		r := forwarded("10.0.0.1:1", lines...)
		body := httptest.NewRequest(http.MethodPost, "/signin",
			strings.NewReader(`{"email":"`+adaEmail+`","password":"a guess"}`))
		r.Body = body.Body
		r.Header.Set("Content-Type", "application/json")
		return serve(handler, r).status
	}
	const allowed = 10 // the default of Limits.SigninsPerAccountAndClient
	for n := range 4 * allowed {
		want := http.StatusUnauthorized
		if n >= allowed {
			want = http.StatusTooManyRequests
		}
		lines := []string{fmt.Sprintf("198.51.100.%d, 10.0.0.%d", n, n), "203.0.113.9", "10.0.0.2"}
		if n%2 == 1 { // a proxy may extend the client's line
			lines = []string{strings.Join(lines, ", ")}
		}
		if got := guess(lines...); got != want {
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
		"fe80::1%eth0", "::ffff:198.51.100.7",
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
		if got := client(forwarded(peer, append(slices.Clone(lines), "unknown")...)); got != "10.0.0.1" {
			t.Errorf("with %q and a last entry that is no address the client is %q, want the peer", lines, got)
		}
		if got := client(forwarded("192.0.2.7:1", lines...)); got != "192.0.2.7" {
			t.Errorf("with %q of a peer that is not trusted the client is %q", lines, got)
		}
	})
}
