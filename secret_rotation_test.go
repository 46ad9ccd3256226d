package deskauth_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

func TestS14_SessionKeys(t *testing.T) {
	t.Parallel()
	const lastYears = "the secret of the year before, 32 bytes"
	for name, c := range map[string]struct{ oldID, newID, event string }{
		"both have IDs": {"2025", "2026", "2025"},
		"none has":      {"", "", ""},
		"one got one":   {"", "2026", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := memstore.New()
			secrets := testkit.Secrets()
			secrets.Session = []deskauth.Key{testkit.Key(c.oldID, lastYears)}
			before := testkit.NewOn(t, store, secrets, deskauth.Config{})
			agent := before.MustSignup(t, "andrea@f22.it", "a long password")
			old := []deskauth.Session{
				before.MustSignin(t, "andrea@f22.it", "a long password"),
				before.MustGuest(t, testkit.ProjectA),
				before.MustCustom(t, testkit.TokenA(`"123"`)),
			}

			first := testkit.Key(c.newID, testkit.SessionSecret)
			secrets.Session = []deskauth.Key{first, rotated(c.oldID, lastYears)}
			k := testkit.NewOn(t, store, secrets, deskauth.Config{})
			fresh := k.MustSignin(t, "andrea@f22.it", "a long password")
			header, payload := testkit.PartOf(t, fresh.Token, 0), testkit.PartOf(t, fresh.Token, 1)
			want := testkit.Forge(header, payload, testkit.SessionSecret)
			if fresh.Token != want || fresh.User.ID != agent.ID {
				t.Error("the first key has not signed")
			}
			for _, s := range old {
				usesOldKey(t, k, s, c.event)
			}
			if _, err := k.Verify(t.Context(), fresh.Token); err != nil || len(k.Events.Take()) != 0 {
				t.Errorf("Verify with the first key: %v, or there was an event", err)
			}
			k.Clock.Set(testkit.Start.Add(time.Hour - time.Nanosecond))
			for _, s := range old {
				k.MustCustom(t, s.Token)
			}
			k.Clock.Set(testkit.Start.Add(time.Hour))
			for _, s := range old {
				k.RefusedEverywhere(t, s.Token, "bad signature")
			}
			if _, err := k.Verify(t.Context(), fresh.Token); err != nil {
				t.Errorf("Verify with the first key, the old one over: %v", err)
			}
		})
	}
}

// usesOldKey fails the test unless the session is good and its key is in the event.
func usesOldKey(t *testing.T, k *testkit.Kit, s deskauth.Session, keyID string) {
	t.Helper()
	k.Events.Take()
	id, err := k.Verify(t.Context(), s.Token)
	if err != nil || id.UserID != s.User.ID {
		t.Errorf("%s: Verify with the old key = %+v, %v", s.User.Kind, id, err)
	}
	events := k.Events.Take()
	if len(events) != 1 || events[0].Type != deskauth.EventOldKeyUsed || events[0].KeyID != keyID ||
		events[0].UserID != s.User.ID || events[0].Operation != "verify" {
		t.Errorf("%s: events %+v; want one, old_key_used, key %q of %s", s.User.Kind, events, keyID, s.User.ID)
	}
	k.MustCustom(t, s.Token)
	want := []deskauth.EventType{deskauth.EventOldKeyUsed, deskauth.EventSessionRestored}
	if types := k.Events.TakeTypes(); !slices.Equal(types, want) {
		t.Errorf("%s: events %v of coming back, want %v", s.User.Kind, types, want)
	}
}

// A session by an old key comes back signed by the first one, once it is renewed.
func TestS14_RenewalMovesToTheFirstKey(t *testing.T) {
	t.Parallel()
	secrets := testkit.Secrets()
	before := testkit.NewOn(t, memstore.New(), secrets, deskauth.Config{})
	s := before.MustGuest(t, testkit.ProjectA)
	first := deskauth.NewKey("new", "HS512", testkit.SecretB+testkit.SecretA)
	secrets.Session = []deskauth.Key{first, secrets.Session[0]}
	accounts := memstore.New()
	acc := deskauth.Account{User: s.User}
	if err := accounts.CreateUser(t.Context(), acc); err != nil {
		t.Fatal(err)
	}
	k := testkit.NewOn(t, accounts, secrets, deskauth.Config{})
	k.Clock.Advance(20 * 24 * time.Hour)
	header := testkit.PartOf(t, k.MustCustom(t, s.Token).Token, 0)
	if header != `{"alg":"HS512","typ":"JWT","kid":"new"}` {
		t.Errorf("the renewed token's header is %s", header)
	}
}

func TestS14_ProjectKeys(t *testing.T) {
	t.Parallel()
	secrets := testkit.Secrets()
	secrets.Projects[testkit.ProjectA] = []deskauth.Key{
		testkit.Key("2026", testkit.SecretA), rotated("2025", testkit.SecretB),
	}
	k := testkit.NewOn(t, memstore.New(), secrets, deskauth.Config{})
	payload := testkit.PayloadA(`"123"`)
	k.MustCustom(t, testkit.ForgeA(payload))
	for _, c := range []struct {
		name, header, secret string
		old                  bool
	}{
		{"the first", testkit.HS256, testkit.SecretA, false},
		{"the first by its ID", `{"alg":"HS256","kid":"2026"}`, testkit.SecretA, false},
		{"the old one", testkit.HS256, testkit.SecretB, true},
		{"the old one by its ID", `{"alg":"HS256","kid":"2025"}`, testkit.SecretB, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			token := testkit.Forge(c.header, payload, c.secret)
			k.Clock.Set(testkit.Start.Add(time.Hour - time.Second))
			k.Events.Take()
			k.MustCustom(t, token)
			want := []deskauth.EventType{deskauth.EventSignedIn}
			if c.old {
				want = []deskauth.EventType{deskauth.EventOldKeyUsed, deskauth.EventSignedIn}
			}
			events := k.Events.Take()
			if types := testkit.Types(events); !slices.Equal(types, want) {
				t.Fatalf("events %v, want %v", types, want)
			}
			e := events[0]
			if c.old && (e.KeyID != "2025" || e.ProjectID != testkit.ProjectA || e.Operation != "custom_token") {
				t.Errorf("event %+v; want key 2025 of %s", e, testkit.ProjectA)
			}
			k.Clock.Set(testkit.Start.Add(time.Hour))
			if c.old {
				k.RefusedCustom(t, token, "bad signature")
			} else {
				k.MustCustom(t, token)
			}
		})
	}
}

