package pgxstore_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/jackc/pgx/v5"
)

// locked calls f while another connection holds a lock on the account's row.
func locked(t *testing.T, url, id string, f func()) {
	t.Helper()
	other := open(t, url)
	err := pgx.BeginFunc(t.Context(), other, func(tx pgx.Tx) error {
		const lock = "SELECT FROM deskauth_accounts WHERE id = $1 FOR UPDATE"
		if _, err := tx.Exec(t.Context(), lock, id); err != nil {
			return err
		}
		f()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// The context and statement_timeout interrupt a statement that waits. That is a failure,
// and no answer about accounts.
func TestTimeouts(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"cache_statement", "exec"} {
		store, pool := newStore(t, "default_query_exec_mode="+mode, "statement_timeout=100")
		a := guest("waited-for")
		if err := store.CreateUser(t.Context(), a); err != nil {
			t.Fatal(err)
		}
		changed := a
		changed.FirstName = "Changed"
		locked(t, pool.Config().ConnString(), a.ID, func() {
			err := store.UpdateUser(t.Context(), changed)
			if err == nil || !strings.Contains(err.Error(), "statement timeout") || isAnswer(err) {
				t.Errorf("%s: UpdateUser: got the error %v, want that of statement_timeout", mode, err)
			}
			got, err := store.UserByID(t.Context(), a.ID)
			if err != nil || got.FirstName != a.FirstName || got.Version != 0 {
				t.Errorf("%s: the account is %+v, %v; want it as it was", mode, got, err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
			defer cancel()
			err = store.UpdateUser(ctx, changed)
			if want := context.DeadlineExceeded; !errors.Is(err, want) || isAnswer(err) {
				t.Errorf("%s: UpdateUser with a deadline: got the error %v, want %v", mode, err, want)
			}
		})
		if _, err := store.UserByID(t.Context(), a.ID); err != nil {
			t.Errorf("%s: the store afterwards: %v", mode, err)
		}
	}
}

// A call waits for a connection of the pool until its context ends.
func TestExhaustedPool(t *testing.T) {
	t.Parallel()
	store, pool := newStore(t)
	for range pool.Config().MaxConns {
		conn, err := pool.Acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Release()
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	err := store.CreateUser(ctx, guest("late"))
	if want := context.DeadlineExceeded; !errors.Is(err, want) {
		t.Errorf("CreateUser without a connection: got the error %v, want %v", err, want)
	}
}

// An update that loses every race is a conflict in the end. Here a trigger undoes each try.
func TestUpdateThatAlwaysLoses(t *testing.T) {
	t.Parallel()
	store, pool := newStore(t)
	a := guest("fought-for")
	if err := store.CreateUser(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	run(t, pool, `CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
			RETURN NULL;
		END $$;
		CREATE TRIGGER lose BEFORE UPDATE ON deskauth_accounts
			FOR EACH ROW EXECUTE FUNCTION lose()`)
	if err := store.UpdateUser(t.Context(), a); !errors.Is(err, deskauth.ErrConflict) {
		t.Errorf("got %v, want ErrConflict", err)
	}
}
