package httpadapter_test

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/httpadapter"
	"github.com/deskauth/deskauth/internal/testkit"
)

// oneGuest is a service where each client can be a guest once, and has no other limit.
func oneGuest(t *testing.T, cfg httpadapter.Config) *service {
	limits := testkit.NoLimits()
	limits.GuestsPerClient = deskauth.Rate{Attempts: 1, Per: time.Hour}
	return start(t, setup{http: cfg, auth: deskauth.Config{Limits: limits}})
}

// from asks to be a guest, as the client with the address.
func (s *service) from(address string, headers ...string) answer {
	r := httptest.NewRequest(http.MethodPost, "/signinAnonymously", strings.NewReader(asGuest))
	r.RemoteAddr = address
	r.Header.Set("Content-Type", "application/json")
	for _, text := range headers {
		name, value, _ := strings.Cut(text, ": ")
		r.Header.Add(name, value)
	}
	return serve(s, r)
}

func tooMany(t *testing.T, got answer, retryAfter string) {
	t.Helper()
	refused(t, got, http.StatusTooManyRequests, "Too many attempts. Try again later.")
	if values := got.header.Values("Retry-After"); len(values) != 1 || values[0] != retryAfter {
		t.Errorf("Retry-After is %q, want %q", values, retryAfter)
	}
}

func TestGoldenLimits(t *testing.T) {
	t.Parallel()
	st := newStory(t, start(t, setup{auth: deskauth.Config{Limits: deskauth.Limits{
		SigninsPerAccountAndClient: deskauth.Rate{Attempts: 2, Per: 3 * time.Minute},
		SigninsPerAccount:          deskauth.Rate{Attempts: 100, Per: time.Hour},
		SignupsPerClient:           deskauth.Rate{Attempts: 2, Per: time.Hour},
		GuestsPerClient:            deskauth.Rate{Attempts: 1, Per: 2500 * time.Millisecond},
		GuestsPerProject:           deskauth.Rate{Attempts: 3, Per: time.Hour},
	}}}))
	signin := func(name, password string) {
		st.tell(name, request{path: "/signin", body: `{"email":"` + adaEmail + `","password":"` + password + `"}`})
	}

	st.tell("the first of two sign-ups", request{path: "/signup", body: body()})
	st.tell("a taken address counts", request{path: "/signup", body: body()})
	st.tell("what cannot be taken is said as ever", request{path: "/signup", body: body("password", `"short"`)})
	st.tell("the third sign-up", request{path: "/signup", body: body("email", `"new@example.com"`)})
	st.tell("the same of a taken address", request{path: "/signup", body: body()})

	signin("the first of two attempts", "wrong password")
	signin("the second", "wrong password")
	signin("the third", "wrong password")
	signin("the same with the right password", adaPassword)
	st.tell("the same in another spelling", request{path: "/signin", body: body("email", `"ADA@example.com"`)})
	st.s.clock.Advance(89*time.Second + 100*time.Millisecond)
	signin("900 milliseconds early: a whole second", adaPassword)
	st.s.clock.Advance(900 * time.Millisecond)
	signin("in time", adaPassword)
	signin("a success gives its own attempt back", "wrong password")
	signin("and no other", adaPassword)

	limitGuests(st)
	st.tell("a custom token has no limit", request{path: "/signinWithCustomToken", claims: fullClaims})
	st.end("limits.txt")
}

func limitGuests(st *story) {
	guest := func(name, project string) {
		st.tell(name, request{path: "/signinAnonymously", body: `{"id_project":"` + project + `"}`})
	}
	guest("a guest", projectID)
	guest("another at once: 2.5 seconds are three whole ones", projectID)
	guest("in another project", guestsOnly)
	guest("a project that nobody knows is not looked up", "nobody-knows")
	st.s.clock.Advance(2500 * time.Millisecond)
	guest("a project that nobody knows, in time", "nobody-knows")
	guest("it counts", projectID)
	for range 2 {
		st.s.clock.Advance(2500 * time.Millisecond)
		guest("a guest after the wait", projectID)
	}
	st.s.clock.Advance(2500 * time.Millisecond)
	guest("too many of one project", projectID)
	st.s.clock.Advance(2500 * time.Millisecond)
	guest("another project has room", guestsOnly)
}

