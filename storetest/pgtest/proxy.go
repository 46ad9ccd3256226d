package pgtest

import (
	"cmp"
	"net"
	"net/url"
	"sync"
	"testing"
)

// A Proxy stands between a client and a database server. It can stop forwarding without
// closing anything, as a network does that swallows packets. It is safe for concurrent use.
type Proxy struct {
	listener net.Listener

	mu      sync.Mutex
	changed sync.Cond
	url     url.URL // of the server
	held    bool
	closed  bool
	opened  int
	pairs   map[*pair]bool
	copying sync.WaitGroup
}

// A pair is a connection of a client, and the one to the server that belongs to it.
type pair struct {
	client, server net.Conn
	frozen         bool
	answer         int // how many bytes of answers are still forwarded; negative for all
}

func (c *pair) close() {
	c.client.Close()
	c.server.Close()
}

// StartProxy starts a proxy in front of the server at the URL, until the test ends.
func StartProxy(t testing.TB, server string) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{listener: l, pairs: make(map[*pair]bool)}
	p.changed.L = &p.mu
	p.Redirect(t, server)
	p.copying.Go(p.accept)
	t.Cleanup(p.close)
	return p
}

// URL returns the server's URL with the address of the proxy.
func (p *Proxy) URL() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	u := p.url
	u.Host = p.listener.Addr().String()
	return u.String()
}

// Redirect sends new connections to another server. Open ones stay where they are.
func (p *Proxy) Redirect(t testing.TB, server string) {
	t.Helper()
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.url = *u
}

// Hold stops forwarding on all connections, also on new ones. What arrives waits.
func (p *Proxy) Hold() { p.set(func() { p.held = true }) }

// Resume undoes Hold: what has waited is forwarded now.
func (p *Proxy) Resume() { p.set(func() { p.held = false }) }

// Freeze stops forwarding for good on the connections that are open.
func (p *Proxy) Freeze() {
	p.set(func() {
		for c := range p.pairs {
			c.frozen = true
		}
	})
}

// Cut forwards so many more bytes of answers on each open connection, and then freezes it.
func (p *Proxy) Cut(bytes int) {
	p.set(func() {
		for c := range p.pairs {
			c.answer = bytes
		}
	})
}

// Frozen returns how many open connections have stopped for good.
func (p *Proxy) Frozen() (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.pairs {
		if c.frozen {
			n++
		}
	}
	return n
}

// Break closes the connections that are open.
func (p *Proxy) Break() {
	p.set(func() {
		for c := range p.pairs {
			c.frozen = false
			c.close()
		}
	})
}

// Opened returns how many connections clients have opened so far.
func (p *Proxy) Opened() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.opened
}

func (p *Proxy) set(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
	p.changed.Broadcast()
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		p.opened++
		host := net.JoinHostPort(p.url.Hostname(), cmp.Or(p.url.Port(), "5432"))
		p.mu.Unlock()
		server, err := net.Dial("tcp", host)
		if err != nil {
			client.Close()
			continue
		}
		c := &pair{client: client, server: server, answer: -1}
		if !p.add(c) {
			c.close()
			return
		}
		p.copying.Go(func() { p.forward(c, server, client, false) })
		p.copying.Go(func() { p.forward(c, client, server, true) })
	}
}

// add returns false when the proxy has ended.
func (p *Proxy) add(c *pair) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		p.pairs[c] = true
	}
	return !p.closed
}

// forward copies what arrives. When one side ends, so does the other.
func (p *Proxy) forward(c *pair, to, from net.Conn, answers bool) {
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		for rest := buf[:n]; len(rest) > 0 && p.pass(c); {
			part := rest[:p.allowed(c, len(rest), answers)]
			if _, err := to.Write(part); err != nil {
				break
			}
			rest = rest[len(part):]
		}
		if err != nil {
			break
		}
	}
	p.pass(c)
	c.close()
	p.set(func() { delete(p.pairs, c) })
}

// pass waits until the pair may forward. It returns false when the proxy ends.
func (p *Proxy) pass(c *pair) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for (p.held || c.frozen) && !p.closed {
		p.changed.Wait()
	}
	return !p.closed
}

// allowed returns how many of n bytes may be forwarded.
func (p *Proxy) allowed(c *pair, n int, answers bool) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !answers || c.answer < 0 {
		return n
	}
	n = min(n, c.answer)
	c.answer -= n
	c.frozen = c.answer == 0
	return n
}

func (p *Proxy) close() {
	p.listener.Close()
	p.set(func() {
		p.closed = true
		for c := range p.pairs {
			c.close()
		}
	})
	p.copying.Wait()
}
