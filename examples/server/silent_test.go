package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/deskauth/deskauth/storetest/pgtest"
	"github.com/jackc/pgx/v5"
)

// A distant is a server whose database is behind a proxy that a test silences.
type distant struct {
	*process
	proxy  *pgtest.Proxy
	direct string // the URL of the database
	name   string // of the server's sessions there
	tokens map[string]string
}

func startDistant(t *testing.T, args ...string) *distant {
	t.Helper()
	d := startEmptyDistant(t, args...)
	d.tokens = d.process.tokens()
	return d
}

// startEmptyDistant has no accounts.
func startEmptyDistant(t *testing.T, args ...string) *distant {
	t.Helper()
	d := &distant{direct: withSchema(t, pgtest.URL(t))}
	d.proxy = pgtest.StartProxy(t, d.direct)
	u, err := url.Parse(d.direct)
	if err != nil {
		t.Fatal(err)
	}
	d.name = u.Query().Get("application_name")
	args = append(args, "-store", d.proxy.URL(), "-no-limits",
		"-session-secret", sessionSecret, "-project", "demo="+projectSecret)
	d.process = start(t, args...)
	return d
}

// everyCall sends a request of each sort, with a token of each kind of account.
func (d *distant) everyCall() map[string]func() answer {
	all := map[string]func() answer{
		"signin": func() answer { return d.post("/signin", adaSignin) },
		"signup": func() answer {
			return d.post("/signup", strings.Replace(ada, "ada@", fmt.Sprint(time.Now().UnixNano(), "@"), 1))
		},
		"guest": func() answer { return d.post("/signinAnonymously", `{"id_project":"demo"}`) },
		"custom token": func() answer {
			return d.ask("POST", "/signinWithCustomToken", "", "Authorization: "+custom(d.t, nil))
		},
	}
	for kind, token := range d.tokens {
		all["/me of a "+kind] = func() answer { return d.ask("GET", "/me", "", "Authorization: "+token) }
		all["return of a "+kind] = func() answer {
			return d.ask("POST", "/signinWithCustomToken", "", "Authorization: "+token)
		}
	}
	return all
}

// answers wants each call to be answered with the status, from many callers at once.
func (d *distant) answers(callers int, want ...int) {
	d.t.Helper()
	var wg sync.WaitGroup
	for range callers {
		for name, call := range d.everyCall() {
			wg.Go(func() {
				got := call()
				for _, status := range want {
					if got.status == status {
						return
					}
				}
				d.t.Errorf("S40 %s: got %v, want %v", name, got, want)
			})
		}
	}
	wg.Wait()
}

