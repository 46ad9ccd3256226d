package deskauth_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

// isStale is what the event of a sign-in says that claims another profile and changes none.
const isStale = "the profile stays that of a token with a later iat"

// undated is a custom token of user 7 that does not say when it was signed.
func undated(plan string) string { return testkit.TokenA(`"7"`, fmt.Sprintf(`"plan":%q`, plan)) }

// signsIn fails the test unless a token signs in, leaves that plan, and has that detail in
// its event.
func signsIn(t *testing.T, k *testkit.Kit, what, token, plan, detail string) {
	t.Helper()
	k.Events.Take()
	s := k.MustCustom(t, token)
	e := k.Events.TakeLast()
	if got := string(s.User.Attributes); got != fmt.Sprintf(`{"plan":%q}`, plan) || e.Detail != detail {
		t.Errorf("%s: the profile is %s, the event says %q; want %q, %q", what, got, e.Detail, plan, detail)
	}
}

// setDisabled sets the account of user 7, one time after the other.
func setDisabled(t *testing.T, k *testkit.Kit, disabled ...bool) {
	t.Helper()
	for _, d := range disabled {
		if err := k.SetDisabled(t.Context(), deskauth.ExternalUserID(testkit.ProjectA, "7"), d); err != nil {
			t.Fatal(err)
		}
	}
}

// A token without iat may be of before every token with one. So it signs in and changes
// nothing once one with iat was there, until the account is enabled.
func TestS43_UndatedTokenChangesNoProfile(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	signsIn(t, k, "undated", undated("gold"), "gold", "")
	signsIn(t, k, "undated, as long as all are", undated("silver"), "silver", "")
	k.Clock.Advance(time.Hour)
	signsIn(t, k, "the first that is dated", dated(0, "free"), "free", "")
	for range 2 {
		signsIn(t, k, "the undated one of before", undated("gold"), "free", isStale)
		signsIn(t, k, "an undated one with the same profile", undated("free"), "free", "")
		signsIn(t, k, "an older one", dated(-time.Second, "gold"), "free", isStale)
		k.Clock.Advance(400 * testkit.Day)
	}
	setDisabled(t, k, false)
	signsIn(t, k, "undated, after the account was enabled", undated("gold"), "gold", "")
	signsIn(t, k, "the next that is dated", dated(time.Hour, "free"), "free", "")
	signsIn(t, k, "undated again", undated("gold"), "free", isStale)
	k.Clock.Advance(time.Hour)
	setDisabled(t, k, true, false)
	signsIn(t, k, "undated, after a ban", undated("gold"), "gold", "")
}

// The first token of an account counts, too.
func TestS43_UndatedTokenAfterTheFirst(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	signsIn(t, k, "the first", dated(0, "free"), "free", "")
	signsIn(t, k, "undated", undated("gold"), "free", isStale)
}

// The detail of a stale profile stands behind what else there is to say.
func TestStaleProfileIsToldBesideTheNotes(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	k.MustCustom(t, dated(0, "free"))
	k.Events.Take()
	k.MustCustom(t, testkit.TokenA(`"7"`, `"firstname":1`))
	want := `"firstname" is not a text and was left out; ` + isStale
	if e := k.Events.TakeLast(); e.Detail != want {
		t.Errorf("the event says %q, want %q", e.Detail, want)
	}
}

// A sign-in while the clocks were ahead keeps no profile as it was once they are right.
func TestS45_ClockThatWasAheadFreezesNoProfile(t *testing.T) {
	t.Parallel()
	for name, next := range map[string]func(string) string{
		"dated":   func(plan string) string { return dated(time.Hour, plan) },
		"undated": undated,
	} {
		k := testkit.New(t, deskauth.Config{})
		k.MustCustom(t, dated(0, "gold"))
		k.Clock.Advance(33 * testkit.Day)
		signsIn(t, k, "while the clocks were ahead", dated(33*testkit.Day, "gold"), "gold", "")
		k.Clock.Set(testkit.Start.Add(time.Hour))
		signsIn(t, k, name, next("free"), "free", "")
		signsIn(t, k, name+", again", next("silver"), "silver", "")
		k.Clock.Set(testkit.Start.Add(34 * testkit.Day))
		signsIn(t, k, name+", a month later", next("free"), "free", "")
	}
	// The signer's clock may be ahead by the leeway. Its tokens have an order all the same.
	k := testkit.New(t, deskauth.Config{Leeway: time.Minute})
	k.MustCustom(t, dated(time.Minute, "gold"))
	signsIn(t, k, "older, and within the leeway", dated(time.Minute-time.Second, "free"), "gold", isStale)
}

