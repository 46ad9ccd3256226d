package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
)

const (
	clients  = 8
	password = "correct horse battery"
)

// A person is somebody who was signed up, or a guest, and what became of it.
type person struct {
	name         string // first name, nobody else's
	agent        bool
	acknowledged bool
	token        string // of a guest
}

func (p *person) email() string { return p.name + "@example.com" }

// A crowd signs people up from 8 connections, each person once.
type crowd struct {
	process *process
	client  *http.Client
	prefix  string // of the names

	answered atomic.Int64 // people who were acknowledged
	refused  atomic.Int64 // answers that say the server has trouble
	over     atomic.Bool
	workers  sync.WaitGroup

	mu     sync.Mutex
	people []*person
}

// gather starts a crowd. Five people in six are guests, who cost no password hash.
func gather(p *process, prefix string) *crowd {
	c := &crowd{process: p, prefix: prefix, client: &http.Client{
		Timeout:   patience,
		Transport: &http.Transport{MaxConnsPerHost: clients, MaxIdleConnsPerHost: clients},
	}}
	for worker := range clients {
		c.workers.Go(func() {
			for n := 0; !c.over.Load(); n++ {
				c.add(&person{name: fmt.Sprintf("%s-%d-%d", prefix, worker, n), agent: n%6 == 0})
			}
		})
	}
	return c
}

// disperse ends the crowd and returns everybody who came.
func (c *crowd) disperse() []*person {
	c.over.Store(true)
	c.workers.Wait()
	c.client.CloseIdleConnections()
	return c.people
}

func (c *crowd) add(who *person) {
	c.mu.Lock()
	c.people = append(c.people, who)
	c.mu.Unlock()
	path, body := "/signinAnonymously", fmt.Sprintf(`{"id_project":"demo","firstname":%q,"attributes":{"name":%[1]q}}`, who.name)
	if who.agent {
		path, body = "/signup", signupBody(who)
	}
	status, answer, err := c.post(path, body)
	switch {
	case err != nil: // the process was killed
		time.Sleep(time.Millisecond)
	case status == http.StatusOK:
		who.acknowledged, who.token = true, answer.Token
		c.answered.Add(1)
	case status == http.StatusInternalServerError || status == http.StatusServiceUnavailable:
		c.refused.Add(1)
		time.Sleep(5 * time.Millisecond)
	default:
		c.process.t.Errorf("%s for %s was answered with %d", path, who.name, status)
	}
}

func signupBody(who *person) string {
	return fmt.Sprintf(`{"email":%q,"password":%q,"firstname":%q,"lastname":"Lovelace"}`, who.email(), password, who.name)
}

type brief struct{ Token string }

func (c *crowd) post(path, body string) (status int, answer brief, err error) {
	response, err := c.client.Post(c.process.base+path, "application/json", strings.NewReader(body))
	if err != nil {
		return 0, answer, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil { // cut off in the middle: not an acknowledgement
		return 0, answer, err
	}
	if response.StatusCode == http.StatusOK {
		err = json.Unmarshal(text, &answer)
	}
	return response.StatusCode, answer, err
}

// checkAccounts holds what is in the store to what was acknowledged: everybody who was is
// there, whole and once, and nobody is there who was not asked for.
func checkAccounts(t *testing.T, store deskauth.UserLister, people []*person) (found map[string]deskauth.Account) {
	t.Helper()
	known := make(map[string]*person)
	for _, who := range people {
		known[who.name] = who
	}
	found = make(map[string]deskauth.Account)
	emails := make(map[string]bool)
	const limit = 1000
	for after := ""; ; {
		page, err := store.ListUsers(t.Context(), after, limit)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range page {
			after = a.ID
			if _, twice := found[a.FirstName]; twice || emails[a.Email] {
				t.Errorf("%s, %s is there twice", a.FirstName, a.Email)
			}
			found[a.FirstName], emails[a.Email] = a, true
			who := known[a.FirstName]
			if who == nil {
				t.Errorf("the account %+v is of nobody who came", a)
				continue
			}
			if fault := half(a, who); fault != "" {
				t.Errorf("the account of %s is half there, %s: %+v", who.name, fault, a)
			}
		}
		if len(page) < limit {
			break
		}
	}
	for _, who := range people {
		if _, ok := found[who.name]; who.acknowledged && !ok {
			t.Errorf("%s was acknowledged and is not there", who.name)
		}
	}
	return found
}

// half says what is missing of an account.
func half(a deskauth.Account, who *person) string {
	switch {
	case a.ID == "" || a.CreatedAt.IsZero() || !a.UpdatedAt.Equal(a.CreatedAt) || a.Version != 0:
		return "in what every account has"
	case who.agent && (a.Kind != deskauth.KindUser || a.Email != who.email() || a.LastName != "Lovelace" || !strings.HasPrefix(a.PasswordHash, "$argon2id$") || len(a.PasswordHash) < 90):
		return "in what an agent has"
	case !who.agent && (a.Kind != deskauth.KindGuest || !strings.HasSuffix(a.Email, "@tiledesk.com") || a.ProjectID != "demo" || a.LastActiveAt.IsZero() ||
		!bytes.Equal(bytes.ReplaceAll(a.Attributes, []byte(" "), nil), fmt.Appendf(nil, `{"name":%q}`, who.name))):
		return "in what a guest has"
	}
	return ""
}

// maxAgents is how many agents come back: each costs a password hash.
const maxAgents = 8

// checkPeople lets them come back: guests with their tokens, the last agents with their
// passwords, and those of them who got no answer by signing up again.
func checkPeople(t *testing.T, p *process, people []*person, found map[string]deskauth.Account) {
	t.Helper()
	agents := 0
	for _, who := range slices.Backward(people) {
		_, there := found[who.name]
		if who.agent {
			if agents++; agents > maxAgents {
				continue
			}
		}
		switch {
		case !who.agent && who.acknowledged:
			if id, got := p.me(who.token); id["firstName"] != who.name {
				t.Errorf("the guest %s asks who it is: %v", who.name, got)
			}
			if got := p.ask(http.MethodPost, "/signinWithCustomToken", "", "Authorization: "+who.token); got.token(t) != who.token {
				t.Errorf("the guest %s comes back: %v", who.name, got)
			}
		case who.agent && !who.acknowledged:
			want := http.StatusOK
			if there {
				want = http.StatusForbidden
			}
			if got := p.post("/signup", signupBody(who)); got.status != want {
				t.Errorf("%s, who got no answer and is there: %t, signs up again: %v, want %d", who.name, there, got, want)
			}
			who.acknowledged = true
			fallthrough
		case who.agent:
			p.post("/signin", fmt.Sprintf(`{"email":%q,"password":%q}`, who.email(), password)).token(t)
		}
	}
}
