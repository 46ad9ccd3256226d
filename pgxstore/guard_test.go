package pgxstore_test

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/jackc/pgx/v5"
)

// Another session locks the whole table. Every caller is answered within its deadline, the
// server is left with no statement, and nothing is written afterwards.
func TestS40_LockedTable(t *testing.T) {
	t.Parallel()
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, "default_query_exec_mode="+mode)
			err := pgx.BeginFunc(t.Context(), r.admin, func(tx pgx.Tx) error {
				if _, err := tx.Exec(t.Context(), "LOCK TABLE deskauth_accounts"); err != nil {
					return err
				}
				r.everybodyIsAnswered(t, 3)
				eventually(t, "no statement is left", func() bool { return r.sessions(t, true) == 0 })
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if n := r.accounts(t); n != 0 {
				t.Errorf("%d accounts were made, want none: every caller got an error", n)
			}
			r.worksAgain(t)
		})
	}
}

// mostLate is how many answers of the server in a row a busy machine may bring too late.
const mostLate = 5

// The server itself ends a write that waits, so that its connection stays good.
func TestS40_ServerEndsTheStatement(t *testing.T) {
	t.Parallel()
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, "default_query_exec_mode="+mode)
			opened := r.proxy.Opened()
			locked(t, r.admin.Config().ConnString(), "stored", func() {
				stored := guest("stored")
				stored.Version = 1
				for late := 0; ; late++ {
					err := within(t, soon, func(ctx context.Context) error { return r.store.UpdateUser(ctx, stored) })
					if errors.Is(err, context.DeadlineExceeded) && strings.Contains(err.Error(), "statement timeout") {
						break
					}
					if !errors.Is(err, context.DeadlineExceeded) || late == mostLate {
						t.Fatalf("UpdateUser of a locked account: got the error %v, want that of statement_timeout", err)
					}
					opened++ // a busy machine brings the server's answer too late, and the connection is lost
				}
			})
			if n := r.proxy.Opened() - opened; n > 0 {
				t.Errorf("the server got %d connections more, want none", n)
			}
		})
	}
}

// What reaches the server after its caller was told that it failed, does nothing.
func TestS40_NothingIsWrittenLate(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		late time.Duration // by what the store takes the server's clock for
		made bool
	}{
		"late":      {-time.Hour, false},
		"just late": {-soon - 500*time.Millisecond, false},
		"in time":   {time.Hour, true}, // shows that statements arrive
	} {
		for _, mode := range modes {
			if mode == "describe_exec" { // it asks first, and gets no answer
				continue
			}
			t.Run(name+"/"+mode, func(t *testing.T) {
				t.Parallel()
				r := newRig(t, "default_query_exec_mode="+mode)
				r.store.SetAhead(c.late)
				r.proxy.Hold()
				var wg sync.WaitGroup
				for range 3 {
					wg.Go(func() {
						if err := within(t, soon, r.calls()["CreateUser"]); !errors.Is(err, context.DeadlineExceeded) {
							t.Errorf("CreateUser: got the error %v, want one that wraps %v", err, context.DeadlineExceeded)
						}
					})
				}
				wg.Wait()
				r.proxy.Resume()
				r.pool.Close()
				eventually(t, "the server has done all", func() bool { return r.sessions(t, false) == 0 })
				if n := r.accounts(t); (n > 0) != c.made {
					t.Errorf("%d accounts were made, want some: %t", n, c.made)
				}
			})
		}
	}
}

// A statement that reaches the server when half of its time is over gets no more than the
// rest.
func TestS40_ArrivesWithLittleTimeLeft(t *testing.T) {
	t.Parallel()
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, "default_query_exec_mode="+mode)
			locked(t, r.admin.Config().ConnString(), "stored", func() {
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				defer cancel()
				stored := guest("stored")
				stored.Version = 1
				r.store.SetAhead(time.Second - patience) // as if it came with a second left
				err := r.store.UpdateUser(ctx, stored)
				if err == nil || !strings.Contains(err.Error(), "statement timeout") || ctx.Err() != nil {
					t.Errorf("UpdateUser of a locked account: got the error %v and of the context %v; "+
						"want that of statement_timeout, and nil", err, ctx.Err())
				}
			})
		})
	}
}

// statement_timeout has an end, at 24.8 days, and deadlines have none.
func TestGuardWithAFarDeadline(t *testing.T) {
	t.Parallel()
	for _, mode := range modes {
		store, _ := newStore(t, "default_query_exec_mode="+mode)
		for _, days := range []time.Duration{24, 25, 26, 400, 100_000} {
			ctx, cancel := context.WithTimeout(t.Context(), days*24*time.Hour)
			if err := store.CreateUser(ctx, guest(rand.Text())); err != nil {
				t.Errorf("%s: CreateUser with a deadline in %d days: got the error %v, want nil", mode, days, err)
			}
			cancel()
		}
	}
}