var forwarding = []string{
	"X-Forwarded-For: 203.0.113.9", "X-Forwarded-For: 203.0.113.9, 198.51.100.1",
	"Forwarded: for=203.0.113.9;proto=https", `Forwarded: for="[2001:db8::9]"`,
	"X-Real-IP: 203.0.113.9", "X-Real-Ip: 2001:db8::9", "X-Client-IP: 203.0.113.9",
	"True-Client-IP: 203.0.113.9", "CF-Connecting-IP: 203.0.113.9", "X-Originating-IP: 203.0.113.9",
	"X-Remote-Addr: 203.0.113.9", "X-Cluster-Client-IP: 203.0.113.9", "Fastly-Client-IP: 203.0.113.9",
	"Client: somebody else", "Via: 1.1 proxy", "Host: elsewhere.example", "User-Agent: another",
}

func TestS27_HeadersChangeNoLimit(t *testing.T) {
	t.Parallel()
	s := oneGuest(t, httpadapter.Config{})
	s.from("192.0.2.1:1").token(t)
	for _, header := range forwarding {
		tooMany(t, s.from("192.0.2.1:2", header), "3600")
	}
	tooMany(t, s.from("192.0.2.1:3", forwarding...), "3600")
	// And none is taken for the client that a header names.
	s.from("192.0.2.2:1", "X-Forwarded-For: 192.0.2.3", "X-Real-IP: 192.0.2.3", "Forwarded: for=192.0.2.3").token(t)
	s.from("192.0.2.3:1").token(t)
}

func TestS27_ClientFunctionReadsAHeader(t *testing.T) {
	t.Parallel()
	s := oneGuest(t, httpadapter.Config{Client: func(r *http.Request) string { return r.Header.Get("X-Real-IP") }})
	const proxy = "192.0.2.1:1"
	s.from(proxy, "X-Real-IP: 203.0.113.1").token(t)
	s.from(proxy, "X-Real-IP: 203.0.113.2").token(t)
	s.from(proxy, "X-Real-IP: 2001:db8::1").token(t)
	tooMany(t, s.from(proxy, "X-Real-IP: 203.0.113.1"), "3600")
	tooMany(t, s.from("192.0.2.2:1", "X-Real-IP: 203.0.113.2", "X-Forwarded-For: 203.0.113.3"), "3600")
	tooMany(t, s.from(proxy, "X-Real-IP: 2001:db8::2"), "3600")
	for range 3 { // without the header no client is known, and none shares a limit
		s.from(proxy).token(t)
	}
}

// The peer's address in each form that net/http has for it.
func TestS27_PeerAddresses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		first, second string
		one           bool
	}{
		"another port":                  {"192.0.2.1:1", "192.0.2.1:65535", true},
		"another address":               {"192.0.2.1:1", "192.0.2.2:1", false},
		"IPv6, another port":            {"[2001:db8::1]:1", "[2001:db8::1]:2", true},
		"IPv6, the same network":        {"[2001:db8::1]:1", "[2001:db8::ffff:1]:1", true},
		"IPv6, another network":         {"[2001:db8::1]:1", "[2001:db8:0:1::1]:1", false},
		"IPv4 in IPv6":                  {"[::ffff:192.0.2.1]:1", "192.0.2.1:1", true},
		"IPv4 in IPv6, another address": {"[::ffff:192.0.2.1]:1", "[::ffff:192.0.2.2]:1", false},
		"another zone":                  {"[fe80::1%eth0]:1", "[fe80::1%eth1]:1", true},
		"without a port":                {"192.0.2.1", "192.0.2.1:1", true},
		"nothing":                       {"", "", false},
		"a Unix socket":                 {"@", "@", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := oneGuest(t, httpadapter.Config{})
			s.from(c.first).token(t)
			got := s.from(c.second)
			if c.one {
				tooMany(t, got, "3600")
				return
			}
			got.token(t)
		})
	}
}

