package guests

import (
	"context"
	"crypto/rand"
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/storetest/pgtest"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	_ "github.com/ncruces/go-sqlite3/driver"
)

// onEveryDatabase runs a test with the program's tables, empty.
func onEveryDatabase(t *testing.T, test func(t *testing.T, db *sql.DB)) {
	t.Parallel()
	create := func(t *testing.T, db *sql.DB) {
		t.Cleanup(func() { db.Close() })
		for statement := range strings.SplitSeq(strings.TrimSpace(tables), ";") {
			if _, err := db.Exec(statement); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		db, err := sql.Open("sqlite3", "file:"+filepath.Join(t.TempDir(), "program.db"))
		if err != nil {
			t.Fatal(err)
		}
		create(t, db)
		test(t, db)
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		config, err := pgx.ParseConfig(pgtest.URL(t))
		if err != nil {
			t.Fatal(err)
		}
		schema := "guests_test_" + strings.ToLower(rand.Text())
		config.RuntimeParams["search_path"] = schema
		db := stdlib.OpenDB(*config)
		if _, err := db.Exec("CREATE SCHEMA " + schema); err != nil {
			t.Fatal(err)
		}
		create(t, db)
		t.Cleanup(func() {
			if _, err := db.Exec("DROP SCHEMA " + schema + " CASCADE"); err != nil {
				t.Error(err)
			}
		})
		test(t, db)
	})
}

// A program is one with an Auth and tables of its own.
type program struct {
	*testkit.Kit
	t        *testing.T
	db       *sql.DB
	follower *follower
}

func newProgram(t *testing.T, db *sql.DB) *program {
	p := &program{t: t, db: db, follower: newFollower(db)}
	p.Kit = testkit.New(t, deskauth.Config{OnEvent: p.follower.hear})
	return p
}

// exec runs a statement of the program's.
func (p *program) exec(statement string, args ...any) {
	p.t.Helper()
	if _, err := p.db.Exec(statement, args...); err != nil {
		p.t.Fatal(err)
	}
}

// has returns what is stored under an ID: how many messages, the kinds of all rows, and the
// theme.
func (p *program) has(id string) (messages int, kinds, theme string) {
	p.t.Helper()
	ask := func(to any, query string) {
		p.t.Helper()
		if err := p.db.QueryRow(query, id).Scan(to); err != nil && err != sql.ErrNoRows {
			p.t.Fatal(err)
		}
	}
	var least, most string
	ask(&messages, `SELECT COUNT(*) FROM messages WHERE user_id = $1`)
	ask(&theme, `SELECT theme FROM preferences WHERE user_id = $1`)
	const both = ` FROM (SELECT user_kind FROM messages WHERE user_id = $1
		UNION SELECT user_kind FROM preferences WHERE user_id = $1) AS kinds`
	ask(&least, `SELECT COALESCE(MIN(user_kind), '')`+both)
	ask(&most, `SELECT COALESCE(MAX(user_kind), '')`+both)
	if least != most {
		return messages, least + " and " + most, theme
	}
	return messages, least, theme
}

// visit lets a guest write two messages and choose a theme.
func (p *program) visit(n int) deskauth.Session {
	guest := p.visitSilently()
	for i := range 2 {
		p.exec(`INSERT INTO messages (id, user_id, user_kind, body) VALUES ($1, $2, 'guest', 'hello')`,
			2*n+i, guest.User.ID)
	}
	return guest
}

// visitSilently lets a guest choose a theme and write nothing.
func (p *program) visitSilently() deskauth.Session {
	guest := p.MustGuest(p.t, testkit.ProjectA)
	p.exec(`INSERT INTO preferences (user_id, user_kind, theme) VALUES ($1, 'guest', 'dark')`, guest.User.ID)
	return guest
}

// heard follows the events that the program has heard of, and returns how many.
func (p *program) heard() (events int) {
	for {
		select {
		case e := <-p.follower.events:
			if err := p.follower.follow(p.t.Context(), e); err != nil {
				p.t.Fatal(err)
			}
			events++
		default:
			return events
		}
	}
}

// moved checks that everything of a guest is its heir's.
func (p *program) moved(what, from, to string, messages int, theme string) {
	p.t.Helper()
	if n, _, left := p.has(from); n != 0 || left != "" {
		p.t.Errorf("%s: %d messages and the theme %q stay with the guest", what, n, left)
	}
	if n, kind, got := p.has(to); n != messages || kind != "userexternal" || got != theme {
		p.t.Errorf("%s: the heir has %d messages of a %s and the theme %q; want %d and %q",
			what, n, kind, got, messages, theme)
	}
}

