package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"slices"
	"strings"
	"time"
)

// patience is longer than any wait in the server. A full queue of hashes takes some
// seconds.
const patience = time.Minute

// A request is one of the load, with the answers that it deserves.
type request struct {
	call        call
	what        string // the case, where a call has several
	method      string // the default is POST
	path        string
	token       string // the Authorization header
	body        string
	contentType string // the default is that of JSON
	want        []int  // statuses
	holds       string // what an answer of 200 must contain, which shows that it is the caller's own
}

func (q request) String() string {
	if q.what == "" {
		return callNames[q.call]
	}
	return callNames[q.call] + ", " + q.what
}

func (q request) http(ctx context.Context, base string) (*http.Request, error) {
	if q.method == "" {
		q.method = http.MethodPost
	}
	if q.contentType == "" {
		q.contentType = "application/json"
	}
	r, err := http.NewRequestWithContext(ctx, q.method, base+q.path, strings.NewReader(q.body))
	if err != nil {
		return nil, err
	}
	if q.body != "" {
		r.Header.Set("Content-Type", q.contentType)
	}
	if q.token != "" {
		r.Header.Set("Authorization", q.token)
	}
	return r, nil
}

// A client sends one request at a time over one connection, which it keeps alive.
type client struct {
	base  string
	http  *http.Client
	tally *tally
}

func newClient(base string, t *tally) *client {
	return &client{base, &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1}, Timeout: patience}, t}
}

// hangUp closes the connection; the next request opens another.
func (c *client) hangUp() { c.http.CloseIdleConnections() }

var errAskedAgain = errors.New("the connection broke, and another one had the answer")

// ask sends a request and counts the answer. It returns the answer if that is a 200 which
// the request deserves.
func (c *client) ask(q request) (body string, ok bool) {
	r, err := q.http(context.Background(), c.base)
	if err != nil {
		c.tally.isWrong("%s: %v", q, err)
		return "", false
	}
	// A transport that loses its connection before the answer may ask again in silence.
	// Here that counts as a failure.
	conns := 0
	r = r.WithContext(httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { conns++ },
	}))
	start := time.Now()
	answer, err := c.http.Do(r)
	if err != nil {
		c.tally.failed(q.String(), err)
		return "", false
	}
	defer answer.Body.Close()
	read, err := io.ReadAll(answer.Body)
	if err != nil {
		c.tally.failed(q.String()+", in the answer's body", err)
		return "", false
	}
	c.tally.answered(q.call, answer.StatusCode, time.Since(start))
	if conns > 1 {
		c.tally.failed(q.String(), errAskedAgain)
	}
	status := answer.StatusCode
	switch {
	case !slices.Contains(q.want, status):
		c.tally.isWrong("%s: got %d, want one of %v", q, status, q.want)
	case (status == 429 || status == 503) && answer.Header.Get("Retry-After") == "":
		c.tally.isWrong("%s: got %d without Retry-After", q, status)
	case status == 200 && !strings.Contains(string(read), q.holds):
		c.tally.isWrong("%s: got 200 with another caller's answer", q)
	case status == 200:
		return string(read), true
	}
	return "", false
}
