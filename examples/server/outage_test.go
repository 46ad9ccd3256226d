package main

import (
	"net/http"
	"testing"
	"time"

	"github.com/deskauth/deskauth/storetest/pgtest"
	"github.com/jackc/pgx/v5"
)

// TestDurability_Outages breaks the database under a server that goes on running: its
// connections end, its server stops, and crashes.
func TestDurability_Outages(t *testing.T) {
	database := pgtest.Start(t)
	url := withSchema(t, database.URL())
	p := durable(t, url)
	agent := &person{name: "agent", agent: true}
	guest := &person{name: "guest"}
	early := gather(p, "early")
	early.add(agent)
	early.add(guest)
	c := gather(p, "crowd")
	more := func(people int64) { // waits until so many more are acknowledged
		t.Helper()
		for from, since := c.answered.Load(), time.Now(); c.answered.Load() < from+people; time.Sleep(time.Millisecond) {
			if time.Since(since) > 3*patience {
				t.Fatalf("the server does not recover\n%s", p.logs)
			}
		}
	}
	more(50)
	for range 5 {
		endConnections(t, url)
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
			"an agent signs in":        p.post("/signin", `{"email":"agent@example.com","password":"`+password+`"}`),
			"somebody unknown does so": p.post("/signin", `{"email":"nobody@example.com","password":"`+password+`"}`),
		} {
			if got.status != http.StatusInternalServerError && got.status != http.StatusServiceUnavailable {
				t.Errorf("S23 %s while the database is %s: %v, want 500 or 503", what, name, got)
			}
		}
		for since := time.Now(); c.refused.Load() == refused; time.Sleep(time.Millisecond) {
			if time.Since(since) > patience {
				t.Fatalf("nobody in the crowd notices that the database is %s", name)
			}
		}
		if err := database.Start(); err != nil {
			t.Fatal(err)
		}
		more(50)
	}
	everybody := append(early.disperse(), c.disperse()...)
	found := checkAccounts(t, pgStore(t, url), everybody)
	acknowledged := 0
	for _, who := range everybody {
		if who.acknowledged {
			acknowledged++
		}
	}
	checkPeople(t, p, everybody, found)
	t.Logf("%d people acknowledged and found, %d answers of 500 or 503", acknowledged, c.refused.Load())
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
