package deskauth_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// endings are what ends the sessions of an account. The last two are for users.
var endings = map[string]func(ctx context.Context, k *testkit.Kit, id string) error{
	"SetDisabled": func(ctx context.Context, k *testkit.Kit, id string) error {
		return k.SetDisabled(ctx, id, true)
	},
	"SignoutEverywhere": func(ctx context.Context, k *testkit.Kit, id string) error {
		return k.SignoutEverywhere(ctx, id)
	},
	"SetPassword": func(ctx context.Context, k *testkit.Kit, id string) error {
		return k.SetPassword(ctx, id, "another password")
	},
	"a new address": func(ctx context.Context, k *testkit.Kit, id string) error {
		_, err := k.UpdateAccount(ctx, id, func(a *deskauth.Account) error { a.Email = "new@f22.it"; return nil })
		return err
	},
}

// beginnings are how a session begins or goes on, and the calls of the host's at which it
// is interrupted.
var beginnings = []struct {
	name, methods string
	do            func(t *testing.T, k *testkit.Kit, id, old string) (deskauth.Session, error)
}{
	{"a sign-in", "SessionKeys UpdateUser", func(t *testing.T, k *testkit.Kit, _, _ string) (deskauth.Session, error) {
		return k.TrySignin(t, "andrea@f22.it", testkit.AndreasPassword)
	}},
	{"a renewal", "SessionKeys UpdateUser", func(t *testing.T, k *testkit.Kit, _, old string) (deskauth.Session, error) {
		return k.TryCustom(t, old)
	}},
	{"IssueSession", "SessionKeys UpdateUser", func(t *testing.T, k *testkit.Kit, id, _ string) (deskauth.Session, error) {
		return k.IssueSession(t.Context(), deskauth.IssueInput{UserID: id})
	}},
	{"a custom token", "UpdateUser", func(t *testing.T, k *testkit.Kit, _, _ string) (deskauth.Session, error) {
		return k.TryCustom(t, testkit.TokenA(`"7"`, `"plan":"gold"`, fmt.Sprintf(`"iat":%d`, k.Clock.Now().Unix())))
	}},
}

// A session that begins while the account's sessions are ended is over, too: what let it
// begin is what the account said before.
func TestS31_EndedWhileItBegins(t *testing.T) {
	t.Parallel()
	for _, begin := range beginnings {
		for method := range strings.FieldsSeq(begin.methods) {
			for ending, end := range endings {
				external := begin.name == "a custom token"
				if external && ending != "SetDisabled" && ending != "SignoutEverywhere" {
					continue
				}
				t.Run(begin.name+"/"+method+"/"+ending, func(t *testing.T) {
					t.Parallel()
					i := newInterruption(t, external)
					i.at, i.do = method, func() error { return end(t.Context(), i.kit, i.id) }
					if begin.name == "a renewal" && method == "SessionKeys" {
						i.skip = 1 // which checks the old token, before the account is read
					}
					s, err := begin.do(t, i.kit, i.id, i.old)
					if i.do != nil {
						t.Fatalf("%s was never called", method)
					}
					testkit.Change(t, i.UserStore, i.id, func(a *deskauth.Account) { a.Disabled = false }) // by SQL
					if err == nil {
						i.kit.IsOver(t, "what began", s.Token)
					}
					i.kit.IsOver(t, "a session of before", i.old)
				})
			}
		}
	}
}

