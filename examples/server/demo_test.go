package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestDemoOpens opens the demo by itself only where nobody else can come and no account
// lasts.
func TestDemoOpens(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args []string
		want bool
		why  string
	}{
		"no arguments":         {nil, true, ""},
		"-demo":                {[]string{"-demo"}, true, ""},
		"-demo=false":          {[]string{"-demo=false"}, false, ""},
		"localhost":            {[]string{"-addr", "localhost:0"}, true, ""},
		"IPv6":                 {[]string{"-addr", "[::1]:8080"}, true, ""},
		"another of 127/8":     {[]string{"-addr", "127.1.2.3:8080"}, true, ""},
		"a project":            {[]string{"-project", "shop="}, false, ""},
		"a project named demo": {[]string{"-project", "demo=" + projectSecret}, false, ""},
		"every address":        {[]string{"-addr", ":8080"}, false, "-addr is not a loopback address"},
		"every IPv4 address":   {[]string{"-addr", "0.0.0.0:8080"}, false, "-addr is not a loopback address"},
		"a public address":     {[]string{"-addr", "192.0.2.1:8080"}, false, "-addr is not a loopback address"},
		"a name":               {[]string{"-addr", "localhost.example.com:8080"}, false, "-addr is not a loopback address"},
		"accounts that last":   {[]string{"-store", "sqlite:a.db"}, false, "-store keeps accounts"},
		"a proxy":              {[]string{"-trusted-proxy", "127.0.0.1"}, false, "-trusted-proxy lets others come"},
		"mail that is sent": {
			[]string{"-smtp", "h:25", "-mail-from", "a@example.com", "-dashboard-url", "https://a.example"},
			false, "-smtp sends mail",
		},
		"-demo on every address": {[]string{"-addr", ":8080", "-demo"}, true, "-addr is not a loopback address"},
		"-demo with a file":      {[]string{"-store", "sqlite:a.db", "-demo=1"}, true, "-store keeps accounts"},
	} {
		o, err := parseOptions(c.args, nil, t.Output())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got, why := o.opensDemo(), o.whyClosed(); got != c.want || why != c.why {
			t.Errorf("%s: the demo is open: %v, because %q; want %v, %q", name, got, why, c.want, c.why)
		}
	}
	o, err := parseOptions(nil, []string{"DESKAUTH_DEMO=true", "DESKAUTH_ADDR=:8080"}, t.Output())
	if err != nil || !o.opensDemo() {
		t.Errorf("by variable: %v, %v", o.opensDemo(), err)
	}
}

