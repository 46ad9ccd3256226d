package accounts_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/accounts"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// begin is when the clocks of these tests begin: long enough ago for years of test time,
// since PurgeIdle refuses instants that the real clock has not passed.
var begin = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)

func newKit(t *testing.T, store deskauth.UserStore, cfg deskauth.Config) *testkit.Kit {
	t.Helper()
	k := testkit.NewOn(t, store, testkit.Secrets(), cfg)
	k.Clock.Set(begin)
	return k
}

// purge fails the test unless PurgeIdle deletes so many guests, all of them if need be.
func purge(t *testing.T, store deskauth.UserStore, idleSince time.Time, limit, want int) {
	t.Helper()
	got, err := accounts.PurgeIdle(t.Context(), store, deskauth.KindGuest, idleSince, limit,
		accounts.PurgeConfig{EvenAll: true})
	if err != nil || got != want {
		t.Errorf("PurgeIdle(%v, %d) = %d, %v; want %d", idleSince, limit, got, err, want)
	}
}

func TestPurgeIdle(t *testing.T) {
	t.Parallel()
	store := memstore.New()
	k := newKit(t, store, deskauth.Config{})
	user := k.MustSignup(t, "andrea@f22.it", "a long password")
	external := k.MustCustom(t, testkit.TokenA(`"123"`))
	early := k.MustGuest(t, testkit.ProjectA)
	k.Clock.Advance(testkit.Day)
	late := k.MustGuest(t, testkit.ProjectB)
	k.Clock.Advance(90 * testkit.Day)

	purge(t, store, begin, 10, 0) // none is idle since before the first
	purge(t, store, begin.Add(time.Millisecond), 10, 1)
	if _, err := store.UserByID(t.Context(), early.User.ID); !errors.Is(err, deskauth.ErrUserNotFound) {
		t.Errorf("the guest who was idle longest: %v, want ErrUserNotFound", err)
	}
	if _, err := store.UserByID(t.Context(), late.User.ID); err != nil {
		t.Errorf("the guest who came later: %v", err)
	}
	purge(t, store, k.Clock.Now(), 10, 1)
	for _, id := range []string{user.ID, external.User.ID} {
		if _, err := store.UserByID(t.Context(), id); err != nil {
			t.Errorf("an account that is not a guest's: %v", err)
		}
	}
}

// A guest whose token lives is not idle, by the rule that PurgeIdle's comment gives.
func TestPurgeIdle_SparesWhoMayComeBack(t *testing.T) {
	t.Parallel()
	const ttl = 30 * testkit.Day
	store := memstore.New()
	k := newKit(t, store, deskauth.Config{})
	s := k.MustGuest(t, testkit.ProjectA)
	for range 20 {
		k.Clock.Set(s.ExpiresAt.Add(-time.Second)) // as late as it can
		if back := k.MustCustom(t, s.Token); back.Token != s.Token {
			s = back
		}
		purge(t, store, k.Clock.Now().Add(-ttl-testkit.Day), 10, 0)
		if _, err := k.Verify(t.Context(), s.Token); err != nil {
			t.Fatalf("a guest whose token lives: %v", err)
		}
	}
	k.Clock.Set(s.ExpiresAt.Add(testkit.Day + time.Second))
	purge(t, store, k.Clock.Now().Add(-ttl-testkit.Day), 10, 1)
}

// A guest whose token has no end is active whenever it comes back, also where the token
// will end with its key.
func TestPurgeIdle_SparesTokensWithoutAnEnd(t *testing.T) {
	t.Parallel()
	ending := testkit.Secrets()
	ending.Session[0].NotAfter = begin.Add(10 * 365 * testkit.Day)
	for name, secrets := range map[string]deskauth.StaticSecrets{
		"a key without an end": testkit.Secrets(),
		"a key that will end":  ending,
	} {
		store := memstore.New()
		k := testkit.NewOn(t, store, secrets, deskauth.Config{BesideTiledesk: true})
		k.Clock.Set(begin)
		create(t, store, deskauth.Account{User: deskauth.User{
			ID:        "imported",
			Kind:      deskauth.KindGuest,
			ProjectID: testkit.ProjectA,
			CreatedAt: begin,
			UpdatedAt: begin,
		}})
		token := testkit.ForgeSession(`{"_id":"imported","iat":1577836800,"sub":"guest",` +
			`"aud":"https://tiledesk.com","iss":"https://tiledesk.com"}`)
		for range 40 {
			k.Clock.Advance(testkit.Day)
			if back := k.MustCustom(t, token); back.Token != token {
				t.Fatalf("%s: the token was renewed", name)
			}
		}
		purge(t, store, k.Clock.Now().Add(-31*testkit.Day), 10, 0)
		k.Clock.Advance(32 * testkit.Day)
		purge(t, store, k.Clock.Now().Add(-31*testkit.Day), 10, 1)
	}
}

