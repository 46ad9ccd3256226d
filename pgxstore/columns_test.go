package pgxstore_test

import (
	"testing"
	"time"
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
