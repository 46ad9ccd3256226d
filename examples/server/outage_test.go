package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/deskauth/deskauth/storetest/pgtest"
	"github.com/jackc/pgx/v5"
)

// TestDurability_Outages breaks the database under a running server: its connections end,
// and the database server stops and crashes.
func TestDurability_Outages(t *testing.T) {
	t.Parallel()
	database := pgtest.Start(t)
	kept := keptInPostgres(t, strings.Replace(database.URL(), "postgres@", "postgres:canary@", 1))
	p := durable(t, kept.flag)
	c := newCrowd(p, "crowd")
	agent, guest := &person{name: "agent", agent: true}, &person{name: "guest"}
	c.add(agent)
	c.add(guest)
	c.gather()
	c.returns(http.MethodGet, "/me", "", guest.token)
	c.returns(http.MethodPost, "/signinWithCustomToken", "", guest.token)
	c.returns(http.MethodPost, "/signin", agent.signin(), "")
	awaitMore := func(people int64) {
		t.Helper()
		answered, returned := c.answered.Load()+people, c.returned.Load()+people
		c.await(t, "the server recovers", func() bool {
			return c.answered.Load() >= answered && c.returned.Load() >= returned
		})
	}
	awaitMore(20)
	for range 3 {
		endConnections(t, kept.flag)
		awaitMore(20)
	}
	for name, stop := range map[string]func() error{"stopped": database.Stop, "crashed": database.Crash} {
		if err := stop(); err != nil {
			t.Fatal(err)
		}
		refused := c.refused.Load()
		checkFailures(t, p, name, agent, guest)
		c.await(t, "the crowd meets a database that is "+name, func() bool { return c.refused.Load() > refused })
		if err := database.Start(); err != nil {
			t.Fatal(err)
		}
		awaitMore(20)
	}
	everybody := c.disperse()
	kept.look(t, func(store storeUnderTest) {
		var sum tally
		found := checkAccounts(t, store, everybody)
		sum.add(everybody, found)
		checkPeople(t, p, everybody, found)
		t.Logf("%v; %d answers of 500 or 503, %d times a known person came back",
			sum, c.refused.Load(), c.returned.Load())
	})
	if logs := p.logs.String() + strings.Join(p.printed, "\n"); strings.Contains(logs, "canary") {
		t.Errorf("S22 the server prints the password of its database:\n%s", hidden(logs))
	}
}

// checkFailures wants a failure from every call while the database is away, and never an
// answer that blames the caller.
func checkFailures(t *testing.T, p *process, database string, agent, guest *person) {
	t.Helper()
	unknown := &person{name: "nobody"}
	for what, got := range map[string]answer{
		"/me of a guest":                p.ask(http.MethodGet, "/me", "", "Authorization: "+guest.token),
		"the return of a guest":         p.ask(http.MethodPost, "/signinWithCustomToken", "", "Authorization: "+guest.token),
		"the sign-in of an agent":       p.post("/signin", agent.signin()),
		"the sign-in of an unknown one": p.post("/signin", unknown.signin()),
	} {
		if got.status != http.StatusInternalServerError && got.status != http.StatusServiceUnavailable {
			t.Errorf("S23 %s while the database is %s: got %v, want 500 or 503", what, database, got)
		}
	}
}

// endConnections ends the server's connections, as an administrator can.
func endConnections(t *testing.T, url string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	var ended int
	err = conn.QueryRow(t.Context(), `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
		WHERE application_name = current_setting('application_name') AND pid <> pg_backend_pid()`).Scan(&ended)
	if err != nil || ended == 0 {
		t.Fatalf("%d connections ended, %v; want some", ended, err)
	}
}
