package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
	"github.com/deskauth/deskauth/storetest/pgtest"
	"github.com/jackc/pgx/v5/pgconn"
)

// Each sort of store is ready, and a request to be ready needs no token.
func TestReadyz(t *testing.T) {
	t.Parallel()
	stores := []string{"memory"}
	for _, open := range keptStores {
		stores = append(stores, open(t).flag)
	}
	for _, store := range stores {
		p := start(t, "-store", store)
		if got := p.askURL("GET", p.root()+"/readyz", ""); got.status != http.StatusOK || got.body != "ready" {
			t.Errorf("%s: got %v, want ready", store, got)
		}
	}
}

// A hangingStore never answers.
type hangingStore struct{ *memstore.Store }

func (hangingStore) UserByID(ctx context.Context, _ string) (deskauth.Account, error) {
	<-ctx.Done()
	return deskauth.Account{}, ctx.Err()
}

func (hangingStore) CreateUser(ctx context.Context, _ deskauth.Account) error {
	<-ctx.Done()
	return ctx.Err()
}

// Whatever hangs, an answer is written before the server cuts the connection.
func TestS40_DeadlinesOfTheServer(t *testing.T) {
	t.Parallel()
	server := newServer(nil, newLogger(options{}, t.Output()))
	if requestTimeout >= server.WriteTimeout || requestTimeout <= server.ReadTimeout {
		t.Errorf("a request may take %v, want more than reading, %v, and less than writing, %v",
			requestTimeout, server.ReadTimeout, server.WriteTimeout)
	}
	if server.ReadHeaderTimeout <= 0 || server.ReadHeaderTimeout > server.ReadTimeout || server.IdleTimeout <= 0 {
		t.Errorf("a header may take %v, all of a request %v and the next one %v; want limits, the header's the least",
			server.ReadHeaderTimeout, server.ReadTimeout, server.IdleTimeout)
	}
	if all := cutTimeout + purgeTimeout + mailTimeout + closeTimeout; all > 9*time.Second || drainTimeout >= cutTimeout {
		t.Errorf("stopping takes up to %v, want 9s: what is between them takes time, too", all)
	}
	synctest.Test(t, func(t *testing.T) {
		o := options{requestTimeout: requestTimeout, prefix: "/v1/auth", sessionSecrets: []string{sessionSecret}}
		o.projects, o.issuer = []project{{"demo", projectSecret}}, "https://tiledesk.com"
		logger := newLogger(o, t.Output())
		users := &store{UserStore: hangingStore{memstore.New()}}
		auth, err := deskauth.New(users, deskauth.StaticSecrets{
			Session:  []deskauth.Key{deskauth.NewKey("", "HS256", sessionSecret)},
			Projects: map[string][]deskauth.Key{"demo": nil},
		}, deskauth.Config{Logger: logger, CallTimeout: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		handler := newHandler(o, auth, users, nil, logger)
		for path, want := range map[string]struct {
			after  time.Duration
			status int
		}{
			"POST /v1/auth/signinAnonymously": {requestTimeout, http.StatusServiceUnavailable},
			"GET /readyz":                     {readyTimeout, http.StatusServiceUnavailable},
			"GET /healthz":                    {0, http.StatusOK},
		} {
			method, url, _ := strings.Cut(path, " ")
			r := httptest.NewRequest(method, url, strings.NewReader(guest))
			r.Header.Set("Content-Type", "application/json")
			w := httptest.NewRecorder()
			begin := time.Now()
			handler.ServeHTTP(w, r)
			if took := time.Since(begin); w.Code != want.status || took != want.after {
				t.Errorf("%s: got %d after %v, want %d after %v", path, w.Code, took, want.status, want.after)
			}
		}
	})
}

// A client that hangs up says nothing about the store, good or bad: the answer of the store
// is awaited, and what is logged is what it was.
func TestReadyz_ClientHangsUp(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		users   deskauth.UserStore
		handler func(http.Handler) http.Handler
		after   time.Duration
		status  int
	}{
		"a good store":   {memstore.New(), nil, 0, http.StatusOK},
		"a silent store": {hangingStore{memstore.New()}, nil, readyTimeout, http.StatusServiceUnavailable},
		"a silent store, and less time for a request": {
			hangingStore{memstore.New()},
			func(h http.Handler) http.Handler { return withDeadline(readyTimeout/4, h) },
			readyTimeout / 4, http.StatusServiceUnavailable,
		},
	} {
		for _, hangsUp := range []time.Duration{0, readyTimeout / 8, time.Hour} {
			synctest.Test(t, func(t *testing.T) {
				var logs strings.Builder
				var handler http.Handler = readyz(c.users, newLogger(options{}, &logs))
				if c.handler != nil {
					handler = c.handler(handler)
				}
				ctx, cancel := context.WithCancel(t.Context())
				defer time.AfterFunc(hangsUp, cancel).Stop()
				if hangsUp == 0 {
					cancel()
				}
				w := httptest.NewRecorder()
				begin := time.Now()
				handler.ServeHTTP(w, httptest.NewRequestWithContext(ctx, "GET", "/readyz", nil))
				accused := strings.Contains(logs.String(), "not ready: the store does not answer")
				if took := time.Since(begin); w.Code != c.status || took != c.after || accused != (w.Code != http.StatusOK) {
					t.Errorf("%s, and the client hangs up after %v: got %d after %v, want %d after %v; the log says:\n%s",
						name, hangsUp, w.Code, took, c.status, c.after, logs.String())
				}
			})
		}
	}
}

// A database that is started together with the server may come up later.
func TestDatabaseStartsLater(t *testing.T) {
	t.Parallel()
	database := pgtest.Start(t)
	if err := database.Stop(); err != nil {
		t.Fatal(err)
	}
	p, stdout := launch(t, "-addr", "127.0.0.1:0", "-store", database.URL())
	eventually(t, "the server says that it waits", patience, func() bool {
		return strings.Contains(p.logs.String(), "the database does not answer yet; trying again")
	})
	if err := database.Start(); err != nil {
		t.Fatal(err)
	}
	p.listens(stdout)
	if got := p.askURL("GET", p.root()+"/readyz", ""); got.status != http.StatusOK {
		t.Errorf("/readyz: got %v, want 200", got)
	}
	if n := strings.Count(p.logs.String(), "does not answer yet"); n != 1 {
		t.Errorf("the log says %d times that the database does not answer, want once:\n%s", n, p.logs)
	}
}

// A database that does not come up is an error, which says what was tried. One that refuses
// is an error at once.
func TestDatabaseDoesNotStart(t *testing.T) {
	t.Parallel()
	there := pgtest.URL(t)
	silent := pgtest.StartProxy(t, there)
	silent.Hold()
	for name, c := range map[string]struct {
		url   string
		want  string
		waits bool
	}{
		"nobody listens": {"postgres://me:canary@127.0.0.1:1/accounts", "PostgreSQL at 127.0.0.1:1, database accounts", true},
		"silent":         {silent.URL(), "check that it runs", true},
		"no such database": {
			there[:strings.LastIndex(there, "/")] + "/deskauth_has_none?sslmode=disable",
			`database "deskauth_has_none" does not exist`, false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, _ := launch(t, "-addr", "127.0.0.1:0", "-store", c.url)
			late := time.AfterFunc(3*patience, func() { p.cmd.Process.Kill() })
			code := exitCode(p.cmd.Wait())
			late.Stop()
			text := p.logs.String()
			if code != 2 || !strings.Contains(text, c.want) || strings.Contains(text, "trying again") != c.waits {
				t.Errorf("exit code %d, want 2, %q, and that it waits: %t\n%s", code, c.want, c.waits, hidden(text))
			}
			if strings.Contains(text, "canary") {
				t.Errorf("S22 the server prints a password:\n%s", hidden(text))
			}
		})
	}
}

func TestIsStarting(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err  error
		want bool
	}{
		"no listener":         {&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, true},
		"no name":             {&net.DNSError{Name: "db", IsNotFound: true}, true},
		"no word":             {context.DeadlineExceeded, true},
		"closed":              {io.ErrUnexpectedEOF, true},
		"starting":            {&pgconn.PgError{Code: "57P03"}, true},
		"stopping":            {&pgconn.PgError{Code: "57P01"}, true},
		"wrong password":      {&pgconn.PgError{Code: "28P01"}, false},
		"no such database":    {&pgconn.PgError{Code: "3D000"}, false},
		"too many clients":    {&pgconn.PgError{Code: "53300"}, false},
		"a table that is not": {errors.New("the table lacks a column of accounts"), false},
	} {
		if got := isStarting(fmt.Errorf("pgxstore: migrate: %w", c.err)); got != c.want {
			t.Errorf("%s: got %t, want %t", name, got, c.want)
		}
	}
}
