//go:build linux

package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth/internal/testkit"
)

// A proxy is a program that forwards to another server on this machine.
type proxy struct {
	program string
	// command makes the command that listens on an address. Its files are in dir.
	command func(t *testing.T, program, dir, listen, upstream string) *exec.Cmd
}

var (
	haproxy = proxy{"haproxy", haproxyCommand}
	nginx   = proxy{"nginx", nginxCommand}
)

// config returns a file of testdata, which docs/embedding.md quotes, for an upstream.
func config(t *testing.T, file, upstream string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	const documented = "127.0.0.1:8080"
	if strings.Count(string(text), documented) != 1 {
		t.Fatalf("%s does not forward to %s once", file, documented)
	}
	return strings.Replace(string(text), documented, upstream, 1)
}

func haproxyCommand(t *testing.T, program, dir, listen, upstream string) *exec.Cmd {
	text := `
defaults
    timeout connect 5s
    timeout client 30s
    timeout server 30s
frontend public
    mode http
    bind ` + listen + `
    default_backend deskauth
` + config(t, "haproxy.cfg", upstream)
	return exec.Command(program, "-db", "-f", write(t, dir, "haproxy.cfg", text))
}

func nginxCommand(t *testing.T, program, dir, listen, upstream string) *exec.Cmd {
	text := `
daemon off;
master_process off;
pid ` + dir + `/pid;
error_log stderr;
events {}
http {
    access_log off;
    client_body_temp_path ` + dir + `/body;
    proxy_temp_path ` + dir + `/proxy;
    fastcgi_temp_path ` + dir + `/fastcgi;
    uwsgi_temp_path ` + dir + `/uwsgi;
    scgi_temp_path ` + dir + `/scgi;
    server {
        listen ` + listen + `;
        ` + config(t, "nginx.conf", upstream) + `
    }
}
`
	return exec.Command(program, "-e", "stderr", "-p", dir, "-c", write(t, dir, "nginx.conf", text))
}

func write(t *testing.T, dir, name, text string) (file string) {
	t.Helper()
	file = filepath.Join(dir, name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// find returns the path of the program. A test without it is skipped, and fails with
// CI=true.
func (x proxy) find(t *testing.T) string {
	t.Helper()
	for _, name := range []string{x.program, filepath.Join("/usr/sbin", x.program)} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	testkit.Missing(t, x.program, "install it", exec.ErrNotFound)
	return ""
}

// start runs the proxy before a server, both on addresses like 127.0.0.1:8080, until the
// test ends.
func (x proxy) start(t *testing.T, upstream string) (address string) {
	t.Helper()
	path := x.find(t)
	var logs string
	for range 5 { // another program may take the port that was free
		address = freeAddress(t)
		dir := t.TempDir()
		cmd := x.command(t, path, dir, address, upstream)
		output := new(lockedBuffer)
		cmd.Stdout, cmd.Stderr = output, output
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan struct{})
		go func() { cmd.Wait(); close(ended) }()
		t.Cleanup(func() { cmd.Process.Kill(); <-ended })
		if listens(address, ended) {
			return address
		}
		logs = output.String()
	}
	t.Fatalf("%s does not start:\n%s", x.program, logs)
	return ""
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// listens waits until connections to the address are taken.
func listens(address string, ended <-chan struct{}) bool {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for {
		connection, err := new(net.Dialer).DialContext(ctx, "tcp", address)
		if err == nil {
			connection.Close()
			return true
		}
		select {
		case <-again.C:
		case <-ended:
			return false
		case <-ctx.Done():
			return false
		}
	}
}

// forged are headers of a client that would like to be another one each time.
func forged(n int) (lines []string) {
	other := fmt.Sprintf("198.51.100.%d", n)
	return [][]string{
		{other},
		{other + ", 127.0.0.1"},
		{other, "127.0.0.1"},
		{other, ""},
		{other + ","},
		{fmt.Sprintf(`"%s`, other)},
		{"unknown, " + other},
		{other, "unknown"},
		{fmt.Sprintf("[2001:db8::%x]:443", n)},
		{strings.Repeat("127.0.0.1,", 40) + other},
	}[n%10]
}

// guess tries a wrong password through the server at an address, as a client of its own.
func guess(t *testing.T, address, from string, lines []string) (status int) {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, "http://"+address+"/v1/auth/signin", strings.NewReader(adaGuess))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header["X-Forwarded-For"] = lines
	r.Header.Set("X-Real-IP", "198.51.100.1")
	r.Header.Set("Forwarded", "for=198.51.100.1")
	response, err := clientAt(t, from).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	io.Copy(io.Discard, response.Body)
	return response.StatusCode
}

// TestS36_ForgedHeadersBehindRealProxies guesses a password forty times through proxies as
// the docs set them up, each time with another header of the client's. Ten guesses are
// heard, as many as one client has.
func TestS36_ForgedHeadersBehindRealProxies(t *testing.T) {
	t.Parallel()
	for name, chain := range map[string][]proxy{ // the outermost first
		"HAProxy":              {haproxy},
		"nginx":                {nginx},
		"HAProxy before nginx": {haproxy, nginx},
		"nginx before HAProxy": {nginx, haproxy},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := start(t, "-trusted-proxy", "127.0.0.1")
			direct := strings.TrimSuffix(strings.TrimPrefix(p.base, "http://"), "/v1/auth")
			public := direct
			for i := len(chain) - 1; i >= 0; i-- {
				public = chain[i].start(t, public)
			}
			heardTimes(t, 10, public, "127.0.0.21")
			heardTimes(t, 10, public, "127.0.0.22") // another client has its own ten
			heardTimes(t, 10, direct, "127.0.0.23") // past the proxies, as a peer that is not trusted
			p.stop()
			for _, from := range []string{"127.0.0.21", "127.0.0.22", "127.0.0.23"} {
				if !strings.Contains(p.logs.String(), "client="+from) {
					t.Errorf("the log does not name the client %s:\n%s", from, p.logs)
				}
			}
			if strings.Contains(p.logs.String(), "client=198.51.100") {
				t.Errorf("the log names a client that there is not:\n%s", p.logs)
			}
		})
	}
}

// heardTimes guesses forty times, and wants so many to be heard.
func heardTimes(t *testing.T, want int, address, from string) {
	t.Helper()
	count := make(map[int]int)
	for n := range 40 {
		count[guess(t, address, from, forged(n))]++
	}
	if count[http.StatusUnauthorized] != want || count[http.StatusTooManyRequests] != 40-want {
		t.Errorf("%s got the statuses %v, want %d × 401 and the rest 429", from, count, want)
	}
}

// Without the option, all that comes through a proxy is one client, whatever it says.
func TestS36_NoProxyIsTrustedByDefault(t *testing.T) {
	t.Parallel()
	p := start(t)
	public := haproxy.start(t, strings.TrimSuffix(strings.TrimPrefix(p.base, "http://"), "/v1/auth"))
	heardTimes(t, 10, public, "127.0.0.21")
	heardTimes(t, 0, public, "127.0.0.22")
}
