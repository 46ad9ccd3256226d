package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"
)

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
		p.t.Errorf("the server does not end within %v after it was told to\n%s", patience, p.logs)
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