// Whoever comes back as an external user finds its messages, also those of a second visit,
// and after the event came twice.
func TestLinkedGuestKeepsItsMessages(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, db *sql.DB) {
		p := newProgram(t, db)
		first := p.visit(0)
		s := p.MustLink(t, testkit.TokenA(`"123"`), first.Token)
		p.heard()
		p.moved("the first visit", first.User.ID, s.User.ID, 2, "dark")
		p.exec(`UPDATE preferences SET theme = 'light' WHERE user_id = $1`, s.User.ID)
		second := p.visit(1)
		for range 2 {
			p.MustLink(t, testkit.TokenA(`"123"`), second.Token)
		}
		if n := p.heard(); n != 2 {
			t.Errorf("heard of %d links, want both", n)
		}
		p.moved("the second visit", second.User.ID, s.User.ID, 4, "light")
	})
}

// A program that crashed before it had followed an event catches up, whatever the event.
func TestCatchUp(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, db *sql.DB) {
		p := newProgram(t, db)
		linked, stays, gone, upgraded := p.visit(0), p.visit(1), p.visit(2), p.visit(3)
		s := p.MustLink(t, testkit.TokenA(`"123"`), linked.Token)
		if _, err := p.Upgrade(t, upgraded.Token, "ada@example.com"); err != nil {
			t.Fatal(err)
		}
		if err := p.DeleteUser(t.Context(), gone.User.ID); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := catchUp(t.Context(), db, p.Store, p.Auth); err != nil {
				t.Fatal(err)
			}
			p.moved("catching up", linked.User.ID, s.User.ID, 2, "dark")
		}
		if n, kind, theme := p.has(upgraded.User.ID); n != 2 || kind != "user" || theme != "dark" {
			t.Errorf("the agent has %d messages of a %s and the theme %q", n, kind, theme)
		}
		for _, guest := range []deskauth.Session{stays, gone} {
			if n, kind, theme := p.has(guest.User.ID); n != 2 || kind != "guest" || theme != "dark" {
				t.Errorf("another guest has %d messages of a %s and the theme %q", n, kind, theme)
			}
		}
	})
}

// Guests who have preferences and no messages are found, too.
func TestCatchUpWithoutMessages(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, db *sql.DB) {
		p := newProgram(t, db)
		linked, stays, upgraded := p.visitSilently(), p.visitSilently(), p.visitSilently()
		s := p.MustLink(t, testkit.TokenA(`"123"`), linked.Token)
		if _, err := p.Upgrade(t, upgraded.Token, "ada@example.com"); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := catchUp(t.Context(), db, p.Store, p.Auth); err != nil {
				t.Fatal(err)
			}
			p.moved("catching up", linked.User.ID, s.User.ID, 0, "dark")
		}
		for id, want := range map[string]string{upgraded.User.ID: "user", stays.User.ID: "guest"} {
			if n, kind, theme := p.has(id); n != 0 || kind != want || theme != "dark" {
				t.Errorf("got %d messages, the kind %q and the theme %q; want 0, %q and dark", n, kind, theme, want)
			}
		}
		if ids, err := idsOfGuests(t.Context(), db); len(ids) != 1 || err != nil {
			t.Errorf("got the guests %v, %v; want the one who stays", ids, err)
		}
	})
}

// An agent who was a guest has the same ID, so nothing moves.
func TestUpgradedGuestKeepsItsMessages(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, db *sql.DB) {
		p := newProgram(t, db)
		guest := p.visit(0)
		if _, err := p.Upgrade(t, guest.Token, "ada@example.com"); err != nil {
			t.Fatal(err)
		}
		p.heard()
		if n, kind, theme := p.has(guest.User.ID); n != 2 || kind != "user" || theme != "dark" {
			t.Errorf("the agent has %d messages of a %s and the theme %q", n, kind, theme)
		}
		if ids, err := idsOfGuests(t.Context(), db); len(ids) != 0 || err != nil {
			t.Errorf("there are still the guests %v, %v", ids, err)
		}
	})
}

// A channel that is full holds up no sign-in.
func TestHearDoesNotWait(t *testing.T) {
	t.Parallel()
	f := newFollower(nil)
	for range cap(f.events) + 1 {
		f.hear(t.Context(), deskauth.Event{Type: deskauth.EventGuestLinked})
		f.hear(t.Context(), deskauth.Event{Type: deskauth.EventSignedIn})
	}
	if len(f.events) != cap(f.events) {
		t.Errorf("%d events are kept, want %d", len(f.events), cap(f.events))
	}
}

// run ends with its context.
func TestRun(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	newFollower(nil).run(ctx)
}
