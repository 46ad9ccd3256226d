package deskauth_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

// One address gets so many resets, and so many other mails, whoever asks. Whoever asks for
// more is told nothing of it.
func TestS52_OneAddressIsNotBombed(t *testing.T) {
	t.Parallel()
	limits := testkit.NoLimits()
	limits.MailsPerAddress = deskauth.Rate{Attempts: 4, Per: time.Hour}
	k := testkit.NewMail(t, deskauth.Config{Limits: limits, RequireVerifiedEmail: true})
	agent := k.MustSignup(t, "andrea@f22.it", testkit.AndreasPassword) // a mail
	session := deskauth.NewSecret(k.MustIssue(t, agent.ID).Token)
	other := k.MustIssue(t, k.MustAgent(t, "other@f22.it").ID).Token
	ask := []func(client string) error{
		func(client string) error {
			in := deskauth.RequestEmailVerificationInput{Token: session, Client: client}
			return k.RequestEmailVerification(t.Context(), in)
		},
		func(string) error {
			if _, err := k.TrySignin(t, "andrea@f22.it", testkit.AndreasPassword); err != deskauth.ErrEmailUnverified {
				return fmt.Errorf("Signin: %w", err)
			}
			return nil
		},
		func(client string) error {
			in := deskauth.MailInput{Email: "Andrea@f22.it", Client: client}
			return k.RequestPasswordReset(t.Context(), in)
		},
		func(string) error { return k.SetPassword(t.Context(), agent.ID, testkit.AndreasPassword) },
	}
	for n := range 40 {
		session = deskauth.NewSecret(k.MustIssue(t, agent.ID).Token)
		if err := ask[n%len(ask)](fmt.Sprintf("192.0.2.%d", n)); err != nil {
			t.Fatalf("call %d: %v", n, err)
		}
	}
	testkit.Must(t, k.RequestEmailChange(t.Context(), askChange(other, "fresh@f22.it")))
	counts := map[string]int{}
	for _, m := range k.Mail.Take() {
		counts[m.To]++
	}
	if counts["andrea@f22.it"] != 4+3 || counts["fresh@f22.it"] != 1 {
		t.Errorf("mails by address %v, want 4 resets and 3 others for andrea, after that of the sign-up, "+
			"and 1 for fresh", counts)
	}
	k.Clock.Advance(15 * time.Minute)
	testkit.Must(t, ask[2](testkit.Here))
	k.Mail.TakeOne(t, deskauth.MailPasswordReset)
}

// A stranger uses up no mails that the owner of an address asks for: neither its resets, by
// changes to the address, which are withheld, nor the verification of its sign-up, by
// resets before there is an account.
func TestS52_AStrangerUsesUpNoMailOfAnother(t *testing.T) {
	t.Parallel()
	k := testkit.NewMail(t, deskauth.Config{})
	stranger := k.MustAgent(t, "stranger@f22.it")
	reset := func(client string) {
		t.Helper()
		in := deskauth.MailInput{Email: "victim@f22.it", Client: client}
		testkit.Must(t, k.RequestPasswordReset(t.Context(), in))
	}
	for range 10 {
		reset(testkit.There)
	}
	k.MustSignup(t, "victim@f22.it", testkit.AndreasPassword)
	k.Mail.TakeOne(t, deskauth.MailEmailVerification)
	k.Clock.Advance(time.Hour)
	session := k.MustIssue(t, stranger.ID).Token
	for range 10 {
		testkit.Must(t, k.RequestEmailChange(t.Context(), askChange(session, "victim@f22.it")))
	}
	if mails := k.Mail.Take(); len(mails) != 0 {
		t.Errorf("the stranger's changes are mailed: %v", mails)
	}
	reset(testkit.Here)
	k.Mail.TakeOne(t, deskauth.MailPasswordReset)
}

