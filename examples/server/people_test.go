package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const (
	clients  = 8
	password = "correct horse battery"
)

// A person is an agent who signs up or a guest, and what became of the attempt.
type person struct {
	name         string // the first name, which no other person has
	agent        bool
	acknowledged bool
	id           string // of the acknowledged account
	token        string // of a guest
}

func (p *person) email() string { return p.name + "@example.com" }

func (p *person) signup() string {
	return fmt.Sprintf(`{"email":%q,"password":%q,"firstname":%q,"lastname":"Lovelace"}`, p.email(), password, p.name)
}

func (p *person) signin() string {
	return fmt.Sprintf(`{"email":%q,"password":%q}`, p.email(), password)
}

func (p *person) guest() string {
	return fmt.Sprintf(`{"id_project":"demo","firstname":%q,"lastname":"Guest","attributes":{"name":%[1]q}}`, p.name)
}

// A crowd lets new people come over 8 connections, each person once.
type crowd struct {
	process *process
	client  *http.Client
	prefix  string // of the names

	answered atomic.Int64 // people who were acknowledged
	returned atomic.Int64 // times that a known person came back and was let in
	refused  atomic.Int64 // answers of 500 and 503
	doomed   atomic.Bool  // the process may be gone
	over     atomic.Bool
	workers  sync.WaitGroup

	mu     sync.Mutex
	people []*person
}

func newCrowd(p *process, prefix string) *crowd {
	c := &crowd{process: p, prefix: prefix, client: &http.Client{
		Timeout:   patience,
		Transport: &http.Transport{MaxIdleConnsPerHost: 2 * clients},
	}}
	p.t.Cleanup(func() { c.disperse() }) // before the process is stopped, also when the test has failed
	return c
}

// gather lets people come. One in twenty is an agent. An agent's password hash takes longer
// than all the other work for the twenty: the guests keep the store busy, so that a kill
// meets it at work.
func (c *crowd) gather() {
	for worker := range clients {
		c.workers.Go(func() {
			for n := 0; !c.over.Load(); n++ {
				name := fmt.Sprintf("%s-%d-%d", c.prefix, worker, n)
				if !c.add(&person{name: name, agent: (clients*n+worker)%20 == 0}) {
					return
				}
			}
		})
	}
}

// add lets one person come, and reports whether there was an answer. A person who was on
// the way when the process was killed has none, and is the last to come over that
// connection.
func (c *crowd) add(who *person) (answered bool) {
	c.mu.Lock()
	c.people = append(c.people, who)
	c.mu.Unlock()
	path, body := "/signinAnonymously", who.guest()
	if who.agent {
		path, body = "/signup", who.signup()
	}
	status, text, err := c.send(http.MethodPost, path, body, "")
	if err != nil || status != http.StatusOK {
		return c.trouble(who.name+" comes to "+path, status, text, err)
	}
	var answer struct {
		Token string
		User  struct {
			ID string `json:"_id"`
		}
	}
	if err := json.Unmarshal(text, &answer); err != nil || answer.User.ID == "" {
		c.process.t.Errorf("%s comes to %s: %v in %s", who.name, path, err, text)
	}
	who.acknowledged, who.id, who.token = true, answer.User.ID, answer.Token
	c.answered.Add(1)
	return true
}

// returns lets a known person come back again and again. Whatever happens to the database,
// the server must never answer that it does not know the person.
func (c *crowd) returns(method, path, body, token string) {
	c.workers.Go(func() {
		for !c.over.Load() {
			status, text, err := c.send(method, path, body, token)
			if err == nil && status == http.StatusOK {
				c.returned.Add(1)
			} else if !c.trouble("a known person comes back to "+path, status, text, err) {
				return
			}
		}
	})
}

// trouble checks what is not a success, and reports whether there was an answer.
func (c *crowd) trouble(what string, status int, text []byte, err error) (answered bool) {
	switch {
	case err != nil && c.doomed.Load():
		return false
	case err != nil:
		c.process.t.Errorf("S23 %s and gets no answer: %v", what, err)
		return false
	case status == http.StatusInternalServerError || status == http.StatusServiceUnavailable:
		c.refused.Add(1)
		time.Sleep(5 * time.Millisecond) // or the crowd does nothing but fill the log
	default:
		c.process.t.Errorf("S23 %s: got %d %s, want 200, 500 or 503", what, status, text)
	}
	return true
}

func (c *crowd) send(method, path, body, token string) (status int, text []byte, err error) {
	request, err := http.NewRequest(method, c.process.base+path, strings.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	if token != "" {
		request.Header.Set("Authorization", token)
	}
	response, err := c.client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	text, err = io.ReadAll(response.Body)
	return response.StatusCode, text, err // an answer that is cut off acknowledges nothing
}

// disperse ends the crowd and returns all people who came.
func (c *crowd) disperse() []*person {
	c.over.Store(true)
	c.workers.Wait()
	c.client.CloseIdleConnections()
	return c.people
}

// await waits until something is reached, or until a test has failed meanwhile.
func (c *crowd) await(t *testing.T, what string, reached func() bool) {
	t.Helper()
	for since := time.Now(); !reached(); time.Sleep(time.Millisecond) {
		if t.Failed() || time.Since(since) > 3*patience {
			t.Fatalf("waited in vain until %s\n%s", what, c.process.logs)
		}
	}
}
