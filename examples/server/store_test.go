package main

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
)

// TestStoreLasts restarts the server, and wants the accounts and their sessions to be
// there. Sessions that end in the store end in the server.
func TestStoreLasts(t *testing.T) {
	t.Parallel()
	for name, open := range keptStores {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kept := open(t)
			args := []string{"-session-secret", sessionSecret, "-project", "demo=" + projectSecret}
			p := start(t, append(args, "-store", kept.flag)...)
			if want := "accounts are kept in " + kept.where; !slices.Contains(p.printed, want) {
				t.Errorf("it prints %q, want a line %q", p.printed, want)
			}
			tokens := p.tokens()
			p.stop()
			if path, ok := strings.CutPrefix(kept.flag, "sqlite:"); ok {
				if files := filesBeside(t, path); len(files) != 1 {
					t.Errorf("the server ends and leaves the files %q, want the database alone", files)
				}
			}

			p = start(t, append(args, "DESKAUTH_STORE="+kept.flag)...)
			ids := make(map[string]string)
			for kind, token := range tokens {
				who, got := p.me(token)
				ids[kind], _ = who["userID"].(string)
				if who["kind"] != kind || ids[kind] == "" {
					t.Errorf("/me of a %s after a restart: got %v", kind, got)
				}
			}
			p.post("/signin", adaSignin).token(t)
			if got := p.post("/signup", ada); got.status != http.StatusForbidden {
				t.Errorf("a second sign-up after a restart: got %v, want 403", got)
			}
			kept.look(t, func(store storeUnderTest) {
				user, err := store.UserByID(t.Context(), ids["user"])
				if err != nil {
					t.Fatal(err)
				}
				user.SessionEpoch++
				if err := store.UpdateUser(t.Context(), user); err != nil {
					t.Fatal(err)
				}
				if err := store.DeleteUser(t.Context(), ids["guest"]); err != nil {
					t.Fatal(err)
				}
			})
			for kind, want := range map[string]int{"user": 401, "guest": 401, "userexternal": 200} {
				if _, got := p.me(tokens[kind]); got.status != want {
					t.Errorf(
						"S31 /me of a %s after the user's sessions ended and the guest was "+
							"deleted: got %v, want %d",
						kind, got, want)
				}
			}
		})
	}
}

func TestStoreInMemory(t *testing.T) {
	t.Parallel()
	const want = "accounts are kept in memory: a restart forgets all accounts"
	if p := start(t, "-store", "memory"); !slices.Contains(p.printed, want) {
		t.Errorf("it prints %q, want a line %q", p.printed, want)
	}
}

// filesBeside returns the files in the directory of the database.
func filesBeside(t *testing.T, path string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// TestPurgeGuestsByAWrongClock starts the server on a store whose last guest was there 33
// days ago, as all of them were to a clock that is ahead. It deletes them only if it is
// told so.
func TestPurgeGuestsByAWrongClock(t *testing.T) {
	t.Parallel()
	for name, open := range keptStores {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kept := open(t)
			kept.look(t, func(store storeUnderTest) {
				at := time.Now().AddDate(0, 0, -33).UTC().Truncate(time.Millisecond)
				u := deskauth.User{ID: "guest", Kind: deskauth.KindGuest, ProjectID: "demo", CreatedAt: at, UpdatedAt: at}
				if err := store.CreateUser(t.Context(), deskauth.Account{User: u, LastActiveAt: at}); err != nil {
					t.Fatal(err)
				}
			})
			for _, c := range []struct {
				flags  []string
				logged string
				left   int
			}{
				{nil, "every account is idle: the last activity of a guest was at ", 1},
				{[]string{"-purge-even-all"}, `msg="idle guests deleted" guests=1 `, 0},
			} {
				flags := []string{"-store", kept.flag, "-project", "demo=", "-purge-guests", "768h"}
				p := start(t, append(flags, c.flags...)...)
				for since := time.Now(); !strings.Contains(p.logs.String(), c.logged); time.Sleep(time.Millisecond) {
					if time.Since(since) > patience {
						t.Fatalf("%q is not in the log\n%s", c.logged, p.logs)
					}
				}
				p.stop()
				kept.look(t, func(store storeUnderTest) {
					accounts, err := store.ListUsers(t.Context(), "", 10)
					if err != nil || len(accounts) != c.left {
						t.Errorf("with %q: got %d guests left and the error %v, want %d", c.flags, len(accounts), err, c.left)
					}
				})
			}
		})
	}
}

// TestPurgeGuests starts the server on a store with a guest who has been idle for 33 days,
// counted from the guest who came last.
func TestPurgeGuests(t *testing.T) {
	t.Parallel()
	for name, open := range keptStores {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kept := open(t)
			days := func(n int) time.Time { return time.Now().AddDate(0, 0, -n).UTC().Truncate(time.Millisecond) }
			guest := func(id string, made, active int) deskauth.Account {
				u := deskauth.User{ID: id, Kind: deskauth.KindGuest, ProjectID: "demo", CreatedAt: days(made)}
				u.UpdatedAt = u.CreatedAt
				return deskauth.Account{User: u, LastActiveAt: days(active)}
			}
			agent := guest("an old agent", 400, 400)
			agent.Kind, agent.LastActiveAt = deskauth.KindUser, time.Time{}
			kept.look(t, func(store storeUnderTest) {
				for _, a := range []deskauth.Account{
					guest("idle for 33 days", 35, 35), guest("idle for 31 days", 33, 33),
					guest("old, and back 2 days ago", 90, 2), agent,
				} {
					if err := store.CreateUser(t.Context(), a); err != nil {
						t.Fatal(err)
					}
				}
			})
			idsLeft := func() (ids []string) {
				kept.look(t, func(store storeUnderTest) {
					accounts, err := store.ListUsers(t.Context(), "", 10)
					if err != nil {
						t.Fatal(err)
					}
					for _, a := range accounts {
						ids = append(ids, a.ID)
					}
				})
				return ids
			}
			start(t, "-store", kept.flag, "-project", "demo=").stop()
			if ids := idsLeft(); len(ids) != 4 {
				t.Errorf("without -purge-guests, %q are left, want all four", ids)
			}
			p := start(t, "-store", kept.flag, "-project", "demo=", "-purge-guests", "768h")
			const logged = `msg="idle guests deleted" guests=1 idle=768h0m0s`
			for since := time.Now(); !strings.Contains(p.logs.String(), logged); time.Sleep(time.Millisecond) {
				if time.Since(since) > patience {
					t.Fatalf("%q is not in the log\n%s", logged, p.logs)
				}
			}
			p.stop()
			want := []string{"an old agent", "idle for 31 days", "old, and back 2 days ago"}
			if ids := idsLeft(); !slices.Equal(ids, want) {
				t.Errorf("%q are left, want %q", ids, want)
			}
		})
	}
}

// What is not a URL of PostgreSQL may have a password anywhere.
func TestS22_AStoreThatIsNoneIsNotQuoted(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"postgre://app:canary@db.example/accounts", "postgres:/app:canary@db.example/accounts",
		"postgres:app:canary@db.example/accounts", "//app:canary@db.example/accounts",
		"app:canary@db.example/accounts", "nosuch://app:canary@db.example/accounts",
		"password=canary host=db.example", "postgres://app:can/canary@db.example/accounts",
	} {
		if err := checkStore(name); err == nil || strings.Contains(err.Error(), "canary") {
			t.Errorf("-store %s: got the error %v, want one without the password", name, err)
		}
	}
}
