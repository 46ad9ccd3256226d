package accounts_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/accounts"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// A clock that is ahead by any amount deletes no guest whom it would not delete if it were
// right.
func TestPurgeIdle_ByAClockThatIsAhead(t *testing.T) {
	t.Parallel()
	const idle, guests = 32 * testkit.Day, 40
	for _, ahead := range []time.Duration{
		0, time.Second, testkit.Day, 10 * testkit.Day, 20 * testkit.Day, 31 * testkit.Day, idle - time.Minute,
		idle + time.Hour, 33 * testkit.Day, 1000 * testkit.Day,
	} {
		store := memstore.New()
		now := time.Now()         // by the clock that is ahead, which cannot be set here
		actual := now.Add(-ahead) // so the guests live in the past
		for days := range guests {
			at := actual.Add(-time.Duration(days) * testkit.Day)
			create(t, store, deskauth.Account{
				User: deskauth.User{
					ID: fmt.Sprintf("guest-%02d", days), Kind: deskauth.KindGuest, CreatedAt: at, UpdatedAt: at,
				},
				LastActiveAt: at,
			})
		}
		got, err := accounts.PurgeIdle(t.Context(), store, deskauth.KindGuest, now.Add(-idle), 100, accounts.PurgeConfig{})
		if refused := ahead > idle; refused != errors.Is(err, accounts.ErrAllIdle) || !refused && err != nil {
			t.Errorf("%v ahead: got the error %v", ahead, err)
		}
		for days := range guests {
			_, err := store.UserByID(t.Context(), fmt.Sprintf("guest-%02d", days))
			if days <= 32 && err != nil {
				t.Errorf("%v ahead: the guest of %d days before was deleted", ahead, days)
			}
			if days > 33 && err == nil && ahead < idle {
				t.Errorf("%v ahead: the guest of %d days before was kept", ahead, days)
			}
		}
		if ahead < idle && got == 0 {
			t.Errorf("%v ahead: none was deleted", ahead)
		}
	}
}

type failingActivity struct {
	*memstore.Store
	purged bool
}

func (s *failingActivity) LastActivity(context.Context, deskauth.Kind, time.Time) (time.Time, error) {
	return time.Time{}, errFull
}

func (s *failingActivity) PurgeIdle(context.Context, deskauth.Kind, time.Time, int) (int, error) {
	s.purged = true
	return 0, nil
}
