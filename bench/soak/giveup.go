package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"time"
)

// giveUp goes away before the answer, in one of three ways. What happens to the request
// does not count. What counts is that the server keeps nothing of it.
func (l *load) giveUp(w *worker) {
	// The address is new each time. One that has met its limit is refused before it waits
	// for a hash.
	q := signinOf(fmt.Sprintf("impatient-%d@example.com", rand.Int()), password)
	switch w.n % 3 {
	case 0:
		cancelSoon(l.base, q)
	case 1:
		half := "POST " + q.path + " HTTP/1.1\r\nHost: soak\r\nContent-Ty"
		sendAndHangUp(l.base, half)
	case 2:
		header := fmt.Sprintf("POST %s HTTP/1.1\r\nHost: soak\r\nContent-Type: application/json\r\n"+
			"Content-Length: %d\r\n\r\n", q.path, len(q.body))
		sendAndHangUp(l.base, header+q.body[:len(q.body)/2])
	}
	l.tally.abandoned()
}

// cancelSoon goes while its hash is computed, or while it waits for one.
func cancelSoon(base string, q request) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Millisecond)
	defer cancel()
	r, err := q.http(ctx, base)
	if err != nil {
		return
	}
	var own http.Transport
	defer own.CloseIdleConnections()
	if answer, err := own.RoundTrip(r); err == nil {
		answer.Body.Close()
	}
}

// sendAndHangUp closes a connection in the middle of a request, with a FIN or with an RST.
func sendAndHangUp(base, text string) {
	conn, err := net.DialTimeout("tcp", strings.TrimPrefix(base, "http://"), patience)
	if err != nil {
		return
	}
	defer conn.Close()
	if tcp, ok := conn.(*net.TCPConn); ok && rand.IntN(2) == 0 {
		tcp.SetLinger(0)
	}
	conn.SetDeadline(time.Now().Add(patience))
	conn.Write([]byte(text))
}
