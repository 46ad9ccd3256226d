package docs_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/httpadapter"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// exampleServer is what the commands of the pages talk to.
const exampleServer = "http://127.0.0.1:8080"

// ownPrograms are the pages whose commands talk to a program of their own.
var ownPrograms = map[string]bool{"README.md": true, "docs/quickstart.md": true, "docs/observability.md": true}

// TestCurl pastes the commands of the pages into a shell. The answer is the JSON that
// follows on the page, or else a good one.
func TestCurl(t *testing.T) {
	t.Parallel()
	needsShell(t)
	if err := lookAtSources(); err != nil { // of examples/customtoken
		t.Fatal(err)
	}
	ran := 0
	for _, p := range pages(t) {
		for i, b := range p.blocks {
			if b.language != "sh" || !strings.Contains(b.text, "curl ") || ownPrograms[p.path] ||
				!strings.Contains(b.text, exampleServer) {
				continue
			}
			ran++
			shown := ""
			if i+1 < len(p.blocks) && p.blocks[i+1].language == "json" {
				shown = p.blocks[i+1].text
			}
			t.Run(fmt.Sprintf("%s:%d", b.page, b.number), func(t *testing.T) {
				t.Parallel()
				runsAsShown(t, b, shown)
			})
		}
	}
	if ran < 15 {
		t.Errorf("%d blocks ran: the test does not find them", ran)
	}
}

func needsShell(t *testing.T) {
	t.Helper()
	for _, program := range []string{"sh", "curl"} {
		if _, err := exec.LookPath(program); err != nil {
			testkit.Missing(t, program, "install it", err)
		}
	}
}

func runsAsShown(t *testing.T, b block, shown string) {
	t.Helper()
	k, url, variables := newServer(t, b.text)
	const strict = "set -e; curl() { command curl -sS $FAIL --noproxy '*' \"$@\"; }\n"
	cmd := exec.CommandContext(t.Context(), "sh", "-c", strict+strings.ReplaceAll(b.text, exampleServer, url))
	cmd.Dir = root
	cmd.Env = append(os.Environ(), variables...)
	if shown == "" {
		cmd.Env = append(cmd.Env, "FAIL=--fail")
	}
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s:%d: %v\n%s", b.page, b.number, err, out)
	}
	linked := slices.Contains(testkit.Types(k.Events.Take()), deskauth.EventGuestLinked)
	if strings.Contains(b.text, "guestToken") && !linked {
		t.Errorf("%s:%d links no guest", b.page, b.number)
	}
	if shown == "" {
		return
	}
	var got, want any
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%s:%d: %v in %s", b.page, b.number, err, out)
	}
	if err := json.Unmarshal([]byte(shown), &want); err != nil {
		t.Fatalf("%s:%d: %v in %s", b.page, b.number, err, shown)
	}
	if !reflect.DeepEqual(blank(got), blank(want)) {
		t.Errorf("%s:%d: the answer is\n%s\nand the page shows\n%s", b.page, b.number, out, shown)
	}
}

// made matches what is made anew for each answer: IDs, times, tokens.
var made = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\bguest#[0-9a-f]{4}|` +
	`\d{4}-\d\d-\d\dT[\d:.]+Z|JWT eyJ\S+`)

// blank returns a JSON value without what is made anew.
func blank(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for name := range value {
			value[name] = blank(value[name])
		}
	case []any:
		for i := range value {
			value[i] = blank(value[i])
		}
	case string:
		return made.ReplaceAllString(value, "…")
	}
	return value
}

// newServer starts the endpoints for one block of commands, and returns their URL and the
// variables that a reader has come to know: of Ada, who signs up before it unless the
// commands do so, and of a guest.
func newServer(t *testing.T, commands string) (k testkit.MailKit, url string, variables []string) {
	t.Helper()
	secrets := testkit.Secrets()
	secrets.Projects["shop"] = []deskauth.Key{testkit.Key("", "8b4ac5b9-3f6d-4d7e-8a1c-2d8c7ad1f0e2")}
	k = testkit.NewWithMail(t, memstore.New(), secrets, deskauth.Config{
		Now: time.Now, Logger: testkit.Quiet,
	})
	mux := http.NewServeMux()
	cfg := httpadapter.Config{OpenAPI: httpadapter.Mounts{Auth: "/v1/auth", Users: "/v1/users"}}
	mux.Handle("/v1/auth/", httpadapter.New(k.Auth, cfg))
	users := httpadapter.NewUsers(k.Auth, cfg)
	mux.Handle("/v1/users", users)
	mux.Handle("/v1/users/", users)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)

	guest, err := k.SigninAnonymously(t.Context(), deskauth.AnonymousInput{ProjectID: "shop"})
	if err != nil {
		t.Fatal(err)
	}
	variables = []string{"guest=JWT " + guest.Token}
	if strings.Contains(commands, "/signup") {
		return k, server.URL, variables
	}
	in := deskauth.SignupInput{
		Email: "ada@example.com", Password: deskauth.NewSecret("correct horse battery"),
		FirstName: "Ada", LastName: "Lovelace",
	}
	ada, err := k.Signup(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	mail := k.Mail.TakeOne(t, deskauth.MailEmailVerification)
	if strings.Contains(commands, "resetpsw/$code") {
		mail = k.MustMail(t, deskauth.MailPasswordReset, ada)
	}
	session, err := k.Signin(t.Context(), deskauth.SigninInput{Email: in.Email, Password: in.Password})
	if err != nil {
		t.Fatal(err)
	}
	return k, server.URL, append(variables, "id="+ada.ID, "token=JWT "+session.Token, "code="+mail.CodeText())
}