func TestPurgeIdle_Batches(t *testing.T) {
	t.Parallel()
	store := &purgingStore{Store: memstore.New()}
	k := newKit(t, store, deskauth.Config{Limits: deskauth.Limits{GuestsPerProject: deskauth.NoLimit}})
	const guests = 1300
	for range guests {
		k.MustGuest(t, testkit.ProjectA)
	}
	k.Clock.Advance(testkit.Day)
	purge(t, store, k.Clock.Now(), 1, 1)
	purge(t, store, k.Clock.Now(), 1100, 1100)
	purge(t, store, k.Clock.Now(), 1000, guests-1101)
	if got, want := fmt.Sprint(store.limits), "[1 500 500 100 500]"; got != want {
		t.Errorf("the store was asked for %s, want %s", got, want)
	}

	for range 600 {
		k.MustGuest(t, testkit.ProjectA)
	}
	k.Clock.Advance(testkit.Day)
	store.failAfter = len(store.limits) + 1
	n, err := accounts.PurgeIdle(t.Context(), store, deskauth.KindGuest, k.Clock.Now(), 600,
		accounts.PurgeConfig{EvenAll: true})
	if n != 500 || !errors.Is(err, errFull) {
		t.Errorf("PurgeIdle on a store that fails in the second batch = %d, %v; want 500 and the store's error", n, err)
	}
}

var errFull = errors.New("disk full")

type purgingStore struct {
	*memstore.Store
	limits    []int
	failAfter int
}

func (s *purgingStore) PurgeIdle(ctx context.Context, kind deskauth.Kind, since time.Time, limit int) (int, error) {
	s.limits = append(s.limits, limit)
	if s.failAfter > 0 && len(s.limits) > s.failAfter {
		return 0, errFull
	}
	return s.Store.PurgeIdle(ctx, kind, since, limit)
}

func TestPurgeIdle_Refuses(t *testing.T) {
	t.Parallel()
	store := memstore.New()
	k := newKit(t, store, deskauth.Config{})
	k.MustGuest(t, testkit.ProjectA)
	for name, c := range map[string]struct {
		since time.Time
		limit int
	}{
		"a time in the future": {time.Now().Add(time.Hour), 10},
		"limit 0":              {begin, 0},
		"a negative limit":     {begin, -1},
	} {
		n, err := accounts.PurgeIdle(t.Context(), store, deskauth.KindGuest, c.since, c.limit, accounts.PurgeConfig{})
		if _, ok := errors.AsType[*deskauth.ValidationError](err); !ok || n != 0 || store.Len() != 1 {
			t.Errorf("%s: %d, %v, %d accounts left; want a ValidationError and none deleted", name, n, err, store.Len())
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := accounts.PurgeIdle(ctx, store, deskauth.KindGuest, begin, 10, accounts.PurgeConfig{})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that ended: %v, want it", err)
	}
	n, err := accounts.PurgeIdle(t.Context(), plain{store}, deskauth.KindGuest, begin, 10, accounts.PurgeConfig{})
	if n != 0 || !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("on a store that cannot purge: %d, %v; want errors.ErrUnsupported", n, err)
	}
	n, err = accounts.PurgeIdle(t.Context(), store, deskauth.KindUser, begin, 10, accounts.PurgeConfig{})
	if n != 0 || !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("of agents: %d, %v; want errors.ErrUnsupported", n, err)
	}
}

