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
	agents    = 100 // who sign in with the right password
	victims   = 6   // whose passwords are guessed; every second one has no account
	externals = 100
	recent    = 1000 // guests who may come back, too young to be forgotten
	password  = "correct horse battery"
)

// A session is a token and what answers to it must contain.
type session struct {
	token  string // with its scheme
	me     string // in an answer of the guarded handler
	wireID string // in an answer to a sign-in
}

// people are the sessions that workers may use. It may be used concurrently.
type people struct {
	mu        sync.Mutex
	agents    []session
	externals []session
	guests    []session
	next      int // the number of the next guest who replaces an older one

	passing atomic.Int64 // sign-ups so far
}

// add keeps the session of an answer. An empty accountID stands for the ID in the answer.
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
	s := session{
		token:  got.Token,
		me:     fmt.Sprintf(`"userID":%q`, accountID),
		wireID: fmt.Sprintf(`"_id":%q`, got.User.ID),
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if to == &p.guests && len(p.guests) == recent {
		p.guests[p.next%recent] = s
		p.next++
		return
	}
	*to = append(*to, s)
}

// anyone returns a random session. Each kind is equally likely.
func (p *people) anyone() session {
	p.mu.Lock()
	defer p.mu.Unlock()
	kind := [][]session{p.agents, p.externals, p.guests}[rand.IntN(3)]
	return kind[rand.IntN(len(kind))]
}

func agentEmail(n int) string { return fmt.Sprintf("agent-%d@example.com", n) }

// victimEmail returns an address, which has an account if n is even.
func victimEmail(n int) string { return fmt.Sprintf("victim-%d@example.com", n) }

func externalID(n int) string { return fmt.Sprintf("customer-%d", n) }

func externalAccount(n int) string { return deskauth.ExternalUserID(projectID, externalID(n)) }

// signCustom returns a custom token of an external user, as a customer's backend makes it.
func signCustom(n int, plan, secret string, life time.Duration) string {
	now := time.Now()
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"_id": externalID(n), "sub": "userexternal", "aud": "https://tiledesk.com/projects/" + projectID,
		"firstname": "Andrea", "lastname": "Leo", "email": "andrea@example.com", "plan": plan,
		"iat": now.Unix(), "exp": now.Add(life).Unix(),
	}).SignedString([]byte(secret))
	if err != nil {
		panic(err) // the claims and the key are good
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
	body := fmt.Sprintf(`{"id_project":%q,"firstname":%q,"attributes":{"page":"https://example.com/pricing"}}`,
		projectID, firstName)
	return request{call: anonymous, path: prefix + "/signinAnonymously", body: body, want: []int{200}, holds: firstName}
}

func customOf(n int, plan string) request {
	return request{
		call: customToken, path: prefix + "/signinWithCustomToken",
		token: signCustom(n, plan, projectSecret, 5*time.Minute),
		want:  []int{200}, holds: fmt.Sprintf(`"_id":%q`, externalID(n)),
	}
}

func restoreOf(s session) request {
	return request{
		call: restore, path: prefix + "/signinWithCustomToken", token: s.token,
		want: []int{200}, holds: s.wireID,
	}
}

func meOf(s session) request {
	return request{call: me, method: "GET", path: "/me", token: s.token, want: []int{200}, holds: s.me}
}