// The notice of a change reaches a verified address whatever its limit says: else a thief
// would use it up first.
func TestS52_NoticesComeThrough(t *testing.T) {
	t.Parallel()
	limits := testkit.NoLimits()
	limits.MailsPerAddress = deskauth.Rate{Attempts: 1, Per: time.Hour}
	k := testkit.NewMail(t, deskauth.Config{Limits: limits})
	agent := k.MustAgent(t, "andrea@f22.it")
	testkit.Change(t, k.Store, agent.ID, func(a *deskauth.Account) { a.EmailVerified = true })
	session := k.MustSignin(t, "andrea@f22.it", testkit.AndreasPassword).Token
	testkit.MustChange(t, k.Kit, session, testkit.AndreasPassword, "a new password")
	k.Mail.TakeOne(t, deskauth.MailPasswordChanged)
	testkit.Must(t, k.RequestEmailChange(t.Context(), askChange(session, "new@f22.it")))
	m := k.Mail.TakeOne(t, deskauth.MailEmailChange)
	_, err := k.Use(t.Context(), m.Kind, m.Code, "")
	testkit.Must(t, err)
	if notice := k.Mail.TakeOne(t, deskauth.MailEmailChanged); notice.To != "andrea@f22.it" {
		t.Errorf("the notice is to %q", notice.To)
	}
}

// One client asks for so many mails, to whichever addresses, and for whichever account.
func TestS52_OneClientIsLimited(t *testing.T) {
	t.Parallel()
	limits := testkit.NoLimits()
	limits.MailsPerClient = deskauth.Rate{Attempts: 3, Per: time.Hour}
	for name, ask := range map[string]func(t *testing.T, k testkit.MailKit, token, client string, n int) error{
		"reset": func(t *testing.T, k testkit.MailKit, _, client string, n int) error {
			in := deskauth.MailInput{Email: fmt.Sprintf("nobody%d@f22.it", n), Client: client}
			return k.RequestPasswordReset(t.Context(), in)
		},
		"verification": func(t *testing.T, k testkit.MailKit, token, client string, _ int) error {
			in := deskauth.RequestEmailVerificationInput{Token: deskauth.NewSecret(token), Client: client}
			return k.RequestEmailVerification(t.Context(), in)
		},
		"change": func(t *testing.T, k testkit.MailKit, token, client string, n int) error {
			in := askChange(token, fmt.Sprintf("new%d@f22.it", n))
			in.Client = client
			return k.RequestEmailChange(t.Context(), in)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := testkit.NewMail(t, deskauth.Config{Limits: limits})
			ask := func(client string, n int) error { // each time by another account
				token := k.MustIssue(t, k.MustAgent(t, fmt.Sprintf("agent%d@f22.it", n)).ID).Token
				return ask(t, k, token, client, n)
			}
			for n := range 3 {
				testkit.Must(t, ask(testkit.Here, n))
			}
			k.Mail.Take()
			testkit.WantLimited(t, "the fourth", ask(testkit.Here, 3), 20*time.Minute)
			if e := k.Events.TakeLast(); e.Limit != "MailsPerClient" {
				t.Errorf("event %+v, want the limit MailsPerClient", e)
			}
			if mails := k.Mail.Take(); len(mails) != 0 {
				t.Errorf("over the limit: got the mails %v", mails)
			}
			testkit.Must(t, ask(testkit.There, 4))
			testkit.Must(t, ask("", 5))
			for n := range 48 { // of one /48, which has 16 times as many
				testkit.Must(t, ask(fmt.Sprintf("2001:db8:1:%x::1", n), 6+n))
			}
			if err := ask("2001:db8:1:99::1", 60); err == nil {
				t.Error("the 49th mail for an IPv6 site: want a refusal")
			}
		})
	}
}

