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

// patience is above every wait that the server can ask for: a full queue of hashes takes
// some seconds.
const patience = time.Minute

// A request is one of the load, with the answers that it deserves.
type request struct {
	call        call
	what        string // the case, of several that are one call
	method      string // the default is POST
	path        string
	token       string // of the Authorization header
	body        string
	contentType string // the default is that of JSON
	want        []int
	holds       string // what an answer of 200 must have in it, so that nobody gets another's
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

// A client is one connection, kept alive, and asks one request at a time.
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

var errAskedAgain = errors.New("the connection broke, and another had the answer")

// ask returns the answer if it is the 200 that was wanted, after all is counted.
func (c *client) ask(q request) (body string, ok bool) {
	r, err := q.http(context.Background(), c.base)
	if err != nil {
		c.tally.isWrong("%s: %v", q, err)
		return "", false
	}
	// A transport that loses its connection before an answer asks again in silence, where it
	// may; here that is a failure all the same.
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
	switch status := answer.StatusCode; {
	case !slices.Contains(q.want, status):
		c.tally.isWrong("%s: answered with %d, want one of %v", q, status, q.want)
	case (status == 429 || status == 503) && answer.Header.Get("Retry-After") == "":
		c.tally.isWrong("%s: answered with %d and no Retry-After", q, status)
	case status == 200 && !strings.Contains(string(read), q.holds):
		c.tally.isWrong("%s: answered with 200 and without what is the asker's", q)
	case status == 200:
		return string(read), true
	}
	return "", false
}