// A clock that is not what the store takes it for costs a second round trip, once.
func TestGuardWithAWrongClock(t *testing.T) {
	t.Parallel()
	for _, mode := range modes {
		for _, ahead := range []time.Duration{-time.Hour, time.Hour} {
			t.Run(mode+" "+ahead.String(), func(t *testing.T) {
				t.Parallel()
				r := newRig(t, "default_query_exec_mode="+mode)
				r.store.SetAhead(ahead)
				for name, call := range r.calls() {
					if err := within(t, patience, call); err != nil {
						t.Errorf("%s: got the error %v, want nil", name, err)
					}
				}
				if got := r.store.Ahead().Abs(); got > time.Minute {
					t.Errorf("the store still takes the server's clock to be %v off", got)
				}
			})
		}
	}
}

// A write that waits for a lock teaches the store nothing about the server's clock: the
// answer of its guard comes late.
func TestGuardOfAWriteThatWaits(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	before := r.store.Ahead()
	locked(t, r.admin.Config().ConnString(), "stored", func() {
		stored := guest("stored")
		stored.Version = 1
		err := within(t, soon, func(ctx context.Context) error { return r.store.UpdateUser(ctx, stored) })
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("UpdateUser of a locked account: got the error %v, want one that wraps %v",
				err, context.DeadlineExceeded)
		}
	})
	if after := r.store.Ahead(); after < before {
		t.Errorf("the store takes the server's clock to be %v ahead, and before the wait it was %v", after, before)
	}
}

// The guard counts for its statement alone. A shorter statement_timeout of the host's
// stands.
func TestGuardLeavesTheHostsTimeout(t *testing.T) {
	t.Parallel()
	for _, mode := range modes {
		for _, timeout := range []string{"0", "250ms", "3min", "1d"} {
			t.Run(mode+"/"+timeout, func(t *testing.T) {
				t.Parallel()
				r := newRig(t, "default_query_exec_mode="+mode, "statement_timeout="+timeout)
				locked(t, r.admin.Config().ConnString(), "stored", func() {
					stored := guest("stored")
					stored.Version = 1
					deadline := soon
					if timeout == "250ms" {
						deadline = later // far enough from it on a busy machine, too
					}
					err := within(t, deadline, func(ctx context.Context) error { return r.store.UpdateUser(ctx, stored) })
					if err == nil || isAnswer(err) || errors.Is(err, context.DeadlineExceeded) == (timeout == "250ms") {
						t.Errorf("UpdateUser: got the error %v; want it to say that the deadline passed only if "+
							"the host's timeout is longer", err)
					}
				})
				for range 2 * r.pool.Config().MaxConns {
					if got := shown(t, r.pool, "statement_timeout"); got != timeout {
						t.Errorf("statement_timeout is %s, want %s as before", got, timeout)
					}
				}
			})
		}
	}
}

// A commit that fails fails the call, although its statement has succeeded. No account is
// counted then.
func TestCommitFails(t *testing.T) {
	t.Parallel()
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, "default_query_exec_mode="+mode)
			run(t, r.admin, `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
					RAISE EXCEPTION 'not today';
				END $$;
				CREATE CONSTRAINT TRIGGER refuse AFTER INSERT OR UPDATE OR DELETE ON deskauth_accounts
					DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()`)
			stored := guest("stored")
			stored.Version = 1
			for name, call := range map[string]func(context.Context) (counted int, err error){
				"CreateUser": func(ctx context.Context) (int, error) {
					return 0, r.store.CreateUser(ctx, guest("new"))
				},
				"UpdateUser": func(ctx context.Context) (int, error) { return 0, r.store.UpdateUser(ctx, stored) },
				"DeleteUser": func(ctx context.Context) (int, error) { return 0, r.store.DeleteUser(ctx, "stored") },
				"ImportUsers": func(ctx context.Context) (int, error) {
					result, err := r.store.ImportUsers(ctx, []deskauth.Account{guest("new")}, nil)
					return result.Created, err
				},
				"PurgeIdle": func(ctx context.Context) (int, error) {
					return r.store.PurgeIdle(ctx, deskauth.KindGuest, time.Now(), 10)
				},
			} {
				for _, guarded := range []bool{true, false} {
					ctx, cancel := context.WithCancel(t.Context())
					if guarded {
						ctx, cancel = context.WithTimeout(ctx, patience)
					}
					n, err := call(ctx)
					cancel()
					if n != 0 || err == nil || isAnswer(err) || !strings.Contains(err.Error(), "not today") {
						t.Errorf("%s, guarded %t: got %d and the error %v, want 0 and that of the commit",
							name, guarded, n, err)
					}
				}
			}
			if n := ask(t, r.admin, "SELECT count(*) FROM deskauth_accounts"); n != 1 {
				t.Errorf("there are %d accounts, want the one that was there", n)
			}
		})
	}
}
