package main

import (
	"net/http"
	"strings"
	"testing"
)

// TestAccountsLifeByMail walks the whole life of an account with a real mail server, as the
// dashboard does: each code comes out of the link of a mail. Stores that last are served by
// another process after each step.
func TestAccountsLifeByMail(t *testing.T) {
	t.Parallel()
	stores := map[string]func(*testing.T) kept{"memory": nil}
	for name, open := range keptStores {
		stores[name] = open
	}
	for name, open := range stores {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := &mailLife{mail: startMailServer(t)}
			flag := "memory"
			if open != nil {
				flag = open(t).flag
			}
			args := []string{
				"-store", flag, "-session-secret", sessionSecret, "-project", "demo=" + projectSecret,
				"-smtp", l.mail.address, "-mail-from", "Desk <desk@example.com>",
				"-dashboard-url", "https://desk.example.com/dashboard", "-log", "json",
			}
			p := start(t, append(args, "-require-verified-email")...)
			for n, step := range []func(*testing.T, *process){
				l.signUp, l.askForReset, l.reset, l.changeAddress, l.changePassword, l.updateProfile, l.visit,
				l.guestIsLinked, l.guestGoesUp, l.deleteAccount, l.isGone,
			} {
				if n > 0 && open != nil {
					p.stop()
					noCodeIn(t, p, l.codes)
					p = start(t, append(args, "-require-verified-email")...)
				}
				step(t, p)
			}
			p.stop()
			noCodeIn(t, p, l.codes)
			p = start(t, args...)
			l.resend(t, p)
			noCodeIn(t, p, l.codes)
			if n := len(l.mail.taken); n != 0 {
				t.Errorf("%d mails have come that nobody asked for", n)
			}
		})
	}
}

// A mailLife is an account on its way, and the codes that were mailed.
type mailLife struct {
	mail  *mailServer
	codes []string
	link  string // of the last mail
	token string
	guest string // the token of a guest who is linked later
}

func (l *mailLife) next(t *testing.T, to string) {
	t.Helper()
	l.link = follow(t, l.mail.next(t, to))
	l.codes = append(l.codes, l.link[strings.LastIndexByte(l.link, '/')+1:])
}

func (l *mailLife) signUp(t *testing.T, p *process) {
	t.Helper()
	p.call("POST", "/signup", ada)
	l.next(t, "ada@example.com")
	if got := p.post("/signin", adaSignin); got.status != http.StatusForbidden {
		t.Errorf("a sign-in without a verified address: %v", got)
	}
	l.next(t, "ada@example.com")
	verify := strings.Replace(l.link, "/verify/email/", "/verifyemail/", 1)
	p.call("PUT", verify, "")
	if got := p.ask("PUT", verify, ""); got.status != http.StatusUnauthorized || !strings.Contains(got.body, "10005") {
		t.Errorf("the link opened twice: %v", got)
	}
	l.token = p.call("POST", "/signin", adaSignin).token(t)
}

func (l *mailLife) askForReset(t *testing.T, p *process) {
	t.Helper()
	p.call("PUT", "/requestresetpsw", `{"email":"nobody@example.com"}`)
	p.call("PUT", "/requestresetpsw", `{"email":"ada@example.com"}`)
	l.next(t, "ada@example.com")
}

// reset takes the code that was mailed before, perhaps by another process.
func (l *mailLife) reset(t *testing.T, p *process) {
	t.Helper()
	code := strings.TrimPrefix(l.link, "/resetpassword/")
	p.call("GET", "/checkpswresetkey/"+code, "")
	if _, me := p.me(l.token); me.status != http.StatusOK {
		t.Errorf("the session before the reset: %v", me)
	}
	p.call("PUT", "/resetpsw/"+code, `{"password":"`+newPassword+`"}`)
	if got := p.ask("GET", "/checkpswresetkey/"+code, ""); got.status != http.StatusNotFound ||
		!strings.Contains(got.body, "Invalid password reset key") {
		t.Errorf("the link opened twice: %v", got)
	}
	if _, me := p.me(l.token); me.status != http.StatusUnauthorized {
		t.Errorf("the session after the reset: %v", me)
	}
	if text := l.mail.next(t, "ada@example.com"); strings.Contains(text, "#/") {
		t.Errorf("the notice has a link:\n%s", text)
	}
	l.token = p.call("POST", "/signin", `{"email":"ada@example.com","password":"`+newPassword+`"}`).token(t)
}

func (l *mailLife) changeAddress(t *testing.T, p *process) {
	t.Helper()
	body := `{"email":"lovelace@example.com","password":"` + newPassword + `"}`
	if got := p.own("PUT", "/changeemail", l.token, body); got.status != http.StatusOK {
		t.Fatalf("asking for a new address: %v", got)
	}
	l.next(t, "lovelace@example.com")
	p.call("PUT", l.link, "")
	if text := l.mail.next(t, "ada@example.com"); strings.Contains(text, "#/") {
		t.Errorf("the notice has a link:\n%s", text)
	}
	l.token = p.call("POST", "/signin", `{"email":"lovelace@example.com","password":"`+newPassword+`"}`).token(t)
}