// Mails that are withheld because there were too many are a warning, as every used-up limit
// is, and no others are.
func TestWithheldMailInTheLog(t *testing.T) {
	t.Parallel()
	limits := testkit.NoLimits()
	limits.MailsPerAddress = deskauth.Rate{Attempts: 1, Per: time.Hour}
	log := new(testkit.Logbook)
	k := testkit.NewMail(t, deskauth.Config{Limits: limits, Logger: log.Logger()})
	for n, level := range []string{"INFO", "WARN"} {
		testkit.Must(t, k.RequestPasswordReset(t.Context(), deskauth.MailInput{Email: "nobody@f22.it"}))
		if text := log.TakeText(); !strings.Contains(text, "mail_withheld") || !strings.Contains(text, level) {
			t.Errorf("request %d: the log has no %s in\n%s", n, level, text)
		}
	}
}

// A request for mail that fails says nothing of a mail that was withheld.
func TestAFailedRequestForMail(t *testing.T) {
	t.Parallel()
	down := testkit.ErrDown
	k := testkit.NewMail(t, deskauth.Config{Limiter: failingMails{deskauth.NewMemoryLimiter(time.Now), &down}})
	in := deskauth.MailInput{Email: "nobody@f22.it", Client: testkit.Here}
	if err := k.RequestPasswordReset(t.Context(), in); err == nil {
		t.Fatal("the limiter fails, and the request does not")
	}
	if e := k.Events.TakeLast(); e.Type != deskauth.EventFailed || e.Reason != "" || e.Mail != "" || e.Err == nil {
		t.Errorf("event %+v, want failed, with an error and no reason", e)
	}
}

// A Mailer that fails or panics changes no answer, and is told as a failure.
func TestAMailerThatFails(t *testing.T) {
	t.Parallel()
	for name, mailer := range map[string]deskauth.Mailer{
		"error": mailerFunc(func(deskauth.Mail) error { return testkit.ErrDown }),
		"panic": mailerFunc(func(deskauth.Mail) error { panic("the queue is nil") }),
	} {
		log := new(testkit.Logbook)
		k := testkit.New(t, deskauth.Config{Mailer: mailer, Logger: log.Logger()})
		k.MustSignup(t, "andrea@f22.it", testkit.AndreasPassword)
		k.Events.Take()
		testkit.Must(t, k.RequestPasswordReset(t.Context(), deskauth.MailInput{Email: "andrea@f22.it"}))
		e := k.Events.TakeLast()
		if e.Type != deskauth.EventMailFailed || e.Err == nil || e.Mail != deskauth.MailPasswordReset || e.UserID == "" {
			t.Errorf("%s: event %+v, want mail failed", name, e)
		}
		if text := log.TakeText(); !strings.Contains(text, "mail_failed") || strings.Contains(text, "f22.it") {
			t.Errorf("%s: the log says\n%s", name, text)
		} else if name == "panic" && !strings.Contains(text, `"operation":"Config.Mailer","panic":"the queue is nil"`) {
			t.Errorf("the log has no panic of Config.Mailer in\n%s", text)
		}
	}
}

// An account has no more mails than one client, whatever clients it asks from.
func TestS52_OneAccountIsLimited(t *testing.T) {
	t.Parallel()
	limits := testkit.NoLimits()
	limits.MailsPerClient = deskauth.Rate{Attempts: 3, Per: time.Hour}
	k := testkit.NewMail(t, deskauth.Config{Limits: limits})
	token := k.MustIssue(t, k.MustAgent(t, "andrea@f22.it").ID).Token
	other := k.MustIssue(t, k.MustAgent(t, "other@f22.it").ID).Token
	ask := func(token string, n int) error {
		in := askChange(token, fmt.Sprintf("victim%d@f22.it", n))
		in.Client = fmt.Sprintf("192.0.2.%d", n)
		return k.RequestEmailChange(t.Context(), in)
	}
	for n := range 3 {
		testkit.Must(t, ask(token, n))
	}
	testkit.WantLimited(t, "the fourth mail of one account", ask(token, 3), 20*time.Minute)
	testkit.Must(t, ask(other, 4))
	if mails := k.Mail.Take(); len(mails) != 4 {
		t.Errorf("got the mails %v, want four", mails)
	}
}