// A clock that is 33 days ahead makes everyone look idle. No guest is deleted then, unless
// the caller says so.
func TestPurgeIdle_RefusesToDeleteAll(t *testing.T) {
	t.Parallel()
	const idle = 32 * testkit.Day
	now := time.Now()
	ago := func(id string, kind deskauth.Kind, idle time.Duration) deskauth.Account {
		at := now.Add(-idle)
		return deskauth.Account{User: deskauth.User{ID: id, Kind: kind, CreatedAt: at, UpdatedAt: at}, LastActiveAt: at}
	}
	old := ago("old", deskauth.KindGuest, 2*idle)
	for name, c := range map[string]struct {
		others  []deskauth.Account
		deleted int // -1 for refused
	}{
		"nobody else":                   {nil, -1},
		"one who came today":            {[]deskauth.Account{ago("new", deskauth.KindGuest, 0)}, 1},
		"one who came just in time":     {[]deskauth.Account{ago("new", deskauth.KindGuest, idle-time.Hour)}, 1},
		"one who came a little earlier": {[]deskauth.Account{ago("new", deskauth.KindGuest, idle+time.Hour)}, -1},
		"an agent who came today":       {[]deskauth.Account{ago("new", deskauth.KindUser, 0)}, -1},
		"one who came in the future":    {[]deskauth.Account{ago("new", deskauth.KindGuest, -testkit.Day)}, -1},
		"one in the year 9999": {[]deskauth.Account{{
			User:         deskauth.User{ID: "new", Kind: deskauth.KindGuest, CreatedAt: now},
			LastActiveAt: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC),
		}}, -1},
	} {
		store := memstore.New()
		create(t, store, old)
		for _, a := range c.others {
			create(t, store, a)
		}
		before := store.Len()
		got, err := accounts.PurgeIdle(t.Context(), store, deskauth.KindGuest, now.Add(-idle), 10, accounts.PurgeConfig{})
		if refused := c.deleted < 0; refused != errors.Is(err, accounts.ErrAllIdle) || !refused && err != nil ||
			got != max(c.deleted, 0) || store.Len() != before-got {
			t.Errorf("%s: got %d deleted, %d left and the error %v, want %d", name, got, store.Len(), err, c.deleted)
		}
		if err != nil && (!strings.Contains(err.Error(), "check the clock") ||
			!strings.Contains(err.Error(), old.LastActiveAt.Format("2006-01")) && name == "nobody else") {
			t.Errorf("%s: the error %v does not say what to look at", name, err)
		}
		if c.deleted < 0 {
			purge(t, store, now.Add(-idle), 1, 1) // EvenAll
		}
	}
	// Where there is no guest, there is nothing to delete and nothing to refuse.
	store := memstore.New()
	create(t, store, ago("agent", deskauth.KindUser, 2*idle))
	got, err := accounts.PurgeIdle(t.Context(), store, deskauth.KindGuest, now.Add(-idle), 10, accounts.PurgeConfig{})
	if got != 0 || err != nil {
		t.Errorf("without guests: got %d and the error %v, want 0", got, err)
	}
	// A store that cannot tell is not purged without EvenAll.
	create(t, store, old)
	mute := struct {
		deskauth.UserStore
		deskauth.IdlePurger
	}{store, store}
	got, err = accounts.PurgeIdle(t.Context(), mute, deskauth.KindGuest, now.Add(-idle), 10, accounts.PurgeConfig{})
	if got != 0 || !errors.Is(err, errors.ErrUnsupported) || store.Len() != 2 {
		t.Errorf("a store that cannot tell: got %d and the error %v, want errors.ErrUnsupported", got, err)
	}
	purge(t, mute, now.Add(-idle), 10, 1)
	// A store that fails deletes nothing.
	failing := &failingActivity{Store: store}
	_, err = accounts.PurgeIdle(t.Context(), failing, deskauth.KindGuest, now, 10, accounts.PurgeConfig{})
	if !errors.Is(err, errFull) || failing.purged {
		t.Errorf("a store that fails: got the error %v, purged %v, want its error and no purge", err, failing.purged)
	}
}
