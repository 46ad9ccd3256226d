package pgxstore_test

import (
	"fmt"
	"slices"
	"testing"
)

// The server has ended all sessions, as before a restart. No look-up fails for that.
func TestLookUpsOnEndedSessions(t *testing.T) {
	t.Parallel()
	f := newFailover(t)
	if err := f.store.CreateUser(t.Context(), guest("stored")); err != nil {
		t.Fatal(err)
	}
	openAll(t, f.pool)
	if err := f.disconnect(); err != nil {
		t.Fatal(err)
	}
	r := &rig{store: f.store}
	for _, name := range []string{"UserByID", "UserByEmail", "ListUsers"} {
		if err := r.calls()[name](t.Context()); err != nil {
			t.Errorf("%s when all sessions were ended: got the error %v, want nil", name, err)
		}
	}
}

// A connection breaks in the middle of an answer. The list from the next connection is
// whole, and has nothing twice.
func TestListUsers_BrokenOff(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	want := []string{"stored"}
	for i := range 20 {
		want = append(want, fmt.Sprintf("user-%02d", i))
		if err := r.store.CreateUser(t.Context(), guest(want[len(want)-1])); err != nil {
			t.Fatal(err)
		}
	}
	r.proxy.Cut(2000) // some of the accounts
	done := make(chan struct{})
	go func() {
		defer close(done)
		page, err := r.store.ListUsers(t.Context(), "", 100)
		var got []string
		for _, a := range page {
			got = append(got, a.ID)
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("ListUsers = %q, %v; want %q", got, err, want)
		}
	}()
	eventually(t, "the answer stops", func() bool { return r.proxy.Frozen() == 1 })
	r.proxy.Break()
	<-done
}

// The server ends sessions that are idle. A write on one of them was never begun, and is
// made on another.
func TestWriteOnAnIdleSessionThatEnded(t *testing.T) {
	t.Parallel()
	f := newFailover(t, "idle_session_timeout=400")
	for i := range 5 {
		openAll(t, f.pool)
		eventually(t, "the sessions end", func() bool {
			return ask(t, f.admin, "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1", f.name) == 0
		})
		if err := f.store.CreateUser(t.Context(), guest(fmt.Sprint("late-", i))); err != nil {
			t.Errorf("CreateUser on a session that has ended: got the error %v, want nil", err)
		}
	}
}
