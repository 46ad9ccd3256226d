package openapi_test

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/httpadapter"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// newHost starts a host that serves both handlers and the document.
func newHost(t *testing.T) *httptest.Server {
	t.Helper()
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	secrets := deskauth.StaticSecrets{
		Session:  []deskauth.Key{deskauth.NewKey("", "EdDSA", private)},
		Projects: map[string][]deskauth.Key{"shop": nil},
	}
	auth, err := deskauth.New(memstore.New(), secrets, deskauth.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	cfg := httpadapter.Config{OpenAPI: httpadapter.Mounts{Auth: "/v1/auth", Users: "/v1/users"}}
	mux := http.NewServeMux()
	mux.Handle("/v1/auth/", http.StripPrefix("/v1/auth", httpadapter.New(auth, cfg)))
	users := http.StripPrefix("/v1/users", httpadapter.NewUsers(auth, cfg))
	mux.Handle("/v1/users", users)
	mux.Handle("/v1/users/", users)
	host := httptest.NewServer(mux)
	t.Cleanup(host.Close)
	return host
}

// What a host serves of itself is in the document too: a key set, as it was on the wire.
func TestKeySetIsInTheDocument(t *testing.T) {
	t.Parallel()
	host := newHost(t)
	v := newValidator(t, readDocument(t))
	response, err := host.Client().Get(host.URL + "/v1/auth/.well-known/jwks.json")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	e := exchange{
		method: http.MethodGet, path: "/v1/auth/.well-known/jwks.json",
		status: response.StatusCode, answer: response.Header, body: string(body),
	}
	if problem := invalidAnswer(v, e); problem != "" || !strings.Contains(e.body, `"kty":"OKP"`) {
		t.Errorf("the key set %s is not in the document, or has no key: %s", e.body, problem)
	}
	if e.body = strings.Replace(e.body, `"kty"`, `"d":"secret","kty"`, 1); invalidAnswer(v, e) == "" {
		t.Errorf("%s is in the document", e.body)
	}
}

// TestClient makes types from the document that a host serves, checks the docs' client
// with them, and lets it talk to the host.
func TestClient(t *testing.T) {
	t.Parallel()
	node, err := findNode("client")
	if err != nil {
		missing(t, err)
	}
	folder := t.TempDir()
	for _, file := range []string{"client.ts", "main.ts", "tsconfig.json", "package.json"} {
		text, err := os.ReadFile(filepath.Join("client", file))
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, file), text, 0o666)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	packages, err := filepath.Abs(filepath.Join("client", "node_modules"))
	if err == nil {
		err = os.Symlink(packages, filepath.Join(folder, "node_modules"))
	}
	if err != nil {
		t.Fatal(err)
	}
	host := newHost(t)
	run := func(args ...string) string {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, node, args...)
		cmd.Dir = folder
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("node %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	run("node_modules/openapi-typescript/bin/cli.js", host.URL+"/v1/auth/openapi.json", "--output", "schema.d.ts")
	run("node_modules/typescript/bin/tsc", "--project", ".")
	const want = `guest "shop" true
account "ada@example.com" 0
profile "Ada" true
again "email_taken"
wrong 401 "invalid_credentials"
short "invalid_input" ["newpsw"]
forbidden 403 "forbidden"
`
	if got := run("main.js", host.URL); got != want {
		t.Errorf("the client hears\n%swant\n%s", got, want)
	}
}

// findNode returns the path of Node.js, or what keeps the client in a folder from running.
// It looks at the client's files: go test then forgets a cached result when one of them
// changes.
func findNode(folder string) (program string, err error) {
	var wanted struct{ Dependencies, DevDependencies map[string]string }
	if err := readJSON(filepath.Join(folder, "package.json"), &wanted); err != nil {
		return "", err
	}
	for name, version := range wanted.DevDependencies {
		wanted.Dependencies[name] = version
	}
	for name, version := range wanted.Dependencies {
		var installed struct{ Version string }
		if err := readJSON(filepath.Join(folder, "node_modules", name, "package.json"), &installed); err != nil {
			return "", err
		}
		if installed.Version != version {
			return "", fmt.Errorf("%s is of version %q; want %q", name, installed.Version, version)
		}
	}
	return exec.LookPath("node")
}

func readJSON(file string, v any) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, v)
}

// missing ends a test that has no Node.js, or not the packages that it needs.
func missing(t testing.TB, err error) {
	t.Helper()
	testkit.Missing(t, "Node.js", "install it and run npm ci --prefix examples/openapi/client", err)
}
