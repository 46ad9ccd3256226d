package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth/internal/testkit"
)

// TestPrintedCommands pastes the printed commands into a shell, in their order.
func TestPrintedCommands(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("curl"); err != nil {
		testkit.Missing(t, "curl", "install it", err)
	}
	for name, args := range map[string][]string{
		"the demo project": nil,
		"given projects": {
			"-project", "shop=", "-project", "demo=" + projectSecret,
			"-prefix", "/it's/auth", "-issuer", "https://chat.example.com",
		},
		"no prefix":                  {"-prefix", "/"},
		"a project without a secret": {"-project", "shop="},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := start(t, args...)
			var ran []string
			kept := make(map[string]string)
			for _, line := range p.printed {
				if strings.HasPrefix(line, "curl ") {
					ran = append(ran, runCommand(t, p, line, kept))
				}
			}
			want := []string{
				"signup", "verifyemail", "signin", "me", "changepsw", "requestresetpsw", "resetpsw", "signin",
				"signinAnonymously", "signup", "signinWithCustomToken", "signout",
			}
			if name == "a project without a secret" {
				want = slices.DeleteFunc(want, func(call string) bool { return call == "signinWithCustomToken" })
			}
			if !slices.Equal(ran, want) {
				t.Errorf("the commands are %q, want %q:\n%s", ran, want, strings.Join(p.printed, "\n"))
			}
		})
	}
}

// What a server prints goes into logs. Of a project that is given, there is no token in it
// that lets a reader in, and no secret; nor is a call that is closed.
func TestS22_NoTokenOfAGivenProjectIsPrinted(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"flags": {"-session-secret", sessionSecret, "-project", "shop=" + projectSecret, "-disable-signup"},
		"variables": {
			"DESKAUTH_SESSION_SECRET=" + sessionSecret, "DESKAUTH_PROJECT=lobby=, shop=" + projectSecret,
			"DESKAUTH_DISABLE_SIGNUP=1",
		},
		"a project called demo": {"-project", "demo=" + projectSecret, "-disable-signup"},
	} {
		p := start(t, args...)
		printed := strings.Join(p.printed, "\n")
		if strings.Contains(printed, "eyJ") || hidden(printed) != printed {
			t.Errorf("%s: it prints a token or a secret", name)
		}
		if !strings.Contains(printed, "/signinWithCustomToken' -H 'Authorization: JWT …'") {
			t.Errorf("%s: it does not print where a custom token goes", name)
		}
		if strings.Contains(printed, "/signup") {
			t.Errorf("%s: it prints the call that -disable-signup closed", name)
		}
	}
}

var (
	callOf = regexp.MustCompile(`/(\w+)/?'["' ]`)
	codeIn = regexp.MustCompile(`code=([\w-]+)`)
)

// An apiAnswer is what answers of the API have.
type apiAnswer struct {
	Success       bool
	Token         string
	Message       string
	UserID        string
	EmailVerified bool
	User          struct {
		ID string `json:"_id"`
	}
}

// good are calls whose answer has no success.
var good = map[string]func(apiAnswer) bool{
	"me":          func(a apiAnswer) bool { return a.UserID != "" },
	"changepsw":   func(a apiAnswer) bool { return a.Message == "Password change successful" },
	"resetpsw":    func(a apiAnswer) bool { return a.Message == "Password change successful" },
	"verifyemail": func(a apiAnswer) bool { return a.EmailVerified },
}

// runCommand runs a printed command in a shell, checks the answer, and returns its call.
// kept are the variables that the person sets who pastes it.
func runCommand(t *testing.T, p *process, line string, kept map[string]string) (call string) {
	t.Helper()
	cmd := exec.Command("sh", "-c", line)
	cmd.Env = append(os.Environ(), "NO_PROXY=*", "no_proxy=*")
	for name, value := range kept {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s\n%v", line, err)
	}
	var got apiAnswer
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%s\n%v in %s", line, err, out)
	}
	if m := callOf.FindStringSubmatch(line); m != nil {
		call = m[1]
	}
	if strings.Contains(line, "JWT …") {
		if got.Success || call != "signinWithCustomToken" {
			t.Errorf("%s\ngot %s, want a refusal, as there is no token in it", line, out)
		}
		return call
	}
	ok := got.Success
	if isGood := good[call]; isGood != nil {
		ok = isGood(got)
	}
	if !ok || strings.HasPrefix(call, "signin") && got.Token == "" {
		t.Errorf("%s\ngot %s", line, out)
	}
	if got.Token != "" {
		if _, me := p.me(got.Token); me.status != 200 {
			t.Errorf("/me with the token of %s: %v", call, me)
		}
	}
	keep(t, p, kept, call, got)
	return call
}

// keep keeps what the printed commands say to keep.
func keep(t *testing.T, p *process, kept map[string]string, call string, got apiAnswer) {
	t.Helper()
	switch call {
	case "signin":
		kept["token"] = got.Token
	case "signinAnonymously":
		kept["guest"], kept["id"] = got.Token, got.User.ID
	case "signup":
		if kept["guest"] != "" && got.User.ID != kept["id"] {
			t.Errorf("the guest %s signed up as %s", kept["id"], got.User.ID)
		}
		kept["id"] = got.User.ID
	}
	if call == "signup" || call == "requestresetpsw" {
		kept["code"] = p.nextCode(t)
	}
}

// nextCode returns the code of the next mail in the log, which may come after the answer.
func (p *process) nextCode(t *testing.T) string {
	t.Helper()
	for since := time.Now(); time.Since(since) < patience; time.Sleep(time.Millisecond) {
		if codes := codeIn.FindAllStringSubmatch(p.logs.String(), -1); len(codes) > p.codes {
			p.codes++
			return codes[p.codes-1][1]
		}
	}
	t.Fatalf("no mail with a code in the log\n%s", p.logs)
	return ""
}

func TestQuote(t *testing.T) {
	t.Parallel()
	for _, word := range []string{
		"", "a", "it's", "''", `\`, `a\'b`, "$(id) `id` $HOME *", "two\nlines", "\"", "é…", "-n", "'; exit 1; '",
	} {
		out, err := exec.Command("sh", "-c", "printf %s "+quote(word)).Output()
		if err != nil || string(out) != word {
			t.Errorf("a shell reads %s as %q, %v; want %q", quote(word), out, err, word)
		}
	}
}
