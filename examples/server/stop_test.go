package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// promised is how long the server may take to end.
const promised = 10 * time.Second

// TestStopInTheMiddle tells the server to stop while a client is sending a sign-in.
func TestStopInTheMiddle(t *testing.T) {
	t.Parallel()
	p := start(t, "-project", "demo="+projectSecret)
	if got := p.post("/signup", ada); got.status != http.StatusOK {
		t.Fatal(got)
	}
	base, err := url.Parse(p.base)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", base.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(patience))
	answers := bufio.NewReader(conn)

	// The server sends 100 Continue when the endpoint begins to read: it is in the middle.
	fmt.Fprintf(conn, "POST %s/signin HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n",
		base.Path, base.Host, len(adaSignin))
	io.WriteString(conn, "Expect: 100-continue\r\n\r\n")
	if line, err := answers.ReadString('\n'); err != nil || !strings.Contains(line, " 100 ") {
		t.Fatalf("got %q, %v; want 100 Continue", line, err)
	}
	answers.ReadString('\n')
	half := len(adaSignin) / 2
	io.WriteString(conn, adaSignin[:half])
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	told := time.Now()
	awaitStop(t, p, base.Host)
	io.WriteString(conn, adaSignin[half:])
	response, err := http.ReadResponse(answers, nil)
	if err != nil {
		t.Fatalf("the sign-in was cut off: %v\n%s", err, p.logs)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	answer{response.StatusCode, response.Header, string(body)}.token(t)
	p.endsWithin(patience - time.Since(told))
}

// awaitStop waits until the server takes no more connections.
func awaitStop(t *testing.T, p *process, host string) {
	t.Helper()
	for since := time.Now(); time.Since(since) < patience; {
		conn, err := net.Dial("tcp", host)
		if err != nil {
			return
		}
		conn.Close()
	}
	t.Fatalf("the server takes new connections after SIGTERM\n%s", p.logs)
}

// endsWithin wants the process to end well by itself.
func (p *process) endsWithin(limit time.Duration) {
	p.t.Helper()
	select {
	case err := <-p.ended:
		if err != nil {
			p.t.Errorf("the server ends with %v\n%s", err, p.logs)
		}
		p.ended = nil
	case <-time.After(limit):
		p.t.Errorf("the server does not end within %v after it was told to\n%s", limit, p.logs)
	}
}

// TestInterrupt stops a server that has nothing to do.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	p := start(t)
	if err := p.cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	p.endsWithin(patience)
}

// A connection on which no request has come, such as browsers open ahead, keeps no stop
// from ending well.
func TestStop_UnusedConnections(t *testing.T) {
	t.Parallel()
	p := start(t)
	u, err := url.Parse(p.base)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		conn, err := net.Dial("tcp", u.Host)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
	}
	p.post("/signin", ada) // the server has taken the connections before this one
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	p.endsWithin(promised)
}

// The server is told to stop while its database is silent and requests wait for it. pgx has
// pinged the connections, which were idle, and takes 15 seconds to close them.
func TestStop_SilentDatabase(t *testing.T) {
	t.Parallel()
	d := startDistant(t, "-purge-guests", "768h")
	conn := d.look()
	eventually(t, "the sessions are idle", patience, func() (idle bool) {
		err := conn.QueryRow(t.Context(), `SELECT max(state_change) < now() - interval '1.2 s'
			FROM pg_stat_activity WHERE application_name = $1`, d.name).Scan(&idle)
		return err == nil && idle
	})
	opened := d.proxy.Opened()
	d.proxy.Hold()
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			response, err := client.Post(d.base+"/signinAnonymously", "application/json", strings.NewReader(guest))
			if err == nil {
				response.Body.Close()
			}
		})
	}
	eventually(t, "connections are opened in place of silent ones", patience, func() bool {
		return d.proxy.Opened() > opened+1
	})
	if err := d.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	d.endsWithin(promised)
	wg.Wait()
}

// The server is told to stop while a client sends a request that never ends.
func TestStop_HangingRequest(t *testing.T) {
	t.Parallel()
	p := start(t, "-project", "demo="+projectSecret)
	u, err := url.Parse(p.base)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", u.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST %s/signin HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\n"+
		"Content-Length: 100\r\nExpect: 100-continue\r\n\r\n", u.Path, u.Host)
	if _, err := io.ReadFull(conn, make([]byte, len("HTTP/1.1 100"))); err != nil { // it reads
		t.Fatal(err)
	}
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-p.ended:
		want := fmt.Sprintf("some requests were not answered within %v", cutTimeout)
		if code := exitCode(err); code != 2 || !strings.Contains(p.logs.String(), want) {
			t.Errorf("the server ends with code %d, want 2 and that a request was not answered:\n%s", code, p.logs)
		}
	case <-time.After(promised):
		t.Errorf("the server does not end within %v after it was told to\n%s", promised, p.logs)
		p.cmd.Process.Kill()
	}
	p.ended = nil
}
