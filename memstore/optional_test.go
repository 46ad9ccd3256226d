package memstore_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
)

// A purge looks for idle guests and then deletes those who are still idle. If some returned
// in between, it looks again, until it has deleted as many as it may.
func TestPurgeIdle_FullWhileGuestsReturn(t *testing.T) {
	t.Parallel()
	const staying, returning, limit = 400, 400, 20
	left := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for range 20 {
		store := memstore.New()
		guests := make([]deskauth.Account, staying+returning)
		for i := range guests {
			guests[i] = deskauth.Account{User: deskauth.User{
				ID: fmt.Sprint(i), Kind: deskauth.KindGuest, CreatedAt: left, UpdatedAt: left,
			}, LastActiveAt: left}
			if err := store.CreateUser(t.Context(), guests[i]); err != nil {
				t.Fatal(err)
			}
		}
		var returns sync.WaitGroup
		for from := range 4 {
			returns.Go(func() {
				for i := from; i < returning; i += 4 {
					guests[i].LastActiveAt = left.Add(time.Hour)
					store.UpdateUser(t.Context(), guests[i]) // fails if it was purged
				}
			})
		}
		for range staying / limit {
			n, err := store.PurgeIdle(t.Context(), deskauth.KindGuest, left.Add(time.Minute), limit)
			if err != nil || n != limit {
				t.Errorf("PurgeIdle while some guests return: got %d and the error %v, want %d", n, err, limit)
			}
		}
		returns.Wait()
		if t.Failed() {
			return
		}
	}
}