// The same through a real Unix socket: a proxy in front of it hides its clients, and they
// must not share a limit because of that.
func TestS27_UnixSocketIsNobody(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "s")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Skip(err)
	}
	server := httptest.NewUnstartedServer(oneGuest(t, httpadapter.Config{}))
	server.Listener.Close()
	server.Listener = listener
	server.Start()
	t.Cleanup(server.Close)
	client := &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", path)
		},
		DisableKeepAlives: true,
	}}
	for n := range 2 {
		body := strings.NewReader(asGuest)
		response, err := client.Post("http://socket/signinAnonymously", "application/json", body)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusOK {
			t.Errorf("guest %d through a Unix socket: got %s, want 200", n+1, response.Status)
		}
	}
}

// A client does not name itself.
func TestS27_NoClientInTheBody(t *testing.T) {
	t.Parallel()
	for _, member := range []string{`"client":"x"`, `"Client":"x"`, `"-":"x"`, `"ip":"x"`, `"CLIENT":"x"`} {
		once := deskauth.Rate{Attempts: 1, Per: time.Hour}
		s := start(t, setup{auth: deskauth.Config{Limits: deskauth.Limits{
			SigninsPerAccountAndClient: once, SignupsPerClient: once, GuestsPerClient: once,
		}}})
		s.signUpAda(t)
		for path, body := range map[string]string{
			"/signup":            body("email", `"new@example.com"`),
			"/signin":            body("password", `"wrong password"`),
			"/signinAnonymously": asGuest,
		} {
			s.post(path, body)
			got := s.post(path, strings.TrimSuffix(body, "}")+","+member+"}")
			if got.status != http.StatusTooManyRequests {
				t.Errorf("%s with %s: got %v, want 429", path, member, got)
			}
		}
	}
}

// What the limit and the events see is one and the same client.
func TestClientIsInTheEvent(t *testing.T) {
	t.Parallel()
	var last deskauth.Event
	s := start(t, setup{auth: deskauth.Config{OnEvent: func(_ context.Context, e deskauth.Event) { last = e }}})
	for address, want := range map[string]string{
		"192.0.2.1:1":      "192.0.2.1",
		"[2001:db8::1]:1":  "2001:db8::1",
		"[fe80::1%eth0]:1": "fe80::1%eth0",
		"":                 "",
		"@":                "",
	} {
		s.from(address)
		if last.Client != want {
			t.Errorf("of the peer %q the event has the client %q, want %q", address, last.Client, want)
		}
	}
}

// A panic in Config.Client leads to an answer and a line in the log, and the server lives.
func TestS23_PanickingClientIsContained(t *testing.T) {
	t.Parallel()
	var logs bytes.Buffer
	broken := true
	s := start(t, setup{http: httpadapter.Config{
		Logger: slog.New(slog.NewTextHandler(&logs, nil)),
		Client: func(r *http.Request) string {
			if broken {
				return strings.Split(r.Header.Get("X-Forwarded-For"), ",")[1] // there is none
			}
			return "192.0.2.1"
		},
	}})
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	requests := map[string]string{"/signup": body(), "/signin": body(), "/signinAnonymously": asGuest}
	for path, body := range requests {
		logs.Reset()
		got := overTheWire(t, server, path, body)
		refused(t, got, http.StatusInternalServerError, internalError)
		if !strings.Contains(logs.String(), "level=ERROR") || !strings.Contains(logs.String(), "index out of range") {
			t.Errorf("%s: the panic is not in the log:\n%s", path, logs.String())
		}
	}
	broken = false
	for _, path := range []string{"/signup", "/signin", "/signinAnonymously"} {
		if got := overTheWire(t, server, path, requests[path]); got.status != http.StatusOK {
			t.Errorf("%s when the function is mended: got %v", path, got)
		}
	}
}
