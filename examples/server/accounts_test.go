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

// checkAccounts compares the store with what was acknowledged. Every acknowledged account
// is there, whole and once, and no account is there that was not asked for. It returns the
// accounts by first name.
func checkAccounts(t *testing.T, store deskauth.UserLister, people []*person) map[string]deskauth.Account {
	t.Helper()
	byName := make(map[string]*person)
	for _, who := range people {
		byName[who.name] = who
	}
	found := make(map[string]deskauth.Account)
	emails := make(map[string]bool)
	const limit = 1000
	for last := ""; ; {
		page, err := store.ListUsers(t.Context(), last, limit)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range page {
			if _, twice := found[a.FirstName]; twice || a.Email != "" && emails[a.Email] || a.ID <= last {
				t.Errorf("%s, %s, with the ID %s is there twice", a.FirstName, a.Email, a.ID)
			}
			found[a.FirstName], emails[a.Email], last = a, true, a.ID
			who := byName[a.FirstName]
			if who == nil {
				t.Errorf("the account %+v was never asked for", a)
				continue
			}
			if fault := faultOf(a, who); fault != "" {
				t.Errorf("the account of %s is not whole: %s", who.name, fault)
			}
		}
		if len(page) < limit {
			break
		}
	}
	for _, who := range people {
		if _, ok := found[who.name]; who.acknowledged && !ok {
			t.Errorf("the account of %s was acknowledged and is not there", who.name)
		}
	}
	return found
}

var phc = regexp.MustCompile(`^\$argon2id\$v=19\$m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$`)

// faultOf says what is missing in an account, or wrong with it. It returns "" for a whole
// one.
func faultOf(a deskauth.Account, who *person) string {
	// What the server chose is taken from the account, and checked below.
	want := deskauth.Account{
		User: deskauth.User{ID: a.ID, FirstName: who.name, CreatedAt: a.CreatedAt, UpdatedAt: a.CreatedAt},
	}
	if who.agent {
		want.Kind, want.Email, want.LastName, want.PasswordHash = deskauth.KindUser, who.email(), "Lovelace", a.PasswordHash
		if a.LastActiveAt.After(a.CreatedAt) { // a sign-in has noted it
			want.LastActiveAt, want.Version = a.LastActiveAt, 1
		}
	} else {
		want.Kind, want.LastName, want.ProjectID = deskauth.KindGuest, "Guest", "demo"
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
		return fmt.Sprintf("a hash of %d bytes is not a PHC string of Argon2id", len(a.PasswordHash))
	case !who.agent && attributes != fmt.Sprintf(`{"name":%q}`, who.name):
		return fmt.Sprintf("got the attributes %s", a.Attributes)
	}
	return ""
}

// maxHashes is how many agents of each sort come back after a round. Each costs one
// password hash or two. In the end, all of them come back.
const maxHashes = 1

// checkPeople lets people come back: guests with their tokens, and the last agents of each
// sort with their passwords. An agent whose sign-up had no answer signs up again first.
func checkPeople(t *testing.T, p *process, people []*person, found map[string]deskauth.Account) {
	t.Helper()
	type sort struct{ acknowledged, stored bool }
	agents := make(map[sort]int)
	for _, who := range slices.Backward(people) {
		_, stored := found[who.name]
		if !who.agent {
			if who.acknowledged {
				checkGuest(t, p, who)
			}
			continue
		}
		s := sort{who.acknowledged, stored}
		agents[s]++
		if agents[s] > maxHashes {
			continue
		}
		if !who.acknowledged {
			signUpAgain(t, p, who, found)
		}
		if stored {
			p.post("/signin", who.signin()).token(t)
		}
	}
}

// checkAgents lets every acknowledged agent sign in, and returns how many those are.
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

// checkGuest lets a guest ask for its identity, and come back with its token.
func checkGuest(t *testing.T, p *process, who *person) {
	t.Helper()
	if me, got := p.me(who.token); me["firstName"] != who.name || me["userID"] != who.id {
		t.Errorf("/me of the guest %s: got %v", who.name, got)
	}
	got := p.ask(http.MethodPost, "/signinWithCustomToken", "", "Authorization: "+who.token)
	if got.token(t) != who.token {
		t.Errorf("the guest %s comes back: got %v, want the same token", who.name, got)
	}
}

// signUpAgain is what a person does whose sign-up had no answer. The server did all of it
// or nothing.
func signUpAgain(t *testing.T, p *process, who *person, found map[string]deskauth.Account) {
	t.Helper()
	a, stored := found[who.name]
	want := http.StatusOK
	if stored {
		want = http.StatusForbidden
	}
	got := p.post("/signup", who.signup())
	if got.status != want {
		t.Errorf("%s had no answer and is stored: %t. The second sign-up: got %v, want %d", who.name, stored, got, want)
	}
	who.acknowledged, who.id = true, a.ID
	if !stored {
		who.id = got.userID(t)
	}
}