// TestDemoAnswersItsPageOnly tries what another site, a name that leads here, and a proxy
// would send.
func TestDemoAnswersItsPageOnly(t *testing.T) {
	t.Parallel()
	const own = "127.0.0.1:8080"
	for name, c := range map[string]struct {
		o       options
		host    string
		headers map[string]string
		status  int
	}{
		"the page":                  {options{}, own, map[string]string{"Sec-Fetch-Site": "same-origin"}, 200},
		"curl":                      {options{}, own, nil, 200},
		"typed by a person":         {options{}, "localhost:8080", map[string]string{"Sec-Fetch-Site": "none"}, 200},
		"IPv6":                      {options{}, "[::1]:8080", nil, 200},
		"an address, with -demo":    {options{demoFlag: "true"}, "192.0.2.7:8080", nil, 200},
		"another machine's address": {options{}, "192.0.2.7:8080", nil, 403},
		"the host of -addr":         {options{addr: "desk:8080"}, "Desk:8080", nil, 200},
		"another site":              {options{}, own, map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
		"another port":              {options{}, own, map[string]string{"Sec-Fetch-Site": "same-site"}, 403},
		"DNS rebinding": {options{}, "rebind.example:8080",
			map[string]string{"Sec-Fetch-Site": "same-origin"}, 403},
		"a name like localhost": {options{}, "localhost.example", nil, 403},
		"no host":               {options{}, "", nil, 403},
		"no host, any -addr":    {options{addr: ":8080", demoFlag: "true"}, "", nil, 403},
		"a proxy":               {options{}, own, map[string]string{"X-Forwarded-For": "192.0.2.1"}, 403},
		"a proxy with Via":      {options{}, own, map[string]string{"Via": "1.1 proxy"}, 403},
		"a proxy, with -demo":   {options{demoFlag: "true"}, own, map[string]string{"X-Forwarded-For": "192.0.2.1"}, 200},
		"another site, with -demo": {options{demoFlag: "true"}, own,
			map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
		"DNS rebinding, with -demo": {options{demoFlag: "true"}, "rebind.example", nil, 403},
	} {
		handler := c.o.guardDemo(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		r := httptest.NewRequest("GET", "/page/outbox", nil)
		r.Host = c.host
		for name, value := range c.headers {
			r.Header.Set(name, value)
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != c.status || w.Code == 403 && !strings.Contains(w.Body.String(), `{"success":false,"msg":"`) {
			t.Errorf("%s: got %d %s, want %d", name, w.Code, w.Body, c.status)
		}
	}
}

// TestDemoOfAServer asks real servers for an outbox and a custom token.
func TestDemoOfAServer(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args []string
		open bool
		log  string
	}{
		"by itself":             {nil, true, ""},
		"with a project":        {[]string{"-project", "demo=" + projectSecret}, false, ""},
		"switched off":          {[]string{"-demo=false"}, false, ""},
		"on every address":      {[]string{"-addr", "0.0.0.0:0"}, false, "because=\"-addr is not a loopback address\""},
		"on every one, by flag": {[]string{"-addr", "0.0.0.0:0", "-demo"}, true, "WARN msg=\"the demo is open to everybody"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := start(t, c.args...)
			p.base = strings.Replace(p.base, "[::]", "127.0.0.1", 1)
			p.call("POST", "/signup", ada)
			outbox := p.page("GET", "/outbox", "", "")
			signed := p.page("POST", "/customtoken", "", `{"name":"Andrea"}`)
			if want := map[bool]int{true: 200, false: 404}[c.open]; outbox.status != want || signed.status != want {
				t.Errorf("got the outbox %v and the custom token %v, want %d", outbox, signed, want)
			}
			if logs := p.logs.String(); c.log != "" && !strings.Contains(logs, c.log) ||
				c.log == "" && strings.Contains(logs, "demo") {
				t.Errorf("the log has not %q, or speaks of a demo:\n%s", c.log, hidden(logs))
			}
			if c.open {
				p.useDemo(outbox, signed)
			}
		})
	}
}

// useDemo does what the page does with the answers.
func (p *process) useDemo(outbox, signed answer) {
	p.t.Helper()
	var box struct{ Mails []shownMail }
	if err := json.Unmarshal([]byte(outbox.body), &box); err != nil || len(box.Mails) != 1 {
		p.t.Fatalf("the outbox: %v, %v", err, outbox)
	}
	p.call("PUT", strings.Replace(box.Mails[0].Link, "/#/verify/email/", "/verifyemail/", 1), "")
	var custom struct{ Token string }
	if err := json.Unmarshal([]byte(signed.body), &custom); err != nil {
		p.t.Fatal(err)
	}
	token := p.call("POST", "/signinWithCustomToken", "", "Authorization: "+custom.Token).token(p.t)
	who, me := p.me(token)
	if who["externalID"] != demoID("Andrea") || who["firstName"] != "Andrea" || who["kind"] != "userexternal" {
		p.t.Errorf("/me: %v", me)
	}
	for _, a := range []answer{outbox, signed} {
		if a.header.Get("Access-Control-Allow-Origin") != "" || a.header.Get("Cache-Control") != "no-store" {
			p.t.Errorf("another origin, or a cache, gets %v", a)
		}
	}
	for _, name := range []string{"", " ", "a\u0000b", strings.Repeat("x", maxNameCharacters+1)} {
		body, _ := json.Marshal(map[string]string{"name": name})
		if got := p.page("POST", "/customtoken", "", string(body)); got.status != http.StatusUnprocessableEntity {
			p.t.Errorf("the name %q: got %v, want 422", name, got)
		}
	}
}

// Each name that the demo takes gets a custom token that is good, with an account of its
// own, also beside a Tiledesk server.
func TestDemoSignsForEveryName(t *testing.T) {
	t.Parallel()
	names := []string{
		"Ada Lovelace", "a", "507f1f77bcf86cd799439011", "507F1F77BCF86CD799439011", "123456789012",
		strings.Repeat("漢", 12), "😀😀😀😀😀😀", strings.Repeat("漢", 50), strings.Repeat("😀", maxNameCharacters),
		"O'Brien \"x\" <y> & z\\", "null", "Ádá",
	}
	for n := 1; n <= maxNameCharacters; n++ {
		names = append(names, strings.Repeat("x", n), strings.Repeat("é", n))
	}
	for _, args := range [][]string{nil, {"-beside-tiledesk"}} {
		h, _ := wholeHandler(t, append(args, "-no-limits")...)
		post := func(path, body string, headers ...string) (answer map[string]any, text string) {
			r := httptest.NewRequest("POST", "http://localhost"+path, strings.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
			for _, header := range headers {
				r.Header.Set("Authorization", header)
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			json.Unmarshal(w.Body.Bytes(), &answer)
			return answer, w.Body.String()
		}
		owners := map[any]string{}
		for _, name := range names {
			body, _ := json.Marshal(map[string]string{"name": name})
			signed, text := post("/page/customtoken", string(body))
			token, _ := signed["token"].(string)
			if token == "" {
				t.Fatalf("%q: got %s, want a token", name, text)
			}
			session, text := post("/v1/auth/signinWithCustomToken", "", token)
			user, _ := session["user"].(map[string]any)
			if user["firstname"] != name {
				t.Errorf("%v, %q: got %s, want a user of the name", args, name, text)
			}
			if other := owners[user["_id"]]; other != "" && other != name {
				t.Errorf("%v: %q and %q are one user", args, name, other)
			}
			owners[user["_id"]] = name
		}
	}
}

func TestIsForwarded(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP"} {
		if !isForwarded(http.Header{http.CanonicalHeaderKey(name): {"x"}}) {
			t.Errorf("%s is not seen", name)
		}
	}
	if isForwarded(http.Header{"User-Agent": {"x"}}) {
		t.Error("a browser is taken for a proxy")
	}
}
