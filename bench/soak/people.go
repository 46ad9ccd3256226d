package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/golang-jwt/jwt/v5"
)

const (
	agents    = 100 // who sign in rightly
	victims   = 6   // whose passwords are guessed; every other one has no account
	externals = 100
	recent    = 1000 // guests who come back: those are young enough not to be forgotten
	password  = "correct horse battery"
)

// A session is a token that was given out, and what the answers to it must have in them.
type session struct {
	token  string // with its scheme
	me     string // of the guarded handler
	wireID string // of a sign-in
}

// people are those who have sessions, for all workers at once.
type people struct {
	mu        sync.Mutex
	agents    []session
	externals []session
	guests    []session
	next      int // the guest who makes way for the next

	passing atomic.Int64 // sign-ups so far
}

// add keeps the session of an answer. accountID is empty where it is the answer's own.
func (p *people) add(to *[]session, body, accountID string) {
	var got struct {
		Token string
		User  struct {
			ID string `json:"_id"`
		}
	}
	if json.Unmarshal([]byte(body), &got) != nil || got.Token == "" {
		return
	}
	if accountID == "" {
		accountID = got.User.ID
	}
	s := session{token: got.Token, me: fmt.Sprintf(`"userID":%q`, accountID), wireID: fmt.Sprintf(`"_id":%q`, got.User.ID)}
	p.mu.Lock()
	defer p.mu.Unlock()
	if to == &p.guests && len(p.guests) == recent {
		p.guests[p.next%recent] = s
		p.next++
		return
	}
	*to = append(*to, s)
}

// anyone returns a session of any kind, each kind as often as the others.
func (p *people) anyone() session {
	p.mu.Lock()
	defer p.mu.Unlock()
	kind := [][]session{p.agents, p.externals, p.guests}[rand.IntN(3)]
	return kind[rand.IntN(len(kind))]
}

func agentEmail(n int) string { return fmt.Sprintf("agent-%d@example.com", n) }

// victimEmail is an address with an account for even n.
func victimEmail(n int) string { return fmt.Sprintf("victim-%d@example.com", n) }

func externalID(n int) string { return fmt.Sprintf("customer-%d", n) }

func externalAccount(n int) string { return deskauth.ExternalUserID(projectID, externalID(n)) }

// signCustom returns the custom token of an external user, as a customer's backend makes
// it, with the secret and the life given.
func signCustom(n int, plan, secret string, life time.Duration) string {
	now := time.Now()
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"_id": externalID(n), "sub": "userexternal", "aud": "https://tiledesk.com/projects/" + projectID,
		"firstname": "Andrea", "lastname": "Leo", "email": "andrea@example.com", "plan": plan,
		"iat": now.Unix(), "exp": now.Add(life).Unix(),
	}).SignedString([]byte(secret))
	if err != nil {
		panic(err) // of claims and a key that are always the same
	}
	return "JWT " + token
}

func signupOf(email string) request {
	body := fmt.Sprintf(`{"email":%q,"password":%q,"firstname":"Ada","lastname":"Lovelace"}`, email, password)
	return request{call: signup, path: prefix + "/signup", body: body, want: []int{200, 503}, holds: email}
}

func signinOf(email, password string, want ...int) request {
	body := fmt.Sprintf(`{"email":%q,"password":%q}`, email, password)
	return request{call: signin, path: prefix + "/signin", body: body, want: want, holds: `"email":"` + email}
}

func guestOf(firstName string) request {
	body := fmt.Sprintf(`{"id_project":%q,"firstname":%q,"attributes":{"page":"https://example.com/pricing"}}`, projectID, firstName)
	return request{call: anonymous, path: prefix + "/signinAnonymously", body: body, want: []int{200}, holds: firstName}
}

func customOf(n int, plan string) request {
	token := signCustom(n, plan, projectSecret, 5*time.Minute)
	return request{call: customToken, path: prefix + "/signinWithCustomToken", token: token, want: []int{200}, holds: fmt.Sprintf(`"_id":%q`, externalID(n))}
}

func restoreOf(s session) request {
	return request{call: restore, path: prefix + "/signinWithCustomToken", token: s.token, want: []int{200}, holds: s.wireID}
}

func meOf(s session) request {
	return request{call: me, method: "GET", path: "/me", token: s.token, want: []int{200}, holds: s.me}
}
