package deskauthtest_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/deskauthtest"
	"github.com/deskauth/deskauth/httpadapter"
)

// A failing is a test that fails by itself, to see what a kit says.
type failing struct {
	testing.TB
	said string
}

func (f *failing) Helper() {}

func (f *failing) Fatalf(format string, args ...any) {
	f.said = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

// fails returns what the kit says when do fails the test, or nothing.
func fails(t *testing.T, cfg deskauth.Config, do func(*deskauthtest.Kit)) string {
	t.Helper()
	f := &failing{TB: t}
	var wg sync.WaitGroup
	wg.Go(func() { do(deskauthtest.NewWith(f, cfg)) })
	wg.Wait()
	return f.said
}

func TestFailuresSayWhatToDo(t *testing.T) {
	t.Parallel()
	type kit = *deskauthtest.Kit
	var none deskauth.Config
	strict := deskauth.Config{PasswordCheck: func(context.Context, string) error {
		return fmt.Errorf("%w: it is stolen", deskauth.ErrPasswordRefused)
	}}
	for name, c := range map[string]struct {
		cfg  deskauth.Config
		do   func(kit)
		says string
	}{
		"a bad Config":      {deskauth.Config{Issuer: "no URL"}, func(kit) {}, "Config.Issuer"},
		"a bad address":     {none, func(k kit) { k.User("ada") }, `User("ada")`},
		"a PasswordCheck":   {strict, func(k kit) { k.User("a@example.com") }, "stolen"},
		"a bad edit":        {none, func(k kit) { k.User("a@example.com", newKind) }, "edit"},
		"a disabled user":   {none, func(k kit) { k.User("a@example.com", disabled) }, "call Disable after User"},
		"no project":        {none, func(k kit) { k.Guest("") }, `Guest(""): "" is not a project ID`},
		"a project's name":  {none, func(k kit) { k.Guest("my shop") }, `is not a project ID: write one like "shop"`},
		"of an external":    {none, func(k kit) { k.External("a/b", "1") }, `External("a/b", "1"): "a/b" is`},
		"no external ID":    {none, func(k kit) { k.External("shop", "") }, `External("shop", ""): deskauth: invalid token`},
		"no mail":           {none, func(k kit) { k.LastMail("a@example.com") }, "to a@example.com; there is none to any"},
		"mail to others":    {none, lookForAda, "to Ada@example.com; there is mail to bob@example.com, grace@example.com."},
		"another Mailer":    {ownMailer, lookForAda, "the Config of NewWith has a Mailer"},
		"another clock":     {ownClock, comeBack, "Clock.Advance(time.Second) or that of Config.Now"},
		"a clock put back":  {none, comeBackBefore, "move the clock on first"},
		"disabled":          {none, comeDisabled, "disabled"},
		"claims, no JSON":   {none, func(k kit) { k.CustomToken("shop", "1", noJSON) }, "JSON"},
		"no token":          {none, func(k kit) { k.Signout("garbage") }, "Signout"},
		"nobody to disable": {none, func(k kit) { k.Disable(deskauth.Identity{UserID: "1"}) }, `"1"`},
	} {
		if said := fails(t, c.cfg, c.do); !strings.HasPrefix(said, "deskauthtest: ") || !strings.Contains(said, c.says) {
			t.Errorf("%s: the kit says %q, want deskauthtest: … %s", name, said, c.says)
		}
	}
}

var (
	ownMailer = deskauth.Config{Mailer: new(deskauthtest.Mailbox)}
	ownClock  = deskauth.Config{Now: func() time.Time { return time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC) }}
)

func lookForAda(k *deskauthtest.Kit) {
	for _, email := range []string{"grace@example.com", "Bob@example.com", "bob@example.com"} {
		k.User(email)
		if err := k.Auth.RequestPasswordReset(context.Background(), deskauth.MailInput{Email: email}); err != nil {
			panic(err)
		}
	}
	k.LastMail("Ada@example.com")
}

func comeBack(k *deskauthtest.Kit) {
	id, _ := k.External("shop", "1")
	if err := k.Auth.SignoutEverywhere(context.Background(), id.UserID); err != nil {
		panic(err)
	}
	k.External("shop", "1")
}

func comeBackBefore(k *deskauthtest.Kit) {
	id, _ := k.External("shop", "1")
	if err := k.Auth.SignoutEverywhere(context.Background(), id.UserID); err != nil {
		panic(err)
	}
	k.Clock.Advance(-time.Second)
	k.External("shop", "1")
}

func comeDisabled(k *deskauthtest.Kit) {
	id, _ := k.External("shop", "1")
	k.Disable(id)
	k.External("shop", "1")
}

func newKind(a *deskauth.Account)  { a.Kind = deskauth.KindGuest }
func disabled(a *deskauth.Account) { a.Disabled = true }

var noJSON = map[string]any{"f": func() {}}

func TestNothingIsLimited(t *testing.T) {
	t.Parallel()
	kit := deskauthtest.New(t)
	kit.User("ada@example.com")
	for range 200 {
		_, err := kit.Auth.Signin(t.Context(), deskauth.SigninInput{
			Email: "ada@example.com", Password: deskauth.NewSecret("a wrong password"), Client: "192.0.2.1",
		})
		if err != deskauth.ErrInvalidCredentials {
			t.Fatalf("error %v, want ErrInvalidCredentials", err)
		}
	}
}