// look opens a connection of the test's own to the database.
func (d *distant) look() *pgx.Conn {
	d.t.Helper()
	conn, err := pgx.Connect(context.Background(),
		strings.Replace(d.direct, "application_name="+d.name, "application_name=test", 1))
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

// pids returns the process IDs of the server's sessions at the database.
func (d *distant) pids() (pids string) {
	d.t.Helper()
	err := d.look().QueryRow(context.Background(), `SELECT coalesce(string_agg(pid::text, ' ' ORDER BY pid), '')
		FROM pg_stat_activity WHERE application_name = $1`, d.name).Scan(&pids)
	if err != nil {
		d.t.Fatal(err)
	}
	return pids
}

// root is the URL above the prefix.
func (p *process) root() string { return strings.TrimSuffix(p.base, "/v1/auth") }

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, limit time.Duration, holds func() bool) {
	t.Helper()
	for since := time.Now(); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Since(since) > limit {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

// The database falls silent. Every caller gets a 500 in time, and the process says that it
// lives and is not ready. When the database speaks again, everything works again.
func TestS40_SilentDatabaseOverHTTP(t *testing.T) {
	t.Parallel()
	d := startDistant(t)
	d.answers(1, http.StatusOK)
	d.proxy.Hold()
	d.answers(4, http.StatusInternalServerError)
	for path, want := range map[string]int{"/healthz": 200, "/readyz": 503} {
		if got := d.askURL("GET", d.root()+path, ""); got.status != want {
			t.Errorf("%s while the database is silent: got %v, want %d", path, got, want)
		}
	}
	d.proxy.Resume()
	eventually(t, "the server is ready again", 3*patience, func() bool {
		return d.askURL("GET", d.root()+"/readyz", "").status == http.StatusOK
	})
	d.answers(1, http.StatusOK)
	for _, want := range []string{"reason=timeout", "Config.CallTimeout is 5s"} {
		if !strings.Contains(d.logs.String(), want) {
			t.Errorf("%q is not in the log:\n%s", want, d.logs)
		}
	}
}

// Another session locks the table. Every caller gets a 500 in time, and no account is made
// when the lock is gone.
func TestS40_LockedTableOverHTTP(t *testing.T) {
	t.Parallel()
	d := startDistant(t)
	conn := d.look()
	lock(t, conn, "LOCK TABLE deskauth_accounts")
	d.answers(3, http.StatusInternalServerError)
	var before, after int
	lock(t, conn, "COMMIT")
	count := func(n *int) {
		if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM deskauth_accounts").Scan(n); err != nil {
			t.Fatal(err)
		}
	}
	count(&before)
	eventually(t, "no statement is left", patience, func() (none bool) {
		err := conn.QueryRow(t.Context(), `SELECT NOT EXISTS (SELECT FROM pg_stat_activity
			WHERE application_name = $1 AND state = 'active')`, d.name).Scan(&none)
		return err == nil && none
	})
	count(&after)
	if before != 3 || after != 3 {
		t.Errorf("%d accounts, and %d a while later; want the 3 that were there", before, after)
	}
	d.answers(1, http.StatusOK)
}

func lock(t *testing.T, conn *pgx.Conn, sql string) {
	t.Helper()
	if sql != "COMMIT" {
		sql = "BEGIN; " + sql
	}
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

// A request that takes too long is answered, and not cut off.
func TestS40_RequestTimeout(t *testing.T) {
	t.Parallel()
	d := startEmptyDistant(t, "-request-timeout", "3s") // below the 5 s of a call
	d.proxy.Hold()
	got := d.post("/signinAnonymously", guest)
	var body struct {
		Success bool
		Msg     string
	}
	err := json.Unmarshal([]byte(got.body), &body)
	if got.status != http.StatusServiceUnavailable || got.header.Get("Retry-After") == "" || err != nil || body.Msg == "" {
		t.Errorf("got %v, want 503 with Retry-After and a message", got)
	}
}

// Clients that hang up in the middle of a request cost the database no connection.
func TestP13_HangingUpOverHTTP(t *testing.T) {
	t.Parallel()
	d := startDistant(t)
	_, err := d.look().Exec(t.Context(), `
		CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
			PERFORM pg_sleep(0.02); RETURN NEW;
		END $$;
		CREATE TRIGGER slow BEFORE INSERT ON deskauth_accounts FOR EACH ROW EXECUTE FUNCTION slow()`)
	if err != nil {
		t.Fatal(err)
	}
	d.answers(4, http.StatusOK) // the pool opens all its connections
	before, opened := d.pids(), d.proxy.Opened()
	fromMany(24, 480, func(int) { d.hangUp(guest) })
	d.answers(1, http.StatusOK)
	if after := d.pids(); after != before || d.proxy.Opened() != opened {
		t.Errorf("480 clients hung up: got the sessions %s and %d connections more; want the sessions %s and none",
			after, d.proxy.Opened()-opened, before)
	}
}

// hangUp asks for a guest and closes the connection before the answer comes.
func (d *distant) hangUp(body string) {
	u, err := url.Parse(d.base)
	if err != nil {
		d.t.Error(err)
		return
	}
	conn, err := net.Dial("tcp", u.Host)
	if err != nil {
		d.t.Error(err)
		return
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST %s/signinAnonymously HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\n"+
		"Content-Length: %d\r\n\r\n%s", u.Path, u.Host, len(body), body)
	conn.SetReadDeadline(time.Now().Add(5 * time.Millisecond))
	io.ReadFull(conn, make([]byte, 1))
}
