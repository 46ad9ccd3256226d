package pgxstore_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/pgxstore"
	"github.com/jackc/pgx/v5"
)

// locked holds a lock on an account's row while f runs.
func locked(t *testing.T, url, id string, f func()) {
	t.Helper()
	other := open(t, url)
	err := pgx.BeginFunc(t.Context(), other, func(tx pgx.Tx) error {
		if _, err := tx.Exec(t.Context(), "SELECT FROM deskauth_accounts WHERE id = $1 FOR UPDATE", id); err != nil {
			return err
		}
		f()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A statement that waits is interrupted by the context and by statement_timeout, and is
// none of the answers that blame the caller.
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
			if err == nil || !strings.Contains(err.Error(), "statement timeout") || blames(err) {
				t.Errorf("%s: with statement_timeout: %v, want an error that says so", mode, err)
			}
			if got, err := store.UserByID(t.Context(), a.ID); err != nil || got.FirstName != a.FirstName || got.Version != 0 {
				t.Errorf("%s: the account is %+v, %v; want it as it was", mode, got, err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
			defer cancel()
			if err := store.UpdateUser(ctx, changed); !errors.Is(err, context.DeadlineExceeded) || blames(err) {
				t.Errorf("%s: with a deadline: %v, want it", mode, err)
			}
		})
		if _, err := store.UserByID(t.Context(), a.ID); err != nil {
			t.Errorf("%s: the store afterwards: %v", mode, err)
		}
	}
}

func blames(err error) bool {
	return errors.Is(err, deskauth.ErrConflict) || errors.Is(err, deskauth.ErrUserNotFound) || errors.Is(err, deskauth.ErrUserExists)
}

// A pool whose connections are all taken is waited for, as long as the context lets.
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
	if err := store.CreateUser(ctx, guest("late")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the deadline", err)
	}
}

// TestS22_NothingPrintsASecret prints the store and its errors.
func TestS22_NothingPrintsASecret(t *testing.T) {
	t.Parallel()
	store, _ := newStore(t)
	a := guest("holder")
	a.PasswordHash = "$argon2id$v=19$m=19456,t=2,p=1$c2VjcmV0$c2VjcmV0aGFzaA"
	if err := store.CreateUser(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	taken := store.CreateUser(t.Context(), a)
	bad := a
	bad.PasswordHash += "\x00"
	refused := store.CreateUser(t.Context(), bad)
	bad.PasswordHash, bad.Attributes = a.PasswordHash, []byte(`{"broken"`)
	failed := store.UpdateUser(t.Context(), bad)
	if taken == nil || refused == nil || failed == nil {
		t.Fatalf("got the errors %v, %v, %v; want three", taken, refused, failed)
	}
	holder := struct{ Users deskauth.UserStore }{store}
	for _, v := range []any{store, holder, &holder, taken, refused, failed} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
			if out := fmt.Sprintf(verb, v); strings.Contains(out, "c2VjcmV0") || strings.Contains(out, fmt.Sprintf("%x", "c2VjcmV0")) || strings.Contains(out, "127.0.0.1") {
				t.Errorf("%s of %T prints %s", verb, v, out)
			}
		}
	}
}

// An update that loses every race is a conflict in the end. The trigger takes each away.
func TestUpdateThatAlwaysLoses(t *testing.T) {
	t.Parallel()
	store, pool := newStore(t)
	a := guest("fought-for")
	if err := store.CreateUser(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	run(t, pool, `CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
		CREATE TRIGGER lose BEFORE UPDATE ON deskauth_accounts FOR EACH ROW EXECUTE FUNCTION lose()`)
	if err := store.UpdateUser(t.Context(), a); !errors.Is(err, deskauth.ErrConflict) {
		t.Errorf("got %v, want ErrConflict", err)
	}
}

// Migrate waits for another process as long as its context allows, whatever the role's
// timeouts are.
func TestMigrateWaits(t *testing.T) {
	t.Parallel()
	url := withSchema(t)
	pool, other := open(t, withParams(t, url, "statement_timeout=50", "lock_timeout=50")), open(t, url)
	tx, err := other.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), "SELECT pg_advisory_xact_lock($1)", int64(0x6465736b61757468)); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := pgxstore.Migrate(ctx, pool); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Migrate while another one migrates: got %v, want the context's error", err)
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := pgxstore.Migrate(t.Context(), pool); err != nil {
		t.Errorf("Migrate after that: %v", err)
	}
}

// Times are kept to the microsecond, in UTC.
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
		if err != nil || got.CreatedAt != a.CreatedAt.UTC() || got.UpdatedAt != a.UpdatedAt.UTC() || got.LastActiveAt != a.LastActiveAt.UTC() {
			t.Errorf("%s: got %v, %v, %v, %v; want them to the microsecond in UTC", mode, got.CreatedAt, got.UpdatedAt, got.LastActiveAt, err)
		}
	}
}
