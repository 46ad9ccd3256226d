package main

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth/sqlitestore"
	"github.com/golang-jwt/jwt/v5"
)

var update = flag.Bool("update", false, "write testdata/command.txt anew")

const transcript = "testdata/command.txt"

// A step is a command line of the transcript, and what it printed.
type step struct{ command, output string }

// readTranscript reads lines of "$ COMMAND", each with its output below it. docs/command.md
// quotes pieces of the file, and a test in internal/docs compares them.
func readTranscript(t *testing.T) (steps []step) {
	t.Helper()
	text, err := os.ReadFile(transcript)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if command, ok := strings.CutPrefix(line, "$ "); ok {
			steps = append(steps, step{command: strings.TrimSpace(command)})
			continue
		}
		steps[len(steps)-1].output += line
	}
	return steps
}

// scene makes the files that the commands of the transcript find.
func scene(t *testing.T, folder string) {
	t.Helper()
	iat := time.Date(2026, time.November, 26, 8, 0, 0, 0, time.UTC)
	const id, issuer = "01a216ea-902c-7562-ac9b-299e87cc9788", "https://tiledesk.com"
	session, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"_id": id, "uid": id, "firstname": "Visitor", "id_project": "shop", "sub": "guest", "aud": issuer, "iss": issuer,
		"iat": iat.Unix(), "exp": iat.AddDate(0, 0, 30).Unix(), "auth_time": iat.Unix(), "epoch": 0,
		"email": "5d07f154-4135-828d-bea6-bf1a19100c4d@tiledesk.com",
		"jti":   "2952c22a-2b26-4672-b44e-2814eb4ae3c2", "sid": "ad134683-a648-4b4d-96c8-591659881b17",
	}).SignedString([]byte(sessionSecret))
	if err != nil {
		t.Fatal(err)
	}
	bare, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"_id": "42", "sub": "userexternal", "aud": issuer, "iat": iat.Unix(), "exp": iat.Add(time.Hour).Unix(),
	}).SignedString([]byte(shopSecret))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"bare.txt":  bare,
		"token.txt": "JWT " + session + "\n", "session.key": sessionSecret + "\n", "shop.key": shopSecret + "\n",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, err := sqlitestore.Open(filepath.Join(folder, "accounts.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	fill(t, s, people())
}

// What differs with each run.
var varying = []struct {
	form *regexp.Regexp
	to   string
}{
	{regexp.MustCompile(`\b[0-9a-f]{64}\b`), "SECRET"},
	{regexp.MustCompile(`\b[0-9a-f]{24}\b`), "ID"},
	{regexp.MustCompile(`p=1\$\S+`), "HASH"},
	{regexp.MustCompile(`eyJ\S+`), "TOKEN"},
}

var moment = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`)

// masked returns an output without what differs with each run. The accounts of the scene
// are as old as they are, so their dates do.
func (s step) masked() string {
	text := s.output
	for _, v := range varying {
		text = v.form.ReplaceAllString(text, v.to)
	}
	if strings.Contains(s.command, "deskauth accounts") {
		text = moment.ReplaceAllString(text, "TIME")
	}
	return text
}

// What the documentation shows is what the command prints.
func TestTranscript(t *testing.T) {
	t.Parallel()
	bin, folder := program(t), t.TempDir()
	scene(t, folder)
	var written strings.Builder
	for _, want := range readTranscript(t) {
		c := exec.CommandContext(t.Context(), "sh", "-c", want.command+" 2>&1")
		c.Dir = folder
		c.Env = []string{"PATH=" + bin + ":/usr/bin:/bin", storeVariable + "=sqlite:accounts.db"}
		out, _ := c.CombinedOutput() // some of them are refusals
		got := step{want.command, string(out)}
		if got.masked() != want.masked() {
			if !*update {
				t.Errorf("$ %s\ngot\n%swant\n%s", want.command, got.output, want.output)
			}
			want = got
		}
		written.WriteString("$ " + want.command + "\n" + want.output)
	}
	if *update {
		if err := os.WriteFile(transcript, []byte(written.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// The transcript has every command.
func TestTranscriptHasEveryCommand(t *testing.T) {
	t.Parallel()
	var all strings.Builder
	for _, s := range readTranscript(t) {
		all.WriteString(s.command + "\n")
	}
	commands := 0
	a := &app{}
	for _, group := range a.root().Commands() {
		names := []string{group.Name()}
		for _, c := range group.Commands() {
			names = append(names, group.Name()+" "+c.Name())
		}
		if len(names) > 1 {
			names = names[1:]
		}
		for _, name := range names {
			if strings.HasPrefix(name, "completion") {
				continue
			}
			commands++
			if !strings.Contains(all.String(), "deskauth "+name) {
				t.Errorf("%s has no deskauth %s", transcript, name)
			}
		}
	}
	if commands < 12 {
		t.Errorf("there are %d commands: the test does not find them", commands)
	}
}