func (l *mailLife) guestGoesUp(t *testing.T, p *process) {
	t.Helper()
	guest := p.call("POST", "/signinAnonymously", `{"id_project":"demo"}`).token(t)
	who, _ := p.me(guest)
	up := strings.Replace(ada, "ada@", "guest@", 1)
	p.call("POST", "/signup", up, "Authorization: "+guest)
	l.next(t, "guest@example.com")
	if id, _ := who["userID"].(string); !strings.HasPrefix(l.link, "/verify/email/"+id+"/") {
		t.Errorf("the guest %s has the link %s", id, l.link)
	}
	p.call("PUT", strings.Replace(l.link, "/verify/email/", "/verifyemail/", 1), "")
	token := p.call("POST", "/signin", strings.Replace(adaSignin, "ada@", "guest@", 1)).token(t)
	if now, _ := p.me(token); now["userID"] != who["userID"] || now["kind"] != "user" || now["emailVerified"] != true {
		t.Errorf("the guest %v is now %v", who["userID"], now)
	}
	p.call("POST", "/signout", "", "Authorization: "+token)
	if _, me := p.me(token); me.status != http.StatusUnauthorized {
		t.Errorf("after the sign-out: %v", me)
	}
}

// visit lets a guest come who is linked later, perhaps by another process.
func (l *mailLife) visit(t *testing.T, p *process) {
	t.Helper()
	l.guest = p.call("POST", "/signinAnonymously", guest).token(t)
}

func (l *mailLife) guestIsLinked(t *testing.T, p *process) {
	t.Helper()
	got := p.call("POST", "/signinWithCustomToken", `{"guestToken":"`+l.guest+`"}`, "Authorization: "+custom(t, nil))
	if who, _ := p.me(got.token(t)); who["kind"] != "userexternal" || who["externalID"] != "123" {
		t.Errorf("the guest is linked to %v", who)
	}
	if _, me := p.me(l.guest); me.status != http.StatusUnauthorized {
		t.Errorf("the guest after the link: %v", me)
	}
}

func (l *mailLife) changePassword(t *testing.T, p *process) {
	t.Helper()
	signin := `{"email":"lovelace@example.com","password":"` + newPassword + `"}`
	phone := p.call("POST", "/signin", signin).token(t)
	wantAnswer(t, "a change of password", p.own("PUT", "/changepsw", l.token,
		`{"oldpsw":"`+newPassword+`","newpsw":"the third password"}`), http.StatusOK, `Password change successful`)
	if text := l.mail.next(t, "lovelace@example.com"); strings.Contains(text, "#/") {
		t.Errorf("the notice has a link:\n%s", text)
	}
	if _, me := p.me(phone); me.status != http.StatusUnauthorized {
		t.Errorf("S31 the phone after the change: %v", me)
	}
	wantAnswer(t, "the old password", p.ask("POST", "/signin", signin, "Content-Type: application/json",
		"Origin: https://dashboard.example"), http.StatusUnauthorized, "Wrong email or password")
}

// updateProfile goes on with the session that changed the password.
func (l *mailLife) updateProfile(t *testing.T, p *process) {
	t.Helper()
	wantAnswer(t, "a new name", p.own("PUT", "", l.token, `{"firstname":"Augusta"}`),
		http.StatusOK, `"firstname":"Augusta"`)
	wantAnswer(t, "one more verification", p.own("GET", "/resendverifyemail", l.token, ""),
		http.StatusOK, `"success":true`)
}

// deleteAccount signs in anew, because a deletion wants a fresh session.
func (l *mailLife) deleteAccount(t *testing.T, p *process) {
	t.Helper()
	wantAnswer(t, "the profile", p.own("GET", "", l.token, ""), http.StatusOK, `"firstname":"Augusta"`)
	l.token = p.call("POST", "/signin", `{"email":"lovelace@example.com","password":"the third password"}`).token(t)
	wantAnswer(t, "a deletion", p.own("DELETE", "", l.token, ""), http.StatusOK, `"success":true`)
}

func (l *mailLife) isGone(t *testing.T, p *process) {
	t.Helper()
	if _, me := p.me(l.token); me.status != http.StatusUnauthorized {
		t.Errorf("the session of a deleted account: %v", me)
	}
	p.call("PUT", "/requestresetpsw", `{"email":"lovelace@example.com"}`) // mails nothing
	p.call("POST", "/signup", strings.Replace(ada, "ada@", "lovelace@", 1))
	l.next(t, "lovelace@example.com") // the first mail since
	p.call("PUT", strings.Replace(l.link, "/verify/email/", "/verifyemail/", 1), "")
}

// resend is the way of an agent who may sign in before its address is verified, and has
// lost the mail of the sign-up.
func (l *mailLife) resend(t *testing.T, p *process) {
	t.Helper()
	p.call("POST", "/signup", strings.Replace(ada, "ada@", "grace@", 1))
	l.next(t, "grace@example.com")
	token := p.call("POST", "/signin", strings.Replace(adaSignin, "ada@", "grace@", 1)).token(t)
	wantAnswer(t, "a new verification", p.own("GET", "/resendverifyemail", token, ""), http.StatusOK, `"success":true`)
	l.next(t, "grace@example.com")
	p.call("PUT", strings.Replace(l.link, "/verify/email/", "/verifyemail/", 1), "")
	if who, me := p.me(token); who["emailVerified"] != true {
		t.Errorf("after the verification: %v", me)
	}
}

// noCodeIn wants no code and no address of a mail in the log of a server that sends mail.
func noCodeIn(t *testing.T, p *process, codes []string) {
	t.Helper()
	for _, code := range append(codes, "ada@example.com", "lovelace@example.com", "grace@example.com") {
		if strings.Contains(p.logs.String(), code) {
			t.Errorf("S22 %q is in the log:\n%s", code, p.logs)
		}
	}
}
