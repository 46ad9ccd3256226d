package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestPrintedCommands pastes the printed commands into a shell, in their order.
func TestPrintedCommands(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("curl"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip(err)
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
			token := ""
			for _, line := range p.printed {
				if strings.HasPrefix(line, "curl ") {
					ran = append(ran, runCommand(t, p, line, &token))
				}
			}
			slices.Sort(ran)
			want := []string{
				"changepsw", "me", "signin", "signinAnonymously", "signinWithCustomToken", "signout", "signup",
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

var callOf = regexp.MustCompile(`/(\w+)' `)

// runCommand runs a printed command in a shell, checks the answer, and returns its call. It
// has the token of the sign-in before it as a variable, as the person who pastes it.
func runCommand(t *testing.T, p *process, line string, token *string) (call string) {
	t.Helper()
	cmd := exec.Command("sh", "-c", line)
	cmd.Env = append(os.Environ(), "NO_PROXY=*", "no_proxy=*", "token="+*token)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s\n%v", line, err)
	}
	var got struct {
		Success bool
		Token   string
		Message string
		UserID  string
	}
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
	switch call {
	case "me":
		ok = got.UserID != ""
	case "changepsw":
		ok = got.Message == "Password change successful"
	case "signin":
		*token = got.Token
	}
	if !ok || strings.HasPrefix(call, "signin") && got.Token == "" {
		t.Errorf("%s\ngot %s", line, out)
	}
	if got.Token != "" {
		if _, me := p.me(got.Token); me.status != 200 {
			t.Errorf("/me with the token of %s: %v", call, me)
		}
	}
	return call
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