// Limits of the test's own hold, and so does everything else that it sets.
func TestSettingsOfTheTest(t *testing.T) {
	t.Parallel()
	var hooked []deskauth.EventType
	mailbox := new(deskauthtest.Mailbox)
	kit := deskauthtest.NewWith(t, deskauth.Config{
		Issuer:  "https://desk.example.com",
		Limits:  deskauth.Limits{GuestsPerProject: deskauth.Rate{Attempts: 1, Per: time.Hour}},
		Mailer:  mailbox,
		Now:     func() time.Time { return time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC) },
		OnEvent: func(_ context.Context, e deskauth.Event) { hooked = append(hooked, e.Type) },
	})
	guest, _ := kit.Guest("shop")
	if !strings.HasSuffix(guest.Email, "@desk.example.com") || guest.AuthTime.Year() != 2030 {
		t.Errorf("the guest is %+v, want one of the issuer's in 2030", guest)
	}
	_, err := kit.Auth.SigninAnonymously(t.Context(), deskauth.AnonymousInput{ProjectID: "shop"})
	if err == nil {
		t.Error("a second guest came in through a limit of one")
	}
	kit.External("shop", "1")
	if len(hooked) == 0 || hooked[0] != deskauth.EventSignedIn && hooked[0] != deskauth.EventGuestCreated {
		t.Errorf("OnEvent got %v, want the kit's own calls too", hooked)
	}
	if err := kit.Auth.RequestPasswordReset(t.Context(), deskauth.MailInput{Email: "a@example.com"}); err != nil {
		t.Error(err)
	}
	if len(kit.Mailbox.All()) != 0 {
		t.Error("the kit's mailbox has mail, and the test has another")
	}
}

func TestEvents(t *testing.T) {
	t.Parallel()
	kit := deskauthtest.New(t)
	id, token := kit.User("ada@example.com")
	kit.Guest("shop")
	kit.External("shop", "1")
	kit.Signout(token)
	kit.Disable(id)
	if events := kit.Events(); len(events) != 0 {
		t.Errorf("events %v of the kit's own calls, want none", events)
	}
	if _, err := kit.Auth.Verify(t.Context(), token); err != deskauth.ErrInvalidToken {
		t.Fatalf("Verify: %v, want ErrInvalidToken", err)
	}
	events := kit.Events()
	if len(events) != 1 || events[0].Reason != deskauth.ReasonAccountDisabled || events[0].UserID != id.UserID {
		t.Errorf("events %+v, want one: refused, disabled", events)
	}
	if again := kit.Events(); len(again) != 0 {
		t.Errorf("events %v for the second time", again)
	}
}

// One kit serves parallel sub-tests, and what they do at once.
func TestParallel(t *testing.T) {
	t.Parallel()
	kit := deskauthtest.New(t)
	handler := httpadapter.Authenticate(kit.Auth, httpadapter.MiddlewareConfig{})(
		http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	for i := range 16 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			_, token := kit.User("ada@example.com")
			kit.Clock.Advance(time.Millisecond)
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, kit.Request("GET", "/", token))
			if w.Code != http.StatusOK {
				t.Errorf("status %d, want 200", w.Code)
			}
			kit.Signout(token)
			kit.Events()
			kit.Mailbox.All()
		})
	}
}

// A testOver is a test whose output and end the test sees.
type testOver struct {
	testing.TB
	output   bytes.Buffer
	cleanups []func()
}

func (t *testOver) Output() io.Writer { return &t.output }
func (t *testOver) Cleanup(f func())  { t.cleanups = append(t.cleanups, f) }

// A goroutine of the program may outlive the test, where a line of the log would panic.
func TestLogEndsWithTheTest(t *testing.T) {
	t.Parallel()
	over := &testOver{TB: t}
	kit := deskauthtest.New(over)
	kit.Auth.Verify(t.Context(), "garbage")
	if log := over.output.String(); !strings.Contains(log, "malformed token") {
		t.Errorf("the test's output is %q, want the reason of a refusal", log)
	}
	over.output.Reset()
	for _, end := range over.cleanups {
		end()
	}
	kit.Auth.Verify(t.Context(), "garbage")
	if log := over.output.String(); log != "" {
		t.Errorf("after the end the output is %q, want nothing", log)
	}
}

func TestClock(t *testing.T) {
	t.Parallel()
	kit := deskauthtest.New(t)
	begin := kit.Clock.Now()
	if age := time.Since(begin); age < 0 || age > time.Hour || begin.Nanosecond() != 0 {
		t.Errorf("the clock begins at %v, want whole seconds of now", begin)
	}
	_, user := kit.User("ada@example.com")
	_, guest := kit.Guest("shop")
	kit.Clock.Advance(25 * time.Hour)
	if now := kit.Clock.Now(); !now.Equal(begin.Add(25*time.Hour)) || !kit.Auth.Now().Equal(now) {
		t.Errorf("the clock shows %v, and Auth's %v, want 25 hours after %v", now, kit.Auth.Now(), begin)
	}
	if _, err := kit.Auth.Verify(t.Context(), user); err != deskauth.ErrTokenExpired {
		t.Errorf("a user's token after 25 hours: %v, want ErrTokenExpired", err)
	}
	if _, err := kit.Auth.Verify(t.Context(), guest); err != nil {
		t.Errorf("a guest's token after 25 hours: %v", err)
	}
	kit.Clock.Advance(-25 * time.Hour)
	if _, err := kit.Auth.Verify(t.Context(), user); err != nil {
		t.Errorf("back at the start: %v", err)
	}
}

// The keys of a kit are known to everybody, so no program but a test gets one.
func TestKitIsForTestsAlone(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "run", "./testdata/outside").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "its keys are known to everybody") {
		t.Errorf("a program that is no test: %v\n%s", err, out)
	}
}