// A session that signed out is over as long as its last token would have lived, whatever
// signs out meanwhile and makes room.
func TestS48_EndedUntilTheLastTokenExpires(t *testing.T) {
	t.Parallel()
	for _, cfg := range []deskauth.Config{
		{}, {SessionTTL: 8 * testkit.Day, GuestTTL: testkit.Day}, {Leeway: 5 * time.Minute},
	} {
		for _, kind := range testkit.Kinds {
			k := testkit.New(t, cfg)
			leeway := max(cfg.Leeway, 30*time.Second)
			first := k.MustSession(t, kind)
			k.Clock.Advance(first.ExpiresAt.Sub(testkit.Start) / 2)
			last := k.MustCustom(t, first.Token)
			stays, another := k.MustIssue(t, first.User.ID), k.MustIssue(t, first.User.ID)
			if last.Token == first.Token || last.ExpiresAt != stays.ExpiresAt {
				t.Fatalf("%s: the last token expires at %v, want a renewal until %v", kind, last.ExpiresAt, stays.ExpiresAt)
			}
			if err := k.Signout(t.Context(), first.Token); err != nil {
				t.Fatal(err)
			}
			k.Clock.Set(last.ExpiresAt.Add(leeway - 1)) // the last moment of both
			if err := k.Signout(t.Context(), another.Token); err != nil {
				t.Fatal(err)
			}
			k.GoesOn(t, string(kind)+", a session of the same age", stays.Token)
			if _, err := k.Verify(t.Context(), last.Token); err != deskauth.ErrInvalidToken {
				t.Errorf("%s: the session that signed out: %v, want ErrInvalidToken", kind, err)
			}
		}
	}
}

// Of sign-outs whose writes meet, none is lost, and no other session ends.
func TestS48_SignoutsThatMeet(t *testing.T) {
	t.Parallel()
	i := newInterruption(t, false)
	one, two, three := i.kit.MustIssue(t, i.id), i.kit.MustIssue(t, i.id), i.kit.MustIssue(t, i.id)
	i.at, i.do = "UpdateUser", func() error {
		i.do = func() error { return i.kit.Signout(t.Context(), two.Token) }
		return i.kit.Signout(t.Context(), three.Token)
	}
	if err := i.kit.Signout(t.Context(), one.Token); err != nil || i.do != nil {
		t.Fatalf("Signout: %v; want the three to meet", err)
	}
	for name, s := range map[string]deskauth.Session{"first": one, "second": two, "third": three} {
		i.kit.IsOver(t, "the "+name+" of those that meet", s.Token)
	}
	i.kit.GoesOn(t, "a session that did not sign out", i.old)
}

// A sign-out tries a thousand times to write. It says so when all were in vain.
func TestS48_SignoutMeetsOtherWrites(t *testing.T) {
	t.Parallel()
	for _, others := range []int{999, 1000} {
		synctest.Test(t, func(t *testing.T) {
			i := newInterruption(t, false)
			left := others
			i.BeforeUpdate = func(context.Context, deskauth.Account) error {
				if left > 0 {
					left--
					testkit.Change(t, i.UserStore, i.id, func(a *deskauth.Account) { a.LastName = strconv.Itoa(left) })
				}
				return nil
			}
			err := i.kit.Signout(t.Context(), i.old)
			switch {
			case left > 0:
				t.Errorf("%d of %d writes did not happen: %v", left, others, err)
			case others == 1000:
				testkit.WantFailure(t, "", err)
			case err != nil:
				t.Errorf("%d other writes came first: %v, want the session to end", others, err)
			default:
				i.kit.IsOver(t, "the session that signed out", i.old)
			}
		})
	}
}

// What ends sessions ends them also where another write comes first.
func TestS31_EndingsThatMeetOtherWrites(t *testing.T) {
	t.Parallel()
	for ending, end := range endings {
		i := newInterruption(t, false)
		i.at, i.do = "UpdateUser", func() error {
			testkit.Change(t, i.UserStore, i.id, func(a *deskauth.Account) { a.LastName = "changed" })
			return nil
		}
		if err := end(t.Context(), i.kit, i.id); err != nil || i.do != nil {
			t.Fatalf("%s: %v; want it to meet another write", ending, err)
		}
		testkit.Change(t, i.UserStore, i.id, func(a *deskauth.Account) { a.Disabled = false }) // by SQL
		i.kit.IsOver(t, ending+": a session of before", i.old)
	}
}

