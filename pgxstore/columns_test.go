package pgxstore_test

import (
	"math"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
)

// Times come back as they were stored, to the microsecond, in UTC.
func TestTimesToTheMicrosecond(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"cache_statement", "exec", "simple_protocol"} {
		store, _ := newStore(t, "default_query_exec_mode="+mode, "timezone=Asia/Kathmandu")
		a := guest("timed")
		a.CreatedAt = time.Date(2026, 7, 8, 9, 10, 11, 123456e3, time.FixedZone("", 3600))
		a.UpdatedAt, a.LastActiveAt = a.CreatedAt.Add(time.Microsecond), a.CreatedAt.Add(2*time.Microsecond)
		if err := store.CreateUser(t.Context(), a); err != nil {
			t.Fatal(err)
		}
		got, err := store.UserByID(t.Context(), a.ID)
		if err != nil {
			t.Fatal(err)
		}
		for name, times := range map[string][2]time.Time{
			"CreatedAt":    {got.CreatedAt, a.CreatedAt},
			"UpdatedAt":    {got.UpdatedAt, a.UpdatedAt},
			"LastActiveAt": {got.LastActiveAt, a.LastActiveAt},
		} {
			if times[0] != times[1].UTC() {
				t.Errorf("%s, %s: got %v, want %v", mode, name, times[0], times[1].UTC())
			}
		}
	}
}

// A time that the column cannot hold is refused. It would come back as another one.
func TestTimesOutOfRange(t *testing.T) {
	t.Parallel()
	for _, mode := range modes {
		store, _ := newStore(t, "default_query_exec_mode="+mode)
		for name, c := range map[string]struct {
			at     time.Time
			stored bool
		}{
			"the first":       {time.Date(-4711, 1, 1, 0, 0, 0, 0, time.UTC), true},
			"before it":       {time.Date(-4711, 1, 1, 0, 0, 0, -1, time.UTC), false},
			"the last":        {time.Date(294276, 1, 1, 0, 0, 0, -1000, time.UTC), true},
			"after it":        {time.Date(294276, 1, 1, 0, 0, 0, 0, time.UTC), false},
			"far ahead":       {time.Unix(1<<60, 0), false},
			"as far as it is": {time.Unix(math.MaxInt64, 0), false},
			"long ago":        {time.Unix(-(1 << 60), 0), false},
		} {
			for _, field := range []string{"CreatedAt", "UpdatedAt", "LastActiveAt"} {
				a := guest(name + field)
				at := map[string]*time.Time{
					"CreatedAt": &a.CreatedAt, "UpdatedAt": &a.UpdatedAt, "LastActiveAt": &a.LastActiveAt,
				}[field]
				*at = c.at
				err := store.CreateUser(t.Context(), a)
				if (err == nil) != c.stored || isAnswer(err) {
					t.Errorf("%s: CreateUser with %s %s: got the error %v, want one: %t",
						mode, field, name, err, !c.stored)
				}
				got, err := store.UserByID(t.Context(), a.ID)
				if c.stored && (err != nil || !got.CreatedAt.Equal(a.CreatedAt) ||
					!got.UpdatedAt.Equal(a.UpdatedAt) || !got.LastActiveAt.Equal(a.LastActiveAt)) {
					t.Errorf("%s: %s %s: got %+v and the error %v, want %+v", mode, field, name, got, err, a)
				}
			}
			if !c.stored {
				if n, err := store.PurgeIdle(t.Context(), deskauth.KindGuest, c.at, 10); n != 0 || err == nil {
					t.Errorf("%s: PurgeIdle since %s: got %d and the error %v, want an error", mode, name, n, err)
				}
				if _, err := store.LastActivity(t.Context(), deskauth.KindGuest, c.at); err == nil {
					t.Errorf("%s: LastActivity up to %s: got no error, want one", mode, name)
				}
			}
		}
	}
}
