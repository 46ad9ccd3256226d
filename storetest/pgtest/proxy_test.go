package pgtest

import (
	"bufio"
	"io"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"
)

// startEcho starts a server that sends each line back, with its name before it.
func startEcho(t *testing.T, name string) (server string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				for lines := bufio.NewScanner(conn); lines.Scan(); {
					io.WriteString(conn, name+" "+lines.Text()+"\n")
				}
			}()
		}
	}()
	return "postgres://user@" + l.Addr().String() + "/database?x=y"
}

// A caller is a connection to a proxy.
type caller struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
}

func dial(t *testing.T, p *Proxy) *caller {
	t.Helper()
	u, err := url.Parse(p.URL())
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(p.URL(), "/database?x=y") || u.User.Username() != "user" {
		t.Errorf("URL: got %q, want all of the server's but its address", p.URL())
	}
	conn, err := net.Dial("tcp", u.Host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &caller{t, conn, bufio.NewReader(conn)}
}

func (c *caller) say(line string) {
	c.t.Helper()
	if _, err := io.WriteString(c.conn, line+"\n"); err != nil {
		c.t.Fatal(err)
	}
}

// hears fails the test unless this comes next.
func (c *caller) hears(want string) {
	c.t.Helper()
	c.conn.SetReadDeadline(time.Now().Add(30 * time.Second))
	got := make([]byte, len(want))
	if _, err := io.ReadFull(c.in, got); err != nil || string(got) != want {
		c.t.Errorf("got %q, %v; want %q", got, err, want)
	}
}

// hearsNothing fails the test if anything comes within a moment.
func (c *caller) hearsNothing() {
	c.t.Helper()
	c.conn.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	if got, err := c.in.ReadByte(); err == nil {
		c.t.Errorf("got %q, want nothing", got)
	}
}

func TestProxy(t *testing.T) {
	t.Parallel()
	p := StartProxy(t, startEcho(t, "one"))
	old := dial(t, p)
	old.say("a")
	old.hears("one a\n")

	p.Hold()
	fresh := dial(t, p)
	old.say("b")
	fresh.say("c")
	old.hearsNothing()
	fresh.hearsNothing()
	p.Resume()
	old.hears("one b\n")
	fresh.hears("one c\n")

	p.Redirect(t, startEcho(t, "two"))
	moved := dial(t, p)
	moved.say("d")
	old.say("e")
	moved.hears("two d\n")
	old.hears("one e\n")

	p.Cut(3)
	moved.say("f")
	moved.hears("two")
	moved.hearsNothing()
	if n := p.Frozen(); n != 1 {
		t.Errorf("%d connections are frozen, want 1", n)
	}
	p.Freeze()
	old.say("g")
	old.hearsNothing()
	last := dial(t, p)
	last.say("h")
	last.hears("two h\n")
	if n := p.Opened(); n != 4 {
		t.Errorf("%d connections were opened, want 4", n)
	}
	p.Break()
	last.conn.SetReadDeadline(time.Now().Add(30 * time.Second))
	if _, err := last.in.ReadByte(); err == nil {
		t.Error("a connection that was broken goes on")
	}
}