// An interruption is a host that does something in a call of one of its methods.
type interruption struct {
	testkit.CountingStore
	kit     *testkit.Kit
	id, old string       // the account, and the token of a session that it has
	at      string       // the method
	skip    int          // calls of it that come before
	do      func() error // nil when it is done
	t       *testing.T
}

func newInterruption(t *testing.T, external bool) *interruption {
	i := &interruption{t: t}
	i.UserStore = memstore.New()
	i.BeforeUpdate = func(context.Context, deskauth.Account) error { i.reached("UpdateUser"); return nil }
	secrets := testkit.Secrets()
	keys := &testkit.Provider{
		Session: func() ([]deskauth.Key, error) { i.reached("SessionKeys"); return secrets.Session, nil },
		Project: func(id string) ([]deskauth.Key, error) { return secrets.Projects[id], nil },
	}
	i.kit = testkit.NewOn(t, &i.CountingStore, keys, deskauth.Config{SessionTTL: 4 * testkit.Day})
	if external {
		s := i.kit.MustCustom(t, testkit.TokenA(`"7"`))
		i.id, i.old = s.User.ID, s.Token
	} else {
		i.id = testkit.Put(t, i.UserStore, "andrea@f22.it", testkit.WeakHash).ID
		i.old = i.kit.MustIssue(t, i.id).Token
	}
	i.kit.Clock.Advance(50 * time.Hour) // renewal is due, and noting the activity
	return i
}

func (i *interruption) reached(method string) {
	do := i.do
	if do == nil || method != i.at {
		return
	}
	if i.skip > 0 {
		i.skip--
		return
	}
	i.do = nil
	if err := do(); err != nil {
		i.t.Error(err)
	}
}

// A token with another epoch than its account has is over. It may be from before a backup
// was put back, and it may name no session.
func TestAnotherEpochIsOver(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{BesideTiledesk: true})
	agent := k.MustSignup(t, "andrea@f22.it", "a long password")
	token := func(more string) string {
		return testkit.ForgeSession(fmt.Sprintf(`{"_id":%q,"sub":"user","iat":%d,"exp":%d,`+more+
			`"aud":"https://tiledesk.com","iss":"https://tiledesk.com"}`,
			agent.ID, testkit.Start.Unix(), testkit.Start.Unix()+3600))
	}
	k.GoesOn(t, "no epoch", token(""))
	for _, sid := range []string{"", `"sid":"1",`} {
		k.GoesOn(t, "the account's epoch, "+sid, token(sid+`"epoch":0,`))
		k.IsOver(t, "a later epoch, "+sid, token(sid+`"epoch":1,`))
		k.IsOver(t, "an earlier epoch, "+sid, token(sid+`"epoch":-1,`))
	}
}

// A custom token that serves as a session is over as soon as all sessions of its user are.
// Only one that was issued later is good.
func TestS31_EchoedCustomTokensEnd(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{EchoCustomToken: true})
	dated := func(at time.Time) string { return testkit.TokenA(`"123"`, fmt.Sprintf(`"iat":%d`, at.Unix())) }
	before, undated, after := dated(testkit.Start), testkit.TokenA(`"123"`), dated(testkit.Start.Add(time.Minute))
	id := k.MustCustom(t, undated).User.ID
	k.MustCustom(t, before)
	k.Clock.Advance(30 * time.Second)
	if err := k.SignoutEverywhere(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	k.Clock.Advance(30 * time.Second)
	for name, c := range map[string]struct {
		token string
		want  error
	}{
		"of before": {before, deskauth.ErrInvalidToken}, "without iat": {undated, deskauth.ErrInvalidToken},
		"of later": {after, nil},
	} {
		k.Events.Take()
		_, err := k.Verify(t.Context(), c.token)
		if err != c.want {
			t.Errorf("a token %s: %v, want %v", name, err, c.want)
		}
		if last := k.Events.TakeLast(); c.want != nil && last.Reason != deskauth.ReasonSessionRevoked {
			t.Errorf("a token %s is refused for %q, want %q", name, last.Reason, deskauth.ReasonSessionRevoked)
		}
	}
}