// What was ended while the clock was ahead keeps nobody out for longer than until the
// account is enabled, whether it is disabled or not.
func TestS45_ClockThatWasAheadKeepsNobodyOut(t *testing.T) {
	t.Parallel()
	everywhere := func(t *testing.T, k *testkit.Kit) {
		if err := k.SignoutEverywhere(t.Context(), deskauth.ExternalUserID(testkit.ProjectA, "7")); err != nil {
			t.Fatal(err)
		}
	}
	for name, end := range map[string]func(*testing.T, *testkit.Kit){
		"signed out":           everywhere,
		"disabled":             func(t *testing.T, k *testkit.Kit) { setDisabled(t, k, true) },
		"disabled and enabled": func(t *testing.T, k *testkit.Kit) { setDisabled(t, k, true, false) },
	} {
		k := testkit.New(t, deskauth.Config{})
		k.MustCustom(t, dated(0, "gold"))
		k.Clock.Advance(33 * testkit.Day)
		end(t, k)
		k.Clock.Set(testkit.Start.Add(time.Hour))
		if _, err := k.TryCustom(t, dated(time.Hour, "gold")); err == nil {
			t.Errorf("%s: a token of before signs in", name)
		}
		setDisabled(t, k, false)
		k.Clock.Advance(time.Second)
		signsIn(t, k, name+", then enabled", dated(time.Hour+time.Second, "free"), "free", "")
	}
	// The profile's time is one of a clock that was ahead: it ends nothing.
	k := testkit.New(t, deskauth.Config{})
	k.Clock.Advance(33 * testkit.Day)
	k.MustCustom(t, dated(33*testkit.Day, "gold"))
	k.Clock.Set(testkit.Start)
	everywhere(t, k)
	k.Clock.Advance(time.Second)
	signsIn(t, k, "after a profile of a clock that was ahead", dated(time.Second, "free"), "free", "")
}

// A token that has signed in ends with the others although its signer's clock is ahead, and
// stays so.
func TestS43_TokenOfAClockAheadEnds(t *testing.T) {
	t.Parallel()
	for name, before := range map[string][]string{
		"the first":            nil,
		"a second after":       {dated(24*time.Second, "gold")},
		"of the same profile":  {dated(-time.Second, "gold"), dated(0, "gold")},
		"of another profile":   {dated(0, "free")},
		"after an undated one": {undated("gold")},
	} {
		ahead := dated(25*time.Second, "gold")
		for _, disable := range []bool{false, true} {
			k := testkit.New(t, deskauth.Config{})
			for _, token := range slices.Concat(before, []string{ahead}) {
				k.MustCustom(t, token)
			}
			if disable {
				setDisabled(t, k, true, false)
			} else if err := k.SignoutEverywhere(t.Context(), deskauth.ExternalUserID(testkit.ProjectA, "7")); err != nil {
				t.Fatal(err)
			}
			setDisabled(t, k, false)
			k.RefusedCustom(t, ahead, deskauth.ReasonSessionRevoked)
			k.Clock.Advance(26 * time.Second)
			k.RefusedCustom(t, ahead, deskauth.ReasonSessionRevoked)
			signsIn(t, k, name+", a token of later", dated(26*time.Second, "silver"), "silver", "")
		}
	}
}

// An iat may have a fraction of a millisecond.
func TestS43_TokenOfTheSameMillisecondEnds(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	k.Clock.Advance(500 * time.Microsecond)
	token := testkit.TokenA(`"7"`, fmt.Sprintf(`"iat":%d.0004`, testkit.Start.Unix()))
	id := k.MustCustom(t, token).User.ID
	if err := k.SignoutEverywhere(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	k.RefusedCustom(t, token, deskauth.ReasonSessionRevoked)
}