// A guest who comes back each day is not signed out when the old key ends. The answer says
// when the token really ends.
func TestS14_GuestsOutliveTheOldKey(t *testing.T) {
	t.Parallel()
	old := testkit.Key("old", testkit.SessionSecret)
	keys := []deskauth.Key{old}
	k := testkit.NewOn(t, memstore.New(), &testkit.Provider{
		Session: func() ([]deskauth.Key, error) { return keys, nil },
		Project: func(string) ([]deskauth.Key, error) { return nil, nil },
	}, deskauth.Config{})
	s := k.MustGuest(t, testkit.ProjectA)
	old.NotAfter = k.Clock.Now().Add(12 * 24 * time.Hour)
	keys = []deskauth.Key{testkit.Key("new", testkit.SecretB), old}
	for day := 1; day <= 40; day++ {
		k.Clock.Advance(24 * time.Hour)
		s = k.MustCustom(t, s.Token)
		if day == 1 && !s.ExpiresAt.Equal(old.NotAfter) {
			t.Errorf("the token ends at %v, want the end of its key, %v", s.ExpiresAt, old.NotAfter)
		}
	}
}

// The new key has a NotBefore by which every process has it. Until then the old one signs,
// and nobody is signed out at any moment: not by the process that got the list last, and
// not by one whose clock is behind.
func TestS42_NotBeforeOverSeveralProcesses(t *testing.T) {
	t.Parallel()
	old, next := testkit.Key("old", testkit.SessionSecret), testkit.Key("new", testkit.ForeignSecret)
	next.NotBefore = testkit.Start.Add(time.Hour)
	lists := [2][]deskauth.Key{{old}, {old}}
	store := memstore.New()
	var processes [2]*testkit.Kit
	for i := range processes {
		processes[i] = testkit.NewOn(t, store, &testkit.Provider{
			Session: func() ([]deskauth.Key, error) { return lists[i], nil },
			Project: func(string) ([]deskauth.Key, error) { return nil, nil },
		}, deskauth.Config{})
	}
	var tokens []string
	for minute := range 120 {
		switch minute {
		case 10:
			lists[0] = []deskauth.Key{next, old}
		case 50:
			lists[1] = []deskauth.Key{next, old}
		}
		now := testkit.Start.Add(time.Duration(minute) * time.Minute)
		processes[0].Clock.Set(now)
		processes[1].Clock.Set(now.Add(-20 * time.Second))
		for i, k := range processes {
			s := k.MustGuest(t, testkit.ProjectA)
			tokens = append(tokens, s.Token)
			wantNext := i == 0 && minute >= 60 || i == 1 && minute > 60
			if got := strings.Contains(testkit.PartOf(t, s.Token, 0), `"new"`); got != wantNext {
				t.Fatalf("minute %d, process %d: the new key signs: %t, want %t", minute, i, got, wantNext)
			}
		}
		for _, k := range processes {
			k.GoesOn(t, "minute "+strconv.Itoa(minute), tokens[len(tokens)-1])
			k.GoesOn(t, "minute "+strconv.Itoa(minute), tokens[len(tokens)-2])
		}
	}
	for _, k := range processes {
		for _, token := range tokens {
			k.GoesOn(t, "in the end", token)
		}
	}
}

// A key that signs later leaves the others as they were: none of them is called old for it.
func TestNotBeforeOfTheOnlyKey(t *testing.T) {
	t.Parallel()
	key := testkit.Key("new", testkit.SessionSecret)
	key.NotBefore = testkit.Start.Add(time.Hour)
	secrets := testkit.Secrets()
	secrets.Session = []deskauth.Key{key}
	if _, err := deskauth.New(memstore.New(), secrets, deskauth.Config{
		Now: func() time.Time { return testkit.Start },
	}); err == nil || !strings.Contains(err.Error(), "does not sign before its NotBefore, 2026-01-02T04:04:05Z") {
		t.Errorf("New with a key that signs later: %v, want an error that says so", err)
	}
	old := testkit.Key("old", testkit.ForeignSecret)
	secrets.Session = []deskauth.Key{key, old}
	k := testkit.NewOn(t, memstore.New(), secrets, deskauth.Config{})
	s := k.MustGuest(t, testkit.ProjectA)
	k.Events.Take()
	k.GoesOn(t, "a token of the key that signs", s.Token)
	if events := k.Events.Take(); len(events) != 0 {
		t.Errorf("events %+v, want none", events)
	}
	k.Clock.Advance(time.Hour)
	k.GoesOn(t, "the same token", s.Token)
	if types := k.Events.TakeTypes(); !slices.Equal(types, []deskauth.EventType{deskauth.EventOldKeyUsed}) {
		t.Errorf("events %v, want old_key_used", types)
	}
}
