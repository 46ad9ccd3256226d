package main

import (
	"fmt"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
)

// checkAccounts holds what is in the store to what was acknowledged: everybody who was is
// there, whole and once, and nobody is there who did not come.
func checkAccounts(t *testing.T, store deskauth.UserLister, people []*person) (found map[string]deskauth.Account) {
	t.Helper()
	known := make(map[string]*person)
	for _, who := range people {
		known[who.name] = who
	}
	found = make(map[string]deskauth.Account)
	emails := make(map[string]bool)
	const limit = 1000
	for last := ""; ; {
		page, err := store.ListUsers(t.Context(), last, limit)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range page {
			if _, twice := found[a.FirstName]; twice || emails[a.Email] || a.ID <= last {
				t.Errorf("%s, %s, with the ID %s is there twice", a.FirstName, a.Email, a.ID)
			}
			found[a.FirstName], emails[a.Email], last = a, true, a.ID
			if who := known[a.FirstName]; who == nil {
				t.Errorf("the account %+v is of nobody who came", a)
			} else if fault := half(a, who); fault != "" {
				t.Errorf("the account of %s is not whole: %s", who.name, fault)
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

var (
	phc          = regexp.MustCompile(`^\$argon2id\$v=19\$m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$`)
	guestAddress = regexp.MustCompile(`^[0-9a-f-]{36}@tiledesk\.com$`)
)

// half says what is missing of an account, or wrong with it.
func half(a deskauth.Account, who *person) string {
	// What is not known before is taken from the account, and looked at below.
	want := deskauth.Account{User: deskauth.User{ID: a.ID, FirstName: who.name, CreatedAt: a.CreatedAt, UpdatedAt: a.CreatedAt}}
	if who.agent {
		want.Kind, want.Email, want.LastName, want.PasswordHash = deskauth.KindUser, who.email(), "Lovelace", a.PasswordHash
	} else {
		want.Kind, want.Email, want.LastName, want.ProjectID = deskauth.KindGuest, a.Email, "Guest", "demo"
		want.Attributes, want.LastActiveAt = a.Attributes, a.CreatedAt
	}
	attributes := strings.ReplaceAll(string(a.Attributes), " ", "")
	switch {
	case !reflect.DeepEqual(a, want):
		return fmt.Sprintf("got %+v, want %+v", a, want)
	case a.ID == "" || who.acknowledged && who.id != a.ID:
		return fmt.Sprintf("got the ID %q, want %q", a.ID, who.id)
	case time.Since(a.CreatedAt).Abs() > time.Hour:
		return fmt.Sprintf("it was made at %v", a.CreatedAt)
	case who.agent && !phc.MatchString(a.PasswordHash):
		return fmt.Sprintf("a hash of %d bytes is no PHC string of Argon2id", len(a.PasswordHash))
	case !who.agent && !guestAddress.MatchString(a.Email):
		return fmt.Sprintf("got the address %q of a guest", a.Email)
	case !who.agent && attributes != fmt.Sprintf(`{"name":%q}`, who.name):
		return fmt.Sprintf("got the attributes %s", a.Attributes)
	}
	return ""
}

// maxHashes is how many agents of each sort come back after a round: each costs a password
// hash or two. All of them do in the end.
const maxHashes = 2

// checkPeople lets them come back: guests with their tokens, and the last agents of each
// sort with their passwords. Those who got no answer sign up again first.
func checkPeople(t *testing.T, p *process, people []*person, found map[string]deskauth.Account) {
	t.Helper()
	type sort struct{ acknowledged, there bool }
	agents := make(map[sort]int)
	for _, who := range slices.Backward(people) {
		_, there := found[who.name]
		if !who.agent {
			if who.acknowledged {
				checkGuest(t, p, who)
			}
			continue
		}
		s := sort{who.acknowledged, there}
		if agents[s]++; agents[s] > maxHashes {
			continue
		}
		if !who.acknowledged {
			signUpAgain(t, p, who, found)
		}
		if there { // in what was there before
			p.post("/signin", who.signin()).token(t)
		}
	}
}

// checkAgents lets every agent who was acknowledged sign in, and returns how many those are.
func checkAgents(t *testing.T, p *process, people []*person) int {
	t.Helper()
	agents := slices.DeleteFunc(slices.Clone(people), func(who *person) bool { return !who.agent || !who.acknowledged })
	fromMany(hashParallelism, len(agents), func(i int) {
		if got := p.post("/signin", agents[i].signin()); got.status != http.StatusOK {
			t.Errorf("%s was acknowledged and cannot sign in: %v", agents[i].name, got)
		}
	})
	return len(agents)
}

func checkGuest(t *testing.T, p *process, who *person) {
	t.Helper()
	if me, got := p.me(who.token); me["firstName"] != who.name || me["userID"] != who.id {
		t.Errorf("the guest %s asks who it is: %v", who.name, got)
	}
	if got := p.ask(http.MethodPost, "/signinWithCustomToken", "", "Authorization: "+who.token); got.token(t) != who.token {
		t.Errorf("the guest %s comes back: %v", who.name, got)
	}
}

// signUpAgain is what a person does who got no answer. Either all was done or nothing.
func signUpAgain(t *testing.T, p *process, who *person, found map[string]deskauth.Account) {
	t.Helper()
	a, there := found[who.name]
	want := http.StatusOK
	if there {
		want = http.StatusForbidden
	}
	got := p.post("/signup", who.signup())
	if got.status != want {
		t.Errorf("%s, who got no answer and is there: %t, signs up again: %v, want %d", who.name, there, got, want)
	}
	who.acknowledged, who.id = true, a.ID
	if !there {
		who.id = got.userID(t)
	}
}
