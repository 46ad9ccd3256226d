package main

import (
	"context"
	"crypto/rand"
	"flag"
	"fmt"
	mathrand "math/rand/v2"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/pgxstore"
	"github.com/deskauth/deskauth/sqlitestore"
	"github.com/deskauth/deskauth/storetest/pgtest"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

var durabilityRounds = flag.Int("durability.rounds", 20, "how often each store's server is killed")

// durable is how the server of these tests is started on a store.
func durable(t *testing.T, store string) *process {
	t.Helper()
	return start(t, "-store", store, "-project", "demo=", "-session-secret", sessionSecret, "-no-limits", "-log", "json")
}

// TestDurability kills the server with SIGKILL at random moments while people sign up from
// 8 connections, and looks for everybody who was acknowledged.
func TestDurability(t *testing.T) {
	for name, open := range map[string]func(t *testing.T) (name string, store deskauth.UserLister){
		"sqlite": func(t *testing.T) (string, deskauth.UserLister) {
			path := filepath.Join(t.TempDir(), "accounts.db")
			store, err := sqlitestore.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { store.Close() })
			return "sqlite:" + path, store
		},
		"postgres": func(t *testing.T) (string, deskauth.UserLister) {
			url := withSchema(t, pgtest.URL(t))
			return url, pgStore(t, url)
		},
	} {
		t.Run(name, func(t *testing.T) {
			rounds := *durabilityRounds
			if withRaceDetector() {
				rounds = (rounds + 3) / 4
			}
			seed := uint64(time.Now().UnixNano())
			random := mathrand.New(mathrand.NewPCG(seed, 0))
			flag, store := open(t)
			var everybody []*person
			total, unanswered := 0, 0
			for round := range rounds {
				p := durable(t, flag)
				c := gather(p, fmt.Sprint("round-", round))
				for until := 10 + random.Int64N(90); c.answered.Load() < until && !t.Failed(); {
					time.Sleep(time.Millisecond)
				}
				time.Sleep(time.Duration(random.Int64N(5000)) * time.Microsecond) // the moment is random
				p.kill()
				came := c.disperse()
				everybody = append(everybody, came...)

				p = durable(t, flag)
				found := checkAccounts(t, store, everybody)
				for _, who := range came {
					if who.acknowledged {
						total++
					} else if _, ok := found[who.name]; ok {
						unanswered++
					}
				}
				checkPeople(t, p, came, found)
				p.stop()
				if t.Failed() {
					t.Fatalf("in round %d, with the seed %d", round, seed)
				}
			}
			t.Logf("%d rounds: %d people acknowledged and found, %d more stored whole whose answer was lost", rounds, total, unanswered)
		})
	}
}

// kill ends the process as a power failure does.
func (p *process) kill() {
	p.t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		p.t.Fatal(err)
	}
	<-p.ended
	p.ended = nil
}

// withSchema makes a schema that is dropped in the end, and returns the URL with it. What
// uses the URL is told by its application_name.
func withSchema(t *testing.T, base string) string {
	t.Helper()
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	schema := "deskauth_test_" + strings.ToLower(rand.Text())
	sql := func(text string) {
		conn, err := pgx.Connect(context.Background(), base)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(context.Background())
		if _, err := conn.Exec(context.Background(), text); err != nil {
			t.Fatal(err)
		}
	}
	sql("CREATE SCHEMA " + schema)
	t.Cleanup(func() { sql("DROP SCHEMA " + schema + " CASCADE") })
	query := u.Query()
	query.Set("search_path", schema)
	query.Set("application_name", schema)
	u.RawQuery = query.Encode()
	return u.String()
}

func pgStore(t *testing.T, url string) *pgxstore.Store {
	t.Helper()
	pool, err := pgxpool.New(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	if err := pgxstore.Migrate(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	return pgxstore.New(pool)
}
