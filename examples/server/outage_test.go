package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/deskauth/deskauth/storetest/pgtest"
	"github.com/jackc/pgx/v5"
)

// TestDurability_Outages breaks the database under a server that goes on running: its
// connections end, its server stops, and crashes.
func TestDurability_Outages(t *testing.T) {
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
	more := func(people int64) {
		t.Helper()
		answered, returned := c.answered.Load()+people, c.returned.Load()+people
		c.await(t, "the server recovers", func() bool { return c.answered.Load() >= answered && c.returned.Load() >= returned })
	}
	more(50)
	for range 5 {
		endConnections(t, kept.flag)
		more(20)
	}
	for name, stop := range map[string]func() error{"stopped": database.Stop, "crashed": database.Crash} {
		if err := stop(); err != nil {
			t.Fatal(err)
		}
		refused := c.refused.Load()
		for what, got := range map[string]answer{
			"a guest asks who it is":   p.ask(http.MethodGet, "/me", "", "Authorization: "+guest.token),
			"a guest comes back":       p.ask(http.MethodPost, "/signinWithCustomToken", "", "Authorization: "+guest.token),
			"an agent signs in":        p.post("/signin", agent.signin()),
			"somebody unknown does so": p.post("/signin", (&person{name: "nobody"}).signin()),
		} {
			if got.status != http.StatusInternalServerError && got.status != http.StatusServiceUnavailable {
				t.Errorf("S23 %s while the database is %s: %v, want 500 or 503", what, name, got)
			}
		}
		c.await(t, "somebody in the crowd notices that the database is "+name, func() bool { return c.refused.Load() > refused })
		if err := database.Start(); err != nil {
			t.Fatal(err)
		}
		more(50)
	}
	everybody := c.disperse()
	kept.look(t, func(store storeUnderTest) {
		var sum tally
		found := checkAccounts(t, store, everybody)
		sum.add(everybody, found)
		checkPeople(t, p, everybody, found)
		t.Logf("%v; %d answers of 500 or 503, %d people came back", sum, c.refused.Load(), c.returned.Load())
	})
	if logs := p.logs.String() + strings.Join(p.printed, "\n"); strings.Contains(logs, "canary") {
		t.Errorf("S22 the password of the database is in what the server says:\n%s", logs)
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
	if err := conn.QueryRow(t.Context(), `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
		WHERE application_name = current_setting('application_name') AND pid <> pg_backend_pid()`).Scan(&ended); err != nil || ended == 0 {
		t.Fatalf("%d connections ended, %v; want some", ended, err)
	}
}
