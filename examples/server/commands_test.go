package main

import (
	"encoding/json"
	"os"
	"os/exec"
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
		"no prefix": {"-prefix", "/"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := start(t, args...)
			ran := make(map[string]bool)
			for _, line := range p.printed {
				if strings.HasPrefix(line, "curl ") {
					ran[runCommand(t, p, line)] = true
				}
			}
			if len(ran) != 5 {
				t.Errorf("the commands are %v, want all four calls and /me:\n%s", ran, strings.Join(p.printed, "\n"))
			}
		})
	}
}

// runCommand runs a printed command in a shell, checks the answer, and returns its call.
func runCommand(t *testing.T, p *process, line string) (call string) {
	t.Helper()
	cmd := exec.Command("sh", "-c", line)
	cmd.Env = append(os.Environ(), "NO_PROXY=*", "no_proxy=*")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s\n%v", line, err)
	}
	var got struct {
		Success bool
		Token   string
		Msg     string
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%s\n%v in %s", line, err, out)
	}
	call = "me"
	for _, c := range []string{"signup", "signinAnonymously", "signinWithCustomToken", "signin"} {
		if strings.Contains(line, "/"+c+"'") {
			call = c
		}
	}
	switch {
	case call == "me" && got.Msg != "Unauthorized.":
		t.Errorf("%s\ngot %s, want a refusal, as there is no token in it", line, out)
	case call != "me" && !got.Success || strings.HasPrefix(call, "signin") && got.Token == "":
		t.Errorf("%s\ngot %s", line, out)
	}
	if got.Token != "" { // what the command of /me is for
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
